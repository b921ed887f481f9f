"""A person's checkout of the target branch: whether it is clean, and how it follows a landing.

While it follows, the index is locked against every other git, the person's own included: nobody can commit the old files
on top of the new tip. The lock file is a hard link of a token of ours, so after a crash we know our own lock again, hold
it still, and finish what was begun. What to land is for others to say.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from podium.base.text import tail
from podium.git.command import Git, persons_git, split_zero
from podium.git.objects import Objects
from podium.model.ids import Sha

_TOKEN = "podium.lock"  # noqa: S105 - a file name
_DRAFT = "podium.index"
_PATIENCE_S = 5.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Checkout:
    """A work tree that has the target branch checked out. `dirty` names tracked files with uncommitted changes."""

    path: Path
    dirty: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LockedIndex:
    """A checkout whose index is ours alone. `taken_up`: a dead process of ours had it, perhaps half way."""

    checkout: Path
    git: Git
    taken_up: bool

    def in_the_way(self, old: Sha, new: Sha) -> str:
        """What keeps the checkout from following (a file nobody tracks yet, say), or empty."""
        done = self._draft(old).run("read-tree", "-m", "-u", "-n", old, new, check=False)
        return tail(done.stderr.decode(errors="replace").replace("error: ", ""), lines=3) if done.code else ""

    def follow(self, old: Sha, new: Sha) -> str:
        """Bring files and index from `old` to `new`; why that failed, or empty. Only for a clean checkout."""
        done = self._draft(old).run("read-tree", "-m", "-u", old, new, check=False)
        if done.code:
            return tail(done.stderr.decode(errors="replace"), lines=3)
        self._install()
        return ""

    def finish(self, old: Sha, new: Sha, objects: Objects) -> None:
        """Finish what a dead process began: files go to `new`, but what a person wrote since stays theirs."""
        if self._knows(new) or not (self.taken_up or self._knows(old)):
            return
        changed = {file.path for file in objects.changed(old, new)}
        unlike_old, unlike_new = self._unlike(old) & changed, self._unlike(new) & changed
        names = {entry.path for entry in objects.entries(new)}
        half = {path for path in unlike_old & unlike_new if self._is_begun(path, objects.read(new, path))}
        ours = (unlike_new - unlike_old) | half
        for path in ours - names:
            self._remove(path)
        words = "".join(f"{path}\0" for path in sorted(ours & names)).encode(errors="surrogateescape")
        draft = self._draft(new)
        draft.run("checkout-index", "-f", "-u", "-z", "--stdin", stdin=words, check=False)
        draft.run("update-index", "-q", "--refresh", check=False)
        self._install()

    def _unlike(self, commit: Sha) -> set[str]:
        """The files that are not as `commit` has them; missing ones and, where it has none, present ones among them."""
        draft = self._draft(commit)
        draft.run("update-index", "-q", "--refresh", check=False)
        known = set(split_zero(draft.run("ls-files", "-z").stdout))
        differing = set(split_zero(draft.run("diff-files", "-z", "--name-only").stdout))
        untracked = set(split_zero(draft.run("ls-files", "-z", "--others").stdout)) - known
        return differing | untracked

    def _is_begun(self, path: str, wanted: bytes | None) -> bool:
        """Whether a file is missing, or is the beginning of the wanted one: a write that was cut short."""
        place = self.checkout / path
        if wanted is None or place.is_symlink():
            return False
        if not place.exists():
            return True
        return place.is_file() and wanted.startswith(place.read_bytes())

    def _remove(self, path: str) -> None:
        place = self.checkout / path
        if place.parent.resolve() != self.checkout.resolve() / Path(path).parent:
            return  # somebody put a link where a directory was
        place.unlink(missing_ok=True)
        with suppress(OSError):  # a directory that is not empty stays, and so do those above it
            for parent in place.relative_to(self.checkout).parents[:-1]:
                (self.checkout / parent).rmdir()

    def _draft(self, commit: Sha) -> Git:
        """Git on a copy of the index; for another commit than the index knows, a fresh one."""
        _forget_drafts(self.git.git_dir)
        place = self.git.git_dir / _DRAFT
        draft = Git(self.git.git_dir, {**self.git.extra, "GIT_INDEX_FILE": str(place)})
        if self._knows(commit):
            shutil.copyfile(self.git.git_dir / "index", place)
            draft.run(
                "update-index", "-q", "--refresh", check=False
            )  # a file that was only touched is no change
        else:
            draft.run("read-tree", commit)
        return draft

    def _knows(self, commit: Sha) -> bool:
        """Whether the index stands at `commit`."""
        return not self.git.run("diff-index", "--quiet", "--cached", commit, "--", check=False).code

    def _install(self) -> None:
        (self.git.git_dir / _DRAFT).replace(self.git.git_dir / "index")


@contextmanager
def locked_index(checkout: Path) -> Iterator[LockedIndex | None]:
    """Hold the index of a checkout; None when another git has it. The caller holds Podium's landing lock."""
    git_dir = Path(ask(checkout, "rev-parse", "--absolute-git-dir").strip())
    token, lock = git_dir / _TOKEN, git_dir / "index.lock"
    git = Git(git_dir, {"GIT_WORK_TREE": str(checkout)})
    taken_up = token.exists() and lock.exists() and token.samefile(lock)
    if not taken_up and not _take_in_time(token, lock):
        yield None
        return
    try:
        yield LockedIndex(checkout, git, taken_up)
    finally:
        _forget_drafts(git_dir)
        lock.unlink(missing_ok=True)
        token.unlink(missing_ok=True)


def look_at(checkout: Path) -> Checkout:
    """The checkout as it is now; untracked files are the person's own and harm nothing."""
    listed = ask(checkout, "-c", "core.fsmonitor=false", "status", "--porcelain=v1", "-z", "--untracked-files=no",
                 "--ignore-submodules=all", "--no-renames")  # fmt: skip
    return Checkout(checkout, tuple(entry[3:] for entry in listed.split("\0") if entry))


def ask(checkout: Path, *arguments: str) -> str:
    """What the person's own git answers there."""
    return persons_git(list(arguments), cwd=checkout).stdout.decode(errors="surrogateescape")


def _take_in_time(token: Path, lock: Path) -> bool:
    """Take the lock, waiting a little for a person's git that is just at work."""
    token.unlink(missing_ok=True)
    token.write_bytes(b"podium moves this checkout to a commit that landed\n")
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        with suppress(FileExistsError):
            os.link(token, lock)
            return True
        time.sleep(_POLL_S)
    token.unlink()
    return False


def _forget_drafts(git_dir: Path) -> None:
    for name in (_DRAFT, f"{_DRAFT}.lock"):
        (git_dir / name).unlink(missing_ok=True)
