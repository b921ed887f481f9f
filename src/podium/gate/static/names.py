"""What names in a Python file stand for, as far as the file tells: imports, aliases, texts put together from pieces.

So `getattr(os, "_" + "exit")` is found to be `os._exit`. What is computed in another way is not seen through; that it is
computed is then the finding.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from podium.gate.static.syntax import dump

_BUILTINS = frozenset(
    [
        "__import__",
        "__builtins__",
        "compile",
        "delattr",
        "eval",
        "exec",
        "exit",
        "getattr",
        "globals",
        "locals",
        "object",
        "quit",
        "setattr",
        "type",
        "vars",
    ]
)
_IMPORTERS = frozenset({"builtins.__import__", "importlib.import_module", "importlib.__import__"})
_MOST_PASSES = 3
_OF_TIME = frozenset(
    [
        "time",
        "now",
        "utcnow",
        "today",
        "datetime",
        "date",
        "fromisoformat",
        "strptime",
        "fromtimestamp",
        "mktime",
        "timegm",
        "timestamp",
        "replace",
    ]
)
_LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Names:
    """`origins` give the dotted name from elsewhere for a name of the file, `own` are those that it defines itself."""

    origins: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, ast.expr] = field(default_factory=dict)
    """Numbers and moments that names stand for."""
    assigned: frozenset[str] = frozenset()
    """All names that are set to anything."""
    own: frozenset[str] = frozenset()

    def dotted(self, node: ast.AST | None) -> str:
        """What an expression names, as `os.path.join`; empty where that cannot be told."""
        if isinstance(node, ast.Name):
            return self.origins.get(node.id) or (
                f"builtins.{node.id}" if node.id in _BUILTINS - self.own else ""
            )
        if isinstance(node, ast.Attribute):
            return self._within(node.value, node.attr)
        if isinstance(node, ast.Subscript):
            return self._item(node)
        return self._called(node) if isinstance(node, ast.Call) else ""

    def text(self, node: ast.AST | None) -> str | None:
        """The text an expression always has; None where it is none, or not always the same."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self.texts.get(node.id)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _joined([self.text(node.left), self.text(node.right)])
        if isinstance(node, ast.JoinedStr):
            return _joined([self.text(part) for part in node.values])
        if isinstance(node, ast.FormattedValue):
            return self.text(node.value)
        return self._of_pieces(node) if isinstance(node, ast.Call) else None

    def value(self, node: ast.expr) -> ast.expr:
        """The expression behind a name, or the expression itself."""
        return self.values.get(node.id, node) if isinstance(node, ast.Name) else node

    def differing(self, other: "Names") -> frozenset[str]:
        """The names that stand for one thing here and for another there."""
        found = set(self.own ^ other.own)
        for ours, theirs in ((self.origins, other.origins), (self.texts, other.texts)):
            found |= {name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)}
        both = {*self.values, *other.values}
        return frozenset(
            found | {name for name in both if dump(self.values.get(name)) != dump(other.values.get(name))}
        )

    def _within(self, holder: ast.expr, name: str) -> str:
        outer = self.dotted(holder)
        return f"{outer}.{name}" if outer else ""

    def _item(self, node: ast.Subscript) -> str:
        key, outer = self.text(node.slice), self.dotted(node.value)
        if key is None or not outer:
            return ""
        if outer == "sys.modules":
            return key
        if outer.endswith(".__dict__"):
            return f"{outer.removesuffix('.__dict__')}.{key}"
        return f"builtins.{key}" if outer == "builtins.__builtins__" else ""

    def _called(self, node: ast.Call) -> str:
        function = self.dotted(node.func)
        if not node.args or not function:
            return ""
        if function in _IMPORTERS:
            return self.text(node.args[0]) or ""
        if function == "builtins.getattr" and len(node.args) > 1:
            return self._within(node.args[0], self.text(node.args[1]) or "?")
        return self._within(node.args[0], "__dict__") if function == "builtins.vars" else ""

    def _of_pieces(self, node: ast.Call) -> str | None:
        """Of `"".join(("a", "b"))`."""
        if not (isinstance(node.func, ast.Attribute) and node.func.attr == "join" and len(node.args) == 1):
            return None
        between, pieces = self.text(node.func.value), node.args[0]
        if between is None or not isinstance(pieces, (ast.List, ast.Tuple)):
            return None
        texts = [self.text(piece) for piece in pieces.elts]
        return (
            None
            if None in texts
            else between.join(text for text in texts if text is not None)[:_LONGEST_TEXT]
        )


def names_of(nodes: Sequence[ast.AST]) -> Names:
    """The names of a file, given all its nodes; those of functions count too, which finds too much rather than too little."""
    own = frozenset(
        node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    )
    assigned = [
        (node.targets[0].id, node.value)
        for node in nodes
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    ]
    values = {name: value for name, value in assigned if _is_moment(value)}
    names = Names(_imports(nodes), {}, values, frozenset(name for name, _value in assigned), own)
    for _pass in range(_MOST_PASSES):
        names = _with_aliases(names, assigned)
    return names


def _imports(nodes: Sequence[ast.AST]) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            origin = f"{'.' * node.level}{node.module or ''}"
            found |= {alias.asname or alias.name: f"{origin}.{alias.name}" for alias in node.names}
    return found


def _with_aliases(names: Names, assigned: list[tuple[str, ast.expr]]) -> Names:
    origins, texts = dict(names.origins), dict(names.texts)
    for name, value in assigned:
        if (text := names.text(value)) is not None:
            texts[name] = text
        elif not isinstance(value, ast.Call) or names.dotted(value):
            origin = names.dotted(value)
            if origin and name not in names.own:
                origins[name] = origin
    return replace(names, origins=origins, texts=texts)


def _is_moment(value: ast.expr) -> bool:
    """Whether it may be a point in time, or a number."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, (int, float))
    called = value.func if isinstance(value, ast.Call) else None
    return (
        isinstance(value, ast.Tuple) or (getattr(called, "attr", "") or getattr(called, "id", "")) in _OF_TIME
    )


def _joined(parts: list[str | None]) -> str | None:
    if any(part is None for part in parts):
        return None
    return "".join(part for part in parts if part is not None)[:_LONGEST_TEXT]
