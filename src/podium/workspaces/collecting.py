"""The collector: it reads what an agent left in its work tree and brings it home as one commit.

Git looks at the untrusted tree inside the sandbox only, the tree mounted read-only, without network, and with a fresh git
directory: configuration, hooks, filters and index of the agent's own git directory are never consulted. What comes
out is a bundle; the host checks every object of it and then audits the tree.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from podium.base.errors import GitError, Unavailable
from podium.base.files import remove_tree
from podium.base.processes import Ended, start
from podium.base.text import clean_line, tail
from podium.git.objects import Signature
from podium.git.repository import Repository
from podium.model.ids import Sha, Tree
from podium.workspaces.audit import audit_change
from podium.workspaces.sandboxes.base import Box, Sandbox

_INSIDE = Path("/run/podium")
_REFERENCE = "refs/heads/change"
_OUTPUT_LIMIT_BYTES = 64 * 1024
_BUNDLE_LIMIT_MB = 512
_SKIPPED = "warning: could not open directory"
"""What git says of a folder it may not read or whose path is too long, before it goes on without it."""

# One script, one sandbox. The commit only carries the tree out; the host writes the one that counts.
_SCRIPT = """
set -eu
git read-tree "$BASE"
git add --all -- .
tree=$(git write-tree)
head=$(git commit-tree "$tree" -p "$BASE" -m work)
echo "$head" > "$GIT_DIR/refs/heads/change"
git bundle create --quiet "$OUT/change.bundle" refs/heads/change "^$BASE"
"""
_CONFIG = """[core]
	repositoryformatversion = 1
	bare = true
	hooksPath = /dev/null
	fsmonitor = false
	attributesFile = /dev/null
	excludesFile = /dev/null
	safecrlf = false
[advice]
	addEmbeddedRepo = false
[pack]
	threads = 1
[extensions]
	objectformat = {object_format}
"""
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_AUTHOR_NAME": "Podium",
    "GIT_AUTHOR_EMAIL": "podium@localhost",
    "GIT_COMMITTER_NAME": "Podium",
    "GIT_COMMITTER_EMAIL": "podium@localhost",
}


@dataclass(frozen=True, slots=True)
class Collected:
    """What was there. `head` is the commit in the repository, held by no reference yet.

    `refused` says why it cannot be taken in; `head` and `tree` are None when not even its objects could be.
    """

    head: Sha | None
    tree: Tree | None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collector:
    """Collects into `repository`, working in `scratch`, which it empties first and leaves empty."""

    repository: Repository
    sandbox: Sandbox
    mirror: Path
    scratch: Path

    def collect(
        self, work: Path, *, attempt: str, base: Sha, limit_kb: int, time_limit: timedelta
    ) -> Collected | None:
        """The work as one commit on `base`, or None when its tree is that of `base`.

        Raises:
            Unavailable: the collector could not run.
        """
        remove_tree(self.scratch)
        try:
            fault = self._bundle(work, base=base, time_limit=time_limit)
            if fault:
                return Collected(None, None, (fault,))
            return self._take_in(base, message=f"Work of {clean_line(attempt)}", limit_kb=limit_kb)
        finally:
            remove_tree(self.scratch)

    def _bundle(self, work: Path, *, base: Sha, time_limit: timedelta) -> str:
        """Make the bundle in the sandbox; why the work defies that, or nothing."""
        out = self.scratch / "made"
        contained = self.sandbox.contain(self._box(work, out, base=base))
        order = contained.order(time_limit=time_limit, output_limit_bytes=_OUTPUT_LIMIT_BYTES)
        running = start(order, self.scratch / "run")
        return _fault(running.wait(), tail(running.output.read_text(errors="replace"), lines=3))

    def _box(self, work: Path, out: Path, *, base: Sha) -> Box:
        paths = {work: _INSIDE / "work", out: _INSIDE / "out", self.mirror: _INSIDE / "mirror.git"}
        seen = paths if self.sandbox.maps_paths else {path: path for path in paths}
        _make_git_directory(
            out / "collect.git", borrowed=seen[self.mirror], object_format=self.repository.object_format
        )
        env = {
            "GIT_DIR": f"{seen[out]}/collect.git",
            "GIT_WORK_TREE": str(seen[work]),
            "OUT": str(seen[out]),
            "BASE": base,
        }
        return Box(
            ("/bin/sh", "-c", _SCRIPT),
            work=work,
            inside=paths[work],
            writable=False,
            env={**_ENVIRONMENT, **env},
            read={self.mirror: paths[self.mirror]},
            write={out: paths[out]},
            file_mb=_BUNDLE_LIMIT_MB,
        )

    def _take_in(self, base: Sha, *, message: str, limit_kb: int) -> Collected | None:
        """Check what came out, and write its tree as a commit on `base`; its date too, so the same work is the same commit."""
        bundle = self.scratch / "made" / "change.bundle"
        if (
            bundle.is_symlink()
            or not bundle.is_file()
            or bundle.stat().st_size > _BUNDLE_LIMIT_MB * 1024 * 1024
        ):
            return Collected(None, None, ("what the collector wrote is no bundle",))
        objects = self.repository.objects
        try:
            tree = objects.tree_of(objects.fetch_bundle(bundle, _REFERENCE))
        except GitError as error:
            return Collected(None, None, (str(error),))
        before = objects.commit_info(base)
        if tree == before.tree:
            return None
        podium = Signature("Podium <podium@localhost>", before.at.timestamp())
        head = objects.commit(tree, [base], f"{message}\n", author=podium, committer=podium)
        return Collected(head, tree, audit_change(objects, base, head, limit_kb=limit_kb))


def _make_git_directory(directory: Path, *, borrowed: Path, object_format: str) -> None:
    for name in ("objects/pack", "objects/info", "refs/heads"):
        (directory / name).mkdir(parents=True)
    (directory / "HEAD").write_text(f"ref: {_REFERENCE}\n")
    (directory / "objects/info/alternates").write_text(f"{borrowed}/objects\n")
    (directory / "config").write_text(_CONFIG.format(object_format=object_format))


def _fault(ended: Ended, said: str) -> str:
    """Why the work cannot be collected, in the words of git; nothing when it was.

    Raises:
        Unavailable: the trouble is this machine's, not the work's.
    """
    if ended.reason == "timeout":
        return "its files could not be read in time"
    if (
        ended.reason != "exit"
        or said.startswith(("bwrap: ", "landlock: "))
        or "No space left on device" in said
    ):
        raise Unavailable(f"the collector could not run: {ended.reason}: {said} {ended.note}".strip())
    return f"git cannot take its files in: {clean_line(said)}" if ended.code or _SKIPPED in said else ""
