"""What an attempt begins with: the work of the one before it, and what its agent is told."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from podium.agents.brief import Part, feedback, guide_places, parts
from podium.base.text import tail
from podium.config.settings import AgentSettings
from podium.engine.jobs.gate import approved_paths, protected_paths
from podium.engine.site import Site
from podium.git.merge import Conflicted, merge
from podium.model.attempt import Attempt, Seed
from podium.model.ids import Sha, Tree
from podium.model.task import Task
from podium.model.usage import Allowance
from podium.model.verdict import Verdict

Number = TypeVar("Number", int, float)


def seeded(site: Site, attempt: Attempt) -> tuple[Tree | None, tuple[str, ...]]:
    """The earlier work merged onto this attempt's base, and the files that hold conflict markers."""
    if attempt.seed is None or attempt.seed.head is None:
        return None, ()
    merged = merge(site.repository.plain, attempt.base, attempt.seed.head)
    return merged.tree, merged.files if isinstance(merged, Conflicted) else ()


def brief_parts(
    site: Site, task: Task, attempt: Attempt, *, conflicts: Sequence[str] = ()
) -> tuple[Part, ...]:
    """The parts of the brief for an attempt, from what is known now."""
    settings = site.settings()
    return parts(
        task, spec=site.store.spec(task.spec), attempt=attempt, conflicts=conflicts,
        checks=gate_commands(site), evidence=_evidence(site, attempt.seed),
        protected=protected_paths(site), approved=approved_paths(site, task.id, task),
        guides=_guides(site, task, attempt.base), allowance=allowed(task, attempt, settings.agents.get(attempt.agent)),
    )  # fmt: skip


def feedback_text(site: Site, task: Task, seed: Seed, *, conflicts: Sequence[str] = ()) -> str:
    """What is said to an agent that goes on in its session, from what is known now."""
    evidence = _evidence(site, seed)
    return feedback(task, seed, conflicts=conflicts, evidence=evidence, checks=gate_commands(site))


def gate_commands(site: Site) -> tuple[str, ...]:
    """Those of the gate's commands that an agent may run itself."""
    return tuple(check.run for check in site.settings().gate.check)


def allowed(task: Task, attempt: Attempt, agent: AgentSettings | None) -> Allowance:
    """What an attempt may use: the tightest of its own bounds, those of its task and those of its agent."""
    minutes = task.budget.total_seconds() / 60 if task.budget else None
    bounds = [attempt.allowance or Allowance(), Allowance(minutes=minutes)]
    bounds += [Allowance(agent.tokens, agent.cost_usd, agent.minutes)] if agent else []
    return Allowance(
        tokens=_least(bound.tokens for bound in bounds),
        cost_usd=_least(bound.cost_usd for bound in bounds),
        minutes=_least(bound.minutes for bound in bounds),
    )


def _least(bounds: Iterable[Number | None]) -> Number | None:
    return min((bound for bound in bounds if bound is not None), default=None)


def _guides(site: Site, task: Task, base: Sha) -> dict[str, str]:
    """The guides for agents on the base that are about the task's paths, nearest last."""
    found = {path: site.repository.objects.read(base, path) for path in guide_places(task.paths)}
    return {path: data.decode(errors="replace") for path, data in found.items() if data}


def _evidence(site: Site, seed: Seed | None) -> str:
    """What the checks that did not pass printed, for the agent to read."""
    evidence = site.store.evidence(seed.evidence) if seed and seed.evidence else None
    if evidence is None:
        return ""
    faults = [result for result in evidence.results if result.verdict is not Verdict.PASSED]
    return "\n\n".join(f"{result.check}: {result.because}\n{tail(result.output)}" for result in faults)
