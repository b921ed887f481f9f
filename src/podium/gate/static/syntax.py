"""Python source from strangers, parsed within bounds; nothing of it is run or imported.

A file that says it is in an odd encoding is not read at all: what people see in it is not what Python sees.
"""

import ast
import io
import threading
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from typing import TypeAlias

LIMIT_BYTES = 1024 * 1024

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ENCODINGS = frozenset({"utf-8", "utf-8-sig", "ascii", "iso-8859-1", "iso-8859-15", "cp1252"})
_QUIET = threading.Lock()
_DEEPEST = 250


def parse(data: bytes) -> tuple[ast.Module, list[ast.AST]] | None:
    """The syntax tree and all its nodes, outer ones first; None where this Python cannot read it, or not within bounds."""
    if len(data) > LIMIT_BYTES:
        return None
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(data).readline)
        if encoding not in _ENCODINGS:
            return None
        with _QUIET, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python thinks of an escape in their string is not our news
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes = _nodes(tree)
    return None if nodes is None else (tree, nodes)


def dump(node: ast.AST | None) -> str:
    """What two nodes have in common when they say the same, wherever they stand."""
    try:
        return ast.dump(node) if node is not None else ""
    except RecursionError:  # like nothing else: a rule that compares takes it for changed
        return f"{type(node).__name__} {id(node)}"


def shown(node: ast.AST, *, limit: int = 60) -> str:
    """The node as source text, on one line, cut short."""
    try:
        text = " ".join(ast.unparse(node).split())
    except RecursionError:
        text = "…"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_main_guard(node: ast.AST) -> bool:
    """Whether it is `if __name__ == "__main__":`."""
    return isinstance(node, ast.If) and dump(node.test) in _MAIN


def blocks(node: ast.AST) -> Iterator[Sequence[ast.stmt]]:
    """The bodies of a statement: of `if` and `else`, of `try` and its handlers, of each case."""
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list) and body:
            yield body
    for name in ("handlers", "cases"):
        for inner in getattr(node, name, None) or ():
            yield inner.body


def _nodes(tree: ast.AST) -> list[ast.AST] | None:
    """All nodes; None where they are nested so deeply that what walks them by calling itself comes near Python's bound."""
    level: list[ast.AST] = [tree]
    found: list[ast.AST] = []
    for _depth in range(_DEEPEST):
        found += level
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return found
    return None


_MAIN = frozenset(
    dump(ast.parse(text, mode="eval").body) for text in ('__name__ == "__main__"', '"__main__" == __name__')
)
