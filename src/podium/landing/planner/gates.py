"""What is gated next: which changes share a run, and what each run assumes.

A run is the tip, changes that are assumed to land (they are being gated already, or by a run that starts now), and its
heads, those it is started for. As verdicts are per target, a head is judged by its own targets alone: heads that share
none can be packed without any risk to each other, and what fails at a target that one head alone touches has its culprit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

from podium.landing.planner.doubt import Failure, beliefs, fails
from podium.landing.planner.index import Index
from podium.landing.planner.line import Ended, Gate, Line, Options, Running, Waiting
from podium.landing.planner.ranking import worth
from podium.landing.planner.states import Ground, Name, overlap

PROVEN = 0.99
"""The probability that one who passed lands once those have landed with whom it did."""


@dataclass(slots=True)
class _Pack:
    heads: list[Name] = field(default_factory=list)
    assumed: dict[Name, None] = field(default_factory=dict)
    chance: float = 1.0
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
    if not any(one.urgent and not one.held and name not in under_way for name, one in line.waiting.items()):
        idle -= options.kept
    if idle < 1:
        return []
    lands = _lands(line, under_way, beliefs(line, known))
    open_ = _open(line, under_way, lands, options, now)
    found = [
        _gate(line, pack, known) for pack in _packs(line, under_way, open_, lands, idle=idle, options=options)
    ]
    spare = idle - len(found)
    return found + (list(_hedges(line, under_way, known, options))[:spare] if spare > 0 and not open_ else [])


def _lands(
    line: Line, under_way: Mapping[Name, Running | Ended], believed: Mapping[Name, float]
) -> dict[Name, float]:
    """The probability of each that it lands: by itself, and with those on top of whom it is being gated."""
    found = dict(believed)
    for name, run in under_way.items():
        if isinstance(run, Ended):
            found[name] = max(found[name], PROVEN)
            continue
        keys = line.waiting[name].keys
        for other in run.members:
            if other != name and other in line.waiting and overlap(keys, line.waiting[other].keys):
                found[name] *= 1 - line.breaks(name, other)
    return found


def _open(
    line: Line,
    under_way: Mapping[Name, Running | Ended],
    lands: Mapping[Name, float],
    options: Options,
    now: float,
) -> list[Waiting]:
    """Those who need a gate, best first."""
    need = [one for one in line.waiting.values() if one.id not in under_way and not one.held]
    return nsmallest(
        options.window,
        need,
        key=lambda one: (not one.urgent, -worth(one, lands[one.id], now, options=options), one.since),
    )


def _packs(
    line: Line,
    under_way: Mapping[Name, Running | Ended],
    open_: Sequence[Waiting],
    lands: Mapping[Name, float],
    *,
    idle: int,
    options: Options,
) -> list[_Pack]:
    """The next packs, each on top of those before it.

    Those who are not likely to land are gated one by one on top of all others, and nobody on top of them. The others are divided in their order
    over the free slots: what fails in a pack and passed in the one before it came with the heads of this one.
    """
    ahead = Index(line, [name for name in under_way if lands[name] >= options.assume])
    chance = {one.id: _on_top(line, one, ahead.near(one.id), lands) for one in open_}
    sure = [one for one in open_ if chance[one.id] >= options.assume]
    unsure = sorted(
        (one for one in open_ if chance[one.id] < options.assume), key=lambda one: lands[one.id] > 0
    )
    lone = min(len(unsure), max(idle - len(sure), idle // 4, 0 if sure else 1))
    size = min(options.pack, -(-len(sure) // max(1, idle - lone)))
    packs: list[_Pack] = []
    placed: set[Name] = set()
    for change in sure:
        if any(
            other in line.waiting and other not in under_way and other not in placed for other in change.after
        ):
            continue
        if not packs or len(packs[-1].heads) >= size or packs[-1].clear < options.clear:
            if len(packs) == idle - lone:
                break
            packs.append(_Pack())
        _put(line, packs[-1], change, ahead, lands)
        placed.add(change.id)
        ahead.add(change.id)
    for change in unsure[:lone]:
        packs.append(_Pack())
        if lands[change.id] > 0:
            _put(line, packs[-1], change, ahead, lands)
        else:  # what it does on the tip itself is what has to be known of it
            packs[-1].heads.append(change.id)
    return packs


def _on_top(line: Line, change: Waiting, near: Iterable[Name], lands: Mapping[Name, float]) -> float:
    chance = lands[change.id]
    for other in near:
        chance *= 1 - line.breaks(change.id, other)
    return chance


def _put(line: Line, pack: _Pack, change: Waiting, ahead: "Index", lands: Mapping[Name, float]) -> None:
    """Make it a head, on top of those it touches, and of those that they touch: so all of its tree can land at once."""
    near = ahead.near(change.id)
    chance = _on_top(line, change, near, lands)
    for other in ahead.reach(near):
        if other not in pack.heads and other not in pack.assumed:
            pack.assumed[other] = None
            pack.chance *= lands[other]
            pack.clear *= 1 - (1 - lands[other]) * line.blind
    pack.heads.append(change.id)
    pack.clear *= 1 - (1 - chance) * line.blind


def _gate(line: Line, pack: _Pack, known: Sequence[Failure]) -> Gate:
    heads = tuple(pack.heads)
    assumed = tuple(name for name in line.waiting if name in pack.assumed) if pack.assumed else ()
    if fails(assumed + heads, known):
        return Gate(heads[:1], heads[:1], "alone, as together with others it is known to fail", pack.chance)
    on = f" on top of {len(assumed)} that should land before" if assumed else ""
    because = f"{len(heads)} without a verdict for this state of the target branch{on}"
    return Gate(assumed + heads, heads, because, pack.chance)


def _hedges(
    line: Line, under_way: Mapping[Name, Running | Ended], known: Sequence[Failure], options: Options
) -> Iterator[Gate]:
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
        if (
            chance >= options.hedge
            and not fails((*members, name), known)
            and not _looked_at(line, name, (*members, name))
        ):
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
