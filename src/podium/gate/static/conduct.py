"""How Python code behaves towards what is not its own: leaves early, lies in comparisons, waits for a date, replaces others.

The counterpart of `smells.py`, which knows names; this one looks at the shape of the code.
"""

import ast
import sys
from collections.abc import Iterator

from podium.gate.static.base import Weight
from podium.gate.static.names import Names
from podium.gate.static.smells import Smell, smell
from podium.gate.static.spots import Spot
from podium.gate.static.syntax import FUNCTIONS, Function, shown

_EXITS = frozenset({"sys.exit", "builtins.exit", "builtins.quit"})
_CLOCKS = frozenset({
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "datetime.datetime.now", "datetime.datetime.utcnow",
    "datetime.datetime.today", "datetime.date.today",
})  # fmt: skip
_DATES = frozenset({
    "datetime.datetime", "datetime.date", "datetime.datetime.fromisoformat", "datetime.date.fromisoformat",
    "datetime.datetime.strptime", "datetime.datetime.fromtimestamp", "time.mktime", "calendar.timegm",
})  # fmt: skip
_LONG_AGO = 100_000_000
_YEAR = 1990
_RUNNERS = frozenset({"builtins", "pytest", "_pytest", "unittest", "pluggy"})
_FREE_ATTRIBUTES = frozenset(
    {"__doc__", "__module__", "__name__", "__qualname__", "__signature__", "__annotations__", "__wrapped__"}
)
_WRAPS = frozenset(
    {"classmethod", "staticmethod", "property", "partial", "wraps", "Mock", "MagicMock", "AsyncMock"}
)
_COMPARES = frozenset({"__eq__", "__ne__"})


def exits(spot: Spot, names: Names) -> Iterator[Smell]:
    """Ends the program while it is being imported; in a function of a command that is free."""
    code = _exit_code(spot.node, names)
    if code is None:
        return
    says_why = isinstance(code, (ast.JoinedStr, ast.BinOp)) or (
        isinstance(code, ast.Constant) and code.value not in {0, None, ""}
    )
    if spot.on_import and not says_why:
        yield smell(spot, "ends the program while it is being imported")
    elif (
        spot.in_function
        and isinstance(code, ast.Constant)
        and code.value == 0
        and not _is_command(spot.where)
    ):
        yield smell(spot, "ends the program and says that all is well", Weight.ADVICE)


def comparisons(spot: Spot, _names: Names) -> Iterator[Smell]:
    """Says that objects are equal, or not, without looking at them."""
    node = spot.node
    if isinstance(node, FUNCTIONS) and _lies(node):
        blocks = node.name in _COMPARES or node.name == "__instancecheck__"
        yield smell(
            spot, f"`{node.name}` answers without looking", Weight.BLOCKS if blocks else Weight.ADVICE
        )
    elif isinstance(node, ast.Assign) and any(
        getattr(target, "id", getattr(target, "attr", "")) in _COMPARES for target in node.targets
    ):
        if not isinstance(node.value, ast.Constant):  # `__eq__ = None` says that there is no comparing
            yield smell(spot, "takes comparing from elsewhere")
    elif isinstance(node, ast.Call) and len(node.args) == 3 and isinstance(node.args[2], ast.Dict):  # noqa: PLR2004 - type(name, bases, body)
        keys = (_names.text(key) for key in node.args[2].keys)
        if any(key in _COMPARES for key in keys):
            yield smell(spot, "makes a class that compares in its own way")


def dates(spot: Spot, names: Names) -> Iterator[Smell]:
    """Behaves in one way until a date and in another afterwards."""
    node = spot.node
    if not isinstance(node, ast.Compare):
        return
    sides = [names.value(side) for side in (node.left, *node.comparators)]
    if any(_is_clock(side, names) for side in sides) and any(_is_moment(side, names) for side in sides):
        yield smell(spot, "behaves differently after a certain date")


def replacements(spot: Spot, names: Names) -> Iterator[Smell]:
    """Puts something of its own where another module had something."""
    for holder, attribute, value in _written(spot.node, names):
        if attribute in _FREE_ATTRIBUTES:
            continue
        owner = names.dotted(holder)
        first = owner.partition(".")[0]
        message = f"replaces `{shown(holder, limit=40)}.{attribute}`, which belongs to others"
        if first in _RUNNERS or (owner == "sys.modules" and attribute != "__name__"):
            yield smell(spot, message)
        elif attribute in {"__code__", "__globals__"}:
            yield smell(spot, "replaces the code of a function")
        elif spot.on_import and owner and owner != "sys.modules":
            sure = first in sys.stdlib_module_names or _is_code(value, names)
            yield smell(spot, message, Weight.BLOCKS if sure else Weight.ADVICE)
        elif spot.on_import and _is_strange(holder, names) and _is_code(value, names):
            yield smell(spot, message)


def _exit_code(node: ast.AST, names: Names) -> ast.expr | None:
    """What a program is ended with; None where it is not ended."""
    call: ast.AST | None = node
    if isinstance(node, ast.Raise):
        call = node.exc
        if isinstance(call, ast.Name) and call.id == "SystemExit":
            return ast.Constant(0)
        if not (
            isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "SystemExit"
        ):
            return None
    elif not (isinstance(node, ast.Call) and names.dotted(node.func) in _EXITS):
        return None
    assert isinstance(call, ast.Call)
    return call.args[0] if call.args else ast.Constant(0)


