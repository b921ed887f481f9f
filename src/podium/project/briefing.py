"""`podium brief`: what the agent of a task's next attempt is told, and why each part of it."""

from podium.agents.brief import Part, estimated_tokens, joined
from podium.base.errors import UsageError
from podium.engine.briefing import brief_parts, feedback_text, seeded
from podium.engine.site import Site
from podium.model.attempt import Attempt
from podium.model.facts import Facts
from podium.model.ids import TaskId
from podium.model.progress import Progress, State, progress_of_tasks
from podium.model.task import Task
from podium.planning.feedback import doubts
from podium.planning.schedule import Room, schedule
from podium.policies.makers import choose
from podium.project.names import resolve
from podium.project.views.brief import BriefPart, BriefView

_UNDER_WAY = frozenset({State.RUNNING, State.GATING, State.REVIEW, State.QUEUED, State.ALARM})


def brief(site: Site, name: str) -> BriefView:
    """The brief for the attempt at a task that is under way, else for the next one, from what is known now.

    Raises:
        UsageError: nothing is called that, or no attempt at it is to come; the hint says what to do.
    """
    task = site.store.task(TaskId(resolve(name.partition("@")[0], site.store.task_ids(), what="task")))
    facts = site.facts()
    progress = progress_of_tasks(facts).get(task.id) if task else None
    if task is None or progress is None or progress.state is State.LANDED:
        raise UsageError(
            f"nothing is left to be done for {name}", hint=f"podium show {name} --brief: what was told before"
        )
    tries = facts.attempts_of.get(task.id, ())
    if tries and progress.state in _UNDER_WAY:
        return _view(site, task, tries[-1], f"{progress.state}: {progress.because}")
    attempt = _next(site, facts, task)
    ready = progress.state is State.READY
    because = (
        attempt.because if ready else f"{progress.state} now, {progress.because}; then: {attempt.because}"
    )
    return _view(site, task, attempt, because)


def _next(site: Site, facts: Facts, task: Task) -> Attempt:
    """The attempt that would be started if the task were ready now, and nothing else were."""
    settings, now = site.settings(), site.clock()
    tries = facts.attempts_of.get(task.id, ())
    last = tries[-1].agent if tries else ""
    maker = choose(task, settings, facts.track, last=last, doubts=doubts(facts, task.id))
    progress = dict.fromkeys(facts.tasks, Progress(State.WAITING, "")) | {task.id: Progress(State.READY, "")}
    room = Room(settings.limits.agents, settings.limits.attempts)
    plan = schedule(facts, progress, room, makers={task.id: maker}, settings=settings, now=now)
    if plan.attempts:
        return plan.attempts[0]
    because = plan.held.get(task.id) or "; ".join(decision.because for decision in plan.decisions)
    raise UsageError(
        f"no attempt at {task.id} is to come: {because}", hint=f"podium retry {task.id}, or mend the spec"
    )


def _view(site: Site, task: Task, attempt: Attempt, because: str) -> BriefView:
    _tree, conflicts = seeded(site, attempt)
    found = brief_parts(site, task, attempt, conflicts=conflicts)
    text, seed = joined(found), attempt.seed
    goes_on = seed is not None and seed.session is not None
    return BriefView(
        task.id, attempt.id, attempt.agent, because, text, len(text), estimated_tokens(text),
        tuple(_part(part) for part in found), seed.session or "" if seed else "",
        feedback_text(site, task, seed, conflicts=conflicts) if seed and goes_on else "",
    )  # fmt: skip


def _part(part: Part) -> BriefPart:
    return BriefPart(part.name, part.text, part.because, len(part.text), estimated_tokens(part.text))
