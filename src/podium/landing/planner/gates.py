"""What is gated next: which changes share a run, and what each run assumes.

A run is the tip, changes that are assumed to land (they are being gated already, or by a run that starts now), and its
heads, those it is started for. As verdicts are per target, a head is judged by its own targets alone: heads that share
none can be packed without any risk to each other, and what fails at a target that one head alone touches has its culprit.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

from podium.landing.planner.doubt import Failure, beliefs, fails
from podium.landing.planner.index import Index
from podium.landing.planner.line import Ended, Gate, Line, Options, Running, Waiting
from podium.landing.planner.ranking import worth
from podium.landing.planner.states import Ground, Name, overlap

TINY = 1e-9
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
    open_ = _open(line, under_way, known, lands, options=options, now=now)
    packs = _packs(line, under_way, open_, lands, idle=idle, options=options)
    found = [_gate(line, pack, known) for pack in packs]
    spare = idle - len(found)
    return found + (
        list(_hedges(line, under_way, known, lands, options))[:spare] if spare > 0 and not open_ else []
    )


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
    known: Sequence[Failure],
    lands: Mapping[Name, float],
    *,
    options: Options,
    now: float,
) -> list[Waiting]:
    """Those who need a gate, best first. Where one of a stack is known to fail, those after it wait until it is decided."""
    need = [
        one
        for one in line.waiting.values()
        if one.id not in under_way and not one.held and _is_due(line, one, lands, known)
    ]
    return nsmallest(
        options.window,
        need,
        key=lambda one: (not one.urgent, -worth(one, lands[one.id], now, options=options), one.since),
    )


def _is_due(line: Line, change: Waiting, lands: Mapping[Name, float], known: Sequence[Failure]) -> bool:
    feet = _feet(line, change)
    if not feet:
        return True
    likely = all(lands[name] > 0 for name in (change.id, *feet))
    return likely and not change.alone and not fails(_stack(line, change.id), known)


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

    Those who are not likely to land are gated one by one on top of all others, and nobody on top of them; those who are to be by
    themselves on top of nobody. The others are divided in their order
    over the free slots: what fails in a pack and passed in the one before it came with the heads of this one.
    """
    ahead = Index(
        line, [name for name in under_way if lands[name] >= options.assume and not line.waiting[name].alone]
    )
    chance = {
        one.id: min(
            _on_top(line, one, ahead.near(one.id), lands), *(lands[foot] for foot in _feet(line, one)), 1.0
        )
        for one in open_
    }
    sure = [one for one in open_ if chance[one.id] >= options.assume and not one.alone]
    unsure = sorted(
        (one for one in open_ if chance[one.id] < options.assume or one.alone),
        key=lambda one: lands[one.id] > 0,
    )
    lone = min(len(unsure), max(idle - len(sure), idle // 4, 0 if sure else 1))
    size = min(options.pack, -(-len(sure) // max(1, idle - lone)))
    packs: list[_Pack] = []
    placed: set[Name] = set()
    for change in sure:
        if not all(foot in under_way or foot in placed for foot in _feet(line, change)):
            continue
        if not packs or len(packs[-1].heads) >= size or packs[-1].clear < options.clear:
            if len(packs) == idle - lone:
                break
            packs.append(_Pack())
        _put(line, packs[-1], change, ahead, lands)
        placed.add(change.id)
        ahead.add(change.id)
    unsure = [one for one in unsure if all(foot in under_way for foot in _feet(line, one))]
    for change in unsure[: idle - len(packs)]:
        packs.append(_Pack())
        if lands[change.id] > 0 and not change.alone:
            _put(line, packs[-1], change, ahead, lands)
        else:  # what it does on the tip itself is what has to be known of it
            packs[-1].heads.append(change.id)
    return packs


def _feet(line: Line, change: Waiting) -> list[Name]:
    """Those that it comes after, as far as they wait."""
    return [other for other in change.after if other in line.waiting]


def _stack(line: Line, name: Name) -> tuple[Name, ...]:
    """It and all that it comes after, directly or through others, in their order."""
    found, frontier = [name], [name]
    while frontier:
        below = [
            other
            for other in line.waiting[frontier.pop()].after
            if other in line.waiting and other not in found
        ]
        found += below
        frontier += below
    return _in_order(line, found)


def _comes_after(line: Line, name: Name, foot: Name) -> bool:
    return name != foot and bool(line.waiting[name].after) and foot in _stack(line, name)


def _in_order(line: Line, names: Iterable[Name]) -> tuple[Name, ...]:
    """As given, but none before those that it comes after."""
    left, placed = list(names), list[Name]()
    while left:
        free = (name for name in left if not any(foot in left for foot in line.waiting[name].after))
        placed.append(next(free, left[0]))
        left.remove(placed[-1])
    return tuple(placed)


def _on_top(line: Line, change: Waiting, near: Iterable[Name], lands: Mapping[Name, float]) -> float:
    chance = lands[change.id]
    for other in near:
        chance *= 1 - line.breaks(change.id, other)
    return chance


def _put(line: Line, pack: _Pack, change: Waiting, ahead: "Index", lands: Mapping[Name, float]) -> None:
    """Make it a head, on top of those it touches or comes after, and of those that they touch: so all of its tree can land at once."""
    near = ahead.near(change.id)
    near += [foot for foot in _feet(line, change) if foot not in near]
    chance = _on_top(line, change, near, lands)
    for other in ahead.reach(near):
        if other not in pack.heads and other not in pack.assumed and not _comes_after(line, other, change.id):
            pack.assumed[other] = None
            pack.chance *= lands[other]
            pack.clear *= 1 - (1 - lands[other]) * line.blind
    pack.heads.append(change.id)
    pack.clear *= 1 - (1 - chance) * line.blind


def _gate(line: Line, pack: _Pack, known: Sequence[Failure]) -> Gate:
    """Where its tree is known to fail, the first of its heads alone, on top of those it comes after."""
    heads = tuple(pack.heads)
    assumed = tuple(name for name in line.waiting if name in pack.assumed) if pack.assumed else ()
    if fails(assumed + heads, known):
        because = "alone, as together with others it is known to fail"
        return Gate(_stack(line, heads[0]), heads[:1], because, pack.chance)
    on = f" on top of {len(assumed)} that should land before" if assumed else ""
    because = f"{len(heads)} without a verdict for this state of the target branch{on}"
    return Gate(_in_order(line, assumed + heads), heads, because, pack.chance)


def _hedges(
    line: Line,
    under_way: Mapping[Name, Running | Ended],
    known: Sequence[Failure],
    lands: Mapping[Name, float],
    options: Options,
) -> Iterator[Gate]:
    """Second futures for free slots, likeliest first: without one that is assumed, or with one that is not."""
    going = [
        name
        for name, run in under_way.items()
        if isinstance(run, Running) and not line.waiting[name].alone and not line.waiting[name].held
    ]
    index = Index(line, going)
    found = []
    for name in going:
        for chance, others, because in _futures(line, name, under_way[name], index.near(name), lands):
            if chance >= options.hedge:
                found.append((chance, others, name, because))
    found.sort(key=lambda one: -one[0])
    for chance, others, name, because in found:
        below = others.union(_stack(line, name)) - {name}
        members = _in_order(line, (*(one for one in line.waiting if one in below), name))
        if not fails(members, known) and not _looked_at(line, name, members):
            yield Gate(members, (name,), because, chance)


def _futures(
    line: Line, name: Name, run: Running | Ended, near: Sequence[Name], lands: Mapping[Name, float]
) -> Iterator[tuple[float, frozenset[Name], str]]:
    """Whom else a change could land on top of, with the probability of each."""
    assumed = frozenset(other for other in near if other in run.members)
    all_land = math.prod(lands[other] for other in near if other in assumed)
    for other in near:
        if other in assumed and other not in line.waiting[name].after:
            chance = all_land / max(lands[other], TINY) * (1 - lands[other])
            yield chance, assumed - {other}, f"a free slot, in case {other} does not land"
    for other in near:
        if other not in assumed and not _comes_after(line, other, name):
            yield all_land * lands[other], assumed | {other}, f"a free slot, in case {other} lands before it"


def _looked_at(line: Line, name: Name, members: Iterable[Name]) -> bool:
    """Whether a run goes on for it, or has ended, in the states that it has on top of these."""
    top = Ground()
    for other in members:
        top.add(other, line.waiting[other].keys)
    looks = [run.states for run in line.running if name in run.heads]
    looks += [run.states for run in line.ended if name in run.members]
    return any(
        all(states[key] == line.tip[key] ^ top[key] for key in line.waiting[name].keys) for states in looks
    )
