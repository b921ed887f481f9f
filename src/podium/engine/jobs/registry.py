"""Which job does the work of which decision, and in which queue it waits."""

from dataclasses import dataclass

from podium.engine.jobs.attempt import run_attempt
from podium.engine.jobs.base import Job
from podium.engine.jobs.check import check_change
from podium.engine.jobs.gate import gate_change, gate_target
from podium.engine.jobs.land import land_candidate
from podium.engine.jobs.weave import weave
from podium.model.decision import Act, Decision

_SPARE = 9


@dataclass(frozen=True, slots=True)
class Post:
    """`priority` 1 goes first within its queue."""

    job: Job
    queue: str
    priority: int = 5

    def priority_of(self, decision: Decision) -> int:
        """What can wait for a free slot comes after all else."""
        return _SPARE if decision.data.get("spare") else self.priority


JOBS = {
    Act.ATTEMPT: Post(run_attempt, "attempts"),
    Act.BASELINE: Post(gate_target, "gates", priority=1),
    Act.WEAVE: Post(weave, "gates", priority=2),
    Act.GATE: Post(gate_change, "gates"),
    Act.CHECK: Post(check_change, "attempts", priority=1),
    Act.LAND: Post(land_candidate, "landing"),
}
