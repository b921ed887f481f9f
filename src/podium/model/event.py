"""One line of the append-only history."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `seq` is its place in the history, given by the store; 0 before that."""

    kind: str
    subject: str
    text: str
    at: float
    data: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
