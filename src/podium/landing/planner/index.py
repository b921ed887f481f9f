"""Who shares a target with whom."""

from collections.abc import Iterable

from podium.landing.planner.line import Line
from podium.landing.planner.states import EVERYTHING, Name


class Index:
    """Finds those of some changes that share a target with another."""

    def __init__(self, line: Line, names: Iterable[Name]) -> None:
        self._waiting = line.waiting
        self._touching: dict[Name, list[Name]] = {}
        self._all: dict[Name, int] = {}
        """In order, each with its place: the order of a set is another in each process."""
        for name in names:
            self.add(name)

    def add(self, name: Name) -> None:
        self._all[name] = len(self._all)
        for key in self._waiting[name].keys:
            self._touching.setdefault(key, []).append(name)

    def near(self, name: Name) -> list[Name]:
        """In order; without itself."""
        keys = self._waiting[name].keys
        if EVERYTHING in keys:
            return [other for other in self._all if other != name]
        touching = self._touching
        found = {other for key in (*keys, EVERYTHING) for other in touching.get(key, ())}
        found.discard(name)
        return sorted(found, key=self._all.__getitem__)

    def reach(self, names: Iterable[Name]) -> list[Name]:
        """`names`, those that share a target with them, and so on."""
        found = dict.fromkeys(names)
        frontier = list(found)
        while frontier:
            near = [other for other in self.near(frontier.pop()) if other not in found]
            found.update(dict.fromkeys(near))
            frontier += near
        return list(found)
