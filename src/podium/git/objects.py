"""Objects: commits, trees and files, read and written without a checkout."""

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from podium.base.errors import GitError
from podium.git.command import Git
from podium.git.hunks import added_lines
from podium.git.reader import ObjectReader
from podium.model.ids import Sha, Tree

_Answer = TypeVar("_Answer", bound=Sequence[Any])
_KEPT, _SHORT = 32, 5_000
"""So many answers are kept, and only such as are no longer."""
_LOOSE_LIMIT = 100
"""Packs of fewer objects are unpacked, as git's own fetch does; thousands of small packs would slow every command."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tree, at any depth. `kind` is `blob`, `commit` (a gitlink) or `tree`."""

    mode: str
    kind: str
    object: str
    size_bytes: int
    path: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a diff; binary files count no lines."""

    path: str
    added: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Signature:
    """Who and when, as git writes it: `Name <mail>` and seconds since the epoch."""

    person: str
    at: float

    def environment(self, role: str) -> dict[str, str]:
        name, _, mail = self.person.rpartition(" <")
        return {
            f"GIT_{role}_NAME": name or self.person,
            f"GIT_{role}_EMAIL": mail.rstrip(">") if name else "podium@localhost",
            f"GIT_{role}_DATE": f"@{int(self.at)} +0000",
        }


@dataclass(frozen=True, slots=True)
class CommitInfo:
    sha: Sha
    tree: Tree
    parents: tuple[Sha, ...]
    author: str
    at: datetime
    message: str

    @property
    def subject(self) -> str:
        return self.message.partition("\n")[0]

    def trailers(self, key: str) -> tuple[str, ...]:
        """The values of a trailer in the message's last paragraph."""
        block = self.message.rstrip().rpartition("\n\n")[2]
        prefix = f"{key.lower()}:"
        return tuple(
            line[len(prefix) :].strip() for line in block.splitlines() if line.lower().startswith(prefix)
        )


