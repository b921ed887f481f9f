"""What the merge queue looks like from the place of each change in it: why it waits, for whom, and until when. Pure.

How a landing time is estimated: a gate run takes as long as the longest of its members is expected to, from its start.
Who needs a run takes its turn in the planner's own order, as many to a run as it takes to bring all of them on, on the
slot that is free first. Nobody lands before those it was gated on top of. All of that as if every gate passed; a change
that is held, that waits for one that is, or that is likelier to fail than to land has no time, and where no gate run
has come to its end yet nothing has.
"""

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from podium.landing.planner.cover import covered
from podium.landing.planner.doubt import Failure, beliefs, failures
from podium.landing.planner.gates import PROVEN
from podium.landing.planner.line import Action, Ended, Gate, Land, Line, Options, Return, Running, Waiting
from podium.landing.planner.plan import DEFAULT, plan
from podium.landing.planner.ranking import worth
from podium.landing.planner.settle import proven
from podium.landing.planner.states import Name, overlap

_DOUBTFUL = 0.5
"""A change that is less likely to land than this is given no time."""
_NAMED = 3
"""So many others are named in a reason."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of time. `since` is when each run began; `measured` is false while no gate run has ended yet."""

    now: float
    since: Mapping[Name, float] = field(default_factory=dict)
    measured: bool = True


@dataclass(frozen=True, slots=True)
class Outlook:
    """One change: `chance` is the probability that it lands, `lands_at` when (seconds), None where nobody can tell.

    `runs` are the gate runs under way that it is in, `waits_for` the changes that have to land, or fail, before it.
    """

    change: Name
    because: str
    waits_for: tuple[Name, ...]
    runs: tuple[Name, ...]
    chance: float
    lands_at: float | None


@dataclass(frozen=True)
class Look:
    """A line, and what the planner makes of it at this moment. `landing` are those whose landing has been decided."""

    line: Line
    clock: Clock
    options: Options = DEFAULT
    landing: frozenset[Name] = frozenset()

    @cached_property
    def actions(self) -> Sequence[Action]:
        return plan(self.line, self.clock.now, self.options)

    @cached_property
    def known(self) -> Sequence[Failure]:
        return failures(self.line)

    @cached_property
    def covered(self) -> Mapping[Name, Running | Ended]:
        return covered(self.line, self.known)

    @cached_property
    def believed(self) -> Mapping[Name, float]:
        return beliefs(self.line, self.known)

    @cached_property
    def acted(self) -> Mapping[Name, Action]:
        """What is due now, by the changes it is about."""
        found: dict[Name, Action] = {}
        for action in self.actions:
            for name in _subjects(action):
                found.setdefault(name, action)
        return found

    @cached_property
    def runs_of(self) -> Mapping[Name, Sequence[Running]]:
        found: dict[Name, list[Running]] = {}
        for run in self.line.running:
            for name in run.members:
                found.setdefault(name, []).append(run)
        return found

    @cached_property
    def ready(self) -> frozenset[Name]:
        """Those who need no gate any more."""
        line = self.line
        return frozenset(name for name, one in line.waiting.items() if proven(line, line.tip, one))

    @cached_property
    def turns(self) -> Sequence[Waiting]:
        """All that wait, in the order in which the planner would gate them."""
        waiting, believed = self.line.waiting.values(), self.believed
        worths = {
            one.id: worth(one, believed[one.id], self.clock.now, options=self.options) for one in waiting
        }
        return sorted(waiting, key=lambda one: (-worths[one.id], one.since))

    def chance(self, name: Name) -> float:
        """The probability that it lands: by itself, and with those that its gate run is on top of."""
        if name in self.ready or name in self.landing:
            return 1.0
        if isinstance(self.covered.get(name), Ended):
            return max(self.believed[name], PROVEN)
        apart = math.prod(1 - self.line.breaks(name, other) for other in self.ahead(name))
        return self.believed[name] * apart

    def ahead(self, name: Name) -> tuple[Name, ...]:
        """Those that wait and have to land, or fail, before it: of its stack, and those its gate run is on top of."""
        waiting = self.line.waiting
        found = dict.fromkeys(other for other in waiting[name].after if other in waiting)
        run = self.covered.get(name)
        if run and name not in self.ready:
            keys = waiting[name].keys
            before = run.members[: run.members.index(name)]
            assumed = (
                before if name not in _heads(run) else [one for one in run.members if one not in _heads(run)]
            )
            found |= dict.fromkeys(
                one for one in assumed if one in waiting and overlap(waiting[one].keys, keys)
            )
        return tuple(found)


def outlooks(look: Look) -> tuple[Outlook, ...]:
    """Everybody in the queue, in the order in which they are expected to land; those of whom nobody knows come last."""
    times = _times(look)
    found = [_outlook(look, one, times.get(one.id)) for one in look.turns]
    soon = float("inf")
    return tuple(sorted(found, key=lambda one: (_group(look, one), one.lands_at or soon)))


def _subjects(action: Action) -> tuple[Name, ...]:
    match action:
        case Land():
            return action.changes
        case Return():
            return (action.change,)
        case Gate():
            return action.heads
        case _:
            return ()


def _heads(run: Running | Ended) -> frozenset[Name]:
    return run.heads if isinstance(run, Running) else frozenset(run.members)


