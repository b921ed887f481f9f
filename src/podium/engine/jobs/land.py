"""Landing: the gated commit becomes the tip, with its provenance on record."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from podium.base.errors import PodiumError
from podium.base.files import write_atomically
from podium.base.text import clean_line
from podium.engine.evidence import anchor, attest
from podium.engine.jobs.base import Record
from podium.engine.jobs.gate import passed_as_candidate
from podium.engine.jobs.proof import Proof, built_for, proof_of
from podium.engine.members import members as known_members
from podium.engine.site import Site
from podium.formats.tick import tick
from podium.git.notes import add_note
from podium.git.objects import CommitInfo, Signature
from podium.landing.land import Landed, Outcome, has_landed, land
from podium.model.attempt import Change
from podium.model.decision import Act, Decision, Failure
from podium.model.event import Event
from podium.model.evidence import Evidence
from podium.model.ids import ChangeId, Sha, Tree
from podium.model.progress import State, progress_of_change
from podium.model.queue import Candidate, Footprint, Landing
from podium.provenance.git_ai import note
from podium.provenance.message import changes_in
from podium.provenance.record import Member
from podium.provenance.record import record as provenance
from podium.provenance.statement import request_id
from podium.store.store import Transaction

Said = tuple[str, str]
"""The kind of an event, and its text."""


def land_candidate(site: Site, decision: Decision, publish: Callable[[Record], None]) -> Record:
    """Land a candidate that passed the gate, or for whose tree a certificate stands; or say why it has to wait."""
    candidate = site.store.candidate(decision.subject) or built_for(site, decision)
    because = _is_another(decision, candidate)
    if candidate.commit is None or candidate.tree is None or because:
        return _refused(site, decision, candidate, because or f"nothing of {decision.subject} merges")
    members = [change for name in candidate.members if (change := site.store.change(name))]
    proof = proof_of(site, decision, candidate, members)
    if proof.missing:
        return _refused(site, decision, candidate, proof.missing, told=proof.told)
    sign = attest(site, proof.evidence, commit=candidate.commit, changes=members)
    publish(lambda transaction: _prove(transaction, candidate, proof, scope=decision.scope, sign=sign))
    called_off = _called_off(site, candidate.members)
    if called_off and not site.repository.objects.is_ancestor(candidate.commit, site.tip()):
        return _failing(site, decision, Landed(Outcome.HELD, called_off))
    new_tip = None if proof.evidence.parts else passed_as_candidate(site, candidate, proof.evidence)
    outcome = land(site.repository, site.branch, candidate)
    if outcome.outcome is not Outcome.LANDED:
        return _failing(site, decision, outcome)
    site.repository.delete_ref(f"refs/podium/candidates/{candidate.id}")
    return _landed(site, decision, candidate, members, proof=proof, new_tip=new_tip)


def _prove(
    transaction: Transaction, candidate: Candidate, proof: Proof, *, scope: str, sign: Callable[[Transaction], None]
) -> None:  # fmt: skip
    """What is to land and why it may are on record before the branch moves, and anchored with the landing."""
    _tell(transaction, candidate)
    for one in proof.told:
        transaction.write(one)
    if transaction.write(proof.evidence, scope=scope):  # known already where a gate ran for this candidate
        sign(transaction)


def _landed(
    site: Site, decision: Decision, candidate: Candidate, members: list[Change], *,
    proof: Proof, new_tip: tuple[Decision, Evidence] | None,
) -> Record:  # fmt: skip
    """Put a landing on record, with its provenance, its evidence, and what is known of the new tip."""
    evidence, commit, tree = proof.evidence, candidate.commit or Sha(""), candidate.tree or Tree("")
    landing = Landing(
        candidate.id, commit, tree, candidate.onto, candidate.members, site.clock(), bool(evidence.parts)
    )
    known = known_members(site, members)
    certificate = decision.data.get("certificate") if landing.composed else None
    record = provenance(landing, evidence=evidence, members=known, certificate=certificate)
    sign_tip = attest(site, new_tip[1], commit=commit, changes=members) if new_tip else None
    unsaid = [*_unticked(site, members), *_unanchored(site, landing), *_unnoted(site, landing, record, known)]

    def recording(transaction: Transaction) -> None:
        transaction.land(landing, members, record)
        if new_tip:
            transaction.write(new_tip[0])
            if transaction.write(new_tip[1], scope=new_tip[0].scope) and sign_tip:
                sign_tip(transaction)
        for kind, reason in unsaid:
            transaction.append(Event(kind, candidate.id, reason, landing.at))

    return recording


def is_on_branch(site: Site, decision: Decision) -> bool:
    """Whether the branch holds what was to land, on record or not."""
    candidate = site.store.candidate(decision.subject)
    return candidate is not None and has_landed(site.repository, site.branch, candidate)


def _is_another(decision: Decision, candidate: Candidate) -> str:
    """Why the candidate is not what was to land: some of it did not merge."""
    wanted = decision.data.get("members", candidate.members)
    if list(wanted) == list(candidate.members):
        return ""
    left_out = ", ".join(f"{one.change} in {', '.join(one.files)}" for one in candidate.conflicts)
    return f"it does not merge as it was to: {left_out}"


def _refused(
    site: Site, decision: Decision, candidate: Candidate, because: str, told: Sequence[Footprint] = ()
) -> Record:
    """It does not land; what was found out by that is kept."""
    failure = Failure(Act.LAND, decision.subject, decision.round, because, site.clock(), decision.scope)

    def record(transaction: Transaction) -> None:
        _tell(transaction, candidate)
        for one in told:
            transaction.write(one)
        transaction.write(failure)

    return record


def _tell(transaction: Transaction, candidate: Candidate) -> None:
    transaction.write(candidate)


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


def _unticked(site: Site, changes: list[Change]) -> Iterator[Said]:
    yield from (("spec.unticked", reason) for change in changes if (reason := _tick_file(site, change)))


def _unanchored(site: Site, landing: Landing) -> Iterator[Said]:
    """The next landing anchors what this one could not."""
    try:
        anchor(site)
    except PodiumError as error:
        yield "evidence.unanchored", clean_line(f"{landing.candidate}: {error}")


def _unnoted(site: Site, landing: Landing, record: dict[str, Any], members: list[Member]) -> Iterator[Said]:
    """Say in the standard's own notes which lines agents made; a landing does not fail for it."""
    requests = {one.change.id: request_id(one) for one in members}
    by = Signature(site.repository.person(), landing.at)
    for commit in _own_commits(site, landing):
        told = {
            **record,
            "changes": [one for one in record["changes"] if one["id"] in changes_in(commit.message)],
        }
        lines = site.repository.objects.changed_lines(commit.parents[0], commit.sha)
        try:
            add_note(
                site.repository, commit.sha, note(commit.sha, told, lines=lines, requests=requests), by=by
            )
        except PodiumError as error:
            yield "note.unwritten", clean_line(f"{commit.sha[:10]}: {error}")


def _own_commits(site: Site, landing: Landing) -> list[CommitInfo]:
    """The commits that hold the members' lines, one for each: the landing itself, or those below it."""
    objects = site.repository.objects
    landed = objects.commit_info(landing.commit)
    if len(landing.members) == 1:
        return [landed]
    return [
        objects.commit_info(one) for one in objects.first_parents(landed.parents[1], until=landing.previous)
    ]
