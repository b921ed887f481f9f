"""A git repository as the benchmark uses it: trees merged in memory, commits made without a checkout, clean exports."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SEALED = {
    **os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Bench", "GIT_AUTHOR_EMAIL": "bench@example.org", "GIT_AUTHOR_DATE": "@1700000000 +0000",
    "GIT_COMMITTER_NAME": "Bench", "GIT_COMMITTER_EMAIL": "bench@example.org", "GIT_COMMITTER_DATE": "@1700000000 +0000",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repository:
    """One on disk, bare or not."""

    path: Path

    @classmethod
    def clone(cls, source: Path, path: Path, *, bare: bool = False) -> "Repository":
        """A fresh one with everything that `source` has, sharing no file with it."""
        kind = ["--mirror"] if bare else []
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", *kind, source, path], env=_SEALED, check=True)
        found = cls(path)
        found.git("config", "user.name", "Bench")
        found.git("config", "user.email", "bench@example.org")
        return found

    def git(self, *words: str) -> str:
        """What git says, without the last line's end; raises where it fails."""
        done = self._run(*words)
        if done.returncode:
            raise RuntimeError(f"git {' '.join(words)} in {self.path}: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    def tree(self, name: str) -> str:
        return self.git("rev-parse", "--verify", f"{name}^{{tree}}")

    def first_parents(self, name: str, *, until: str = "") -> list[str]:
        """The positions of a branch, newest first; without `until` and what is before it."""
        return self.git("rev-list", "--first-parent", name, *([f"^{until}"] if until else [])).split()

    def files(self, before: str, after: str) -> list[str]:
        return self.git("diff", "--name-only", "--no-renames", before, after).splitlines()

    def commit(self, tree: str, message: str, *parents: str) -> str:
        above = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *above, "-m", message or "(no message)")

    def merge(self, one: str, other: str) -> str | None:
        """The tree of both; None where they conflict as text."""
        done = self._run("merge-tree", "--write-tree", one, other)
        return done.stdout.split("\n", 1)[0] if done.returncode == 0 else None

    def carry(self, before: str, after: str, *, onto: str) -> str | None:
        """The tree `onto` with what was done from `before` to `after`; None where it does not apply."""
        base = self.commit(self.tree(before), "before")
        mine = self.commit(self.tree(onto), "onto", base)
        return self.merge(mine, self.commit(self.tree(after), "after", base))

    def write(self, tree: str, files: Mapping[str, str | None]) -> str:
        """The tree with these files in place of those of the same paths; None takes one out."""
        index = {"GIT_INDEX_FILE": str(self.path / "bench-index")}
        self._run("read-tree", tree, more=index)
        for path, text in files.items():
            if text is None:
                self._run("update-index", "--force-remove", path, more=index)
                continue
            blob = self._run("hash-object", "-w", "--stdin", said=text).stdout.strip()
            self._run("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", more=index)
        return self._run("write-tree", more=index).stdout.strip()

    def export(self, tree: str, path: Path) -> None:
        """The files of a tree, and nothing else."""
        path.mkdir(parents=True)
        with subprocess.Popen(
            ["git", "archive", "--format=tar", tree], cwd=self.path, env=_SEALED, stdout=subprocess.PIPE
        ) as archive:
            subprocess.run(["tar", "-x", "-C", path], stdin=archive.stdout, check=True)

    def _run(
        self, *words: str, said: str = "", more: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["git", *words], cwd=self.path, env=_SEALED | dict(more or {}), input=said, capture_output=True,
            text=True, errors="replace", check=False,
        )  # fmt: skip
