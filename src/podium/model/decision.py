"""A decision: what is to happen next, and why. Decisions are facts too; each is taken once."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Act(StrEnum):
    """What can be decided. Those in `WORK` start a job; the others settle something at once."""

    ATTEMPT = "attempt"
    GATE = "gate"
    BASELINE = "baseline"
    """Gate the target branch itself, so that a red base is never blamed on a change."""
    CHECK = "check"
    """Have another agent than its maker judge a change that passed its gate."""
    WEAVE = "weave"
    """Build a candidate from approved changes and gate it."""
    LAND = "land"
    APPROVE = "approve"
    """Policy asks for no person."""
    ASK = "ask"
    """Policy asks for a person."""
    SEND_BACK = "send-back"
    GIVE_UP = "give-up"
    """The task used up its attempts; a person may grant more with `retry`."""
    ALARM = "alarm"
    """Work keeps ending without a verdict; a person must look, nobody is blamed."""


WORK = frozenset({Act.ATTEMPT, Act.GATE, Act.BASELINE, Act.CHECK, Act.WEAVE, Act.LAND})


@dataclass(frozen=True, slots=True)
class Decision:
    """`(act, subject, round)` is its identity: asked twice, it happens once. `round` counts repeats after failures.

    `scope` is the task it is about (the change, where that has none; the tip of the target branch, where it is about
    the queue): once that is over, the decision is history. `data` is what the work needs to know, as JSON values.
    """

    act: Act
    subject: str
    because: str
    at: float
    scope: str
    round: int = 0
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.act}:{self.subject}" + (f":{self.round}" if self.round else "")


@dataclass(frozen=True, slots=True)
class Failure:
    """Work that ended without establishing its fact: nobody's verdict, everybody's alarm."""

    act: Act
    subject: str
    round: int
    because: str
    at: float
    scope: str
