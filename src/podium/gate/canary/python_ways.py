"""The ways to make one test function in Python fail: each a small change of its text.

Whether it then does fail is for a run on the base to show: a changed assertion may never be reached.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from podium.gate.canary.base import Edit, Way

Function = ast.FunctionDef | ast.AsyncFunctionDef

EXPECTED, INVERTED, RAISED, UNRELATED = "expected", "inverted", "raised", "unrelated"
_OPERATORS: dict[type[ast.cmpop], tuple[str, bytes]] = {
    ast.Eq: ("==", b"!="), ast.NotEq: ("!=", b"=="), ast.Lt: ("<", b">="), ast.GtE: (">=", b"<"), ast.Gt: (">", b"<="),
    ast.LtE: ("<=", b">"), ast.In: ("in", b"not in"), ast.NotIn: (r"not\s+in", b"in"), ast.Is: ("is", b"is not"),
    ast.IsNot: (r"is\s+not", b"is"),
}  # fmt: skip
_PAIRS = (
    ("assertEqual", "assertNotEqual"), ("assertTrue", "assertFalse"), ("assertIn", "assertNotIn"), ("assertIs", "assertIsNot"),
    ("assertIsNone", "assertIsNotNone"), ("assertGreater", "assertLessEqual"), ("assertLess", "assertGreaterEqual"),
    ("assertIsInstance", "assertNotIsInstance"), ("assertRegex", "assertNotRegex"), ("assertAlmostEqual", "assertNotAlmostEqual"),
)  # fmt: skip
_OPPOSITE = {**dict(_PAIRS), **{other: one for one, other in _PAIRS}}
_UNRELATED = (b"BufferError", b"ChildProcessError", b"BlockingIOError", b"StopAsyncIteration")
_ENDS_THE_RUN = (b"Interrupt", b"Exit", b"BaseException")
"""What is not caught any more ends the whole run, not only the test."""
_RAISES = (
    "raise LookupError('no such entry')", "raise ValueError('not a valid value')", "raise RuntimeError('not ready')",
    "raise AssertionError", "assert len('four') == 5",
)  # fmt: skip
_LARGEST = 10**12


class Text:
    """A source, with the places of its syntax as offsets in bytes."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self._lines = [0, *accumulate(len(line) for line in source.splitlines(keepends=True))]

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        return self._lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def of(self, node: ast.expr) -> bytes:
        """Its own text, without brackets around it."""
        return self.source[self.start(node) : self.end(node)]

    def replace(self, node: ast.expr, text: bytes) -> Edit:
        return Edit(self.start(node), self.end(node), text)

    def before(self, statement: ast.stmt, line: str) -> Edit | None:
        """Put a statement of one line before another one; None where there is no room for it."""
        if isinstance(statement, Function | ast.ClassDef) and statement.decorator_list:
            return None
        start = self.start(statement)
        indent = self.source[self._lines[statement.lineno - 1] : start]
        if not indent.strip():
            return Edit(start, start, line.encode() + b"\n" + indent)
        is_first = indent.rstrip().endswith(b":")  # `def test(): pass`
        return Edit(start, start, f"{line}; ".encode()) if is_first else None


def ways_to_break(function: Function, text: Text) -> tuple[Way, ...]:
    """All ways that are known, in the order of the text."""
    found = [*_raises(function, text)]
    for statement in _reached(function.body):
        found += _of_statement(statement, text)
    return tuple(found)


