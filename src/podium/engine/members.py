"""A change with everything that is known of how it came about, for its provenance."""

from collections.abc import Sequence

from podium.engine.site import Site
from podium.model.attempt import Change
from podium.model.decision import Act
from podium.model.review import Review
from podium.provenance.record import Member


def member(site: Site, change: Change, review: Review | None = None) -> Member:
    store = site.store
    task = store.task(change.task) if change.task else None
    attempts = tuple(store.attempts(change.task)) if change.task else ()
    gates = store.evidence_on(change.id)
    policy = [found for found in store.decisions_on([change.id]) if found.act in {Act.ASK, Act.APPROVE}]
    return Member(
        change, task, store.spec(task.spec) if task else None, attempts,
        tuple(end for attempt in attempts if (end := store.attempt_end(attempt.id))),
        gates[-1] if gates else None, policy[-1] if policy else None, review, store.grants(change.task or change.id),
    )  # fmt: skip


def members(site: Site, changes: Sequence[Change]) -> list[Member]:
    """The same of several, each with what a person answered to it."""
    reviews = {review.change: review for review in site.store.reviews()} if changes else {}
    return [member(site, change, reviews.get(change.id)) for change in changes]
