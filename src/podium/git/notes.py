"""Notes on commits, as `git notes` shows them, written without a checkout and without the person's configuration.

A notes tree names each note by its commit's id, with or without folders of two digits in front (its fan-out). A note goes
where the fan-out that is there puts it: git-ai reports that `git notes merge` has failed on trees that mix them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from podium.base.errors import GitError
from podium.git.command import Git
from podium.git.objects import Signature
from podium.git.repository import Repository
from podium.model.ids import Sha, Tree

AUTHORSHIP = "refs/notes/ai"
"""Where the Git AI Standard keeps who made which lines."""
_TRIES = 5
_FOLDER = 2


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    kind: str
    object: str


def add_note(repository: Repository, commit: Sha, text: str, *, by: Signature, ref: str = AUTHORSHIP) -> bool:
    """Attach a note to a commit: True when it is there, False when the commit has another one, which stays.

    Raises:
        GitError: the notes cannot be written, or others kept moving them.
    """
    git = repository.plain
    blob = git.text("hash-object", "-w", "--stdin", stdin=text.encode())
    for _ in range(_TRIES):
        head = repository.ref(ref)
        tree = repository.objects.tree_of(head) if head else None
        there = _notes_on(git, tree, commit)
        if there:
            return there == {blob}
        changed = Tree(_spliced(git, tree, _place(git, tree, commit), blob=blob))
        parents = [head] if head else []
        message = f"Say who made {commit[:10]}\n"
        new = repository.objects.commit(changed, parents, message, author=by, committer=by)
        if repository.update_ref(ref, new, old=head):
            return True
    raise GitError(f"{ref} keeps moving: no note was added to {commit[:10]}", hint="try again")


def _notes_on(git: Git, tree: Tree | None, commit: Sha) -> set[str]:
    """The objects that are notes on a commit, whatever the fan-out."""
    if tree is None:
        return set()
    return {entry.object for _, entry in _listed(git, tree, "--", *_paths(commit))}


def _paths(commit: Sha) -> Iterator[str]:
    """Every path at which git looks for the note on a commit."""
    folders = ""
    while commit:
        yield folders + commit
        folders, commit = f"{folders}{commit[:_FOLDER]}/", Sha(commit[_FOLDER:])


def _place(git: Git, tree: str | None, commit: str) -> list[str]:
    """The folders and the name that a note goes to."""
    entries = _entries(git, tree) if tree else {}
    if not entries:  # one folder, as git-ai does: a large flat tree would be written as a whole for each note
        return [commit[:_FOLDER], commit[_FOLDER:]]
    names: list[str] = []
    while _is_fanned(entries) and len(commit) > _FOLDER:
        names.append(commit[:_FOLDER])
        below, commit = entries.get(names[-1]), commit[_FOLDER:]
        entries = _entries(git, below.object) if below and below.kind == "tree" else {}
    return [*names, commit]


def _is_fanned(entries: dict[str, _Entry]) -> bool:
    return any(len(name) == _FOLDER and entry.kind == "tree" for name, entry in entries.items())


def _spliced(git: Git, tree: str | None, names: Sequence[str], *, blob: str) -> str:
    """`tree` with a note at a path of folders and a name; what else is there stays, and is not read."""
    entries = _entries(git, tree) if tree else {}
    name, *deeper = names
    below = entries.get(name)
    if below and (not deeper or below.kind != "tree"):
        raise GitError(f"{name} in the notes is no place for a note")
    if deeper:
        folder = _spliced(git, below.object if below else None, deeper, blob=blob)
        entries[name] = _Entry("040000", "tree", folder)
    else:
        entries[name] = _Entry("100644", "blob", blob)
    lines = (f"{entry.mode} {entry.kind} {entry.object}\t{name}\0" for name, entry in entries.items())
    # The notes of others may be missing from a partial clone; they stay named.
    return git.text("mktree", "-z", "--missing", stdin="".join(lines).encode(errors="surrogateescape"))


def _entries(git: Git, tree: str) -> dict[str, _Entry]:
    return dict(_listed(git, tree))


def _listed(git: Git, tree: str, *paths: str) -> Iterator[tuple[str, _Entry]]:
    for line in git.fields("ls-tree", "-z", "--full-tree", tree, *paths):
        head, _, name = line.partition("\t")
        mode, kind, found = head.split()
        yield name, _Entry(mode, kind, found)
