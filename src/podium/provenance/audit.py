"""The audit of a branch: every position accounted for, or not, and why. Pure; gathering the inputs is the caller's work.

A position is `ok` when a landing made it and everything agrees: the commit's tree, the landing's tree and the tree that
passed the gate are one; every member is known with its task, its attempt and its commit under `refs/podium/`; the
trailers name the members. Anything that disagrees makes it `broken`. A commit no landing made is a person's.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

from podium.git.objects import CommitInfo
from podium.model.attempt import Change
from podium.model.evidence import Evidence
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.queue import Landing
from podium.model.verdict import Verdict
from podium.provenance.message import changes_in


class Standing(StrEnum):
    """How a position of the branch stands."""

    OK = "ok"
    OUTSIDE_GATED = "outside-gated"
    """A person put it there; its tree passed the gate."""
    OUTSIDE = "outside"
    """A person put it there; nothing is known of its tree."""
    BEFORE = "before"
    """Older than Podium's first sight of the branch."""
    BROKEN = "broken"
    """What is stored and what is there disagree."""


@dataclass(frozen=True, slots=True)
class Audited:
    """One position and how it stands. `evidence` is the id of what passed its tree, `""` where nothing did."""

    commit: Sha
    subject: str
    standing: Standing
    because: str
    changes: tuple[ChangeId, ...] = ()
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class AuditInputs:
    """What is there and what is stored.

    `positions` are the branch's first parents, newest first, at least down to `first_sight`: where Podium first saw it
    (None: never). `evidence` is all there is, by id; `kept` are the commits held under `refs/podium/`.
    """

    positions: Sequence[CommitInfo]
    first_sight: Sha | None
    landings: Sequence[Landing] = ()
    changes: Mapping[ChangeId, Change] = field(default_factory=dict)
    tasks: AbstractSet[TaskId] = frozenset()
    attempts: AbstractSet[AttemptId] = frozenset()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    kept: AbstractSet[Sha] = frozenset()


def audit(inputs: AuditInputs) -> tuple[Audited, ...]:
    """Every position, newest first, then the landings that are no longer on the branch."""
    books = _Books(inputs)
    before = inputs.first_sight is None
    found = []
    for commit in inputs.positions:
        before = before or commit.sha == inputs.first_sight
        found.append(_position(books, commit, before=before))
    return (*found, *_missing(inputs))


class _Books:
    """The inputs, indexed."""

    def __init__(self, inputs: AuditInputs) -> None:
        self.inputs = inputs
        self.landing_of_commit = {landing.commit: landing for landing in inputs.landings}
        self.landings_of_change: dict[ChangeId, list[Sha]] = {}
        for landing in inputs.landings:
            for member in landing.members:
                self.landings_of_change.setdefault(member, []).append(landing.commit)
        passed = [evidence for evidence in inputs.evidence.values() if evidence.verdict is Verdict.PASSED]
        self.passed_on_tree: dict[Tree, Evidence] = {evidence.tree: evidence for evidence in passed}
        self.passed_on_candidate: dict[str, list[Evidence]] = {}
        for evidence in passed:
            self.passed_on_candidate.setdefault(evidence.subject, []).append(evidence)

    def passed(self, candidate: CandidateId) -> list[Evidence]:
        return self.passed_on_candidate.get(candidate, [])


def _position(books: _Books, commit: CommitInfo, *, before: bool) -> Audited:
    landing = books.landing_of_commit.get(commit.sha)
    if landing:
        return _landed(books, commit, landing)
    if before:
        because = "older than Podium's first sight of the branch"
        return Audited(commit.sha, commit.subject, Standing.BEFORE, because)
    return _outside(books, commit)


def _landed(books: _Books, commit: CommitInfo, landing: Landing) -> Audited:
    faults = (*_tree_faults(books, commit, landing), *_history_faults(commit, landing),
              *(fault for member in landing.members for fault in _member_faults(books, member)))  # fmt: skip
    evidence = next((found.id for found in books.passed(landing.candidate) if found.tree == landing.tree), "")
    how = "is proven, by evidence that was put together," if landing.composed else "passed"
    accounted = f"landed {', '.join(landing.members)}; tree {landing.tree[:10]} {how} as {evidence}"
    standing, because = (Standing.BROKEN, "; ".join(faults)) if faults else (Standing.OK, accounted)
    return Audited(commit.sha, commit.subject, standing, because, landing.members, evidence)


def _tree_faults(books: _Books, commit: CommitInfo, landing: Landing) -> Iterator[str]:
    if commit.tree != landing.tree:
        yield f"its tree is {commit.tree[:10]}, the landing's was {landing.tree[:10]}"
    passed = books.passed(landing.candidate)
    if not passed:
        yield f"no evidence that {landing.candidate} passed the gate"
    elif all(evidence.tree != landing.tree for evidence in passed):
        yield f"the gate passed tree {passed[0].tree[:10]}, and {landing.tree[:10]} landed"


def _history_faults(commit: CommitInfo, landing: Landing) -> Iterator[str]:
    if commit.parents[:1] != (landing.previous,):
        yield f"it does not follow {landing.previous[:10]}, on which it landed"
    if not landing.members:
        yield "its landing names no change"
    named = changes_in(commit.message)
    if named != landing.members:
        yield f"its trailers name {', '.join(named) or 'no change'}, its landing {', '.join(landing.members)}"


def _member_faults(books: _Books, member: ChangeId) -> Iterator[str]:
    inputs = books.inputs
    if len(books.landings_of_change[member]) > 1:
        yield f"{member} landed more than once"
    change = inputs.changes.get(member)
    if change is None:
        yield f"nothing is known of {member}"
        return
    if change.task and change.task not in inputs.tasks:
        yield f"nothing is known of task {change.task}"
    if change.attempt and change.attempt not in inputs.attempts:
        yield f"nothing is known of attempt {change.attempt}"
    if change.head not in inputs.kept:
        yield f"{change.head[:10]}, the commit of {member}, is not under refs/podium/"


def _outside(books: _Books, commit: CommitInfo) -> Audited:
    claimed = changes_in(commit.message)
    if claimed:
        because = (
            f"its trailers claim {', '.join(claimed)}, and no landing of that is on record as this commit"
        )
        return Audited(commit.sha, commit.subject, Standing.BROKEN, because)
    evidence = books.passed_on_tree.get(commit.tree)
    if evidence:
        because = f"a person put it there; its tree passed as {evidence.id}"
        return Audited(commit.sha, commit.subject, Standing.OUTSIDE_GATED, because, (), evidence.id)
    return Audited(
        commit.sha, commit.subject, Standing.OUTSIDE, "a person put it there; no gate has passed its tree"
    )


def _missing(inputs: AuditInputs) -> Iterator[Audited]:
    there = {commit.sha for commit in inputs.positions}
    for landing in inputs.landings:
        if landing.commit not in there:
            because = "it landed and is no longer on the branch: somebody rewrote its history"
            yield Audited(landing.commit, "", Standing.BROKEN, because, landing.members)
