"""One Python file under mutation: where its nodes stand in its bytes, and which of them are worth a mutant. Pure.

Left out is what no test is expected to notice ("arid" nodes, as Google's mutation testing calls them): docstrings,
annotations, decorators, logging, assertions, names for tools (`__all__`), and what runs only for type checkers or as a
script. A comment of the file's author excludes nothing.
"""

import ast
import io
import re
import threading
import tokenize
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

LIMIT_BYTES = 256 * 1024
"""Nobody writes a longer file by hand."""

_QUIET = threading.Lock()
_UTF8 = frozenset({"utf-8", "utf-8-sig"})
_BOM = b"\xef\xbb\xbf"
_LOGGER = re.compile(r"log(?:s|ger|gers|ging)?$", re.IGNORECASE)
_LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"})
_TYPING = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple", "NewType", "TypeAliasType", "cast"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_WHOLLY_ARID = (ast.Assert, ast.JoinedStr, ast.Import, ast.ImportFrom)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that this Python can read. `starts` are the offsets of its lines."""

    path: str
    data: bytes
    tree: ast.Module
    starts: tuple[int, ...]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node that has a position begins and ends, in bytes."""
        return (
            self._offset(node.lineno, node.col_offset),  # type: ignore[attr-defined] # of expressions and statements
            self._offset(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined] # as above
        )

    def line_at(self, offset: int) -> int:
        """The number of the line, counted from 1, that a byte is in."""
        return bisect_right(self.starts, offset)

    def function_at(self, line: int) -> range:
        """The lines of the innermost function that a line is in; the line alone where it is in none."""
        functions = (node for node in ast.walk(self.tree) if isinstance(node, _FUNCTIONS))
        around = [range(each.lineno, (each.end_lineno or each.lineno) + 1) for each in functions]
        return min((lines for lines in around if line in lines), key=len, default=range(line, line + 1))

    def _offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column


def read_source(path: str, data: bytes) -> Source | None:
    """The file, or None where it is too long or not Python in UTF-8 as the Python that runs Podium reads it."""
    if len(data) > LIMIT_BYTES:
        return None
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        tree = parse(data) if encoding in _UTF8 else None
    except SyntaxError:
        return None
    return Source(path, data, tree, _line_starts(data)) if tree else None


def parse(data: bytes) -> ast.Module | None:
    """The syntax tree, None where there is none; warnings about somebody else's code are nobody's business here."""
    with _QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def worthy(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are not arid, in the order of the text."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not _is_for_tools(node):
            yield node
        waiting += [child for child in reversed(_children(node)) if not _is_arid(child)]


def _line_starts(data: bytes) -> tuple[int, ...]:
    starts = [0, *accumulate(len(line) for line in data.splitlines(keepends=True))]
    # Columns of the first line are counted behind the mark.
    return (len(_BOM), *starts[1:]) if data.startswith(_BOM) else tuple(starts)


def _children(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST]
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            found = [node.args, *node.body]
        case ast.ClassDef():
            found = [*node.body]
        case ast.arguments():  # constants among the defaults are its own
            defaults = (*node.defaults, *node.kw_defaults)
            found = [each for each in defaults if each and not isinstance(each, ast.Constant)]
        case ast.AnnAssign():
            found = [node.value] if node.value else []
        case ast.If() if _is_for_tools(node):
            found = [*node.orelse]
        case ast.Raise(exc=ast.Call(args=arguments)):  # what it says is for people
            found = [each for each in arguments if not _is_text(each)]
        case _:
            found = list(ast.iter_child_nodes(node))
    return found


def _is_arid(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or _is_logging(node.value)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return any(_is_dunder(target) for target in _targets(node))
    if isinstance(node, ast.Call):
        return _last_name(node.func) in _TYPING
    return isinstance(node, _WHOLLY_ARID) or type(node).__name__ in {"TemplateStr", "TypeAlias"}


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _is_dunder(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id.startswith("__") and node.id.endswith("__")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_for_tools(node: ast.AST) -> bool:
    """`if TYPE_CHECKING` and `if __name__ == "__main__"`."""
    if not isinstance(node, ast.If):
        return False
    if isinstance(node.test, ast.Compare):
        return isinstance(node.test.left, ast.Name) and node.test.left.id == "__name__"
    return _last_name(node.test) == "TYPE_CHECKING"


def _is_logging(node: ast.expr) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    return node.func.attr in _LEVELS and bool(_LOGGER.search(_last_name(node.func.value)))


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
