"""A person's word on a change or a task."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Order:
    """A person's order about a task, or about a change that was submitted; the latest one holds."""

    subject: str
    wish: Wish
    reason: str
    by: str
    at: float
