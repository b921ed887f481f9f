"""The merge queue as its planner sees it, and what the planner may say. Values only; `plan.py` decides."""

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field

from podium.landing.planner.states import Ground, Name, State

Seen = tuple[Name, State]
"""A target in a state."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that proved itself alone, was let on, and waits to be integrated.

    `keys` are the targets it can affect, `since` when it came into the queue (seconds), `duration_s` what a gate of it is
    expected to take, `passes` the probability that it passes on the target branch.
    """

    id: Name
    keys: frozenset[Name]
    since: float
    duration_s: float = 60.0
    passes: float = 0.97
    priority: int = 0
    """Higher goes first. Nothing that runs is stopped for it."""
    urgent: bool = False
    """It may use the slot that is kept free for such as it."""
    after: tuple[Name, ...] = ()
    """The changes of its stack that go before it: it lands after them or not at all."""
    alone: bool = False
    """It is to be gated and landed by itself: it changes the rules by which the others are judged."""
    held: str = ""
    """Why it is not to move now."""


@dataclass(frozen=True, slots=True)
class Running:
    """A gate run under way: the tree of `members` merged onto the target branch as it stood then.

    `heads` are those it was started for, the others are assumed to land. `states` are those of the targets its members touch.
    """

    id: Name
    members: tuple[Name, ...]
    heads: frozenset[Name]
    states: Mapping[Name, State]


@dataclass(frozen=True, slots=True)
class Ended:
    """A gate run that came to a verdict, of whose members some still wait and none was sent back.

    `failing` are the targets that failed; `blind`: it failed and named none. `states` are those of the targets its members touch.
    """

    id: Name
    members: tuple[Name, ...]
    states: Mapping[Name, State]
    failing: frozenset[Name] = frozenset()
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Everything the planner looks at. `waiting` is in order of arrival; `tip` are the states on the target branch.

    `proven` and `refuted` are the targets that were seen to pass and to fail, by their states. `breaks` is the
    probability that two changes that share a target fail together though each passes alone.
    """

    waiting: Mapping[Name, Waiting]
    tip: Ground
    proven: Container[Seen]
    refuted: Collection[Seen]
    running: Sequence[Running]
    ended: Sequence[Ended]
    slots: int
    breaks: Callable[[Name, Name], float]
    blind: float = 0.15
    """The share of failures that name no test."""
    stays: str = ""
    """Why nothing can land now; gates go on."""
    _left: dict[Name, tuple[list[Name], Ground]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def left(self, run: Running | Ended) -> tuple[list[Name], Ground]:
        """The members of a run that still wait, and the states they add to; worked out once."""
        if run.id not in self._left:
            names = [name for name in run.members if name in self.waiting]
            top = Ground()
            for name in names:
                top.add(name, self.waiting[name].keys)
            self._left[run.id] = names, top
        return self._left[run.id]


@dataclass(frozen=True, slots=True)
class Gate:
    """Gate the target branch plus `members`, in this order. `chance` is the probability that the verdict will be of use."""

    members: tuple[Name, ...]
    heads: tuple[Name, ...]
    because: str
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop a run that can land nothing any more."""

    run: Name
    because: str


@dataclass(frozen=True, slots=True)
class Land:
    """Land changes in this order as one position of the target branch: every target they touch was seen to pass in that very state."""

    changes: tuple[Name, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Return:
    """Send a change back: on the target branch as it stands, it fails. `failing` are the targets, `partners` who else touches them."""

    change: Name
    failing: tuple[Name, ...]
    partners: tuple[Name, ...]
    because: str


Action = Gate | Stop | Land | Return


@dataclass(frozen=True, slots=True)
class Options:
    """How the planner goes about it. What each is worth shows in the simulator: `podium bench queue`."""

    pack: int = 32
    """The most changes one run is started for."""
    clear: float = 0.6
    """How sure it must be that a run does not fail without naming a test, for then it tells nothing of anybody."""
    together: float = 0.9
    """How sure it must be that two changes that share a target get along before one run is started for both."""
    assume: float = 0.85
    """How sure it must be that a change lands before others are gated on top of it."""
    hedge: float = 0.2
    """A free slot gates a second future where its probability is at least this."""
    ageing_s: float = 3600.0
    """Waiting this long counts as much as one step of priority."""
    window: int = 512
    """How many of those that wait for a gate are looked at; bounds the work of one plan."""
    kept: int = 0
    """Slots that only urgent changes may use."""
