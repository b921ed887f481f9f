"""What waits for a person."""

from dataclasses import dataclass

from podium.project.views.judgment import JudgmentView


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One thing that waits for a person, riskiest first in the listing."""

    change: str
    task: str
    title: str
    risk: int
    reasons: tuple[str, ...]
    because: str
    since: float
    files: tuple[str, ...]
    added: int
    deleted: int
    verdict: str
    judgment: JudgmentView | None = None
