"""What a policy sees of a simulated merge queue, and what it may order. The truth is not here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Seen:
    """A change as a policy sees it. `base` is how many landings its base holds.

    `duration_s` is what its gate is predicted to take. `proven` says that it passed its gate in isolation, on its base, and
    that nothing outside this trace has moved what it depends on since.
    """

    id: int
    arrived_s: float
    keys: frozenset[int]
    base: int
    duration_s: float
    proven: bool
    priority: int = 0
    after: tuple[int, ...] = ()


@dataclass(slots=True)
class Run:
    """One gate of one tree: the target branch with its first `onto` landings, and `members` merged onto it.

    `heads` are the members it was started for; the others are assumed. `failing` names the targets whose tests failed; a run that
    failed and names none broke before it came to the tests. Of a run that probed, `kept` are the members on whose tree all but
    `failing` passes.
    """

    id: int
    members: tuple[int, ...]
    heads: tuple[int, ...]
    onto: int
    started_s: float
    because: str = ""
    ended_s: float | None = None
    passed: bool | None = None
    """None while it runs, and where it was stopped."""
    failing: frozenset[int] = frozenset()
    kept: tuple[int, ...] | None = None
    culprits: tuple[tuple[int, frozenset[int]], ...] = ()
    """Of a run that probed: the heads that were taken out, each with what fails because of it on top of those before it."""


@dataclass(frozen=True, slots=True)
class Start:
    """Gate the target branch as it stands now plus `members`.

    `probe`: what fails is run again alone, in the same slot: without those who were sent back meanwhile, then on parts of the tree
    until it is known which heads are to blame, and without them. Each such run takes a share of a gate (`probe_share` of the simulation).
    """

    members: tuple[int, ...]
    heads: tuple[int, ...]
    because: str
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    run: int
    because: str


@dataclass(frozen=True, slots=True)
class Land:
    """Land changes, in this order, as one move of the target branch."""

    changes: tuple[int, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Send a change back to its maker."""

    change: int
    because: str


Order = Start | Stop | Land | Reject


class Predictor(Protocol):
    """What is believed before it is known; all policies of one simulation ask the same."""

    def passes(self, change: int) -> float:
        """The probability that a change passes on the target branch as it stood when it arrived."""
        ...

    def breaks(self, change: int, other: int) -> float:
        """The probability that two changes which share a target fail together though each passes alone."""
        ...


@dataclass(slots=True)
class Scene:
    """All that can be seen. Policies read it and leave it as it is."""

    slots: int
    predictor: Predictor
    now_s: float = 0.0
    waiting: dict[int, Seen] = field(default_factory=dict)
    """Changes that are neither landed nor rejected, in order of arrival."""
    known: dict[int, Seen] = field(default_factory=dict)
    """Every change that has arrived."""
    landed: list[int] = field(default_factory=list)
    """In order."""
    landed_s: list[float] = field(default_factory=list)
    position: dict[int, int] = field(default_factory=dict)
    """Where in `landed` each landed change is."""
    rejected: set[int] = field(default_factory=set)
    running: dict[int, Run] = field(default_factory=dict)
    news: list[Run] = field(default_factory=list)
    """The runs that came to their end since the policy was asked last; stopped ones are not among them."""

    @property
    def idle(self) -> int:
        """How many slots are free."""
        return self.slots - len(self.running)

    def overlap(self, change: int, other: int) -> bool:
        """Whether two changes share a target, so that they may break each other."""
        return not self.known[change].keys.isdisjoint(self.known[other].keys)


class Policy(Protocol):
    """Decides what a queue does next. It may remember; it is made anew for each simulation.

    It is asked after every event, and again after its orders were carried out, until it has none. Orders are carried out in
    the order given. A `Start` beyond the free slots and a `Land` of what is not waiting are faults of the policy and raise.
    """

    name: str

    def orders(self, scene: Scene) -> Iterable[Order]: ...


class Omniscient(Protocol):
    """A bound, not a policy: it is told the truth first."""

    def told(self, truth: "Truth") -> None: ...


class Truth(Protocol):
    """What is so."""

    def lands(self, change: int, landed: Sequence[int]) -> bool:
        """Whether a change passes on a target branch that holds these landings."""
        ...
