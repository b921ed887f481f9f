"""Walks a Python file and says of each node where it stands: in which function, and whether it runs on import.

What runs on import is what stands outside all functions, and in those functions that are called from there.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from podium.gate.static.syntax import FUNCTIONS, Function, is_docstring, is_main_guard

_ON_CREATION = frozenset({"__init__", "__new__", "__post_init__", "__del__"})


@dataclass(frozen=True, slots=True)
class Spot:
    """One node. `where` is the qualified name of the function or class around it, empty outside all."""

    node: ast.AST
    where: str
    on_import: bool
    in_function: bool


def spots(
    tree: ast.Module, *, running: frozenset[str], without: frozenset[int] = frozenset()
) -> Iterator[Spot]:
    """All nodes but docstrings and annotations, and those statements that are left out by their `id`.

    `running` are functions, by name, that run on import.
    """
    pending = [Spot(node, "", on_import=True, in_function=False) for node in reversed(tree.body)]
    while pending:
        spot = pending.pop()
        if id(spot.node) in without or (isinstance(spot.node, ast.stmt) and is_docstring(spot.node)):
            continue
        yield spot
        pending.extend(reversed(list(_inside(spot, running))))


def _inside(spot: Spot, running: frozenset[str]) -> Iterator[Spot]:
    node = spot.node
    if isinstance(node, FUNCTIONS):
        yield from _of_function(spot, node, running)
    elif isinstance(node, ast.ClassDef):
        where = _joined(spot.where, node.name)
        for child in (*node.bases, *node.keywords, *node.decorator_list):
            yield Spot(child, spot.where, spot.on_import, spot.in_function)
        for child in node.body:
            yield Spot(child, where, spot.on_import, spot.in_function)
    elif isinstance(node, ast.Lambda):
        yield Spot(node.body, _joined(spot.where, "<lambda>"), on_import=False, in_function=True)
    elif isinstance(node, ast.AnnAssign):
        yield from (
            Spot(child, spot.where, spot.on_import, spot.in_function)
            for child in (node.target, node.value)
            if child
        )
    else:
        guarded = (
            node.body if isinstance(node, ast.If) and (is_main_guard(node) or _for_types_only(node)) else ()
        )
        for child in ast.iter_child_nodes(node):
            yield Spot(child, spot.where, spot.on_import and child not in guarded, spot.in_function)


def _of_function(spot: Spot, node: Function, running: frozenset[str]) -> Iterator[Spot]:
    where = _joined(spot.where, node.name)
    defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    for default in (*node.decorator_list, *defaults):
        yield Spot(default, spot.where, spot.on_import, spot.in_function)
    for child in node.body:
        yield Spot(child, where, on_import=node.name in running, in_function=True)


def run_on_import(tree: ast.Module, nodes: Sequence[ast.AST]) -> frozenset[str]:
    """The names of functions that are called, or used as decorators, outside all functions, or by such functions."""
    functions = {node.name: node for node in nodes if isinstance(node, FUNCTIONS)}
    classes = {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}
    found: set[str] = set()
    pending = list(_called(tree.body))
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found.add(name)
        if name in functions:
            pending += _called(functions[name].body)
        elif name in classes:
            pending += [
                each.name
                for each in classes[name].body
                if isinstance(each, FUNCTIONS) and each.name in _ON_CREATION
            ]
    return frozenset(found)


def _called(body: list[ast.stmt]) -> Iterator[str]:
    """The names called in statements, not looking into functions that are only defined there."""
    pending: list[ast.AST] = [node for node in body if not is_main_guard(node)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield from (each.id for each in node.decorator_list if isinstance(each, ast.Name))
            pending += node.decorator_list
            pending += node.body if isinstance(node, ast.ClassDef) else []
        elif not isinstance(node, ast.Lambda):
            pending += ast.iter_child_nodes(node)


def _for_types_only(node: ast.If) -> bool:
    return (getattr(node.test, "id", "") or getattr(node.test, "attr", "")) == "TYPE_CHECKING"


def _joined(outer: str, name: str) -> str:
    return f"{outer}.{name}" if outer else name
