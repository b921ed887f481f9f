"""Which of the changed lines hold code that a test has to run, and which tests did. Pure.

The record is written where the tree's own code runs. It is advice: who wants to can forge it.

A statement is the unit: of one that spans lines, any line that ran speaks for all; the head of a compound one (`if …:`)
ran where the first line of its body did. What runs at the import of its module is no test's merit: such lines are not
counted, and every test that ran anything of the file stands for them.
"""

import ast
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from podium.base.files import read_untrusted
from podium.gate.strength.source import Source

LIMIT_BYTES = 64 * 1024 * 1024
IMPORT = ""
"""The id under which a record holds what ran outside of any test."""

_NO_CODE = (ast.Pass, ast.Global, ast.Nonlocal)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Statement:
    """The lines of one statement, or of the head of a compound one; any of `evidence` shows that it ran."""

    lines: range
    evidence: range
    at_import: bool


@dataclass(frozen=True, slots=True)
class Record:
    """The lines that each test ran: `lines[test id][path]`."""

    lines: Mapping[str, Mapping[str, list[int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cover:
    """The changed lines of a file: those in functions that hold code, by the tests that ran them."""

    path: str
    tests: Mapping[int, frozenset[str]]
    at_import: Mapping[int, frozenset[str]]
    """Of the changed lines that run at import: the tests that ran anything of the file."""

    def by(self, line: int) -> frozenset[str]:
        """The tests that stand for a changed line."""
        return self.tests.get(line) or self.at_import.get(line) or frozenset()

    @property
    def missed(self) -> tuple[int, ...]:
        return tuple(line for line, tests in sorted(self.tests.items()) if not tests)


_RECORD = TypeAdapter(Record)


def read_record(path: Path) -> Record | None:
    """The record at `path`, or None where there is none that can be read."""
    try:
        data = read_untrusted(path, limit_bytes=LIMIT_BYTES + 1)
        return _RECORD.validate_json(data, strict=True) if len(data) <= LIMIT_BYTES else None
    except (OSError, ValidationError):
        return None


def cover(source: Source, changed: Container[int], record: Record) -> Cover:
    """Which tests ran each changed line of a file."""
    ran = _tests_by_line(record, source.path)
    importers = frozenset(test for tests in ran.values() for test in tests)
    found: tuple[dict[int, frozenset[str]], dict[int, frozenset[str]]] = ({}, {})
    for statement in statements(source.tree):
        tests = _union(ran, statement.evidence)
        for line in _touched(statement, source, changed):
            found[statement.at_import][line] = importers if statement.at_import else tests
    return Cover(source.path, *found)


def statements(tree: ast.Module) -> Iterator[Statement]:
    """The statements that hold code, outer before inner."""
    waiting: list[tuple[ast.AST, bool]] = [(tree, True)]
    while waiting:
        node, at_import = waiting.pop()
        if _holds_code(node):
            yield _statement(node, at_import=at_import)
        inner = at_import and not isinstance(node, _FUNCTIONS)
        waiting += [(child, inner) for child in reversed(_blocks(node))]


def _blocks(node: ast.AST) -> list[ast.AST]:
    """What is below a node that can hold statements: their expressions are of no interest here."""
    return [
        child
        for child in ast.iter_child_nodes(node)
        if isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case))
    ]


def _holds_code(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.AnnAssign):
        return node.value is not None
    return isinstance(node, (ast.stmt, ast.ExceptHandler, ast.match_case)) and not isinstance(node, _NO_CODE)


def _statement(node: ast.AST, *, at_import: bool) -> Statement:
    first = _first_line(node)
    inner = _first_inner(node)
    if inner is None:
        whole = range(first, getattr(node, "end_lineno", first) + 1)
        return Statement(whole, whole, at_import)
    head = range(first, max(first + 1, inner))
    # A definition runs where its body may never run.
    evidence = head if isinstance(node, _DEFINITIONS) else range(first, inner + 1)
    return Statement(head, evidence, at_import)


def _first_line(node: ast.AST) -> int:
    """Where a node begins: decorators stand before the line that a definition is said to be on."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    decorators = getattr(node, "decorator_list", [])
    return int(min(each.lineno for each in (node, *decorators)))


def _first_inner(node: ast.AST) -> int | None:
    """Where the first statement in a compound one begins; None for a simple one."""
    inner = getattr(node, "body", None) or getattr(node, "cases", None)
    return _first_line(inner[0]) if inner else None


def _touched(statement: Statement, source: Source, changed: Container[int]) -> Iterator[int]:
    """The changed lines of a statement, but for those that are blank or a comment."""
    for line in statement.lines:
        if line in changed and not _is_blank(source, line):
            yield line


def _is_blank(source: Source, line: int) -> bool:
    text = source.data[source.starts[line - 1] : source.starts[line]].strip()
    return not text or text.startswith(b"#")


def _tests_by_line(record: Record, path: str) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for test, files in record.lines.items():
        for line in files.get(path, ()):
            if test != IMPORT:
                found[line].add(test)
    return {line: frozenset(tests) for line, tests in found.items()}


def _union(ran: Mapping[int, frozenset[str]], lines: range) -> frozenset[str]:
    return frozenset(test for line in lines for test in ran.get(line, ()))
