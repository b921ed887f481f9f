"""Whether code of tests only grew: what was there is there unchanged, and what came may come.

More cases in a table, more steps at the end of a test, annotations and comments weaken nothing. Everything else is a change.
"""

import ast
from collections.abc import Iterator, Sequence
from copy import deepcopy

from podium.gate.static.syntax import Function, dump, is_docstring

_PLAIN = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.BinOp, ast.BitOr, ast.Tuple, ast.List, ast.Load, ast.Store,
    ast.expr_context,
)  # fmt: skip
_LEAVES = (ast.Yield, ast.YieldFrom, ast.Return, ast.Global, ast.Nonlocal)


def function_grew(before: Function, after: Function) -> bool:
    """Whether a function does what it did, and if it is a test, at most something more afterwards."""
    if type(before) is not type(after) or _head(before) != _head(after):
        return False
    if not _decorators_grew(before.decorator_list, after.decorator_list):
        return False
    old, new = ([dump(_unannotated(node)) for node in _body(each)] for each in (before, after))
    more = _body(after)[len(old) :]
    return new[: len(old)] == old and (not more or (before.name.startswith("test") and not _leaves(more)))


def value_grew(before: ast.expr | str, after: ast.expr | str) -> bool:
    """Whether a value is what it was, or a table with the same rows and more.

    >>> old, new, other = (ast.parse(text, mode="eval").body for text in ("[1, 3]", "[1, 2, 3]", "[1]"))
    >>> value_grew(old, new), value_grew(old, other)
    (True, False)
    """
    if isinstance(before, str) or isinstance(after, str):
        return before == after
    if dump(before) == dump(after):
        return True
    rows, wanted = _rows(before), _rows(after)
    if type(before) is not type(after) or rows is None or wanted is None:
        return False
    return _in_order(rows, wanted) and not _replaces(after)


def class_head(node: ast.ClassDef) -> str:
    """What a class is, apart from what it holds."""
    parts = [*node.bases, *node.keywords, *node.decorator_list]
    return " ".join(dump(part) for part in parts)


def assertions(node: ast.AST) -> int:
    """How many assertions there are: statements, `assert...` and `expect...` calls, `raises`, `warns`, `fail`."""
    return sum(isinstance(each, ast.Assert) or _asserts(each) for each in ast.walk(node))


def _asserts(node: ast.AST) -> bool:
    name = ""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
    return name.startswith(("assert", "expect")) or name in {"raises", "warns", "fail"}


def _head(node: Function) -> str:
    return f"{node.name} {dump(_unannotated(node.args))}"


def _body(node: Function) -> list[ast.stmt]:
    return node.body[1:] if is_docstring(node.body[0]) and len(node.body) > 1 else node.body


def _unannotated(node: ast.AST) -> ast.AST:
    """The same without annotations that are mere names; others are code that runs."""
    if not any(
        isinstance(each, (ast.arg, ast.FunctionDef, ast.AsyncFunctionDef, ast.AnnAssign))
        for each in ast.walk(node)
    ):
        return node
    try:
        node = deepcopy(node)
    except RecursionError:
        return node
    for each in ast.walk(node):
        for name in ("annotation", "returns"):
            said = getattr(each, name, None)
            if said is not None and not isinstance(each, ast.AnnAssign) and _is_plain(said):
                setattr(each, name, None)
    return node


def _is_plain(node: ast.AST) -> bool:
    return all(isinstance(each, _PLAIN) for each in ast.walk(node))


def _decorators_grew(before: Sequence[ast.expr], after: Sequence[ast.expr]) -> bool:
    return len(before) == len(after) and all(map(_decorator_grew, before, after))


def _decorator_grew(before: ast.expr, after: ast.expr) -> bool:
    if dump(before) == dump(after):
        return True
    if not (
        isinstance(before, ast.Call) and isinstance(after, ast.Call) and dump(before.func) == dump(after.func)
    ):
        return False
    if getattr(before.func, "attr", "") != "parametrize":
        return False
    old, new = (
        {**dict(enumerate(each.args)), **{word.arg: word.value for word in each.keywords}}
        for each in (before, after)
    )
    return old.keys() == new.keys() and all(value_grew(old[key], new[key]) for key in old)


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether statements make of a function what it was not: one that ends before its time, or is never run."""
    return any(isinstance(node, _LEAVES) for each in body for node in ast.walk(each))


def _rows(node: ast.expr) -> list[str] | None:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [dump(row) for row in node.elts]
    if isinstance(node, ast.Dict):
        return [f"{dump(key)}: {dump(value)}" for key, value in zip(node.keys, node.values, strict=True)]
    return None


def _in_order(wanted: Sequence[str], within: Sequence[str]) -> bool:
    left: Iterator[str] = iter(within)
    return all(row in left for row in wanted)


def _replaces(node: ast.expr) -> bool:
    """Whether a later row of a dictionary may take the place of an earlier one."""
    if not isinstance(node, ast.Dict):
        return False
    keys = [dump(key) for key in node.keys]
    return len(set(keys)) < len(keys) or not all(
        isinstance(key, (ast.Constant, ast.Attribute, ast.Name)) for key in node.keys
    )
