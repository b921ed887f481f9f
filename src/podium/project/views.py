"""What a person is shown: plain values, the same for the terminal, for `--json` and for a page.

Field names are the stable shape of `--json`. Times are seconds since the epoch, durations seconds.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TaskView:
    id: str
    title: str
    state: str
    because: str
    spec: str
    since: float = 0.0
    attempt: int = 0
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """`podium status`. `tasks` leaves out what has landed; `landed` counts it. `changes` were submitted without a task."""

    target: str
    tip: str
    counts: dict[str, int]
    tasks: tuple[TaskView, ...]
    changes: tuple[TaskView, ...]
    landed: int
    trouble: str
    """Why nothing starts: the target branch fails its own gate, or the configuration cannot be used."""
    checkout: str
    """Why nothing lands: the target branch is checked out and dirty."""

    @property
    def needs_person(self) -> bool:
        waiting = self.counts.get("review", 0) + self.counts.get("alarm", 0)
        return bool(waiting or self.trouble or (self.checkout and self.counts.get("queued", 0)))

    @property
    def refused(self) -> bool:
        return any(self.counts.get(state, 0) for state in ("refused", "blocked", "sent-back"))


@dataclass(frozen=True, slots=True)
class FaultView:
    line: int
    column: int
    message: str
    suggestion: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class PlannedTask:
    id: str
    title: str
    kind: str
    paths: tuple[str, ...]
    after: tuple[str, ...]
    agent: str
    acceptance: int
    done: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """`podium plan`: `levels` are the groups that may run side by side, in order."""

    spec: str
    path: str
    title: str
    requirements: tuple[str, ...]
    tasks: tuple[PlannedTask, ...]
    levels: tuple[tuple[str, ...], ...]
    critical_path: tuple[str, ...]
    faults: tuple[FaultView, ...]

    @property
    def usable(self) -> bool:
        return not any(fault.is_error for fault in self.faults)


@dataclass(frozen=True, slots=True)
class CheckView:
    check: str
    verdict: str
    because: str
    command: str
    exit_code: int | None
    duration_s: float
    sandbox: str
    passed: int | None
    failed: int | None
    skipped: int | None
    output: str
    took_s: float = 0.0
    grade: str = ""
    advice: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GateView:
    """`podium gate`, and each gate run in `podium show`."""

    id: str
    subject: str
    commit: str
    tree: str
    verdict: str
    because: str
    gate_digest: str
    reused: bool
    duration_s: float
    at: float
    checks: tuple[CheckView, ...]
    took_s: float = 0.0
    grade: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionView:
    act: str
    subject: str
    because: str
    at: float


@dataclass(frozen=True, slots=True)
class AttemptView:
    id: str
    number: int
    agent: str
    because: str
    started: float
    base: str
    end: str = ""
    end_because: str = ""
    duration_s: float = 0.0
    exit_code: int | None = None
    sandbox: str = ""
    head: str = ""
    output: str = ""
    cost_usd: float | None = None
    brief: str = ""


@dataclass(frozen=True, slots=True)
class ChangeView:
    id: str
    base: str
    head: str
    files: tuple[str, ...]
    added: int
    deleted: int
    state: str
    because: str
    risk: int | None
    risk_reasons: tuple[str, ...]
    diff: str
    gates: tuple[GateView, ...]
    landed_as: str = ""
    record: dict[str, Any] = field(default_factory=dict)
    judgment: "JudgmentView | None" = None


@dataclass(frozen=True, slots=True)
class Detail:
    """`podium show`: one task, or one change that has none."""

    id: str
    title: str
    state: str
    because: str
    kind: str
    paths: tuple[str, ...]
    after: tuple[str, ...]
    agent: str
    acceptance: tuple[str, ...]
    notes: str
    spec: str
    attempts: tuple[AttemptView, ...]
    changes: tuple[ChangeView, ...]
    decisions: tuple[DecisionView, ...]


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
    judgment: "JudgmentView | None" = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    position: int
    change: str
    title: str
    since: float
    because: str


@dataclass(frozen=True, slots=True)
class CandidateView:
    id: str
    members: tuple[str, ...]
    onto: str
    state: str
    because: str


@dataclass(frozen=True, slots=True)
class QueueView:
    target: str
    tip: str
    items: tuple[QueueItem, ...]
    candidates: tuple[CandidateView, ...]
    checkout: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One line of `podium audit` or `podium doctor`. `state` is ok, warning or broken; `hint` says what to do."""

    subject: str
    state: str
    because: str
    hint: str = ""


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


