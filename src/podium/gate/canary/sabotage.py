"""Sabotage: which tests of a tree are made to fail, and how, drawn by lot so that no maker can foresee it.

The tests fall into two halves by lot, one for each of two rounds: a round breaks its own half and leaves the other as it
is, beside it. So nothing in a round but the text of its tests differs from a plain run: the same files, the same ids, the
same number of tests. `with_newcomer` adds a file of its own, whose tests end in known ways whatever the project's code is.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from podium.gate.canary.base import Breakable, Edit, Outcome, Way, apply
from podium.gate.canary.cases import Index
from podium.gate.canary.registry import language_of

_PREFERRED = "expected"
_ONE_IN = 8
"""How many tests take the preferred way before one is drawn freely: no kind shall be missing for long."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many files, and how many cases of their tests, a round breaks: a failure takes a runner far longer than a pass.

    `hollow` has all other tests pass at once, to save their time.
    """

    files: int = 40
    cases: int = 40
    hollow: bool = False


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Mark:
    """A test whose outcome is known beforehand."""

    path: str
    name: str
    outcome: Outcome = Outcome.FAILED
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Sabotage:
    """`files` replace those of the tree. `broken` are tests of the project that must fail now, `fresh` those of a new file."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    broken: tuple[Mark, ...] = ()
    fresh: tuple[Mark, ...] = ()


def sabotage(
    files: Mapping[str, bytes], seed: str, *, half: int, passed: Collection[str], limits: Limits = LIMITS
) -> Sabotage:  # fmt: skip
    """Break tests of `files`, of those whose cases are among the `passed`: half 0 or 1, as `seed` divides them.

    Pure: the same arguments give the same sabotage.
    """
    index = Index(passed)
    known = _known(files, by_lot(files, seed)[: limits.files], index)
    drawn = _draw(known, seed, half=half, most=limits.cases)
    made: dict[str, bytes] = {}
    marks: list[Mark] = []
    for path in sorted(files) if limits.hollow else sorted({path for path, _name in drawn}):
        tests = _tests(path, files[path])
        chosen = {
            test.name: _choose(test, _chance(seed, path, test.name))
            for test in tests
            if (path, test.name) in drawn
        }
        made_here, marks_here = _break(path, files[path], tests, chosen, hollow=limits.hollow)
        made |= made_here
        marks += marks_here
    return Sabotage(made, tuple(marks))


def with_newcomer(
    done: Sabotage, files: Mapping[str, bytes], seed: str, *, taken: Collection[str]
) -> Sabotage:
    """The same with a new test file beside one of `files`; as it is, where none can be written."""
    chance = _chance(seed, "newcomer")
    for path in chance.sample(sorted(files), len(files)):
        language = language_of(path)
        made = language.newcomer(path, files[path], chance=chance, taken=taken) if language else None
        if made:
            marks = tuple(Mark(made.path, name, outcome) for name, outcome in made.outcomes.items())
            return Sabotage({**done.files, made.path: made.source}, done.broken, marks)
    return done


def by_lot(paths: Collection[str], seed: str) -> list[str]:
    """`paths` in an order that nobody can foresee."""
    return sorted(paths, key=lambda path: _rank(seed, path))


def _tests(path: str, source: bytes) -> tuple[Breakable, ...]:
    language = language_of(path)
    return language.tests(source) if language else ()


def _known(files: Mapping[str, bytes], paths: Sequence[str], index: Index) -> dict[tuple[str, str], int]:
    """The tests of these files that can be broken, with the number of their cases that passed."""
    named = [(path, test.name) for path in paths for test in _tests(path, files[path]) if test.ways]
    counted = {test: sum(1 for _case in index.of(*test)) for test in named}
    return {test: number for test, number in counted.items() if number}


def _draw(
    known: Mapping[tuple[str, str], int], seed: str, *, half: int, most: int
) -> frozenset[tuple[str, str]]:
    """The tests of this half that fit in, one at least."""
    drawn: list[tuple[str, str]] = []
    for test in sorted(known, key=lambda test: _rank(seed, *test))[half::2]:
        if known[test] <= most or not drawn:
            drawn.append(test)
            most -= known[test]
    return frozenset(drawn)


def _choose(test: Breakable, chance: Random) -> Way:
    """Another constant where there is one: what equals everything passes any other change of the assertion as it should."""
    kinds = sorted({way.kind for way in test.ways})
    is_free = chance.randrange(_ONE_IN) == 0 or _PREFERRED not in kinds
    kind = chance.choice(kinds) if is_free else _PREFERRED
    return chance.choice([way for way in test.ways if way.kind == kind])


def _break(
    path: str, source: bytes, tests: Sequence[Breakable], chosen: Mapping[str, Way], *, hollow: bool
) -> tuple[dict[str, bytes], list[Mark]]:
    """The file with these tests broken; one whose text does not survive it is left out."""
    language = language_of(path)
    assert language is not None, "only files of a known language have tests"
    others = _hollowed(tests, chosen) if hollow else []
    sound = {name: way for name, way in chosen.items() if language.is_sound(apply(source, [way.edit]))}
    changed = apply(source, [*(way.edit for way in sound.values()), *others])
    if changed == source or not language.is_sound(changed):
        return {}, []
    return {path: changed}, [Mark(path, name, kind=way.kind) for name, way in sound.items()]


def _hollowed(tests: Sequence[Breakable], chosen: Collection[str]) -> list[Edit]:
    return [test.hollow for test in tests if test.hollow and test.name not in chosen]


def _chance(seed: str, *words: str) -> Random:
    return Random(_rank(seed, *words))  # noqa: S311 - the seed is an HMAC; drawing must be repeatable


def _rank(seed: str, *words: str) -> str:
    return hashlib.sha256("\0".join([seed, *words]).encode(errors="surrogateescape")).hexdigest()
