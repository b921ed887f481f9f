"""The mirror: the one object store that agents may read.

It holds the history of the target branch and nothing else of the repository: no other branch, no tag, nothing under
`refs/podium/`, no object that only those reach. Workspaces borrow its objects, so nothing is ever removed from it.
"""

from pathlib import Path

from podium.base.files import remove_tree, write_atomically
from podium.base.locks import holding
from podium.git.repository import Repository
from podium.model.ids import Sha

_REFERENCE = "refs/heads/target"


def sync(repository: Repository, branch: str) -> Path:
    """Bring the mirror to where `branch` stands, rewound or not; the mirror's directory.

    Safe under several processes, and after any of them was killed.
    """
    mirror = repository.state / "mirror.git"
    tip = repository.tip(branch)
    if _stands_at(mirror) == tip:
        return mirror
    with holding(repository.state / "mirror.lock"):
        if not mirror.exists():
            _make(mirror, repository.object_format)
        if _stands_at(mirror) != tip:
            _copy(repository, mirror, tip)
    return mirror


def _stands_at(mirror: Path) -> Sha | None:
    """The commit its one reference names, if there is one."""
    reference = mirror / _REFERENCE
    return Sha(reference.read_text().strip()) if reference.is_file() else None


def _make(mirror: Path, object_format: str) -> None:
    """An empty bare repository; half of one is never seen, since it gets its name last."""
    draft = mirror.with_name("mirror.git.draft")
    remove_tree(draft)
    for name in ("objects/pack", "objects/info", "refs/heads"):
        (draft / name).mkdir(parents=True)
    extension = f"[extensions]\n\tobjectformat = {object_format}\n"
    (draft / "config").write_text(
        f"[core]\n\trepositoryformatversion = 1\n\tbare = true\n[gc]\n\tauto = 0\n{extension}"
    )
    (draft / "HEAD").write_text(f"ref: {_REFERENCE}\n")
    draft.replace(mirror)


def _copy(repository: Repository, mirror: Path, tip: Sha) -> None:
    """Add the missing objects as one pack, written straight from the repository's store; then move the reference.

    Only this function writes the reference, and under the lock: a file, whole or not there, is all it takes.
    """
    had = _stands_at(mirror)
    known = repository.objects.resolve(had) if had else None  # after a rewind the repository may have lost it
    repository.objects.pack(tip, without=known, into=mirror / "objects")
    write_atomically(mirror / _REFERENCE, f"{tip}\n".encode())
