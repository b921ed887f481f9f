"""One person's repository: where it is, its references, its checkouts."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from podium.base.errors import GitError, UsageError
from podium.base.files import write_atomically
from podium.base.locks import holding
from podium.base.processes import Finished
from podium.base.text import clean_line, is_utf8
from podium.git.checkout import Checkout, look_at
from podium.git.command import Git, persons_git
from podium.git.objects import Objects
from podium.model.ids import Sha

_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
OLDEST_GIT = (2, 38)
_STALE_LOCK_S = 5.0
_POLL_S = 0.1


@dataclass(frozen=True)
class Repository:
    """A repository that `open_repository` found.

    `root` is the work tree the person stands in (or the bare repository itself); `common` the directory that all its
    work trees share. Podium keeps its state in `state`, below it.
    """

    root: Path
    common: Path
    object_format: str = "sha1"

    @property
    def state(self) -> Path:
        return self.common / "podium"

    @cached_property
    def plain(self) -> Git:
        """Git without the repository's configuration, on its object store."""
        directory = self.state / "plain.git"
        if not (directory / "HEAD").exists():
            _make_plain(directory, self.object_format)
        return Git(directory, {"GIT_OBJECT_DIRECTORY": str(self.common / "objects")})

    @cached_property
    def objects(self) -> Objects:
        return Objects(self.plain)

    @cached_property
    def refs(self) -> Git:
        return Git(self.common)

    def tip(self, branch: str) -> Sha:
        """Where the branch stands.

        Raises:
            UsageError: there is no such branch.
        """
        found = self.ref(f"refs/heads/{branch}")
        if found is None:
            raise UsageError(
                f"there is no branch {branch}", hint="commit something, or set `target` in podium.toml"
            )
        return found

    def ref(self, name: str) -> Sha | None:
        loose = self._loose(name)
        if loose:
            return loose
        done = self.refs.run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", check=False
        )
        return Sha(done.stdout.decode().strip()) if done.code == 0 else None

    def resolve(self, revision: str) -> Sha:
        """The commit that a person's words name.

        Raises:
            UsageError: nothing is called that.
        """
        asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
        done = persons_git(asked, cwd=self.root)  # HEAD is that of the work tree they stand in
        found = self.ref(done.stdout.decode().strip()) if done.code == 0 else None
        if found is None:
            raise UsageError(f"no commit is called {revision!r}", hint="try a branch name or a commit id")
        return found

    def update_ref(self, name: str, new: Sha, *, old: Sha | None) -> bool:
        """Compare and swap: True when `name` was `old` (None: did not exist) and is `new` now."""
        expected = old or "0" * len(new)
        done = self._change_ref(name, new, expected)
        if done.code == 0:
            return True
        if self.ref(name) != old:
            return False
        raise self._refused(name, done)

    def keep(self, name: str, commit: Sha) -> None:
        """Make `name` hold a commit, whatever it held before."""
        done = self._change_ref(name, commit)
        if done.code:
            raise self._refused(name, done)

    def delete_ref(self, name: str) -> None:
        """Make sure that there is no reference `name`."""
        done = self._change_ref("-d", name)
        if done.code and self.ref(name):
            raise self._refused(name, done)

    def refs_under(self, prefix: str) -> dict[str, Sha]:
        lines = self.refs.text("for-each-ref", "--format=%(objectname) %(refname)", prefix).splitlines()
        return {name: Sha(sha) for sha, _, name in (line.partition(" ") for line in lines)}

    def checkout_of(self, branch: str) -> Checkout | None:
        """The work tree that has `branch` checked out, if any."""
        if self._is_only_work_tree():
            head = (self.common / "HEAD").read_text().strip()
            return look_at(self.root) if head == f"ref: refs/heads/{branch}" else None
        for block in self.refs.text("worktree", "list", "--porcelain").split("\n\n"):
            lines = block.splitlines()
            path = Path(lines[0].partition(" ")[2])
            if (
                f"branch refs/heads/{branch}" in lines and path.is_dir()
            ):  # one that was deleted is listed till pruned
                return look_at(path)
        return None

    def _is_only_work_tree(self) -> bool:
        """Whether the work tree the person stands in is known, without git, to be the only one: the usual case, asked all the time."""
        usual = self.common.name == ".git" and self.root == self.common.parent
        return usual and not (self.common / "worktrees").exists() and not (self.common / "reftable").exists()

    def person(self) -> str:
        """`Name <mail>` of the person whose repository this is; asked once.

        Raises:
            UsageError: git does not know who they are.
        """
        return self._person

    @cached_property
    def _person(self) -> str:
        done = persons_git(["var", "GIT_AUTHOR_IDENT"], cwd=self.root)
        if done.code:
            raise UsageError(
                "git does not know who you are", hint='git config user.name "…" && git config user.email "…"'
            )
        return done.stdout.decode(errors="replace").rpartition(">")[0] + ">"

    def _loose(self, name: str) -> Sha | None:
        """A branch whose reference is a file of its own, read without git: the usual case, and the most asked question."""
        if not name.startswith("refs/heads/"):
            return None
        try:
            text = (self.common / name).read_text().strip()
        except (OSError, ValueError):  # packed, symbolic, in a reftable, no name for a file: git knows
            return None
        return Sha(text) if _OBJECT_ID.fullmatch(text) else None

    def _change_ref(self, *words: str) -> Finished:
        """`update-ref`, patient with the locks of others; those that a killed git left are removed."""
        locks = _locks(self.common, next(word for word in words if word.startswith("refs/")))
        until = time.monotonic() + 2 * _STALE_LOCK_S
        while True:
            done = self.refs.run("update-ref", "--no-deref", *words, check=False)
            if not done.code or time.monotonic() > until or not any(lock.exists() for lock in locks):
                return done
            self._remove_stale(locks)
            time.sleep(_POLL_S)

    def _remove_stale(self, locks: Sequence[Path]) -> None:
        """Git holds these for milliseconds: one that is seconds old belongs to a git that was killed."""
        with holding(
            self.state / "stale.lock"
        ):  # or two of us would judge the old lock and remove a fresh one
            for lock in locks:
                if _is_stale(lock):
                    lock.unlink(missing_ok=True)

    def _refused(self, name: str, done: Finished) -> GitError:
        return GitError(
            f"cannot move {name}: {done.stderr.decode(errors='replace').strip()}",
            hint=_lock_hint(self.common, name),
        )

    def current_branch(self) -> str | None:
        """The branch that HEAD names, if it names one."""
        done = persons_git(["symbolic-ref", "--quiet", "--short", "HEAD"], cwd=self.root)
        return done.stdout.decode().strip() or None


