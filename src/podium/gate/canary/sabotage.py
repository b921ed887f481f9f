"""Sabotage: tests of a tree are made to fail, as the lot (`lot.py`) has it, and the rest is left as it is.

The tests fall into two halves by lot, one for each of two rounds: a round breaks its own half and leaves the other as it
is, beside it. So nothing in a round but the text of its tests differs from a plain run: the same files, the same ids, the
same number of tests. `with_newcomer` adds a file of its own, whose tests end in known ways whatever the project's code is.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from podium.gate.canary.base import Breakable, Edit, Outcome, Way, apply
from podium.gate.canary.cases import Index
from podium.gate.canary.lot import NEAR_SHARE, Candidate, by_lot, chance, choose, draw, rank
from podium.gate.canary.nearness import NOT_NEAR, Nearness
from podium.gate.canary.registry import language_of


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
    files: Mapping[str, bytes], seed: str, *, half: int, passed: Collection[str], limits: Limits = LIMITS,
    near: Nearness = NOT_NEAR,
) -> Sabotage:  # fmt: skip
    """Break tests of `files`, of those whose cases are among the `passed`: half 0 or 1, as `seed` divides them.

    Pure: the same arguments give the same sabotage.
    """
    paths = pick_files(files, seed, near, most=limits.files)
    known = list(_known({path: files[path] for path in paths}, seed, Index(passed), near))
    drawn = draw(known, half=half, most=limits.cases, near_in_both=limits.hollow)
    ways = choose(drawn, seed, mentions=lambda one, way: near.mentioned(_lines_of(files[one.path], way.edit)))
    made: dict[str, bytes] = {}
    marks: list[Mark] = []
    for path in sorted(files) if limits.hollow else sorted({path for path, _name in ways}):
        tests = _tests(path, files[path])
        chosen = {test.name: ways[path, test.name] for test in tests if (path, test.name) in ways}
        made_here, marks_here = _break(path, files[path], tests, chosen, hollow=limits.hollow)
        made |= made_here
        marks += marks_here
    return Sabotage(made, tuple(marks))


def pick_files(paths: Collection[str], seed: str, near: Nearness, *, most: int) -> list[str]:
    """At most so many of `paths`: the nearest to the change up to a share, the rest by lot from all."""
    lot = by_lot(paths, seed)
    close = sorted((path for path in lot if path in near.hops), key=near.of_file)[: int(most * NEAR_SHARE)]
    taken = set(close)
    return [*close, *(path for path in lot if path not in taken)][:most]


def with_newcomer(
    done: Sabotage, files: Mapping[str, bytes], seed: str, *, taken: Collection[str]
) -> Sabotage:
    """The same with a new test file beside one of `files`; as it is, where none can be written."""
    lot = chance(seed, "newcomer")
    for path in lot.sample(sorted(files), len(files)):
        language = language_of(path)
        made = language.newcomer(path, files[path], chance=lot, taken=taken) if language else None
        if made:
            marks = tuple(Mark(made.path, name, outcome) for name, outcome in made.outcomes.items())
            return Sabotage({**done.files, made.path: made.source}, done.broken, marks)
    return done


def _tests(path: str, source: bytes) -> tuple[Breakable, ...]:
    language = language_of(path)
    return language.tests(source) if language else ()


def _known(files: Mapping[str, bytes], seed: str, index: Index, near: Nearness) -> Iterator[Candidate]:
    """The tests of these files that can be broken and that have cases that passed."""
    for path, source in files.items():
        for test in _tests(path, source):
            cases = sum(1 for _case in index.of(path, test.name)) if test.ways else 0
            if cases:
                nearness = near.of_test(path, source, test)
                yield Candidate(path, test, cases, nearness, rank(seed, path, test.name))


def _lines_of(source: bytes, edit: Edit) -> bytes:
    """The lines that an edit is made in."""
    end = source.find(b"\n", edit.end)
    return source[source.rfind(b"\n", 0, edit.start) + 1 : end if end >= 0 else len(source)]


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
