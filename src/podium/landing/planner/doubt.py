"""Who is to blame when a run fails: what a failure says of its members, as far as it is not yet explained."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from podium.landing.planner.line import Ended, Line, Running
from podium.landing.planner.states import EVERYTHING, Ground, Name, overlap

FLOOR = 1e-4
"""Nobody is above suspicion."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A target that fails with `touching` on the tip (no target: a run of them fails before its tests). One of `suspects` is at fault."""

    key: Name | None
    touching: frozenset[Name]
    suspects: frozenset[Name]


def valid(line: Line, run: Running | Ended, names: Iterable[Name]) -> list[Name]:
    """Those whose targets will be in the states that this run looks at, if all that is left of it lands."""
    _names, top = line.left(run)
    return [
        name
        for name in names
        if name in line.waiting
        and all(run.states[key] == line.tip[key] ^ top[key] for key in line.waiting[name].keys)
    ]


def failures(line: Line) -> list[Failure]:
    """What failed and still would, each with those who may be at fault."""
    passed = [(run, *line.left(run)) for run in line.ended if not run.blind]
    found: list[Failure] = []
    for run in line.ended:
        if run.blind:
            found += _blind(line, run, passed)
        elif run.failing:
            found += _named(line, run, passed)
    return found


def _named(line: Line, run: Ended, passed: list[tuple[Ended, list[Name], Ground]]) -> Iterator[Failure]:
    """Where a target fails with some and passes with a part of them, the others are suspect."""
    names, top = line.left(run)
    for key in sorted(run.failing, key=str):
        state = line.tip[key] ^ top[key]
        if run.states.get(key) != state or (key, state) in line.proven:
            continue
        touching = _touching(line, names, key)
        fine = [
            part
            for other, others, ground in passed
            if key in other.states
            and other.states[key] == line.tip[key] ^ ground[key]
            and (key, other.states[key]) in line.proven
            and (part := _touching(line, others, key)) < touching
        ]
        most = max(fine, key=len, default=frozenset[Name]())
        yield Failure(key, touching, touching - most)


def _blind(line: Line, run: Ended, passed: list[tuple[Ended, list[Name], Ground]]) -> Iterator[Failure]:
    """Those are suspect who were not seen to pass with a part of the same members."""
    names, _top = line.left(run)
    everybody = frozenset(names)
    if len(names) == 1 and not valid(line, run, names):
        return  # it failed in a state that is gone
    fine: set[Name] = set()
    for other, others, ground in passed:
        if not other.failing and everybody.issuperset(others):
            fine.update(
                name
                for name in others
                if all((key, line.tip[key] ^ ground[key]) in line.proven for key in line.waiting[name].keys)
            )
    if everybody - fine:
        yield Failure(None, everybody, everybody - fine)


def _touching(line: Line, names: Iterable[Name], key: Name) -> frozenset[Name]:
    return frozenset(name for name in names if overlap(line.waiting[name].keys, frozenset([key])))


def beliefs(line: Line, known: Iterable[Failure]) -> dict[Name, float]:
    """The probability of each that waits that it lands, in view of what failed; 0 for those to be kept out of every tree but their own.

    By Bayes' rule (a noisy or) one of whom a failure is known is at fault with the probability that it was going to fail, divided
    by the probability that any of them was. A failure of more says nothing beyond that of a part of them. Of each failure the
    likeliest is kept out, so that no tree is built that is known to fail.
    """
    found = {name: change.passes for name, change in line.waiting.items()}
    minimal: list[Failure] = []
    for failure in sorted(known, key=lambda one: len(one.suspects)):
        if any(one.suspects <= failure.suspects for one in minimal):
            continue
        minimal.append(failure)
        fine = math.prod(sorted(found[name] - FLOOR for name in failure.suspects))
        for name in failure.suspects:
            found[name] = max(0.0, 1 - (1 - found[name] + FLOOR) / (1 - fine))
    for failure in minimal:
        if all(found[name] > 0 for name in failure.touching):
            found[
                min(failure.suspects, key=lambda name: (found[name], line.waiting[name].since, str(name)))
            ] = 0.0
    return found


def doomed(members: Iterable[Name], known: Iterable[Failure]) -> frozenset[Name]:
    """The targets that are known to fail in a tree; `EVERYTHING` where all of it will."""
    tree = frozenset(members)
    return frozenset(EVERYTHING if one.key is None else one.key for one in known if one.touching <= tree)


def fails(members: Iterable[Name], known: Iterable[Failure]) -> bool:
    """Whether a tree is known to fail."""
    return bool(doomed(members, known))
