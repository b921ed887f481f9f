"""What people answer: judgments of changes, and orders about tasks."""

from podium.base.errors import UsageError
from podium.base.text import clean_line
from podium.engine.engine import Engine
from podium.engine.site import Site
from podium.model.attempt import Change
from podium.model.decision import Act
from podium.model.facts import Facts
from podium.model.ids import ChangeId
from podium.model.progress import OVER, State, progress_of_change, progress_of_tasks
from podium.model.review import Answer, Order, Review, Wish
from podium.model.risk import Risk
from podium.project import judging
from podium.project.names import person, resolve
from podium.project.views.review import ReviewItem
from podium.review.order import Waiting
from podium.review.order import order as by_risk


def waiting(site: Site) -> tuple[ReviewItem, ...]:
    """What waits for a person's judgment, riskiest first, nothing left to starve."""
    facts = site.facts()
    waits = [
        _waiting(facts, change) for change in facts.changes.values() if _state(facts, change) is State.REVIEW
    ]
    return tuple(_item(facts, wait) for wait in by_risk(waits, site.clock()))


def answer(engine: Engine, name: str, answer: Answer, *, reason: str) -> str:
    """Record a judgment; what follows from it is decided at once."""
    site = engine.site
    if answer is not Answer.APPROVE and not reason.strip():
        raise UsageError(
            f"to {answer} needs a reason", hint='--reason "what is wrong, in words the maker can use"'
        )
    facts = site.facts()
    waits = {change.id: change for change in facts.changes.values() if _state(facts, change) is State.REVIEW}
    change = waits[ChangeId(resolve(name, _names(waits), what="change that waits for a person"))]
    review = Review(change.id, answer, clean_line(reason, limit=2000), site.repository.person(), site.clock())
    if not engine.record(review):
        raise UsageError(f"{change.id} has been answered already", hint=f"podium show {change.id}")
    return change.id


def order(engine: Engine, name: str, wish: Wish, *, reason: str) -> str:
    """Cancel a task or a submitted change, or grant it another round."""
    site = engine.site
    facts = site.facts()
    states: dict[str, State] = {task: progress.state for task, progress in progress_of_tasks(facts).items()}
    states |= {change.id: _state(facts, change) for change in facts.changes.values() if change.task is None}
    if wish is Wish.RETRY and name == site.branch:
        subject: str = facts.tip
    else:
        subject = resolve(name, states, what="open task")
        _refuse_pointless(subject, states[subject], wish)
    last = facts.latest_order.get(subject)
    now = max(
        site.clock(), last.at + 1e-6 if last else 0.0
    )  # the latest order holds, whatever the clock does
    engine.record(Order(subject, wish, clean_line(reason, limit=2000), person(), now))
    return subject


def _refuse_pointless(subject: str, state: State, wish: Wish) -> None:
    if wish is Wish.CANCEL and state in OVER - {State.BLOCKED, State.REFUSED}:
        raise UsageError(f"{subject} is {state} already")
    if wish is Wish.RETRY and state not in {State.REFUSED, State.ALARM, State.CANCELLED}:
        raise UsageError(f"{subject} is {state}: there is nothing to retry", hint=f"podium show {subject}")


def _names(changes: dict[ChangeId, Change]) -> list[str]:
    return list(changes)


def _state(facts: Facts, change: Change) -> State:
    return progress_of_change(facts, change).state


def _waiting(facts: Facts, change: Change) -> Waiting:
    ask = facts.decided(Act.ASK, change.id)
    data = ask.data if ask else {}
    return Waiting(
        change.id, Risk(data.get("risk", 0), tuple(data.get("reasons", ()))), ask.at if ask else change.at
    )


def _item(facts: Facts, wait: Waiting) -> ReviewItem:
    change = facts.changes[wait.change]
    ask, found = facts.decided(Act.ASK, change.id), facts.finding(Act.GATE, change.id)
    return ReviewItem(
        change.id, change.task or "", change.title, wait.risk.score, wait.risk.reasons, ask.because if ask else "", wait.since,
        change.files, change.added, change.deleted, f"{found.verdict}: {found.because}" if found else "",
        judging.view(facts.judgments.get(change.id)),
    )  # fmt: skip
