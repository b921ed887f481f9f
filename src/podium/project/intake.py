"""`podium submit`: a change made anywhere takes the same road as any other."""

from dataclasses import replace

from podium.base.digest import digest
from podium.base.errors import UsageError
from podium.engine.engine import Engine
from podium.engine.jobs.change import Work, measured
from podium.engine.site import Site
from podium.git.objects import Signature
from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.ids import ChangeId, Sha, TaskId, attempt_id
from podium.model.progress import ACTIVE, State, progress_of_tasks
from podium.model.review import Order, Wish
from podium.project.names import resolve
from podium.store.store import Transaction
from podium.workspaces.audit import audit_change

_ENDED = frozenset({State.REFUSED, State.ALARM, State.CANCELLED})
"""Who submits work for such a task wants it tried again."""


def submit(engine: Engine, branch: str, *, task: str) -> str:
    """Take in the work on `branch` since it left the target branch, as one change."""
    site = engine.site
    head = site.repository.ref(f"refs/heads/{branch}")
    if head is None:
        raise UsageError(f"there is no branch {branch}", hint="git branch --list")
    base = site.repository.objects.merge_base(site.tip(), head)
    if base is None or base == head:
        raise UsageError(
            f"{branch} has nothing that {site.branch} has not", hint=f"commit your work to {branch} first"
        )
    _refuse_unclean(site, base, head)
    work = _squash(site, branch, head, base)
    return _for_task(engine, branch, work, task) if task else _alone(engine, branch, work)


def _alone(engine: Engine, branch: str, work: Work) -> str:
    site = engine.site
    taken = [change for change in site.store.changes() if change.id.startswith(f"submit:{branch}:")]
    for other in taken:
        if other.head == work.head:
            raise UsageError(
                f"{branch} was submitted as it is, as {other.id}", hint=f"podium show {other.id}"
            )
    change = measured(site, ChangeId(f"submit:{branch}:{len(taken) + 1}"), work)
    site.repository.keep(f"refs/podium/submitted/{digest(change.id)[:16]}", work.head)
    engine.record(change)
    return change.id


def _for_task(engine: Engine, branch: str, work: Work, wanted: str) -> str:
    """The work counts as an attempt at the task, made by somebody else."""
    site = engine.site
    facts = site.facts()
    states = progress_of_tasks(facts)
    name = TaskId(resolve(wanted, states, what="open task"))
    state = states[name].state
    if state in ACTIVE | {State.LANDED, State.REVIEW}:
        raise _busy(name, state)
    attempt = _attempt(facts, name, branch, work, site.clock())
    change = measured(
        site, ChangeId(attempt.id), replace(work, title=facts.tasks[name].title), attempt=attempt
    )
    site.repository.keep(f"refs/podium/attempts/{name}/{attempt.number}", work.head)
    engine.advance(lambda transaction: _record(transaction, attempt, change, state))
    return change.id


def _attempt(facts: Facts, task: TaskId, branch: str, work: Work, now: float) -> Attempt:
    number = len(facts.attempts_of.get(task, ())) + 1
    because = f"{branch} was submitted"
    return Attempt(attempt_id(task, number), task, number, "submitted", work.base, because, now)


def _record(transaction: Transaction, attempt: Attempt, change: Change, state: State) -> None:
    """Write the attempt down, begun and ended at once; an attempt that has begun meanwhile keeps its place."""
    if not transaction.write(attempt):
        raise _busy(attempt.task, State.RUNNING)
    if state in _ENDED:
        transaction.write(Order(attempt.task, Wish.RETRY, attempt.because, change.author, attempt.at))
    transaction.write(Decision(Act.ATTEMPT, attempt.id, attempt.because, attempt.at, attempt.task))
    transaction.write(AttemptEnd(
        attempt.id, End.PRODUCED, attempt.because, attempt.at, 0.0, head=change.head, sandbox="elsewhere"
    ))  # fmt: skip
    transaction.write(change)


def _busy(task: TaskId, state: State) -> UsageError:
    return UsageError(f"{task} is {state}", hint=f"podium cancel {task} first, or wait")


def _squash(site: Site, branch: str, head: Sha, base: Sha) -> Work:
    """The branch's work as one commit on its base."""
    objects = site.repository.objects
    info = objects.commit_info(head)
    by = Signature(info.author, info.at.timestamp())
    commit = objects.commit(info.tree, [base], f"{info.subject}\n", author=by, committer=by)
    return Work(commit, base, info.subject or branch, info.author)


def _refuse_unclean(site: Site, base: Sha, head: Sha) -> None:
    refused = audit_change(site.repository.objects, base, head, limit_kb=site.settings().limits.change_kb)
    if refused:
        raise UsageError(f"this cannot be taken in: {'; '.join(refused)}")
