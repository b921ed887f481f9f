"""Building a candidate: changes merged in order onto a commit, in memory, boxes ticked, committed.

The same changes on the same commit always give the same commit id, so a candidate that is built twice is built once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from podium.git.merge import Conflicted, Merged, merge
from podium.git.objects import Signature
from podium.git.repository import Repository
from podium.model.attempt import Change
from podium.model.ids import Sha, Tree
from podium.model.queue import Conflict

Tick = Callable[[Change, Callable[[str], bytes | None]], tuple[str, bytes] | None]
"""Given a change and a reader of the merged tree, the path and new bytes of the spec with its box ticked."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How members become commits: their message, their tick, and whose hand it is."""

    message: Callable[[Sequence[Change]], str]
    tick: Tick
    committer: str


@dataclass(frozen=True, slots=True)
class Built:
    """What came out: `members` made it into `commit`, `conflicts` did not. No member left: no commit."""

    members: tuple[Change, ...]
    commit: Sha | None
    tree: Tree | None
    conflicts: tuple[Conflict, ...]


def build(repository: Repository, onto: Sha, changes: Sequence[Change], *, recipe: Recipe) -> Built:
    """Merge `changes` in order onto `onto`. One becomes one commit; several a merge commit above one commit each."""
    position = onto
    members: list[Change] = []
    conflicts: list[Conflict] = []
    for change in changes:
        merged = merge(repository.plain, position, change.head)
        if isinstance(merged, Conflicted):
            conflicts.append(_conflict(repository, onto, change, merged, members))
            continue
        position = _member(repository, position, change, _ticked(repository, merged, change, recipe), recipe)
        members.append(change)
    if not members:
        return Built((), None, None, tuple(conflicts))
    tree = repository.objects.tree_of(position)
    if len(members) > 1:
        position = _pack(repository, onto, position, members, recipe)
    return Built(tuple(members), position, tree, tuple(conflicts))


def _ticked(repository: Repository, merged: Merged, change: Change, recipe: Recipe) -> Tree:
    found = recipe.tick(change, lambda path: repository.objects.read(merged.tree, path))
    return repository.objects.replace_file(merged.tree, *found) if found else merged.tree


def _member(repository: Repository, parent: Sha, change: Change, tree: Tree, recipe: Recipe) -> Sha:
    author, committer = Signature(change.author, change.at), Signature(recipe.committer, change.at)
    message = recipe.message([change])
    return repository.objects.commit(tree, [parent], message, author=author, committer=committer)


def _pack(repository: Repository, onto: Sha, last: Sha, members: Sequence[Change], recipe: Recipe) -> Sha:
    """The one position of the target branch that several members share."""
    by = Signature(recipe.committer, max(change.at for change in members))
    tree = repository.objects.tree_of(last)
    return repository.objects.commit(tree, [onto, last], recipe.message(members), author=by, committer=by)


def _conflict(
    repository: Repository, onto: Sha, change: Change, ahead: Conflicted, members: Sequence[Change]
) -> Conflict:
    """The conflict with the tip itself where there is one, else with those that were merged ahead."""
    alone = merge(repository.plain, onto, change.head) if members else ahead
    if isinstance(alone, Conflicted):
        return Conflict(change.id, alone.files, alone.tree)
    return Conflict(change.id, ahead.files, ahead.tree, ", ".join(member.id for member in members))
