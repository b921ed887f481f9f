"""Mutants of the changed lines of one Python file: the same file with one small fault. Pure.

Why not mutmut, which is well kept: it has to be installed and configured in the project's own environment, forks inside
it, and knows no diff. A gate that judges any project can ask for none of that; this needs nothing there, and a mutant
is a text that any command can be run on.

The practice is Google's (Petrović and others, arXiv 2102.11378 and 2103.07189): only changed lines, only those that a test
runs, few for each line, none of what nobody tests (`source.py`). Chance is a seed, so the same change has the same mutants.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from podium.base.digest import digest
from podium.gate.strength.operators import Edit, edits
from podium.gate.strength.source import Source, parse

_WEAK = frozenset({"constant", "default argument", "slice bound removed", "minus removed"})
"""Operators that are only used where a line offers nothing that says more about its tests."""
_LONGEST_LINE_BYTES = 400


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault. `before` and `after` are the line as it was and as it is, without the white space around them.

    `data[start:end]` of the file becomes `text`; every other byte stays.
    """

    path: str
    line: int
    operator: str
    before: str
    after: str
    start: int
    end: int
    text: bytes

    def of(self, data: bytes) -> bytes:
        """The file with the fault."""
        return data[: self.start] + self.text + data[self.end :]

    @property
    def id(self) -> str:
        return f"{self.path}:{self.start}-{self.end}:{self.text.decode()}"


def all_mutants(source: Source, lines: Container[int]) -> Iterator[Mutant]:
    """Every fault that begins in one of these lines, those that are no Python included."""
    for edit in edits(source):
        line = source.line_at(edit.start)
        if line in lines:
            yield _mutant(source, edit, line)


def choose(
    source: Source, lines: Container[int], *, seed: str, per_line: int = 1, most: int = 100
) -> tuple[Mutant, ...]:
    """At most `per_line` mutants of a line and `most` in all, by the seed; those that say more about tests first."""
    by_line: dict[int, list[Mutant]] = defaultdict(list)
    for mutant in all_mutants(source, lines):
        by_line[mutant.line].append(mutant)
    turns = sorted(by_line, key=lambda line: digest([seed, source.path, line]))
    chosen = (islice(_valid(source, sorted(by_line[line], key=_order(seed))), per_line) for line in turns)
    return tuple(islice(chain.from_iterable(chosen), most))


def shuffled(mutants: Iterable[Mutant], *, seed: str) -> tuple[Mutant, ...]:
    """In an order of chance, so that however many can be tried, they are a fair sample of all."""
    return tuple(sorted(mutants, key=lambda mutant: digest([seed, "turn", mutant.id])))


def _order(seed: str) -> Callable[[Mutant], tuple[bool, str]]:
    return lambda mutant: (mutant.operator in _WEAK, digest([seed, mutant.id]))


def _valid(source: Source, mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Those that are Python: that one does not parse says nothing of a test."""
    return (mutant for mutant in mutants if parse(mutant.of(source.data)))


def _mutant(source: Source, edit: Edit, line: int) -> Mutant:
    data, end = source.data, edit.end
    start_of_line = source.starts[line - 1]
    before = _first_line(data[start_of_line : start_of_line + _LONGEST_LINE_BYTES])
    after = _first_line(data[start_of_line : edit.start] + edit.text + data[end : end + _LONGEST_LINE_BYTES])
    return Mutant(source.path, line, edit.operator, before, after, edit.start, edit.end, edit.text)


def _first_line(data: bytes) -> str:
    return data[:_LONGEST_LINE_BYTES].split(b"\n", 1)[0].decode(errors="replace").strip()
