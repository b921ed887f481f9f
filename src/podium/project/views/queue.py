"""The merge queue, and what is known of one change in it."""

from dataclasses import dataclass

from podium.project.views.detail import DecisionView


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One change. `chance` is the probability that it lands, `lands_at` when that is expected; null where nobody can tell.

    `waits_for` are the changes that have to land, or fail, before it; `candidates` the gate runs under way that it is in.
    """

    position: int
    change: str
    title: str
    since: float
    because: str
    task: str = ""
    waits_for: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    chance: float | None = None
    lands_at: float | None = None
    held: str = ""
    priority: int = 0
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A gate run of `members` merged onto `onto`: started for the `heads`, as if the `assumed` had landed before them."""

    id: str
    members: tuple[str, ...]
    onto: str
    state: str
    because: str
    heads: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    since: float = 0.0
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class LandedView:
    change: str
    commit: str
    at: float


@dataclass(frozen=True, slots=True)
class ForecastsView:
    """How good the chances were that changes were given to land, once it was known: Brier's mean squared error, 0 is best.

    `base` is the score of whoever says the share that landed each time. Both are null before anything is known.
    """

    changes: int
    brier: float | None
    base: float | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """`podium queue`. `items` come in the order in which they are expected to land; `estimate` says how that is estimated.

    `gate_s` is how long a gate takes here, null while nobody knows; `landed` are the latest landings, the last one last.
    """

    target: str
    tip: str
    items: tuple[QueueItem, ...]
    candidates: tuple[CandidateView, ...]
    checkout: str
    slots: int = 0
    gate_s: float | None = None
    estimate: str = ""
    landed: tuple[LandedView, ...] = ()
    forecasts: ForecastsView | None = None


@dataclass(frozen=True, slots=True)
class TargetView:
    """A test, or what tests hang on, that the change can affect: `passed`, `failed` or `open` in the state it would land in."""

    name: str
    standing: str
    evidence: str
    because: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeighbourView:
    """Another change in the queue, and how many targets the two share."""

    change: str
    shared: int


@dataclass(frozen=True, slots=True)
class DoubtView:
    """A failure the change was part of; an empty `target` is one that named no test."""

    target: str
    suspect: bool
    together: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """`podium queue explain`. `targets` and `neighbours` are the first of as many as the counts say."""

    item: QueueItem
    next: str
    targets: tuple[TargetView, ...]
    target_count: int
    proven_count: int
    neighbours: tuple[NeighbourView, ...]
    neighbour_count: int
    failures: tuple[DoubtView, ...]
    decisions: tuple[DecisionView, ...]