def _reached(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that most likely run."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.With | ast.AsyncWith | ast.For | ast.AsyncFor):
            yield from _reached(statement.body)


def _raises(function: Function, text: Text) -> Iterator[Way]:
    """A statement that fails, somewhere past the first."""
    body = function.body[1:] or function.body
    for statement in body:
        # Drawn from the place, so that the same text always gives the same ways.
        edit = text.before(statement, _RAISES[text.start(statement) % len(_RAISES)])
        if edit:
            yield Way(RAISED, edit)


def _of_statement(statement: ast.stmt, text: Text) -> Iterator[Way]:
    if isinstance(statement, ast.Assert):
        yield Way(INVERTED, _inverted(statement.test, text))
        if isinstance(statement.test, ast.Compare) and isinstance(statement.test.ops[0], ast.Eq):
            yield from _of_equation(statement.test, text)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        yield from _of_call(statement.value, text)
    elif isinstance(statement, ast.With | ast.AsyncWith):
        for item in statement.items:
            if isinstance(item.context_expr, ast.Call):
                yield from _of_call(item.context_expr, text)


def _inverted(test: ast.expr, text: Text) -> Edit:
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        start, end = text.end(test.left), text.start(test.comparators[0])
        sign, opposite = _OPERATORS[type(test.ops[0])]
        between = text.source[start:end]
        if b"#" not in between:
            return Edit(start, end, re.sub(sign.encode(), opposite, between, count=1))
    return text.replace(test, b"not (" + text.of(test) + b")")


def _of_call(call: ast.Call, text: Text) -> Iterator[Way]:
    name = _name(call.func)
    if name in ("raises", "assertRaises") and call.args:
        known = text.of(call.args[0])
        other = next((error for error in _UNRELATED if error not in known), None)
        if other and not any(word in known for word in _ENDS_THE_RUN):
            yield Way(UNRELATED, text.replace(call.args[0], other))
    if isinstance(call.func, ast.Attribute) and name in _OPPOSITE:
        end = text.end(call.func)
        yield Way(INVERTED, Edit(end - len(name), end, _OPPOSITE[name].encode()))
        if name == "assertEqual":
            yield from _of_assert_equal(call, text, start=end - len(name))


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _of_equation(test: ast.Compare, text: Text) -> Iterator[Way]:
    sides = [test.left, *test.comparators]
    found = list(_expected(sides, text))
    yield from found
    for side in () if found or len(sides) > 2 else _computed(sides):  # noqa: PLR2004 - of `a == b == c` no side can go
        odd = b"(" + text.of(side) + b") in " + _odd_values(side, text)
        yield Way(EXPECTED, Edit(text.start(test), text.end(test), odd))


def _of_assert_equal(call: ast.Call, text: Text, *, start: int) -> Iterator[Way]:
    sides = call.args[:2]
    found = list(_expected(sides, text))
    yield from found
    for side in () if found or len(sides) != 2 else _computed(sides):  # noqa: PLR2004 - two sides are compared
        odd = b"assertIn(" + text.of(side) + b", " + _odd_values(side, text)
        yield Way(EXPECTED, Edit(start, text.end(sides[1]), odd))


def _expected(sides: Sequence[ast.expr], text: Text) -> Iterator[Way]:
    """Another constant where one is compared with: what equals everything is found out by it."""
    for side in sides:
        other = _another(side, text)
        if other:
            yield Way(EXPECTED, text.replace(side, other))
            return


def _computed(sides: Sequence[ast.expr]) -> Sequence[ast.expr]:
    """The sides that a program most likely worked out: those that call something, all where none does."""
    return [side for side in sides if any(isinstance(node, ast.Call) for node in ast.walk(side))] or sides


def _odd_values(side: ast.expr, text: Text) -> bytes:
    """Values of many kinds, none of which a program would come by: what equals one of them equals anything."""
    number = 1000 + text.start(side) * 7919 % 9000
    return f"({number}, {number}.5, 'q{number}', b'q{number}', ({number},), [{number}], {{{number}}}, {{{number}: {number}}})".encode()


def _another(side: ast.expr, text: Text) -> bytes | None:
    """A value of the same kind that is none a program would come by."""
    number = 1000 + text.start(side) * 7919 % 9000
    source = text.of(side)
    if (
        isinstance(side, ast.UnaryOp)
        and isinstance(side.op, ast.USub)
        and isinstance(side.operand, ast.Constant)
    ):
        return b"(" + source + f" - {number})".encode()
    if isinstance(side, ast.Constant):
        return _another_constant(side.value, number)
    if isinstance(side, ast.List | ast.Tuple | ast.Set):
        more = f"{number}, " if side.elts else f"{number},"
        return source[:1] + more.encode() + source[1:] if source[:1] in b"[({" else None
    if isinstance(side, ast.Dict):
        return b"{" + f"{number}: {number}, ".encode() + source[1:]
    return None


def _another_constant(value: object, number: int) -> bytes | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return repr(value + number).encode() if abs(value) < _LARGEST else None
    if isinstance(value, str):
        return ascii(f"{value}{number}").encode()
    return repr(value + str(number).encode()).encode() if isinstance(value, bytes) else None
