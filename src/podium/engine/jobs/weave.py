"""Weaving: build the candidate that the queue asked for, tell of conflicts at once, gate it."""

from collections.abc import Callable, Sequence

from podium.base.errors import PodiumError
from podium.engine.footprints import footprints
from podium.engine.jobs.base import Record
from podium.engine.jobs.candidate import build_candidate
from podium.engine.jobs.gate import checks_at, examine_all, recording, tasks_of, woven
from podium.engine.site import Site
from podium.landing.queue import pointless
from podium.landing.woven import STOPPED
from podium.model.attempt import Change
from podium.model.decision import Act, Decision, Failure
from podium.model.ids import CandidateId, Sha
from podium.model.queue import Candidate, Footprint
from podium.store.store import Transaction


def weave(site: Site, decision: Decision, publish: Callable[[Record], None]) -> Record:
    """Build and gate a candidate. One that can land nobody any more is neither; with every member in conflict nothing is to gate."""
    if pointless(site.facts(), site.settings(), decision.subject, now=site.clock(), memory=site.memory()):
        return _stopped(site, decision)
    # A candidate is built once: what it is made from (a spec's text, say) may have changed since.
    candidate = site.store.candidate(decision.subject) or _build(site, decision)

    def record(transaction: Transaction) -> None:
        transaction.write(candidate)

    if candidate.commit is None or candidate.tree is None:
        return record
    site.repository.keep(f"refs/podium/candidates/{candidate.id}", candidate.commit)
    members = [_known(site, name) for name in candidate.members]
    told = footprints(site, members, decision.key, onto=candidate.onto, commit=candidate.commit)
    publish(lambda transaction: _tell(transaction, candidate, told))
    if set(decision.data.get("heads", candidate.members)).isdisjoint(candidate.members):
        return _stopped(site, decision)
    tasks = tasks_of(site, members)
    terms = woven(site, candidate.onto, members, tasks)
    checks = checks_at(site, terms=terms, tasks=tasks, tree=candidate.tree)
    evidence = examine_all(
        site, decision, checks, tree=candidate.tree, base=candidate.onto, subject=candidate.id
    )
    return recording(site, evidence, decision, commit=candidate.commit, changes=members)


def _tell(transaction: Transaction, candidate: Candidate, told: Sequence[Footprint]) -> None:
    """Conflicts, and that a change affects more than was known, are told at once: they decide what else is gated."""
    transaction.write(candidate)
    for one in told:
        transaction.write(one)


def _stopped(site: Site, decision: Decision) -> Record:
    failure = Failure(Act.WEAVE, decision.subject, decision.round, STOPPED, site.clock(), decision.scope)
    return lambda transaction: _fail(transaction, failure)


def _fail(transaction: Transaction, failure: Failure) -> None:
    transaction.write(failure)


def _build(site: Site, decision: Decision) -> Candidate:
    onto = Sha(decision.data["onto"])
    built = build_candidate(site, onto, [_known(site, name) for name in decision.data["members"]])
    members = tuple(member.id for member in built.members)
    name = CandidateId(decision.subject)
    return Candidate(name, onto, members, built.commit, built.tree, built.conflicts, site.clock())


def _known(site: Site, name: str) -> Change:
    change = site.store.change(name)
    if change is None:
        raise PodiumError(f"nothing is known of change {name}")
    return change
