"""An attempt: one agent's try at one task."""

from dataclasses import dataclass
from enum import StrEnum

from podium.model.ids import AttemptId, ChangeId, Sha, TaskId, Tree
from podium.model.usage import Allowance, Usage


@dataclass(frozen=True, slots=True)
class Seed:
    """What a later attempt must know, and the work it goes on from.

    `head` is the change that was sent back; the workspace starts from it merged onto the attempt's own base, with
    conflict markers where that fails. None is a fresh start. `evidence` names what the gate found.
    """

    feedback: str
    head: Sha | None = None
    evidence: str = ""
    session: AttemptId | None = None
    """The attempt whose session is asked again where it still lives; the work then goes on in its workspace."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as it was decided."""

    id: AttemptId
    task: TaskId
    number: int
    agent: str
    base: Sha
    because: str
    at: float
    seed: Seed | None = None
    allowance: Allowance | None = None


class End(StrEnum):
    """How an attempt ended: facts that Podium established, never what the agent said."""

    PRODUCED = "produced"
    NO_CHANGE = "no-change"
    """The agent ended and left the tree as it was."""
    CRASHED = "crashed"
    """The agent exited with an error. What it left is kept, but not proposed."""
    TIMED_OUT = "timed-out"
    REFUSED = "refused"
    """What it left cannot be taken in: the tree audit says why."""
    CANCELLED = "cancelled"
    OVER_BUDGET = "over-budget"
    """It used up what it was allowed and was stopped. What it left is kept, but not proposed."""


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How an attempt ended. `head` is the imported commit, if there was any work to keep, whatever the end."""

    attempt: AttemptId
    end: End
    because: str
    at: float
    duration_s: float
    exit_code: int | None = None
    head: Sha | None = None
    sandbox: str = ""
    brief_digest: str = ""
    output: str = ""
    brief: str = ""
    """What the agent was told, word for word; `brief_digest` is its SHA-256."""
    usage: Usage = Usage()
    turn: str = ""
    """How the agent's last turn ended: ok, failed, cancelled or unknown; what it says, not what is so."""
    continued: bool = False
    """It was made in the session of the attempt before it."""

    @property
    def cost_usd(self) -> float | None:
        return self.usage.cost_usd


@dataclass(frozen=True, slots=True)
class Change:
    """A change that asks to land: `head` is one commit on `base`, held under `refs/podium/`.

    `files` are repository paths; `added` and `deleted` count lines.
    """

    id: ChangeId
    task: TaskId | None
    attempt: AttemptId | None
    base: Sha
    head: Sha
    tree: Tree
    files: tuple[str, ...]
    added: int
    deleted: int
    title: str
    author: str
    at: float
    assisted_by: str = ""
    grown: tuple[str, ...] = ()
    """Those of `files` that lost no line: new ones, and old ones that were only added to."""
    entropy: float = 0.0
    """How the changed lines are spread over the files, in bits."""
    prior_changes: int = 0
    """How often the touched files were changed before."""
