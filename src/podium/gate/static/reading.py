"""A Python file as it was read: its tree, its lines, and what rules ask of it more than once."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from podium.gate.static.names import Names, names_of
from podium.gate.static.outline import Outline, outline
from podium.gate.static.spots import run_on_import
from podium.gate.static.syntax import FUNCTIONS, parse

_LINE_END = re.compile(r"\r\n|\r|\n")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Reading:
    """One file. Nothing of it is run."""

    tree: ast.Module
    nodes: list[ast.AST]
    """All of them, outer ones first."""
    data: bytes

    @cached_property
    def lines(self) -> list[str]:
        """The lines as Python counts them, each byte a character: for comparing, not for showing."""
        return _LINE_END.split(self.data.decode("latin-1"))

    @cached_property
    def names(self) -> Names:
        return names_of(self.nodes)

    @cached_property
    def running(self) -> frozenset[str]:
        """The functions that run on import."""
        return run_on_import(self.tree, self.nodes)

    @cached_property
    def outline(self) -> Outline:
        return outline(self.tree)

    def text(self, node: ast.stmt) -> str:
        """The whole lines that a statement stands in: where they are equal, the statements are."""
        first = min((node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))))
        return "\n".join(self.lines[first - 1 : node.end_lineno])

    @cached_property
    def statements(self) -> list[tuple[str, ast.stmt, str]]:
        """Statements outside all functions, those of classes too: the class, the statement, its text."""
        return [(where, node, self.text(node)) for where, node in _statements(self.tree)]


def read(data: bytes) -> Reading | None:
    """None where Python cannot read it, or not within bounds."""
    parsed = parse(data)
    return None if parsed is None else Reading(*parsed, data)


def unchanged(one: Reading, other: Reading) -> frozenset[int]:
    """The statements of `one`, by `id`, that say in `other` the same in the same words, and mean the same by them."""
    known = {(where, text) for where, _node, text in other.statements}
    moved = one.names.differing(other.names) | (one.running ^ other.running)
    if not all(name.isascii() for name in moved):
        return frozenset()
    return frozenset(
        id(node)
        for where, node, text in one.statements
        if (where, text) in known and moved.isdisjoint(_WORD.findall(text))
    )


def _statements(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in tree.body:
        yield "", node
        if isinstance(node, ast.ClassDef):
            yield from (
                (node.name, each)
                for each in node.body
                if isinstance(each, (*FUNCTIONS, ast.Assign, ast.AnnAssign))
            )


EMPTY = Reading(ast.Module(body=[], type_ignores=[]), [], b"")
