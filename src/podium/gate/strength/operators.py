"""What can be changed at a node so that the program means something else: the operators of mutation. Pure.

Each edit replaces some bytes and leaves all others as they are.
"""

import ast
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from podium.gate.strength.source import Source, worthy

_LARGEST = 10**15
_AN_OTHER_TEXT = '"podium"'


@dataclass(frozen=True, slots=True)
class Edit:
    """`data[start:end]` becomes `text`; `operator` says in words what that is."""

    operator: str
    start: int
    end: int
    text: bytes


def edits(source: Source) -> Iterator[Edit]:
    """Every edit of a file, in the order of its nodes."""
    for node in worthy(source.tree):
        operator = _OPERATORS.get(type(node))
        if operator:
            yield from operator(source, node)


def _comparison(source: Source, node: ast.Compare) -> Iterator[Edit]:
    lefts = [node.left, *node.comparators]
    for left, operator, right in zip(lefts, node.ops, node.comparators, strict=False):
        word, others = _COMPARISONS[type(operator)]
        name = "membership" if isinstance(operator, (ast.In, ast.NotIn)) else "comparison"
        yield from _swap(source, (left, right), word, others, name=name)


def _arithmetic(source: Source, node: ast.BinOp) -> Iterator[Edit]:
    if _is_text(node.left) or _is_text(node.right):
        return  # no arithmetic: the swapped one is a type error that any test that runs it would see
    word, other = _ARITHMETIC[type(node.op)]
    yield from _swap(source, (node.left, node.right), re.escape(word), (other,), name="arithmetic")


def _augmented(source: Source, node: ast.AugAssign) -> Iterator[Edit]:
    word, other = _ARITHMETIC[type(node.op)]
    name = "augmented assignment"
    yield from _swap(source, (node.target, node.value), re.escape(word + b"="), (other + b"=",), name=name)
    yield from _deletion(source, node)


def _boolean(source: Source, node: ast.BoolOp) -> Iterator[Edit]:
    word, other = (rb"and", b"or") if isinstance(node.op, ast.And) else (rb"or", b"and")
    for pair in zip(node.values, node.values[1:], strict=False):
        yield from _swap(source, pair, word, (other,), name="boolean operator")


def _unary(source: Source, node: ast.UnaryOp) -> Iterator[Edit]:
    start, _ = source.span(node)
    if isinstance(node.op, ast.Not):
        found = re.compile(rb"not\b[ \t]*").match(source.data, start)
        if found:
            yield Edit("not removed", start, found.end(), b"")
    elif isinstance(node.op, ast.USub):
        yield Edit("minus removed", start, start + 1, b"")


def _constant(source: Source, node: ast.Constant) -> Iterator[Edit]:
    other = _other_value(node.value)
    if other:
        yield Edit("constant", *source.span(node), other.encode())


def _default(source: Source, node: ast.arguments) -> Iterator[Edit]:
    for default in (*node.defaults, *node.kw_defaults):
        other = _other_value(default.value) if isinstance(default, ast.Constant) else ""
        if default and other:
            yield Edit("default argument", *source.span(default), other.encode())


def _return(source: Source, node: ast.Return) -> Iterator[Edit]:
    if node.value and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield Edit("returns nothing", *source.span(node.value), b"None")


def _condition(source: Source, node: ast.If | ast.IfExp) -> Iterator[Edit]:
    yield from _fixed(source, node.test, b"True", b"False")


def _loop(source: Source, node: ast.While) -> Iterator[Edit]:
    yield from _fixed(source, node.test, b"False")


def _filter(source: Source, node: ast.comprehension) -> Iterator[Edit]:
    for test in node.ifs:
        yield from _fixed(source, test, b"True", b"False")


def _fixed(source: Source, test: ast.expr, *values: bytes) -> Iterator[Edit]:
    if not isinstance(test, ast.Constant):
        for value in values:
            yield Edit(f"condition always {value.decode()}", *source.span(test), value)


def _slice(source: Source, node: ast.Slice) -> Iterator[Edit]:
    for bound in (node.lower, node.upper):
        if bound:
            yield Edit("slice bound removed", *source.span(bound), b"")


