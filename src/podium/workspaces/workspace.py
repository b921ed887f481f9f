"""A workspace: where one attempt is made.

    work/      the files, with a git directory of the agent's own that borrows objects from the mirror
    run/       the agent's process, kept by the shim
    private/   files of Podium's for the agent, mounted only when named
    answer/    where an agent that is asked for an answer puts it
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
from podium.base.processes import Running
from podium.git.repository import Repository
from podium.model.ids import Sha, Tree
from podium.workspaces.collecting import Collected, Collector
from podium.workspaces.sandboxes.base import Box, Contained, Sandbox

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
    read_only: bool = False
    """Its files cannot be changed from within: for those who judge."""

    @property
    def work(self) -> Path:
        return self.directory / "work"

    @property
    def private(self) -> Path:
        """Files the agent needs beside its work; mounted only when named in `read`."""
        return self.directory / "private"

    @property
    def answer(self) -> Path:
        """The directory an answer is expected in; untrusted."""
        return self.directory / "answer"

    @property
    def transcript(self) -> Path:
        """Where what is said and done here is kept when the workspace is gone."""
        return transcripts(self.repository) / slug(self.attempt)

    @property
    def inside(self) -> Path:
        """The working directory as contained programs see it."""
        return self.repository.root if self.sandbox.maps_paths else self.work

    @property
    def maps_paths(self) -> bool:
        return self.sandbox.maps_paths

    def running(self) -> Running | None:
        """The program that was started here, by whichever Podium, or None."""
        return processes.take_up(self.directory / "run")

    @property
    def alive(self) -> bool:
        """Whether a program that was started here still runs."""
        running = self.running()
        return running is not None and running.ended() is None

    def contain(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str],
        read: Mapping[Path, Path],
        write: Mapping[Path, Path],
        network: bool,
    ) -> Contained:
        """Turn a command into one that runs contained in the workspace."""
        return self.sandbox.contain(
            Box(
                argv,
                work=self.work,
                inside=self.repository.root,
                writable=not self.read_only,
                env={**self.extras.env, **env},
                read={self.mirror: MIRROR_INSIDE, **self.extras.read, **read},
                write=write,
                network=network,
                memory_mb=self.extras.memory_mb,
                processes=self.extras.processes,
            )
        )

    def start(self, command: Contained, *, time_limit: timedelta, output_limit_bytes: int) -> Running:
        """Start a command that outlives this process."""
        order = command.order(time_limit=time_limit, output_limit_bytes=output_limit_bytes, detached=True)
        return processes.start(order, self.directory / "run")

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

    def halt(self) -> None:
        """Stop what still runs here."""
        running = self.running()
        if running and running.ended() is None:
            running.stop()
            running.wait()

    def remove(self) -> None:
        """Stop what still runs here and delete the directory."""
        self.halt()
        remove_tree(self.directory)


def place(repository: Repository, attempt: str) -> Path:
    """The directory of a workspace."""
    return repository.state / "workspaces" / slug(attempt)


def prepare(
    repository: Repository,
    sandbox: Sandbox,
    *,
    attempt: str,
    base: Sha,
    mirror: Path,
    seed: Tree | None = None,
    extras: Extras | None = None,
    read_only: bool = False,
) -> Workspace:
    """The workspace of `attempt`: its files are those of `seed`, or of `base` when there is none; its HEAD is `base`.

    `mirror` is what `mirror.sync` gave. A workspace in which an agent was started is handed back untouched; one whose
    preparation was cut short is made anew.
    """
    directory = place(repository, attempt)
    workspace = Workspace(
        directory, attempt, base, repository, sandbox, mirror, extras or Extras(), read_only
    )
    if workspace.running():
        return workspace
    remove_tree(directory)
    for name in ("work", "private", "answer", "out"):
        (directory / name).mkdir(mode=0o700, parents=True)
    (directory / "attempt").write_text(attempt)
    (directory / "sandbox").write_text(sandbox.kind)
    borrowed = MIRROR_INSIDE if sandbox.maps_paths else mirror
    _make_git_directory(
        workspace.work / ".git", base=base, borrowed=borrowed, object_format=repository.object_format
    )
    index = workspace.work / ".git" / "index"
    repository.objects.check_out(seed or base, workspace.work, index=index)
    if seed:
        repository.objects.stage(base, workspace.work, index=index)
    return workspace


def transcripts(repository: Repository) -> Path:
    """Where the transcripts of all attempts are, each in a directory named by `slug`."""
    return repository.state / "transcripts"


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
