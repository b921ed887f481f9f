"""The questions that a snapshot is made of. Each is written once, so that SQLAlchemy compiles it once.

They ask for everything about tasks and changes that have not landed, about candidates of theirs or on the present tip, and
for late landings. `:tip` is the present tip.
"""

from typing import Any

from sqlalchemy import (
    Float,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    select,
    union,
)

from podium.model.attempt import End
from podium.model.decision import Act
from podium.model.queue import REUSE
from podium.model.review import Answer
from podium.store.tables import (
    attempt_ends,
    attempts,
    candidate_members,
    candidates,
    changes,
    decisions,
    evidence,
    failures,
    impacts,
    judgments,
    landed_changes,
    landings,
    orders,
    reviews,
    tasks,
)

_tip = bindparam("tip", type_=String)
landed_tasks = select(landed_changes.c.task).where(landed_changes.c.task.is_not(None))
_landed_changes = select(landed_changes.c.change)
_returns = decisions.alias("returns")
_rejected = select(reviews.c.change).where(reviews.c.answer != Answer.APPROVE)
_live_changes = select(changes.c.id).where(
    changes.c.id.not_in(_landed_changes),
    changes.c.task.is_(None) | changes.c.task.not_in(landed_tasks),
    ~exists().where(_returns.c.subject == changes.c.id, _returns.c.act == Act.SEND_BACK),
    changes.c.id.not_in(_rejected),
)
live_candidates = select(candidate_members.c.candidate).where(candidate_members.c.change.in_(_live_changes))
"""The candidates of which a member is still to be integrated."""
_landing = select(decisions.c.subject).where(
    decisions.c.act == Act.LAND, decisions.c.subject.not_in(select(landings.c.candidate))
)
_COMPOSED = 64
"""So many of the landings on evidence that was put together are watched: the full gate of their tips may end late."""
_MINUTE_S = 60
_ends = attempt_ends.c
_used = (
    func.count().label("attempts"),
    func.coalesce(func.sum(_ends.tokens), 0).label("tokens"),
    func.coalesce(func.sum(_ends.cost_usd), 0.0).label("cost_usd"),
    func.sum(_ends.minutes).label("minutes"),
    func.sum(case((_ends.cost_usd.is_(None) & (_ends.minutes > 0), 1), else_=0)).label("unknown"),
)
"""As `model.past.spending` says it of one attempt."""
past = (
    select(_ends.spec, _ends.agent, _ends.kind, *_used, func.count(landed_changes.c.change).label("landed"),
           func.sum(case((_ends.end == End.CANCELLED, 0), else_=1)).label("tried"))
    .join(landed_changes, landed_changes.c.change == _ends.attempt, isouter=True)
    .where(_ends.task.in_(landed_tasks))
    .group_by(_ends.spec, _ends.agent, _ends.kind)
    .order_by(_ends.spec, _ends.agent, _ends.kind)
)  # fmt: skip
_latest = func.max(_ends.at).label("latest")
recent = (
    select(_latest, *_used)
    .where(_ends.at > bindparam("day_ago", type_=Float))
    .group_by(cast(_ends.at / _MINUTE_S, Integer))
    .order_by(_latest)
)


def _taken(table: Any) -> Select[Any]:
    """Decisions (or their failures): about landings those not on record yet, whatever their tip, else those in scope.

    Between the move of the branch and its record, a landing is about no tip that is there.
    """
    about_landing = table.c.act == Act.LAND
    unrecorded = table.c.subject.not_in(select(landings.c.candidate))
    about_candidate = (table.c.act == Act.WEAVE) & table.c.subject.in_(live_candidates)
    return select(table).where(
        (about_landing & unrecorded) | (~about_landing & _in_scope(table)) | about_candidate
    )


def _in_scope(table: Any) -> Any:
    """Whether a row is about an open task or change, or about the queue and there about the present tip.

    A tip is a commit id, a task has a slash, a submitted change a colon: the three kinds of scope never collide.
    """
    scope = table.c.scope
    about_work = scope.contains("/") | scope.contains(":")
    lasting = (scope == _tip) | (scope == REUSE) | scope.in_(_composed)
    return lasting | (about_work & scope.not_in(landed_tasks) & scope.not_in(_landed_changes))


_latest_composed = select(landings.c.commit).where(landings.c.composed).order_by(landings.c.at.desc())
_composed = select(_latest_composed.limit(_COMPOSED).subquery().c.commit)
"""The latest tips that landed on evidence that was put together."""

open_tasks = (
    select(tasks.c.body).where(tasks.c.id.not_in(landed_tasks)).order_by(tasks.c.spec, tasks.c.ordinal)
)
_open = changes.c.task.is_(None) | changes.c.task.not_in(landed_tasks)
open_changes = select(changes.c.body).where(changes.c.id.not_in(_landed_changes), _open)
open_attempts = select(attempts.c.body).where(attempts.c.task.not_in(landed_tasks))
open_ends = select(attempt_ends.c.body).where(
    attempt_ends.c.attempt.in_(open_attempts.with_only_columns(attempts.c.id))
)
_open_ids = open_changes.with_only_columns(changes.c.id)
open_judgments = select(judgments.c.body).where(judgments.c.change.in_(_open_ids))
open_reviews = select(reviews).where(reviews.c.change.in_(_open_ids))
open_orders = select(orders).where(
    orders.c.subject.not_in(landed_tasks), orders.c.subject.not_in(_landed_changes)
)
open_evidence = select(
    evidence.c.id,
    evidence.c.verdict,
    evidence.c.because,
    evidence.c.at,
    evidence.c.signature,
    evidence.c.summary,
).where(_in_scope(evidence) | evidence.c.subject.in_(live_candidates))
open_decisions = _taken(decisions)
open_failures = _taken(failures)
open_candidates = select(candidates.c.body).where(
    (candidates.c.onto == _tip) | candidates.c.id.in_(live_candidates) | candidates.c.id.in_(_landing)
)

_weaves = (decisions.c.act == Act.WEAVE) & decisions.c.subject.in_(live_candidates)
_grounds = union(
    select(decisions.c.scope.label("onto")).where(_weaves),
    select(impacts.c.onto).where(impacts.c.change.in_(_live_changes)),
).subquery()
_oldest = select(func.min(landings.c.at)).where(landings.c.previous.in_(select(_grounds.c.onto)))
_late = (landings.c.at >= _oldest.scalar_subquery()) | (landings.c.commit == _tip)
late_landings = (
    select(landings.c.body).where(_late | landings.c.commit.in_(_composed)).order_by(landings.c.at)
)
"""Those since the oldest commit that something open was gated on, that of the tip, and the composed ones of late."""
_late_changes = select(landed_changes.c.change).where(landed_changes.c.at >= bindparam("since", type_=Float))
footprints = (
    select(impacts.c.body)
    .where(impacts.c.change.in_(_live_changes) | impacts.c.change.in_(_late_changes))
    .order_by(impacts.c.at, impacts.c.change)
)
"""Those of open changes, and of what landed from the moment `:since` on."""
