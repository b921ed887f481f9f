"""Weaving: build the candidate that the queue asked for, tell of conflicts at once, gate it."""

from collections.abc import Callable

from podium.base.errors import PodiumError
from podium.engine.jobs.base import Record
from podium.engine.jobs.candidate import build_candidate
from podium.engine.jobs.gate import checks_at, examine, recording, tasks_of, woven
from podium.engine.site import Site
from podium.model.attempt import Change
from podium.model.decision import Decision
from podium.model.ids import CandidateId, Sha
from podium.model.queue import Candidate
from podium.store.store import Transaction


def weave(site: Site, decision: Decision, publish: Callable[[Record], None]) -> Record:
    """Build and gate a candidate; with every member in conflict there is nothing to gate."""
    # A candidate is built once: what it is made from (a spec's text, say) may have changed since.
    candidate = site.store.candidate(decision.subject) or _build(site, decision)

    def record(transaction: Transaction) -> None:
        transaction.write(candidate)

    if candidate.commit is None or candidate.tree is None:
        return record
    site.repository.keep(f"refs/podium/candidates/{candidate.id}", candidate.commit)
    publish(record)
    members = [_known(site, name) for name in candidate.members]
    tasks = tasks_of(site, members)
    terms = woven(site, candidate.onto, members, tasks)
    checks = checks_at(site, terms=terms, tasks=tasks, tree=candidate.tree)
    evidence = examine(site, decision, checks, tree=candidate.tree, base=candidate.onto, subject=candidate.id)
    return recording(site, evidence, decision, commit=candidate.commit, changes=members)


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
