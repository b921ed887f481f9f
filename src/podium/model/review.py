"""A person's word on a change or a task."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from podium.model.ids import ChangeId


class Answer(StrEnum):
    APPROVE = "approve"
    RETURN = "return"
    """Back to the maker, with the reason."""
    REJECT = "reject"
    """The task is given up."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a person answered. The first answer to a change stands."""

    change: ChangeId
    answer: Answer
    reason: str
    by: str
    at: float


class Wish(StrEnum):
    CANCEL = "cancel"
    RETRY = "retry"
    HOLD = "hold"
    """It stays in the merge queue and is neither gated nor landed there."""
    RELEASE = "release"
    """The hold is over."""
    PRIORITY = "priority"
    """One step forward in the merge queue; the steps add up."""
    URGENT = "urgent"
    """It may use the gate slots that are kept free for such as it."""


ABOUT_WORK = frozenset({Wish.CANCEL, Wish.RETRY})
"""Of these the latest one holds; what is wished of the way through the merge queue leaves it as it is."""


@dataclass(frozen=True, slots=True)
class Order:
    """A person's order about a task, or about a change that was submitted."""

    subject: str
    wish: Wish
    reason: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class Precedence:
    """What people said of a way through the merge queue. `held` is who holds it and why, or empty."""

    held: str = ""
    priority: int = 0
    urgent: bool = False


def precedences(orders: Iterable[Order]) -> Mapping[str, Precedence]:
    """By the subject of the orders, a task or a submitted change; who has none goes its way in its turn."""
    found: dict[str, Precedence] = {}
    for order in sorted(orders, key=lambda order: order.at):
        if order.wish not in ABOUT_WORK:
            found[order.subject] = _after(found.get(order.subject, Precedence()), order)
    return found


def _after(before: Precedence, order: Order) -> Precedence:
    match order.wish:
        case Wish.HOLD:
            reason = f": {order.reason}" if order.reason else ""
            return replace(before, held=f"held by {order.by}{reason}")
        case Wish.RELEASE:
            return replace(before, held="")
        case Wish.PRIORITY:
            return replace(before, priority=before.priority + 1)
        case Wish.URGENT:
            return replace(before, urgent=True)
    return before