def open_repository(path: Path) -> Repository:
    """The repository that `path` lies in.

    Raises:
        UsageError: there is none, it is shallow, or git is too old.
    """
    version = git_version()
    if version < OLDEST_GIT:
        raise UsageError(f"git {'.'.join(map(str, version))} is too old", hint="install git 2.38 or newer")
    questions = [
        "--git-common-dir",
        "--is-shallow-repository",
        "--show-object-format",
        "--is-bare-repository",
    ]
    done = persons_git(["rev-parse", "--path-format=absolute", *questions], cwd=_existing(path))
    if done.code:
        reason = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
        raise UsageError(
            f"{path}: {reason}", hint="run this inside a git repository, or name one with --repo PATH"
        )
    answer = done.stdout.decode(errors="surrogateescape")
    if not is_utf8(answer):
        raise UsageError(f"{clean_line(str(path))}: its path is not UTF-8", hint="move the repository")
    common, shallow, object_format, bare = answer.splitlines()
    if shallow == "true":
        raise UsageError("this clone is shallow: merges need the history", hint="git fetch --unshallow")
    root = (
        common
        if bare == "true"
        else persons_git(["rev-parse", "--show-toplevel"], cwd=_existing(path)).stdout.decode().strip()
    )
    return Repository(Path(root), Path(common), object_format)


def git_version() -> tuple[int, int]:
    done = persons_git(["--version"], cwd=Path("/"))
    found = re.search(r"(\d+)\.(\d+)", done.stdout.decode())
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _existing(path: Path) -> Path:
    if not path.is_dir():
        raise UsageError(f"{path}: no such directory")
    return path


def _make_plain(directory: Path, object_format: str) -> None:
    version, extension = ("1", f"[extensions]\n\tobjectformat = {object_format}\n")
    (directory / "refs").mkdir(parents=True, exist_ok=True)
    (directory / "objects").mkdir(exist_ok=True)
    config = f"[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{extension}"
    write_atomically(directory / "config", config.encode())
    write_atomically(directory / "HEAD", b"ref: refs/heads/none\n")


def _locks(common: Path, name: str) -> tuple[Path, ...]:
    """The files that git locks to change a reference."""
    return (common / f"{name}.lock", common / "HEAD.lock", common / "packed-refs.lock")


def _is_stale(lock: Path) -> bool:
    try:
        return time.time() - lock.stat().st_mtime > _STALE_LOCK_S
    except FileNotFoundError:
        return False


def _lock_hint(common: Path, name: str) -> str:
    lock = common / f"{name}.lock"
    return f"another git may be at work; if none is, remove {lock}" if lock.exists() else ""
