"""Whose verdict is on its way, and which runs can still bring one."""

from collections.abc import Mapping, Sequence

from podium.landing.planner.doubt import Failure, doomed, valid
from podium.landing.planner.index import Index
from podium.landing.planner.line import Ended, Line, Running, Stop
from podium.landing.planner.states import Name, overlap


def covered(line: Line, known: Sequence[Failure]) -> dict[Name, Running | Ended]:
    """The changes that need no gate: a run that goes on can be what lands them, or one that passed lands them once others have landed."""
    found: dict[Name, Running | Ended] = {}
    for run in line.running:
        found |= dict.fromkeys(promising(line, run, known), run)
    for done in line.ended:
        if not done.blind:
            for name in valid(line, done, done.members):
                if all((key, done.states[key]) in line.proven for key in line.waiting[name].keys):
                    found.setdefault(name, done)
    return found


def promising(line: Line, run: Running, known: Sequence[Failure]) -> list[Name]:
    """Those a run was started for who can still land by its verdict."""
    failing = doomed(run.members, known)
    return [
        name
        for name in valid(line, run, [name for name in run.members if name in run.heads])
        if not failing or not overlap(line.waiting[name].keys, failing)
    ]


class Rivals:
    """Those under way whose verdict would be void if somebody landed before them."""

    def __init__(self, line: Line, under_way: Mapping[Name, Running | Ended]) -> None:
        self._line = line
        self._index = Index(line, [name for name, run in under_way.items() if isinstance(run, Running)])

    def of(self, name: Name) -> list[Name]:
        """Those of whom no run goes on in which it landed before them."""
        return [other for other in self._index.near(name) if not self._prepared(other, name)]

    def _prepared(self, other: Name, name: Name) -> bool:
        return any(other in run.heads and name in run.members for run in self._line.running)


def stops(line: Line, known: Sequence[Failure]) -> list[Stop]:
    """The runs whose verdict can land nobody any more."""
    because = "none of those it was started for can land by its verdict any more"
    return [Stop(run.id, because) for run in line.running if not promising(line, run, known)]
