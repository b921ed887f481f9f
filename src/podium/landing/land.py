"""Landing: the very commit that was gated becomes the tip, by compare-and-swap, and a clean checkout follows."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from podium.base.errors import GitError, PodiumError
from podium.base.files import read_json, write_json
from podium.base.locks import holding
from podium.base.text import clean_line
from podium.git.checkout import Checkout, LockedIndex, locked_index, look_at
from podium.git.repository import Repository
from podium.model.ids import Sha
from podium.model.queue import Candidate


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
        GitError: git refuses to move the branch, or a checkout that has to follow is not to be had.
    """
    if candidate.commit is None or repository.objects.tree_of(candidate.commit) != candidate.tree:
        raise PodiumError(f"{candidate.id} is not the commit that was gated", hint="podium audit")
    with holding(repository.state / "landing.lock"):
        checkout = repository.checkout_of(branch)
        if checkout is None:
            return _land(repository, branch, candidate.onto, candidate.commit)
        with locked_index(checkout.path) as index:
            if index is None:
                return _held_by_another_git(repository, branch, candidate.commit, checkout.path)
            return _land(repository, branch, candidate.onto, candidate.commit, index)


def has_landed(repository: Repository, branch: str, candidate: Candidate) -> bool:
    """Whether the branch holds the candidate, on record or not."""
    return candidate.commit is not None and repository.objects.is_ancestor(
        candidate.commit, repository.tip(branch)
    )


def checkout_holds(repository: Repository, branch: str) -> str:
    """Why nothing can land on a branch that somebody has checked out, or empty when it can."""
    checkout = repository.checkout_of(branch)
    if checkout is None or not checkout.dirty:
        return ""
    behind = read_json(_behind(repository))
    if behind:
        return f"{checkout.path} has not followed what landed ({behind['because']}): mend that, and podium run goes on"
    return _untidy(checkout)


def catch_up(repository: Repository, branch: str) -> None:
    """Let a checkout follow that could not when something landed; while it still cannot, nothing changes."""
    if not _behind(repository).exists():
        return
    with holding(repository.state / "landing.lock"):
        behind, checkout = read_json(_behind(repository)), repository.checkout_of(branch)
        if behind is None:
            return
        if checkout and repository.tip(branch) == behind["new"]:
            with locked_index(checkout.path) as index:
                if index is None:
                    return
                index.finish(Sha(behind["old"]), Sha(behind["new"]), repository.objects)
                if set(look_at(checkout.path).dirty) & set(behind["files"]):
                    return
        _behind(repository).unlink(missing_ok=True)


def _land(
    repository: Repository, branch: str, old: Sha, new: Sha, index: LockedIndex | None = None
) -> Landed:
    """Move the branch, then what has it checked out; what was begun before a crash is finished."""
    tip = repository.tip(branch)
    if repository.objects.is_ancestor(new, tip):
        if index and tip == new:
            index.finish(old, new, repository.objects)
        return Landed(Outcome.LANDED)
    if tip != old:
        return Landed(Outcome.MOVED, f"{branch} moved to {tip[:10]}")
    held = (_untidy(look_at(index.checkout)) or index.in_the_way(old, new)) if index else ""
    if held:
        return Landed(Outcome.HELD, held)
    if not repository.update_ref(f"refs/heads/{branch}", new, old=old):
        return Landed(Outcome.MOVED, f"{branch} moved while landing")
    trouble = index.follow(old, new) if index else ""
    if trouble:
        files = [file.path for file in repository.objects.changed(old, new)]
        write_json(
            _behind(repository), {"old": old, "new": new, "files": files, "because": clean_line(trouble)}
        )
    return Landed(Outcome.LANDED)


def _behind(repository: Repository) -> Path:
    """Where it is noted that a checkout could not follow a landing."""
    return repository.state / "checkout-behind.json"


def _untidy(checkout: Checkout) -> str:
    if not checkout.dirty:
        return ""
    named = ", ".join(checkout.dirty[:3]) + (" …" if len(checkout.dirty) > 3 else "")  # noqa: PLR2004 - enough to go by
    return f"{checkout.path} has uncommitted changes ({named}): commit or stash them, and landing goes on"


def _held_by_another_git(repository: Repository, branch: str, commit: Sha, checkout: Path) -> Landed:
    because = f"another git is at work in {checkout}; if none is, remove its index.lock"
    if repository.objects.is_ancestor(commit, repository.tip(branch)):
        raise GitError(because)  # it has landed: to say that it is held would be untrue
    return Landed(Outcome.HELD, because)
