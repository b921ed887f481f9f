"""What is gated next: which changes share a run, and what each run assumes.

A run is the tip, changes that are assumed to land (they are being gated already, or by a run that starts now), and its
heads, those it is started for. As verdicts are per target, a head is judged by its own targets alone: heads that share
none can be packed without any risk to each other, and what fails at a target that one head alone touches has its culprit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from podium.landing.planner.doubt import Failure, doomed, suspects, valid
from podium.landing.planner.line import Ended, Gate, Line, Options, Running, Stop, Waiting
from podium.landing.planner.ranking import worth
from podium.landing.planner.states import EVERYTHING, Ground, Name, overlap


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
    failing = doomed(run, known)
    return [
        name
        for name in valid(line, run, run.heads)
        if not failing or not overlap(line.waiting[name].keys, failing)
    ]


def rivals(line: Line, under_way: Mapping[Name, Running | Ended]) -> dict[Name, frozenset[Name]]:
    """For each change that waits, those under way whose verdict would be void if it landed before them."""
    index = Index(line, under_way)
    return {
        name: frozenset(other for other in near if name not in under_way[other].members)
        for name in line.waiting
        if (near := index.near(name))
    }


class Index:
    """Finds those of some changes that share a target with another."""

    def __init__(self, line: Line, names: Iterable[Name]) -> None:
        self._waiting = line.waiting
        self._touching: dict[Name, list[Name]] = {}
        self._all: list[Name] = []
        for name in names:
            self.add(name)

    def add(self, name: Name) -> None:
        self._all.append(name)
        for key in self._waiting[name].keys:
            self._touching.setdefault(key, []).append(name)

    def near(self, name: Name) -> list[Name]:
        """In no order; without itself."""
        keys = self._waiting[name].keys
        if EVERYTHING in keys:
            return [other for other in self._all if other != name]
        touching = self._touching
        found = {other for key in (*keys, EVERYTHING) for other in touching.get(key, ())}
        found.discard(name)
        return list(found)


@dataclass(slots=True)
class _Pack:
    heads: list[Waiting] = field(default_factory=list)
    assumed: dict[Name, None] = field(default_factory=dict)
    chance: float = 1.0
    limit: int = 1 << 30
    clear: float = 1.0
    """The probability that its run, should it fail, names a test."""


def gates(
    line: Line,
    under_way: Mapping[Name, Running | Ended],
    known: Sequence[Failure],
    *,
    options: Options,
    now: float,
) -> list[Gate]:
    """The runs to start now, best first, no more than there are free slots."""
    idle = line.slots - len(line.running)
    if idle < 1:
        return []
    open_ = _open(line, under_way, options, now)
    packs = _packs(line, under_way, open_, idle, doubted=suspects(known), options=options)
    found = [_gate(line, pack) for pack in packs]
    spare = idle - len(found)
    return found + (list(_hedges(line, under_way, options))[:spare] if spare > 0 and not open_ else [])


def stops(line: Line, known: Sequence[Failure]) -> list[Stop]:
    """The runs whose verdict can land nobody any more."""
    because = "none of those it was started for can land by its verdict any more"
    return [Stop(run.id, because) for run in line.running if not promising(line, run, known)]


def _open(
    line: Line, under_way: Mapping[Name, Running | Ended], options: Options, now: float
) -> list[Waiting]:
    """Those who need a gate, best first; of a stack each after those before it."""
    need = [one for one in line.waiting.values() if one.id not in under_way and not one.held]
    need.sort(key=lambda one: (-worth(one, now, options), one.since))
    return need[: options.window]


def _packs(
    line: Line,
    under_way: Mapping[Name, Running | Ended],
    open_: Sequence[Waiting],
    idle: int,
    *,
    doubted: Mapping[Name, int],
    options: Options,
) -> list[_Pack]:
    packs: list[_Pack] = []
    place: dict[Name, _Pack] = {}
    ahead = Index(line, under_way)
    for change in open_:
        if any(
            other in line.waiting and other not in under_way and other not in place for other in change.after
        ):
            continue
        near = ahead.near(change.id)
        fresh = len(packs) < idle
        pack = (
            _Pack() if fresh else _fitting(line, packs, change, near, place, doubted=doubted, options=options)
        )
        if pack is None:
            continue
        if fresh:
            packs.append(pack)
        _put(line, pack, change, near, place=place, doubted=doubted, options=options)
        pack.limit = min(pack.limit, doubted.get(change.id, options.pack))
        place[change.id] = pack
        ahead.add(change.id)
    return packs


def _fitting(
    line: Line,
    packs: Sequence[_Pack],
    change: Waiting,
    near: Sequence[Name],
    place: Mapping[Name, _Pack],
    *,
    doubted: Mapping[Name, int],
    options: Options,
) -> _Pack | None:
    """The smallest pack that it can share without risk, else one where it gets along with those it touches."""
    sure = change.passes >= options.assume
    roomy = [
        pack
        for pack in packs
        if len(pack.heads) < min(pack.limit, doubted.get(change.id, options.pack), options.pack)
        and (pack.heads[0].passes >= options.assume) == sure
        and (pack.heads[0].id in doubted) == (change.id in doubted)
        and pack.clear >= options.clear
    ]
    roomy.sort(key=lambda pack: len(pack.heads))
    touching = [other for other in near if other in place]
    for pack in roomy:
        if all(place[other] is not pack for other in touching):
            return pack
    for pack in roomy:
        inside = [other for other in touching if place[other] is pack]
        if (
            change.id not in doubted
            and doubted.keys().isdisjoint(inside)
            and _get_along(line, change, inside) >= options.together
        ):
            return pack
    return None


def _get_along(line: Line, change: Waiting, others: Sequence[Name]) -> float:
    chance = change.passes
    for other in others:
        chance *= line.waiting[other].passes * (1 - line.breaks(change.id, other))
    return chance


def _put(
    line: Line,
    pack: _Pack,
    change: Waiting,
    near: Sequence[Name],
    *,
    place: Mapping[Name, _Pack],
    doubted: Mapping[Name, int],
    options: Options,
) -> None:
    """Make it a head, on top of those it touches who are likely to land before it."""
    pack.heads.append(change)
    if change.id in doubted and not change.after:
        return  # what it does on the tip itself is what has to be known of it
    lands = change.passes
    for other in near:
        one = line.waiting[other]
        breaks = line.breaks(change.id, other)
        inside = place.get(other) is pack
        likely = one.passes >= options.assume and other not in doubted and breaks < options.assume
        if inside or likely or other in change.after:
            lands *= 1 - breaks
            pack.chance *= one.passes
            if not inside and other not in pack.assumed:
                pack.assumed[other] = None
                pack.clear *= 1 - (1 - one.passes) * line.blind
        else:
            pack.chance *= 1 - one.passes
    pack.clear *= 1 - (1 - lands) * line.blind


def _gate(line: Line, pack: _Pack) -> Gate:
    heads = tuple(one.id for one in pack.heads)
    assumed = tuple(name for name in line.waiting if name in pack.assumed) if pack.assumed else ()
    on = f" on top of {len(assumed)} that should land before" if assumed else ""
    because = f"{len(heads)} without a verdict for this state of the target branch{on}"
    return Gate(assumed + heads, heads, because, pack.chance)


def _hedges(line: Line, under_way: Mapping[Name, Running | Ended], options: Options) -> Iterator[Gate]:
    """Second futures for free slots: without the one that is least likely to land, best first."""
    found = []
    for name, run in under_way.items():
        keys = line.waiting[name].keys
        touching = [
            other
            for other in run.members
            if other != name and other in line.waiting and overlap(line.waiting[other].keys, keys)
        ]
        if not touching or line.waiting[name].passes < options.assume:
            continue
        out = min(touching, key=lambda other: line.waiting[other].passes)
        chance = 1 - line.waiting[out].passes
        for other in touching:
            chance *= line.waiting[other].passes if other != out else 1.0
        members = tuple(other for other in run.members if other in touching and other != out)
        if chance >= options.hedge and not _looked_at(line, name, (*members, name)):
            found.append((chance, name, members, out))
    found.sort(key=lambda one: -one[0])
    for chance, name, members, out in found:
        yield Gate((*members, name), (name,), f"a free slot, in case {out} does not land", chance)


def _looked_at(line: Line, name: Name, members: Iterable[Name]) -> bool:
    top = Ground()
    for other in members:
        top.add(other, line.waiting[other].keys)
    return any(
        name in run.heads
        and all(run.states[key] == line.tip[key] ^ top[key] for key in line.waiting[name].keys)
        for run in line.running
    )