def _call(source: Source, node: ast.Expr) -> Iterator[Edit]:
    if isinstance(node.value, (ast.Call, ast.Await)):
        yield from _deletion(source, node)


def _assignment(source: Source, node: ast.Assign) -> Iterator[Edit]:
    """Of a name alone it is not deleted: that the name is missing then says nothing of the tests."""
    if all(isinstance(target, (ast.Attribute, ast.Subscript)) for target in node.targets):
        yield from _deletion(source, node)


def _raise(source: Source, node: ast.Raise) -> Iterator[Edit]:
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    if not (isinstance(raised, ast.Name) and raised.id == "NotImplementedError"):
        yield Edit("raise removed", *source.span(node), b"pass")


def _continue(source: Source, node: ast.Continue) -> Iterator[Edit]:
    yield Edit("continue to break", *source.span(node), b"break")


def _deletion(source: Source, node: ast.stmt) -> Iterator[Edit]:
    yield Edit("statement deleted", *source.span(node), b"pass")


def _swap(
    source: Source, pair: tuple[ast.expr, ast.expr], word: bytes, others: tuple[bytes, ...], *, name: str
) -> Iterator[Edit]:
    """Replace the operator `word`, a pattern, which stands between two operands, maybe after parentheses and comments."""
    begin, end = source.span(pair[0])[1], source.span(pair[1])[0]
    scan = re.compile(rb"#[^\r\n]*|(?P<word>" + word + rb")")
    for found in scan.finditer(source.data, begin, end):
        if found["word"]:
            yield from (Edit(name, *found.span(), other) for other in others)
            return


def _other_value(value: object) -> str:
    """The text of a constant that is not this one; empty where there is none of use."""
    if isinstance(value, bool):
        return str(not value)
    if isinstance(value, (int, float)):
        return repr(value + 1) if math.isfinite(value) and abs(value) < _LARGEST else ""
    if isinstance(value, str):
        return _AN_OTHER_TEXT if value != "podium" else '""'
    return 'b"podium"' if isinstance(value, bytes) and value != b"podium" else ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
    )


_COMPARISONS: dict[type[ast.cmpop], tuple[bytes, tuple[bytes, ...]]] = {
    ast.Lt: (rb"<", (b"<=", b">=")),
    ast.LtE: (rb"<=", (b"<", b">")),
    ast.Gt: (rb">", (b">=", b"<=")),
    ast.GtE: (rb">=", (b">", b"<")),
    ast.Eq: (rb"==", (b"!=",)),
    ast.NotEq: (rb"!=", (b"==",)),
    ast.Is: (rb"is", (b"is not",)),
    ast.IsNot: (rb"is\s+not", (b"is",)),
    ast.In: (rb"in", (b"not in",)),
    ast.NotIn: (rb"not\s+in", (b"in",)),
}

_ARITHMETIC: dict[type[ast.operator], tuple[bytes, bytes]] = {
    ast.Add: (b"+", b"-"),
    ast.Sub: (b"-", b"+"),
    ast.Mult: (b"*", b"/"),
    ast.Div: (b"/", b"*"),
    ast.FloorDiv: (b"//", b"*"),
    ast.Mod: (b"%", b"*"),
    ast.Pow: (b"**", b"*"),
    ast.LShift: (b"<<", b">>"),
    ast.RShift: (b">>", b"<<"),
    ast.BitAnd: (b"&", b"|"),
    ast.BitOr: (b"|", b"&"),
    ast.BitXor: (b"^", b"&"),
    ast.MatMult: (b"@", b"*"),
}

_OPERATORS: dict[type[ast.AST], Callable[[Source, Any], Iterator[Edit]]] = {
    ast.Compare: _comparison,
    ast.BinOp: _arithmetic,
    ast.AugAssign: _augmented,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.Constant: _constant,
    ast.arguments: _default,
    ast.Return: _return,
    ast.If: _condition,
    ast.IfExp: _condition,
    ast.While: _loop,
    ast.comprehension: _filter,
    ast.Slice: _slice,
    ast.Expr: _call,
    ast.Assign: _assignment,
    ast.Delete: _deletion,
    ast.Raise: _raise,
    ast.Continue: _continue,
}