class Objects:
    """The object store of one repository, through Podium's own bare directory."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._reader = ObjectReader(git)
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, ...], Any] = {}
        """The latest last."""

    def resolve(self, revision: str) -> Sha | None:
        """The commit an object id names, or None. Names of branches are the refs' business."""
        if ObjectReader.knows(revision):
            found = self._reader.id_of(f"{revision}^{{commit}}")
            return Sha(found.name) if found else None
        done = self._git.run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", check=False
        )
        return Sha(done.stdout.decode().strip()) if done.code == 0 else None

    def tree_of(self, commit: Sha) -> Tree:
        found = self._reader.id_of(f"{commit}^{{tree}}") if ObjectReader.knows(commit) else None
        if found:
            return Tree(found.name)
        return Tree(self._git.text("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}"))

    def commit_info(self, commit: Sha) -> CommitInfo:
        text = self._git.text(
            "show", "-s", "--no-show-signature", "--format=%H%n%T%n%P%n%an <%ae>%n%ct%n%B", commit, "--"
        )
        sha, tree, parents, author, at, *message = text.split("\n")
        return CommitInfo(
            Sha(sha), Tree(tree), tuple(Sha(parent) for parent in parents.split()), author,
            datetime.fromtimestamp(int(at), UTC), "\n".join(message),
        )  # fmt: skip

    def read(self, tree_ish: str, path: str) -> bytes | None:
        """The bytes of a file in a commit or tree, or None when there is no such file."""
        name = f"{tree_ish}:{path}"
        if ObjectReader.knows(name):
            found = self._reader.read(name)
            return found.data if found and found.kind == "blob" else None
        done = self._git.run("cat-file", "blob", name, check=False)
        return done.stdout if done.code == 0 else None

    def blob(self, name: str) -> bytes:
        """The bytes of a file by its object's id."""
        found = self._reader.read(name) if ObjectReader.knows(name) else None
        if found and found.kind == "blob":
            return found.data
        return self._git.run("cat-file", "blob", name).stdout

    def entries(self, tree: str) -> Sequence[Entry]:
        """What is in a tree, or in that of a commit, at any depth."""
        return self._kept(("entries", tree), lambda: self._entries(tree))

    def changed(self, base: str, head: str) -> Sequence[FileChange]:
        """The files that differ, renames shown as a deletion and an addition."""
        return self._kept(("changed", base, head), lambda: self._changed(base, head))

    def _kept(self, question: tuple[str, ...], ask: Callable[[], _Answer]) -> _Answer:
        """What was answered of late: the same for ever, where all is named by full ids. A gate asks all this several times."""
        if not all(map(ObjectReader.knows, question[1:])):
            return ask()
        with self._lock:
            found: _Answer | None = self._answers.pop(question, None)
        answer = ask() if found is None else found
        if len(answer) <= _SHORT:
            with self._lock:
                self._answers[question] = answer
                while len(self._answers) > _KEPT:
                    del self._answers[next(iter(self._answers))]
        return answer

    def _entries(self, tree: str) -> tuple[Entry, ...]:
        return tuple(map(_entry, self._git.fields("ls-tree", "-r", "-l", "-z", "--full-tree", tree)))

    def _changed(self, base: str, head: str) -> tuple[FileChange, ...]:
        fields = self._git.fields(
            "diff-tree", "-r", "-z", "--numstat", "--no-renames", "--no-ext-diff", "--no-textconv", base, head, "--"
        )  # fmt: skip
        return tuple(map(_file_change, fields))

    def diff(self, base: str, head: str) -> str:
        """The unified diff, for people."""
        done = self._git.run(
            "diff-tree", "-p", "-r", "-M", "--no-ext-diff", "--no-textconv", base, head, "--"
        )
        return done.stdout.decode(errors="replace")

    def merge_base(self, one: Sha, other: Sha) -> Sha | None:
        done = self._git.run("merge-base", one, other, check=False)
        return Sha(done.stdout.decode().strip()) if done.code == 0 else None

    def is_ancestor(self, older: Sha, newer: Sha) -> bool:
        return self._git.run("merge-base", "--is-ancestor", older, newer, check=False).code == 0

    def first_parents(self, tip: Sha, *, until: Sha | None = None) -> list[Sha]:
        """The positions a branch went through, newest first, down to but without `until`."""
        bounds = [tip] + ([f"^{until}"] if until else [])
        return [Sha(line) for line in self._git.text("rev-list", "--first-parent", *bounds, "--").split()]

    def count_changes(self, tip: Sha, paths: Sequence[str], *, limit: int = 200) -> int:
        """How many commits up to `tip` touched any of `paths`, counting no further than `limit`."""
        if not paths:
            return 0
        listed = self._git.text(
            "rev-list", f"--max-count={limit}", tip, "--", *(f":(literal,top){path}" for path in paths)
        )
        return len(listed.split())

    def commit(
        self, tree: Tree, parents: Sequence[Sha], message: str, *, author: Signature, committer: Signature
    ) -> Sha:
        """Write a commit; the same arguments always give the same id."""
        words = [word for parent in parents for word in ("-p", parent)]
        env = {**author.environment("AUTHOR"), **committer.environment("COMMITTER")}
        return Sha(self._git.text("commit-tree", tree, *words, "-F", "-", stdin=message.encode(), env=env))

    def replace_file(self, tree: Tree, path: str, data: bytes) -> Tree:
        """`tree` with the content of an existing file replaced, its mode kept."""
        if all(entry.path != path for entry in self.entries(tree)):
            raise GitError(f"{path} is not in tree {tree[:10]}")
        return self.compose(tree, {path: data})

    def add_file(self, tree: Tree, path: str, data: bytes) -> Tree:
        """`tree` with a new regular file at `path`, whose name somebody has looked at."""
        return self.compose(tree, {path: data})

    def empty_tree(self) -> Tree:
        return Tree(self._git.text("mktree", stdin=b""))

    def compose(self, tree: Tree, replacing: Mapping[str, Entry | bytes | None]) -> Tree:
        """`tree` with these paths replaced: by another tree's entry, by bytes (mode kept, else a regular file), or by nothing."""
        if not replacing:
            return tree
        modes = {entry.path: entry.mode for entry in self.entries(tree)}
        lines = [self._index_line(path, value, modes) for path, value in replacing.items()]
        with self._index(tree) as git:
            # Removed first: a folder must be able to take the place of a file.
            gone = [f"0 {'0' * len(tree)}\t{path}" for path in replacing if path in modes]
            data = "".join(f"{line}\0" for line in (*gone, *filter(None, lines)))
            git.run("update-index", "-z", "--index-info", stdin=data.encode(errors="surrogateescape"))
            return Tree(git.text("write-tree"))

    def _index_line(self, path: str, value: Entry | bytes | None, modes: Mapping[str, str]) -> str:
        if isinstance(value, bytes):
            blob = self._git.text("hash-object", "-w", "--stdin", stdin=value)
            return f"{modes.get(path, '100644')} {blob}\t{path}"
        return f"{value.mode} {value.object}\t{path}" if value else ""

    def changed_lines(self, base: str, head: str) -> dict[str, tuple[range, ...]]:
        """The lines, counted from 1, that each file of `head` has and `base` had not; renames count as new files."""
        done = self._git.run(
            "diff-tree", "-p", "-r", "-U0", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color",
            "--src-prefix=a/", "--dst-prefix=b/", base, head, "--",
        )  # fmt: skip
        return added_lines(done.stdout.decode(errors="surrogateescape"))

    def export(self, tree: str, directory: Path) -> None:
        """Write the files of `tree` into `directory`, with nothing of git beside them."""
        directory.mkdir(parents=True, exist_ok=True)
        with self._index(tree) as git:
            git.run("checkout-index", "--all", "--force", "--quiet", env={"GIT_WORK_TREE": str(directory)})

    def check_out(self, tree: str, directory: Path, *, index: Path) -> None:
        """Write the files of `tree` into `directory`, and an index file that knows them."""
        env = {"GIT_INDEX_FILE": str(index), "GIT_WORK_TREE": str(directory)}
        self._git.run("read-tree", "--reset", "-u", tree, env=env)

    def stage(self, tree: str, directory: Path, *, index: Path) -> None:
        """Make the index file of `directory` stand at `tree`; the files, and what it knows of them, stay."""
        env = {"GIT_INDEX_FILE": str(index), "GIT_WORK_TREE": str(directory)}
        self._git.run("read-tree", "-m", tree, env=env)

    def pack(self, commit: Sha, *, without: Sha | None, into: Path) -> None:
        """Copy `commit` and its history, but not that of `without`, as one pack into the object directory `into`."""
        bounds = f"{commit}\n" + (f"^{without}\n" if without else "")
        (into / "pack").mkdir(parents=True, exist_ok=True)
        words = (
            "pack-objects",
            "--revs",
            "--delta-base-offset",
            "--non-empty",
            "--quiet",
            str(into / "pack" / "pack"),
        )
        self._git.run(*words, stdin=bounds.encode())

    def fetch_bundle(self, bundle: Path, name: str) -> Sha:
        """Take in the commit that a bundle holds under `name`, every object checked; no reference is written.

        Raises:
            GitError: the bundle is broken, has no such head, or fsck refuses an object in it.
        """
        head = self.bundle_heads(bundle).get(name)
        if head is None:
            raise GitError(f"{bundle.name} holds no {name}")
        # Not `git fetch`: before 2.46 it checks no object of a bundle, and it walks the whole history.
        pack = bundle.read_bytes().partition(b"\n\n")[2]
        small = int.from_bytes(pack[8:12], "big") < _LOOSE_LIMIT
        words = (
            ("unpack-objects", "-q", "--strict")
            if small
            else ("index-pack", "--stdin", "--fix-thin", "--strict")
        )
        self._git.run(*words, stdin=pack)
        if self.resolve(head) is None:
            raise GitError(f"{bundle.name} does not hold the commit {head[:10]}")
        return head

    def bundle_heads(self, bundle: Path) -> dict[str, Sha]:
        lines = self._git.text("bundle", "list-heads", str(bundle)).splitlines()
        return {name: Sha(sha) for sha, _, name in (line.partition(" ") for line in lines)}

    @contextmanager
    def _index(self, tree: str) -> Iterator[Git]:
        with TemporaryDirectory(prefix="podium-index-") as scratch:
            git = Git(self._git.git_dir, {**self._git.extra, "GIT_INDEX_FILE": str(Path(scratch) / "index")})
            git.run("read-tree", tree)
            yield git


def spread(changes: Sequence[FileChange]) -> float:
    """Shannon entropy, in bits, of the changed lines over the files (Hassan 2009)."""
    lines = [change.added + change.deleted for change in changes]
    total = sum(lines)
    return -sum(n / total * math.log2(n / total) for n in lines if n) if total else 0.0


def _entry(line: str) -> Entry:
    head, _, path = line.partition("\t")
    mode, kind, name, size = head.split()
    return Entry(mode, kind, name, 0 if size == "-" else int(size), path)


def _file_change(line: str) -> FileChange:
    added, deleted, path = line.split("\t", 2)
    return FileChange(path, *(0 if count == "-" else int(count) for count in (added, deleted)))
