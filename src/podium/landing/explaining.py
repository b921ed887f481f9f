"""Everything the planner of the merge queue knows of one change: `podium queue explain`. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from podium.landing.outlook import Look, Outlook, names, outlooks
from podium.landing.planner.doubt import Failure
from podium.landing.planner.line import Gate, Land, Return, Running, Seen, Waiting
from podium.landing.planner.states import EVERYTHING, Name, mark, overlap

SHOWN = 20
"""So many targets, and so many neighbours, are told one by one."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing it can affect: `passed`, `failed` or `open` in the state it would have with the change on the branch.

    `evidence` is what showed it, where that is known; `others` are the changes in the queue that touch it too.
    """

    name: Name
    standing: str
    evidence: str
    because: str
    others: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A failure it was part of. `suspect` is whether it may be at fault; `target` is empty where no test was named."""

    target: str
    suspect: bool
    together: tuple[Name, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another change in the queue that it could break, or be broken by, and through how many targets."""

    change: Name
    shared: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """`targets` and `neighbours` are the first of as many as the counts say; those that are not proven come first."""

    position: int
    outlook: Outlook
    targets: tuple[Target, ...]
    target_count: int
    proven_count: int
    neighbours: tuple[Neighbour, ...]
    neighbour_count: int
    doubts: tuple[Doubt, ...]
    next: str


def explain(look: Look, name: Name, *, source: Callable[[Seen], str]) -> Explanation:
    """What is known of a change in the line; `source` names the evidence that a target passed or failed in a state, or "".

    Raises:
        KeyError: it is not in the line.
    """
    change, order = look.line.waiting[name], outlooks(look)
    position = next(number for number, one in enumerate(order, start=1) if one.change == name)
    keys = sorted(change.keys, key=lambda key: (_standing(look, change, key) == "passed", str(key)))
    near = sorted(_neighbours(look, change), key=lambda one: (-one.shared, str(one.change)))
    return Explanation(
        position,
        order[position - 1],
        tuple(_target(look, change, key, source) for key in keys[:SHOWN]),
        len(keys),
        sum(_standing(look, change, key) == "passed" for key in keys),
        tuple(near[:SHOWN]),
        len(near),
        tuple(_doubt(one, name) for one in look.known if name in one.touching),
        _next(look, change, order[position - 1]),
    )


def _seen(look: Look, change: Waiting, key: Name) -> Seen:
    """A target in the state it would be in with the change on the tip."""
    return key, look.line.tip[key] ^ mark(change.id)


def _standing(look: Look, change: Waiting, key: Name) -> str:
    seen = _seen(look, change, key)
    if seen in look.line.proven:
        return "passed"
    return "failed" if seen in look.line.refuted else "open"


def _target(look: Look, change: Waiting, key: Name, source: Callable[[Seen], str]) -> Target:
    standing, seen = _standing(look, change, key), _seen(look, change, key)
    because = _why_open(look, change, key) if standing == "open" else f"it {standing} in this very state"
    evidence = "" if standing == "open" else source(seen)
    shown = "everything" if key == EVERYTHING else key
    return Target(shown, standing, evidence, because, _touching(look, change, key))


def _why_open(look: Look, change: Waiting, key: Name) -> str:
    _key, state = _seen(look, change, key)
    runs = [run for run in look.line.running if change.id in run.members and key in run.states]
    for run in runs:
        if run.states[key] == state:
            return f"being looked at in {run.id}"
    for run in runs:
        others = [name for name in run.members if name != change.id and name in _touching(look, change, key)]
        return f"being looked at in {run.id}, {_with(others)}"
    for done in look.line.ended:
        if change.id in done.members and key in done.states and (key, done.states[key]) in look.line.proven:
            others = [name for name in done.members if name in _touching(look, change, key)]
            return f"passed in {done.id}, {_with(others)}"
    return "nothing has looked at it in this state: others that touch it have landed since, or it has not been gated"


def _with(others: list[Name]) -> str:
    return f"with {names(others)} before it" if others else "on a state of the branch that is gone"


def _touching(look: Look, change: Waiting, key: Name) -> tuple[Name, ...]:
    wanted = frozenset([key])
    waiting = look.line.waiting.values()
    return tuple(one.id for one in waiting if one.id != change.id and overlap(one.keys, wanted))


def _neighbours(look: Look, change: Waiting) -> Iterator[Neighbour]:
    for other in look.line.waiting.values():
        if other.id != change.id and overlap(other.keys, change.keys):
            yield Neighbour(other.id, len(_shared(change.keys, other.keys)))


def _shared(keys: frozenset[Name], others: frozenset[Name]) -> frozenset[Name]:
    """The targets that two changes have in common; who touches everything has all of the other's."""
    if EVERYTHING in keys:
        return others
    return keys if EVERYTHING in others else keys & others


def _doubt(failure: Failure, name: Name) -> Doubt:
    together = tuple(sorted((one for one in failure.touching if one != name), key=str))
    suspect = name in failure.suspects
    others = f" with {names(together)}" if together else " alone"
    verdict = (
        "it may be at fault"
        if suspect
        else "it is not at fault: it was seen to pass without those that are suspect"
    )
    target = "" if failure.key is None else "everything" if failure.key == EVERYTHING else str(failure.key)
    return Doubt(target, suspect, together, f"it failed{others}; {verdict}")


def _next(look: Look, change: Waiting, outlook: Outlook) -> str:
    """What will happen to it, said as a sentence of its own."""
    action = look.acted.get(change.id)
    if change.held:
        return f"nothing, as long as this holds: {change.held}"
    if change.id in look.landing or isinstance(action, Land):
        return look.line.stays or "it lands"
    if isinstance(action, Return):
        return f"it goes back to its maker: {action.because}"
    if isinstance(action, Gate):
        return f"a gate of {names(action.members)} begins"
    return _later(look, change, outlook)


def _later(look: Look, change: Waiting, outlook: Outlook) -> str:
    """What follows once something else has happened."""
    run, before = look.covered.get(change.id), names(outlook.waits_for)
    if change.id in look.ready:
        return look.line.stays or f"it lands after {before or 'those that came before it'}"
    if isinstance(run, Running):
        return f"the verdict of {run.id} lands it, or says what is wrong"
    if run:
        return f"it lands without another gate, after {before or 'those it was gated with'}"
    return "it is gated in its turn"
