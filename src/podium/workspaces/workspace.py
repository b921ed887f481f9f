"""A workspace: where one attempt is made.

    work/      the files, with a git directory of the agent's own that borrows objects from the mirror
    run/       the agent's process, kept by the shim
    private/   files of Podium's for the agent, mounted only when named
    out/       what the collector makes of the work

Once the agent was started the host never runs git on `work/.git`; what the agent did is read by `collecting.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from podium.base import processes
from podium.base.digest import digest
from podium.base.files import remove_tree
from podium.base.processes import Order, Running
from podium.git.repository import Repository
from podium.model.ids import Sha, Tree
from podium.workspaces.collecting import Collected, Collector
from podium.workspaces.sandboxes.base import Box, Sandbox

MIRROR_INSIDE = Path("/run/podium/mirror.git")
_BRANCH = "refs/heads/podium"


@dataclass(frozen=True, slots=True)
class Extras:
    """What contained programs of one attempt get beyond the workspace: further host paths and bounds."""

    read: Mapping[Path, Path] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 8192
    processes: int = 1024


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace of one attempt, prepared; an agent works in it through `start`."""

    directory: Path
    attempt: str
    base: Sha
    repository: Repository
    sandbox: Sandbox
    mirror: Path
    extras: Extras = field(default_factory=Extras)

    @property
    def work(self) -> Path:
        return self.directory / "work"

    @property
    def private(self) -> Path:
        """Files the agent needs beside its work; mounted only when named in `read`."""
        return self.directory / "private"

    def start(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str],
        time_limit: timedelta,
        read: Mapping[Path, Path],
        output_limit_bytes: int,
        network: bool,
    ) -> Running:
        """Start a program in the workspace, or take up the one that an earlier Podium started there."""
        run = self.directory / "run"
        taken = processes.take_up(run)
        if taken:
            return taken
        box = self._box(argv, env=env, read=read, network=network)
        contained = self.sandbox.contain(box)
        order = Order(
            contained.argv, contained.env, contained.cwd, time_limit, output_limit_bytes, detached=True
        )
        return processes.start(order, run)

    def collect(self, *, limit_kb: int, time_limit: timedelta = timedelta(minutes=5)) -> Collected | None:
        """What the agent made of the base, taken into the repository as one commit; None when it is the base's tree.

        The comparison is with the base, whatever seed the work began from. Asked twice, it gives the same commit.

        Raises:
            Unavailable: the collector could not run here; that says nothing about the work.
        """
        collector = Collector(self.repository, self.sandbox, self.mirror, scratch=self.directory / "out")
        return collector.collect(
            self.work, attempt=self.attempt, base=self.base, limit_kb=limit_kb, time_limit=time_limit
        )

    def remove(self) -> None:
        """Stop what still runs here and delete the directory."""
        taken = processes.take_up(self.directory / "run")
        if taken and taken.ended() is None:
            taken.stop()
            taken.wait()
        remove_tree(self.directory)

    def _box(
        self, argv: tuple[str, ...], *, env: Mapping[str, str], read: Mapping[Path, Path], network: bool
    ) -> Box:
        return Box(
            argv,
            work=self.work,
            inside=self.repository.root,
            env={**self.extras.env, **env},
            read={self.mirror: MIRROR_INSIDE, **self.extras.read, **read},
            network=network,
            memory_mb=self.extras.memory_mb,
            processes=self.extras.processes,
        )


def prepare(
    repository: Repository,
    sandbox: Sandbox,
    *,
    attempt: str,
    base: Sha,
    mirror: Path,
    seed: Tree | None = None,
    extras: Extras | None = None,
) -> Workspace:
    """The workspace of `attempt`: its files are those of `seed`, or of `base` when there is none; its HEAD is `base`.

    `mirror` is what `mirror.sync` gave. A workspace in which an agent was started is handed back untouched; one whose
    preparation was cut short is made anew.
    """
    directory = repository.state / "workspaces" / slug(attempt)
    workspace = Workspace(directory, attempt, base, repository, sandbox, mirror, extras or Extras())
    if processes.take_up(directory / "run"):
        return workspace
    remove_tree(directory)
    for name in ("work", "private", "out"):
        (directory / name).mkdir(mode=0o700, parents=True)
    borrowed = MIRROR_INSIDE if sandbox.maps_paths else mirror
    _make_git_directory(
        workspace.work / ".git", base=base, borrowed=borrowed, object_format=repository.object_format
    )
    index = workspace.work / ".git" / "index"
    repository.objects.check_out(seed or base, workspace.work, index=index)
    if seed:
        repository.objects.stage(base, workspace.work, index=index)
    return workspace


def slug(attempt: str) -> str:
    """A directory name for an attempt: readable, and never the same for two."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", attempt).strip(".-")[:80]
    return f"{readable}-{digest(attempt)[:10]}"


def _make_git_directory(directory: Path, *, base: Sha, borrowed: Path, object_format: str) -> None:
    """What `git init --template=` makes, with a branch that stands at `base` and the mirror's objects to read."""
    for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (directory / name).mkdir(parents=True)
    (directory / "HEAD").write_text(f"ref: {_BRANCH}\n")
    (directory / _BRANCH).write_text(f"{base}\n")
    (directory / "objects/info/alternates").write_text(f"{borrowed}/objects\n")
    (directory / "config").write_text(
        "[core]\n\trepositoryformatversion = 1\n\tbare = false\n\tlogallrefupdates = true\n[gc]\n\tauto = 0\n"
        f"[user]\n\tname = agent\n\temail = agent@localhost\n[extensions]\n\tobjectformat = {object_format}\n"
    )