def _group(look: Look, one: Outlook) -> int:
    """0 for whoever lands now, 1 on the way, 2 to be gated, 3 where a person or a failure stands in the way."""
    if one.change in look.landing or isinstance(look.acted.get(one.change), Land) or one.change in look.ready:
        return 0 if not look.line.waiting[one.change].held else 3
    if look.line.waiting[one.change].held or one.chance < _DOUBTFUL:
        return 3
    return 1 if one.change in look.covered else 2


def _outlook(look: Look, change: Waiting, lands_at: float | None) -> Outlook:
    runs = tuple(run.id for run in look.runs_of.get(change.id, ()))
    return Outlook(
        change.id, _because(look, change), look.ahead(change.id), runs, look.chance(change.id), lands_at
    )


def _because(look: Look, change: Waiting) -> str:
    """Why it has not landed yet, the nearest reason first."""
    action, stays = look.acted.get(change.id), look.line.stays
    if change.id in look.landing:
        return "lands now"
    if change.held:
        return change.held
    if isinstance(action, Land):
        return f"lands now: {action.because}"
    if isinstance(action, Return):
        return f"goes back: {action.because}"
    if change.id in look.ready:
        return stays or _ready(look, change)
    return _unproven(look, change, action)


def _ready(look: Look, change: Waiting) -> str:
    before = [other for other in change.after if other in look.line.waiting]
    if before:
        return f"proven; it comes after {names(before)}"
    return "proven; it lets those land first whose verdicts it would make void"


def _unproven(look: Look, change: Waiting, action: Action | None) -> str:
    run = look.covered.get(change.id)
    if isinstance(run, Running):
        ahead = look.ahead(change.id)
        return f"being gated in {run.id}" + (f" on top of {names(ahead)}" if ahead else "")
    if run:
        return f"passed in {run.id}; lands once {names(look.ahead(change.id)) or 'its neighbours'} have"
    if isinstance(action, Gate):
        return f"its gate starts now: {action.because}"
    suspect = [one for one in look.known if change.id in one.suspects]
    if suspect:
        where = "before its tests" if suspect[0].key is None else f"at {suspect[0].key}"
        others = [one for one in suspect[0].touching if one != change.id]
        return f"failed {where} together with {names(others)}: it is being found out whose fault that is"
    return _in_turn(look, change)


def _in_turn(look: Look, change: Waiting) -> str:
    before = [other for other in change.after if other in look.line.waiting]
    if before:
        return f"it comes after {names(before)}"
    busy = len(look.line.running)
    if busy >= look.line.slots:
        return f"waits for a free slot: {busy} of {look.line.slots} are taken"
    return "waits for its turn"


def names(changes: Sequence[Name]) -> str:
    """`a, b, c and 4 more`."""
    shown = ", ".join(str(one) for one in changes[:_NAMED])
    return shown + (f" and {len(changes) - _NAMED} more" if len(changes) > _NAMED else "")


def _times(look: Look) -> dict[Name, float]:
    """When each is expected to land, without those of whom nobody can tell."""
    waiting, clock = look.line.waiting, look.clock
    if not clock.measured:
        return {}
    ends = {**_of_runs(look), **dict(_of_turns(look))}
    own = {name: clock.now for name in waiting if name in look.ready or name in look.landing}
    own |= {name: ends[name] for name in ends if name not in own}
    found: dict[Name, float] = {}
    for name in sorted(own, key=lambda name: own[name]):
        if waiting[name].held or (look.chance(name) < _DOUBTFUL):
            continue
        ahead = look.ahead(name)
        if any(other not in own or waiting[other].held for other in ahead):
            continue
        found[name] = max([own[name], *(found[other] for other in ahead if other in found)])
    return found if not look.line.stays else {}


def _of_runs(look: Look) -> dict[Name, float]:
    """When the verdicts come that are on their way; those that are there count as now."""
    now, found = look.clock.now, {}
    ends = {run.id: _end(look, run) for run in look.line.running}
    for name, run in look.covered.items():
        found[name] = ends.get(run.id, now)
    return found


def _end(look: Look, run: Running) -> float:
    waiting, clock = look.line.waiting, look.clock
    lasts = max((waiting[name].duration_s for name in run.members if name in waiting), default=0.0)
    return max(clock.now, clock.since.get(run.id, clock.now) + lasts)


def _of_turns(look: Look) -> Iterator[tuple[Name, float]]:
    """When those who need a gate run have had it, in their turn."""
    turns = [
        one for one in look.turns if one.id not in look.covered and one.id not in look.ready and not one.held
    ]
    slots = _slots(look)
    width = max(1, min(look.options.pack, -(-len(turns) // len(slots))))
    for first in range(0, len(turns), width):
        pack = turns[first : first + width]
        end = heapq.heappop(slots) + max(one.duration_s for one in pack)
        heapq.heappush(slots, end)
        yield from ((one.id, end) for one in pack)


def _slots(look: Look) -> list[float]:
    """When each slot is free, as a heap; at least one."""
    ends = sorted(_end(look, run) for run in look.line.running)
    usable = max(1, look.line.slots - look.options.kept)
    idle = [look.clock.now] * max(0, usable - len(ends))
    found = idle + ends[: usable - len(idle)]
    heapq.heapify(found)
    return found or [look.clock.now]
