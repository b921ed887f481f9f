"""Merging in memory: git's own ort, never a checkout, never another library."""

from dataclasses import dataclass

from podium.base.errors import GitError
from podium.git.command import Git
from podium.model.ids import Sha, Tree


@dataclass(frozen=True, slots=True)
class Merged:
    """A clean merge."""

    tree: Tree


@dataclass(frozen=True, slots=True)
class Conflicted:
    """Git's tree with conflict markers, and the files they stand in."""

    tree: Tree
    files: tuple[str, ...]


def merge(git: Git, ours: Sha, theirs: Sha) -> Merged | Conflicted:
    """Merge two commits.

    Raises:
        GitError: a commit is missing, or they have no common ancestor.
    """
    done = git.run(
        "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs, check=False
    )
    tree, *files = done.stdout.decode(errors="surrogateescape").split("\0")
    if done.code == 0:
        return Merged(Tree(tree))
    if done.code == 1 and tree:
        return Conflicted(Tree(tree), tuple(sorted({name for name in files if name})))
    raise GitError(
        f"git could not merge {ours[:10]} and {theirs[:10]}: {done.stderr.decode(errors='replace').strip()}"
    )