def _is_command(where: str) -> bool:
    """Whether a function is one that programs end in, by its name."""
    return any(
        word in where.lower()
        for word in ("main", "cli", "command", "run", "exit", "quit", "abort", "callback", "action")
    )


def _lies(node: Function) -> bool:
    if node.name not in {*_COMPARES, "__bool__", "__hash__", "__instancecheck__"}:
        return False
    inner = [each for statement in node.body for each in ast.walk(statement)]
    answers = [
        each.value for each in inner if isinstance(each, ast.Return) and not _is_not_implemented(each.value)
    ]
    looks = any(
        (isinstance(each, ast.Compare) and not all(isinstance(kind, ast.IsNot) for kind in each.ops))
        or isinstance(each, (ast.Attribute, ast.Call))
        for each in inner
    )
    return (
        bool(answers)
        and not looks
        and all(isinstance(each, (ast.Constant, ast.Compare)) and _is_told(each) for each in answers)
    )


def _is_told(answer: ast.AST) -> bool:
    return not isinstance(answer, ast.Constant) or answer.value is not None


def _is_not_implemented(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "NotImplemented"


def _is_clock(node: ast.AST, names: Names) -> bool:
    """Whether it is the time as such; a difference of times is not."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        if isinstance(node, ast.Call) and names.dotted(node.func) in _CLOCKS:
            return True
        if isinstance(node, ast.Attribute) and node.attr in {
            "weekday",
            "hour",
            "minute",
            "second",
            "month",
            "day",
            "isoweekday",
        }:
            return False
        if isinstance(node, ast.Call) and names.dotted(node.func) in {"builtins.int", "int"} and node.args:
            node = node.args[0]
        else:
            node = node.func if isinstance(node, ast.Call) else node.value
    return False


def _is_moment(node: ast.AST, names: Names) -> bool:
    """Whether it is one certain moment, written down."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float)) and (
            node.value > _LONG_AGO or _YEAR < node.value < 2 * _YEAR
        )
    if isinstance(node, ast.Tuple):
        return all(isinstance(part, ast.Constant) for part in node.elts)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"timestamp", "date", "replace"}
    ):
        return _is_moment(node.func.value, names)
    return (
        isinstance(node, ast.Call)
        and names.dotted(node.func) in _DATES
        and all(isinstance(part, ast.Constant) for part in node.args)
    )


def _written(node: ast.AST, names: Names) -> Iterator[tuple[ast.expr, str, ast.expr | None]]:
    """The holder, the attribute and the new value of each attribute that a statement writes, in whatever way."""
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute):
                yield target.value, target.attr, node.value
            elif isinstance(target, ast.Subscript):
                yield from _item(target, node.value, names)
    elif isinstance(node, ast.Call) and len(node.args) >= 2:  # noqa: PLR2004 - an object and a name
        function = names.dotted(node.func)
        if function in {"builtins.setattr", "builtins.object.__setattr__", "builtins.type.__setattr__"}:
            yield node.args[0], names.text(node.args[1]) or "?", node.args[-1]
    elif isinstance(node, ast.Delete):
        yield from (
            (target.value, target.attr, None) for target in node.targets if isinstance(target, ast.Attribute)
        )


def _item(
    target: ast.Subscript, value: ast.expr | None, names: Names
) -> Iterator[tuple[ast.expr, str, ast.expr | None]]:
    """Of `vars(a)["b"] = …`, `a.__dict__["b"] = …`, `sys.modules["a"] = …`, `__builtins__["a"] = …`."""
    owner = names.dotted(target.value)
    key = names.text(target.slice) or (target.slice.id if isinstance(target.slice, ast.Name) else "?")
    if owner in {"sys.modules", "builtins.__builtins__"}:
        yield target.value, key, value
    elif owner.endswith(".__dict__"):
        inner = (
            target.value.value
            if isinstance(target.value, ast.Attribute)
            else target.value.args[0]
            if isinstance(target.value, ast.Call)
            else target.value
        )
        yield inner, key, value


def _is_code(value: ast.expr | None, names: Names) -> bool:
    """Whether a value is, or may well be, a function or class; nothing at all is no better."""
    if isinstance(value, ast.Name):
        return value.id not in names.texts and value.id not in names.values
    if isinstance(value, ast.Call):
        made = isinstance(value.func, ast.Name) and value.func.id in names.own
        wraps = getattr(value.func, "id", "") or getattr(value.func, "attr", "")
        return made or wraps in _WRAPS or any(_is_code(part, names) for part in value.args)
    return value is None or isinstance(
        value, (ast.Lambda, ast.Attribute, ast.Subscript, ast.IfExp, ast.BoolOp)
    )


def _is_strange(holder: ast.expr, names: Names) -> bool:
    """Whether the file cannot tell what the holder is: a variable of a loop, or of a function."""
    root: ast.AST = holder
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    return not isinstance(root, ast.Name) or not (
        root.id in names.own or root.id in names.assigned or root.id in {"self", "cls"}
    )
