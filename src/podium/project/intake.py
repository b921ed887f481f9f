"""`podium submit`: a change made anywhere takes the same road as any other."""

from podium.base.digest import digest
from podium.base.errors import UsageError
from podium.engine.engine import Engine
from podium.engine.jobs.attempt import measure
from podium.engine.site import Site
from podium.git.objects import Signature
from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Act, Decision
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
    return _for_task(engine, branch, head, base, task) if task else _alone(engine, branch, head, base)


def _alone(engine: Engine, branch: str, head: Sha, base: Sha) -> str:
    site = engine.site
    taken = [change.id for change in site.store.changes() if change.id.startswith(f"submit:{branch}:")]
    name = ChangeId(f"submit:{branch}:{len(taken) + 1}")
    for other in taken:
        known = site.store.change(other)
        if known and known.head == _squash(site, branch, head, base)[0]:
            raise UsageError(f"{branch} was submitted as it is, as {other}", hint=f"podium show {other}")
    squashed, title, author = _squash(site, branch, head, base)
    change = measure(
        site, name, squashed, base, title=title, task=None, attempt=None, assisted_by="", author=author
    )
    site.repository.keep(f"refs/podium/submitted/{digest(name)[:16]}", squashed)
    engine.advance(lambda transaction: _write(transaction, change))
    return name


def _for_task(engine: Engine, branch: str, head: Sha, base: Sha, wanted: str) -> str:
    """The work counts as an attempt at the task, made by somebody else."""
    site = engine.site
    facts = site.store.facts(*site.observe())
    states = progress_of_tasks(facts)
    name = TaskId(resolve(wanted, states, what="open task"))
    if states[name].state in ACTIVE | {State.LANDED, State.REVIEW}:
        raise _busy(name, states[name].state)
    task = facts.tasks[name]
    squashed, _title, author = _squash(site, branch, head, base)
    number = len(facts.attempts_of.get(name, ())) + 1
    now = site.clock()
    attempt = Attempt(
        attempt_id(name, number), name, number, "submitted", base, f"{branch} was submitted", now
    )
    ended = AttemptEnd(
        attempt.id, End.PRODUCED, f"submitted from {branch}", now, 0.0, head=squashed, sandbox="elsewhere"
    )
    change = measure(
        site,
        ChangeId(attempt.id),
        squashed,
        base,
        title=task.title,
        task=task,
        attempt=attempt,
        assisted_by="",
        author=author,
    )
    site.repository.keep(f"refs/podium/attempts/{name}/{number}", squashed)
    decision = Decision(Act.ATTEMPT, attempt.id, attempt.because, now, name)

    def record(transaction: Transaction) -> None:
        if not transaction.write(attempt):
            raise _busy(name, State.RUNNING)
        if states[name].state in _ENDED:
            transaction.write(Order(name, Wish.RETRY, attempt.because, author, now))
        for fact in (decision, ended, change):
            transaction.write(fact)

    engine.advance(record)
    return change.id


def _busy(task: TaskId, state: State) -> UsageError:
    return UsageError(f"{task} is {state}", hint=f"podium cancel {task} first, or wait")


def _squash(site: Site, branch: str, head: Sha, base: Sha) -> tuple[Sha, str, str]:
    """The branch's work as one commit on its base, its title and its author."""
    objects = site.repository.objects
    info = objects.commit_info(head)
    when = info.at.timestamp()
    signature = Signature(info.author, when)
    commit = objects.commit(info.tree, [base], f"{info.subject}\n", author=signature, committer=signature)
    return commit, info.subject or branch, info.author


def _refuse_unclean(site: Site, base: Sha, head: Sha) -> None:
    refused = audit_change(site.repository.objects, base, head, limit_kb=site.settings().limits.change_kb)
    if refused:
        raise UsageError(f"this cannot be taken in: {'; '.join(refused)}")


def _write(transaction: Transaction, change: Change) -> None:
    transaction.write(change)
