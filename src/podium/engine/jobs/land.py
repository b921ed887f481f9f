"""Landing: the gated commit becomes the tip, with its provenance on record."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from podium.base.errors import PodiumError
from podium.base.files import write_atomically
from podium.engine.jobs.base import Record
from podium.engine.jobs.gate import passed_as_candidate
from podium.engine.site import Site
from podium.formats.tick import tick
from podium.landing.land import Landed, Outcome, has_landed, land
from podium.model.attempt import Change
from podium.model.decision import Act, Decision, Failure
from podium.model.event import Event
from podium.model.evidence import Evidence
from podium.model.ids import ChangeId
from podium.model.progress import State, progress_of_change
from podium.model.queue import Candidate, Landing
from podium.model.review import Review
from podium.model.verdict import Verdict
from podium.provenance.record import Member
from podium.provenance.record import record as provenance
from podium.store.store import Transaction


def land_candidate(site: Site, decision: Decision, _publish: Callable[[Record], None]) -> Record:
    """Land a candidate, or say why it has to wait."""
    candidate = site.store.candidate(decision.subject)
    if candidate is None or candidate.commit is None or candidate.tree is None:
        raise PodiumError(f"nothing is known of candidate {decision.subject}")
    passed = _passed(site, candidate)
    if not passed:
        raise PodiumError(f"{candidate.id} is not what passed the gate", hint="podium audit")
    new_tip = passed_as_candidate(site, candidate, passed[-1])
    called_off = _called_off(site, candidate.members)
    if called_off and not site.repository.objects.is_ancestor(candidate.commit, site.tip()):
        return _failing(site, decision, Landed(Outcome.HELD, called_off))
    outcome = land(site.repository, site.branch, candidate)
    if outcome.outcome is not Outcome.LANDED:
        return _failing(site, decision, outcome)
    members = [change for name in candidate.members if (change := site.store.change(name))]
    landing = Landing(
        candidate.id, candidate.commit, candidate.tree, candidate.onto, candidate.members, site.clock()
    )
    record = _record(site, candidate, landing, members)

    unticked = [reason for change in members if (reason := _tick_file(site, change))]

    def recording(transaction: Transaction) -> None:
        transaction.land(landing, members, record)
        if new_tip:
            transaction.write(new_tip[0])
            transaction.write(new_tip[1], scope=new_tip[0].scope)
        for reason in unticked:
            transaction.append(Event("spec.unticked", candidate.id, reason, landing.at))

    site.repository.delete_ref(f"refs/podium/candidates/{candidate.id}")
    return recording


def is_on_branch(site: Site, decision: Decision) -> bool:
    """Whether the branch holds what was to land, on record or not."""
    candidate = site.store.candidate(decision.subject)
    return candidate is not None and has_landed(site.repository, site.branch, candidate)


def _passed(site: Site, candidate: Candidate) -> list[Evidence]:
    """The evidence that this very tree passed the gate."""
    found = site.store.evidence_on(candidate.id)
    return [one for one in found if one.verdict is Verdict.PASSED and one.tree == candidate.tree]


def _called_off(site: Site, members: Sequence[ChangeId]) -> str:
    """Who is no longer to be integrated since this landing was decided, or empty."""
    facts = site.facts()
    changes = [facts.changes[name] for name in members if name in facts.changes]
    states = {change.id: progress_of_change(facts, change).state for change in changes}
    off = [f"{name} is {state}" for name, state in states.items() if state is not State.QUEUED]
    return f"meanwhile {', '.join(off)}" if off else ""


def _failing(site: Site, decision: Decision, outcome: Landed) -> Record:
    failure = Failure(
        Act.LAND, decision.subject, decision.round, outcome.because, site.clock(), decision.scope
    )

    def record(transaction: Transaction) -> None:
        transaction.write(failure)

    return record


def _tick_file(site: Site, change: Change) -> str:
    """Tick the box in the person's own file, where the spec is not part of the repository's tree; why not, or nothing."""
    task = site.store.task(change.task) if change.task else None
    path = site.store.spec_paths().get(task.spec) if task else None
    if task is None or path is None or task.checkbox is None:
        return ""
    file = site.repository.root / path
    if site.repository.objects.read(site.tip(), path) is not None:
        return ""
    try:
        done = tick(file.read_bytes(), task.checkbox)
        if done:
            write_atomically(Path(file), done)
    except OSError as error:
        return f"the box of {task.id} could not be ticked: {error.strerror}"
    return "" if done else f"the box of {task.id} was not ticked: its line in {path} has moved"


def _record(site: Site, candidate: Candidate, landing: Landing, members: list[Change]) -> dict[str, Any]:
    reviews = {review.change: review for review in site.store.reviews()}
    return provenance(
        landing,
        evidence=_passed(site, candidate)[-1],
        members=[_member(site, change, reviews.get(change.id)) for change in members],
    )


def _member(site: Site, change: Change, review: Review | None) -> Member:
    store = site.store
    task = store.task(change.task) if change.task else None
    attempts = tuple(store.attempts(change.task)) if change.task else ()
    gates = store.evidence_on(change.id)
    policy = [found for found in store.decisions_on([change.id]) if found.act in {Act.ASK, Act.APPROVE}]
    return Member(
        change, task, store.spec(task.spec) if task else None, attempts,
        tuple(end for attempt in attempts if (end := store.attempt_end(attempt.id))),
        gates[-1] if gates else None, policy[-1] if policy else None, review,
    )  # fmt: skip
