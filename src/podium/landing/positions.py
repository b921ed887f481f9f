"""The states of all targets at the positions of the target branch, as far as landings tell how they came about.

A position that no landing explains (somebody else moved the branch) is a change that affects everything, named by its commit.
"""

from collections.abc import Iterable
from functools import cached_property

from podium.landing.planner.states import EVERYTHING, Ground, Name, State
from podium.model.facts import Facts
from podium.model.ids import ChangeId, Sha
from podium.model.queue import Landing


class Positions:
    """One look at the facts. Without `reuse` each change counts as if it affected everything."""

    def __init__(self, facts: Facts, *, reuse: bool) -> None:
        self._facts = facts
        self._reuse = reuse
        named = (target for found in facts.findings.values() for target in found.failing)
        self._all: frozenset[Name] = frozenset({EVERYTHING, *named})
        """What a change affects that affects everything: by name, whatever is known to have failed."""
        self._keys: dict[str, frozenset[Name]] = {}
        self._grounds: dict[Sha, Ground] = {}

    def keys(self, change: ChangeId) -> frozenset[Name]:
        """What a change can affect, all others that are known of taken into account; everything, where nothing was told of it."""
        if not self._reuse:
            return self._all
        found = self._keys.get(change)
        if found is None:
            known = self._facts.keys_of.get(change)
            found = self._keys[change] = self._all if known is None else self._reach(change, known)
        return found

    def _reach(self, change: ChangeId, known: frozenset[str]) -> frozenset[Name]:
        """With what others made depend on what it affects: a test that one adds may fail by what another changes."""
        found, frontier = set(known), list(known)
        while frontier:
            for other in self._facts.readers_of.get(frontier.pop(), ()):
                more = self._facts.keys_of[other] - found if other != change else frozenset[str]()
                found |= more
                frontier += more
        return self._all if EVERYTHING in found else frozenset[Name](found)

    def ground(self, commit: Sha) -> Ground:
        """The states at a position; not to be changed."""
        found = self._grounds.get(commit)
        if found is None:
            found = self._grounds[commit] = self._made(commit)
        return found

    def since(self, commit: Sha) -> list[ChangeId]:
        """What has landed on top of a position, in order; nothing where it is not known to lead to the tip."""
        order, starts, _index = self._history
        return order[starts[commit] :] if commit in starts else []

    def met(self, change: ChangeId, since: Sha) -> int:
        """How many landed on top of a position that share a target with a change."""
        order, starts, index = self._history
        start, keys = starts.get(since, len(order)), self.keys(change)
        if EVERYTHING in keys:
            return len(order) - start
        return len(
            {number for key in (*keys, EVERYTHING) for number in index.get(key, ()) if number >= start}
        )

    @cached_property
    def _history(self) -> tuple[list[ChangeId], dict[Sha, int], dict[Name, list[int]]]:
        """Who landed, as far back as is known; at each position, how many before; and the numbers of those that affect a target."""
        path, order = self._path(self._facts.tip, whole=True), list[ChangeId]()
        starts = {path[0].previous if path else self._facts.tip: 0}
        for landing in path:
            order += landing.members
            starts[landing.commit] = len(order)
        index: dict[Name, list[int]] = {}
        for number, change in enumerate(order):
            for key in self.keys(change):
                index.setdefault(key, []).append(number)
        return order, starts, index

    def states(
        self, onto: Sha, members: Iterable[ChangeId], *, also: Iterable[Name] = ()
    ) -> dict[Name, State]:
        """The states, with `members` on top of a position, of all that they affect, and of `also`."""
        ground, top = self.ground(onto), Ground()
        keys: set[Name] = {EVERYTHING, *also}
        for member in members:
            top.add(member, self.keys(member))
            keys |= self.keys(member)
        return {key: ground[key] ^ top[key] for key in keys}

    def _made(self, commit: Sha) -> Ground:
        path = self._path(commit)
        root = path[0].previous if path else commit
        made = self._grounds[root].copy() if root in self._grounds else Ground()
        if root not in self._grounds:
            made.add(f"commit {root}", self._all)
        for landing in path:
            for member in landing.members:
                made.add(member, self.keys(member))
        return made

    def _path(self, commit: Sha, *, whole: bool = False) -> list[Landing]:
        """The landings that led to a position, oldest first: from the nearest one on whose states are known, or all of them."""
        found: list[Landing] = []
        landing_at = self._facts.landing_at
        for _ in range(len(landing_at)):
            landing = landing_at.get(commit)
            if landing is None or (commit in self._grounds and not whole):
                break
            found.append(landing)
            commit = landing.previous
        return found[::-1]
