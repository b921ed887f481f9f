"""A copy of a person's repository to plant in: a bare directory with an object store of its own, which reads on into theirs.

Nothing of theirs changes: no reference, no file of a checkout, not one object. It is gone when it is left.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from podium.base.files import remove_tree, write_atomically
from podium.gate.selftest.specimen import Edit, Link, Submodule
from podium.git.objects import Entry, Signature
from podium.git.repository import Repository
from podium.model.ids import Sha, Tree

_WHO = Signature("Podium <podium@localhost>", 0)
_SPARE = ".podium-specimen"


@contextmanager
def copied(repository: Repository, directory: Path) -> Iterator[Repository]:
    """The repository with an object store of its own in `directory`, seen at the same path by programs in a sandbox."""
    remove_tree(directory)
    (directory / "objects/info").mkdir(parents=True)
    write_atomically(directory / "objects/info/alternates", f"{repository.common / 'objects'}\n".encode())
    try:
        yield Repository(repository.root, directory, repository.object_format)
    finally:
        remove_tree(directory)


def commit(repository: Repository, base: Sha, edits: Mapping[str, Edit], *, message: str) -> Sha:
    """A commit on `base` with these edits."""
    objects = repository.objects
    tree = objects.tree_of(base)
    values = {path: _entry(repository, tree, edit) for path, edit in edits.items()}
    return objects.commit(objects.compose(tree, values), [base], message, author=_WHO, committer=_WHO)


def _entry(repository: Repository, tree: Tree, edit: Edit) -> Entry | bytes | None:
    if isinstance(edit, Submodule):
        return Entry("160000", "commit", edit.commit, 0, "")
    if isinstance(edit, Link):
        held = repository.objects.compose(tree, {_SPARE: edit.target.encode()})
        blob = next(entry for entry in repository.objects.entries(held) if entry.path == _SPARE)
        return Entry("120000", "blob", blob.object, blob.size_bytes, "")
    return edit
