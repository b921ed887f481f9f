"""What an agent is told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BriefPart:
    """One section of a brief, and why an agent is told it. `tokens` is an estimate, a quarter of the characters."""

    name: str
    text: str
    because: str
    characters: int
    tokens: int


@dataclass(frozen=True, slots=True)
class BriefView:
    """`podium brief`. `because` says which attempt it is for; `tokens` is an estimate, a quarter of the characters.

    Where the `session` it would go on in still lives, its agent is told `feedback` instead; both are empty where none is.
    """

    task: str
    attempt: str
    agent: str
    because: str
    text: str
    characters: int
    tokens: int
    parts: tuple[BriefPart, ...]
    session: str = ""
    feedback: str = ""