@dataclass(frozen=True, slots=True)
class DraftView:
    """`podium plan --agent`. `text` is the whole spec with the drafted tasks, `plan` what Podium reads in it.

    `because` is how the drafting ended; `tokens` and `cost_usd` are what it used, where that is known; `transcript` is
    where what was said and done is kept.
    """

    path: str
    agent: str
    because: str
    text: str
    plan: PlanView
    accepted: bool
    tokens: int | None
    cost_usd: float | None
    transcript: str


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


@dataclass(frozen=True, slots=True)
class AgentView:
    """One line of `podium agents`. `missing` says what keeps it from working here; bounds are null where there is none.

    `landed` counts the tasks it was tried on that have landed; `attempts` all its tries.
    """

    name: str
    kind: str
    command: str
    program: str
    version: str
    missing: str
    protocol: str
    model: str
    sandbox: str
    reaches: str
    minutes: float
    tokens: int | None
    cost_usd: float | None
    attempts: int
    landed: int
    default: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of `podium agents test`: what was tried, whether it held, and what to do where it did not."""

    step: str
    passed: bool
    because: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RemarkView:
    """One thing a checker found. `line` counts from 1, 0 is the whole file; an empty `path` is the whole change."""

    severity: str
    message: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class TrialView:
    """A checker's test: `verdict` on the change, `base` on what it was made from (empty where it was not run there)."""

    name: str
    path: str
    command: str
    verdict: str
    because: str
    base: str
    meaning: str
    output: str
    content: str


@dataclass(frozen=True, slots=True)
class JudgmentView:
    """What another agent than its maker found in a change."""

    by: str
    verdict: str
    because: str
    at: float
    findings: tuple[RemarkView, ...]
    tests: tuple[TrialView, ...]
    tokens: int | None
    cost_usd: float | None
    transcript: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule of the policy. `requires` says in words what it demands; `built_in` ones are Podium's own."""

    name: str
    action: str
    effect: str
    paths: tuple[str, ...]
    actors: tuple[str, ...]
    requires: tuple[str, ...]
    because: str
    built_in: bool


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """A test that decides nothing until then, by a person's word."""

    check: str
    test: str
    until: float
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class PolicyView:
    """`podium policy`. `codeowners` is the path of the file, `owned` counts its lines; `unknown` are names in it nobody has a mail of."""

    digest: str
    review: str
    threshold: int
    rules: tuple[RuleView, ...]
    codeowners: str
    owned: int
    unknown: tuple[str, ...]
    faults: tuple[str, ...]
    quarantines: tuple[QuarantineView, ...]


@dataclass(frozen=True, slots=True)
class RefusalView:
    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class RequirementView:
    """What a rule requires: `satisfied_by` somebody or something, or something is `missing`; one of the two is empty."""

    what: str
    rule: str
    because: str
    satisfied_by: str
    missing: str


@dataclass(frozen=True, slots=True)
class GrantView:
    paths: tuple[str, ...]
    reason: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class RulingView:
    """`podium policy check`: what the rules of now say of a change. `decided` is what was decided when its gate had passed."""

    change: str
    satisfied: bool
    because: str
    policy: str
    actors: tuple[str, ...]
    refused: tuple[RefusalView, ...]
    requires: tuple[RequirementView, ...]
    grants: tuple[GrantView, ...]
    decided: "DecisionView | None" = None


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """`podium evidence ID`: the latest gate run about something, whether it is signed, and how to see the same again."""

    id: str
    signed: bool
    gate: GateView
    repeat: tuple[str, ...] = ()
    criteria: tuple["CriterionView", ...] = ()
    strength: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One acceptance criterion: `none`, `linked`, `failing`, `passing` or `stale`, by which checks, and why."""

    name: str
    standing: str
    by: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class PointView:
    """One thing that signed evidence claims: `yes`, `no` or `not checked`."""

    what: str
    holds: str
    because: str


@dataclass(frozen=True, slots=True)
class VerificationView:
    """`podium verify`: `ok` where the signature holds and nothing that could be checked speaks against it."""

    evidence: str
    ok: bool
    keyid: str
    points: tuple[PointView, ...]
