"""The lot: which tests of a round are broken, and in which way. Nobody without the seed can foresee it.

The tests nearest to the change are drawn before any other, up to a share of the room; the rest of it goes to tests from
anywhere, for a lie need not be where the change is. Each kind of sabotage that the tests of a round allow is drawn once at
least. Apart from that a draw does not depend on the change, so that changes share what is seen of their base.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from podium.gate.canary.base import Breakable, Way
from podium.gate.canary.nearness import FAR, MENTIONS

EXPECTED = "expected"
"""The kind that shows what equals everything: any other change of an assertion it passes or fails as it should."""
PLAIN = "raised"
"""The kind that shows nothing but how the runner reports: every test of some length allows it."""
_ONE_IN = 8
"""How many tests take the expected way before one is drawn freely."""
NEAR_SHARE = 0.75
"""How much of the room of a round goes to tests near the change, where others want it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One test that can be broken: how many of its `cases` passed, how near it is (`nearness.py`), and its `rank` in the lot."""

    path: str
    test: Breakable
    cases: int
    near: int
    rank: str

    @property
    def key(self) -> tuple[str, str]:
        return self.path, self.test.name

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(way.kind for way in self.test.ways)


Mentions = Callable[[Candidate, Way], bool]
"""Whether what a way changes names what the change defines."""


def by_lot(paths: Iterable[str], seed: str) -> list[str]:
    """`paths` in an order that nobody can foresee."""
    return sorted(paths, key=lambda path: rank(seed, path))


def rank(seed: str, *words: str) -> str:
    return hashlib.sha256("\0".join([seed, *words]).encode(errors="surrogateescape")).hexdigest()


def chance(seed: str, *words: str) -> Random:
    return Random(rank(seed, *words))  # noqa: S311 - the seed is an HMAC; drawing must be repeatable


def draw(known: Collection[Candidate], *, half: int, most: int, near_in_both: bool) -> list[Candidate]:
    """The tests of this half that have room, one at least; `most` bounds their cases. Each test belongs to one half.

    `near_in_both`: but those near the change to both, where there is only one round.
    """
    lot = sorted(known, key=lambda one: one.rank)
    mine = lot[half::2]
    near = [one for one in (lot if near_in_both else mine) if one.near < FAR]
    near.sort(key=lambda one: (one.near, one.rank))
    seats = _Seats(most)
    seats.all(_one_of_each_kind(mine), up_to=most)
    seats.all(near, up_to=int(most * NEAR_SHARE))
    seats.all(mine, up_to=most)
    seats.all(near, up_to=most)
    return list(seats.taken.values())


class _Seats:
    """Tests taken, as long as their cases fit in."""

    def __init__(self, most: int) -> None:
        self.taken: dict[tuple[str, str], Candidate] = {}
        self._used, self._most = 0, most

    def all(self, wanted: Iterable[Candidate], *, up_to: int) -> None:
        for one in wanted:
            if one.key not in self.taken and (self._used + one.cases <= up_to or not self.taken):
                self.taken[one.key] = one
                self._used += one.cases


def _one_of_each_kind(lot: Sequence[Candidate]) -> Iterator[Candidate]:
    """Small tests first: a large one would take the room of many."""
    for kind in sorted({kind for one in lot for kind in one.kinds}):
        yield min((one for one in lot if kind in one.kinds), key=lambda one: (one.cases, one.rank))


def choose(drawn: Sequence[Candidate], seed: str, *, mentions: Mentions) -> dict[tuple[str, str], Way]:
    """A way for each test that was drawn, by path and name."""
    leaders = _leaders(drawn)
    found = {}
    for one in drawn:
        lot = chance(seed, *one.key)
        kind = leaders.get(one.key) or _kind(one, lot)
        ways = [way for way in one.test.ways if way.kind == kind]
        way = lot.choice(ways)
        telling = [way for way in ways if mentions(one, way)] if one.near < FAR else []
        found[one.key] = way if not telling or way in telling else lot.choice(telling)
    return found


def _kind(one: Candidate, lot: Random) -> str:
    """Nearly always another value than is expected, where a test allows that; always in tests of what changed."""
    kinds = sorted(one.kinds)
    is_free = lot.randrange(_ONE_IN) == 0
    drawn = lot.choice(kinds)
    if EXPECTED in kinds and not (is_free and one.near != MENTIONS):
        return EXPECTED
    if one.near == MENTIONS and kinds != [PLAIN]:
        return lot.choice([kind for kind in kinds if kind != PLAIN])
    return drawn


def _leaders(drawn: Sequence[Candidate]) -> dict[tuple[str, str], str]:
    """The test that stands for each kind. Those near the change stand for the expected kind first, for others last."""
    leaders: dict[tuple[str, str], str] = {}
    kinds = {kind: [one for one in drawn if kind in one.kinds] for one in drawn for kind in one.kinds}
    for kind in sorted(kinds, key=lambda kind: (kind != EXPECTED, len(kinds[kind]), kind)):
        sign = 1 if kind == EXPECTED else -1
        free = [one for one in kinds[kind] if one.key not in leaders]
        if free:
            one = min(free, key=lambda one: (sign * one.near, len(one.kinds), one.rank))
            leaders[one.key] = kind
    return leaders
