"""What was said and done in an attempt."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SaidView:
    """One event of a transcript: what the agent said, did, asked for or was told; none of it is evidence."""

    at: float
    kind: str
    text: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TranscriptView:
    """`podium show ATTEMPT`. `offset` is where to read on; tokens and cost are the agent's own account, null while unknown."""

    id: str
    agent: str
    started: float
    end: str
    because: str
    continued: bool
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    directory: str
    offset: int
    said: tuple[SaidView, ...]
