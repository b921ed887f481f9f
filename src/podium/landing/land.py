"""Landing: the very commit that was gated becomes the tip, by compare-and-swap, and a clean checkout follows."""

from dataclasses import dataclass
from enum import StrEnum

from podium.base.errors import PodiumError
from podium.base.locks import holding
from podium.git.repository import Repository
from podium.model.ids import Sha
from podium.model.queue import Candidate

_STALE_LOCK_S = 5.0


class Outcome(StrEnum):
    LANDED = "landed"
    MOVED = "moved"
    """The target branch is no longer where the candidate was built."""
    HELD = "held"
    """The checkout cannot follow just now."""


@dataclass(frozen=True, slots=True)
class Landed:
    """`because` explains an outcome that is not `landed`."""

    outcome: Outcome
    because: str = ""


def land(repository: Repository, branch: str, candidate: Candidate) -> Landed:
    """Land a candidate whose tree passed the gate. Asked again after a crash, it finishes what was begun.

    Raises:
        PodiumError: the candidate has no commit, or its tree is not the one that was gated.
        GitError: git refuses to move the branch.
    """
    if candidate.commit is None or repository.objects.tree_of(candidate.commit) != candidate.tree:
        raise PodiumError(f"{candidate.id} is not the commit that was gated", hint="podium audit")
    with holding(repository.state / "landing.lock"):
        tip = repository.tip(branch)
        if repository.objects.is_ancestor(candidate.commit, tip):
            _follow(repository, branch, candidate.onto, candidate.commit, tip)
            return Landed(Outcome.LANDED)
        if tip != candidate.onto:
            return Landed(Outcome.MOVED, f"{branch} moved to {tip[:10]}")
        held = checkout_holds(repository, branch, candidate.onto, candidate.commit)
        if held:
            return Landed(Outcome.HELD, held)
        return _swap(repository, branch, candidate.onto, candidate.commit)


def checkout_holds(
    repository: Repository, branch: str, old: Sha | None = None, new: Sha | None = None
) -> str:
    """Why nothing can land on a branch that somebody has checked out, or empty when it can."""
    checkout = repository.checkout_of(branch)
    if checkout is None:
        return ""
    if checkout.dirty:
        named = ", ".join(checkout.dirty[:3]) + (" …" if len(checkout.dirty) > 3 else "")  # noqa: PLR2004 - enough to go by
        return f"{checkout.path} has uncommitted changes ({named}): commit or stash them, and landing goes on"
    return repository.in_the_way(checkout.path, old, new) if old and new else ""


def _swap(repository: Repository, branch: str, old: Sha, new: Sha) -> Landed:
    repository.clear_stale_locks(branch, older_than_s=_STALE_LOCK_S)
    if not repository.update_ref(f"refs/heads/{branch}", new, old=old):
        return Landed(Outcome.MOVED, f"{branch} moved while landing")
    _follow(repository, branch, old, new, new)
    return Landed(Outcome.LANDED)


def _follow(repository: Repository, branch: str, old: Sha, new: Sha, tip: Sha) -> None:
    """Bring the checkout along, unless it has gone on by itself since."""
    checkout = repository.checkout_of(branch) if tip == new else None
    if checkout:
        repository.follow(checkout.path, old, new)
