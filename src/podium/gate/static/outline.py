"""The outline of a Python module: its functions and classes by qualified name, what its names are bound to, and the rest.

A function under a module-level condition has the condition in its name: moved there, it is no longer what it was.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from podium.gate.static.syntax import FUNCTIONS, Function, blocks, dump, is_docstring, is_main_guard, shown

Bound: TypeAlias = ast.expr | str
"""What a name is bound to: an expression, or a word for where it comes from."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One place where a name is bound; `name` is qualified by the classes around it."""

    name: str
    to: Bound
    line: int


@dataclass(frozen=True)
class Outline:
    """All lists are in the order of the file."""

    functions: dict[str, list[Function]] = field(default_factory=dict)
    classes: dict[str, list[ast.ClassDef]] = field(default_factory=dict)
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    rest: list[tuple[str, ast.stmt]] = field(default_factory=list)
    """Statements that bind no name, with the conditions and classes they stand in."""

    def bind(self, scope: str, name: str, to: Bound, node: ast.stmt) -> None:
        # By scope alone: a name that is bound in both branches of a condition is one name.
        known = self.bindings.setdefault(f"{scope}{name}", [])
        if not (
            isinstance(node, (ast.Import, ast.ImportFrom)) and known and known[-1].to == to
        ):  # `import a.b, a.c`
            known.append(Binding(f"{scope}{name}", to, node.lineno))


def outline(tree: ast.Module) -> Outline:
    made = Outline()
    _body(tree.body, "", "", made)
    return made


def used_names(nodes: Sequence[ast.AST]) -> set[str]:
    """Names that functions of a module look up outside themselves, fixtures they ask for among them."""
    found: set[str] = set()
    for function in (node for node in nodes if isinstance(node, FUNCTIONS)):
        named = [node for node in ast.walk(function) if isinstance(node, (ast.Name, ast.arg))]
        own = {node.arg if isinstance(node, ast.arg) else node.id for node in named if not _is_load(node)}
        found |= {node.id for node in named if isinstance(node, ast.Name) and node.id not in own} | asked_for(
            function
        )
    return found


def _is_load(node: ast.Name | ast.arg) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def asked_for(function: Function) -> set[str]:
    """The fixtures a function asks for, if it is a test or a fixture itself."""
    if not (
        function.name.startswith("test") or any("fixture" in dump(each) for each in function.decorator_list)
    ):
        return set()
    parameters = {
        each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    }
    return parameters - {"self", "cls"}


def _body(body: Sequence[ast.stmt], under: str, scope: str, made: Outline) -> None:
    """Note a block of statements: `under` are the conditions it stands under, `scope` the classes, with a dot at the end."""
    for node in body:
        if isinstance(node, FUNCTIONS):
            made.functions.setdefault(f"{under}{scope}{node.name}", []).append(node)
            made.bind(scope, node.name, "a function", node)
        elif isinstance(node, ast.ClassDef):
            made.classes.setdefault(f"{under}{scope}{node.name}", []).append(node)
            made.bind(scope, node.name, "a class", node)
            _body(node.body, under, f"{scope}{node.name}.", made)
        elif not is_docstring(node) and not isinstance(node, ast.Pass) and not is_main_guard(node):
            _statement(node, under, scope, made)


def _statement(node: ast.stmt, under: str, scope: str, made: Outline) -> None:
    bound = list(_bound(node))
    for name, to in bound:
        made.bind(scope, name, to, node)
    inner = list(blocks(node))
    for number, body in enumerate(inner):
        _body(body, f"{under}{_condition(node, number)}: ", scope, made)
    if not inner and not bound:
        made.rest.append((f"{under}{scope}", node))


def _condition(node: ast.stmt, number: int) -> str:
    """What a block is under."""
    parts = [part for name in ("test", "iter", "subject") if (part := getattr(node, name, None)) is not None]
    parts += [item.context_expr for item in getattr(node, "items", ())]
    said = ", ".join(shown(part, limit=2000) for part in parts)
    return f"{type(node).__name__.lower()} {said}".rstrip() + (f" (block {number + 1})" if number else "")


def _bound(node: ast.stmt) -> Iterator[tuple[str, Bound]]:
    """The names a statement binds by itself, and to what."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            first = alias.name.partition(".")[0]
            yield (alias.asname, f"import {alias.name}") if alias.asname else (first, f"import {first}")
    elif isinstance(node, ast.ImportFrom):
        origin = f"{'.' * node.level}{node.module or ''}"
        for alias in node.names:
            star = f"* of {origin}" if alias.name == "*" else ""
            yield star or alias.asname or alias.name, f"import {origin}.{alias.name}"
    else:
        yield from _assigned(node)


def _assigned(node: ast.stmt) -> Iterator[tuple[str, Bound]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from ((name, node.value) for name in _targets(target))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, node.value or "nothing"
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        yield from ((name, node.iter) for name in _targets(node.target))
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        for item in node.items:
            if item.optional_vars is not None:
                yield from ((name, item.context_expr) for name in _targets(item.optional_vars))
    elif isinstance(node, ast.Delete):
        yield from ((name, "nothing") for target in node.targets for name in _targets(target))


def _targets(target: ast.expr) -> Iterator[str]:
    return (
        node.id
        for node in ast.walk(target)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
