"""Where an agent's program is on this machine, and which directories make it work in a sandbox."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from podium.base import environment
from podium.base.processes import find_program
from podium.config.settings import AgentSettings
from podium.workspaces.sandboxes.surroundings import homes
from podium.workspaces.toolchain import is_system, toolchain_mounts

_MOST_LINKS = 16
_PACKAGE_DEPTH = 6
_NOWHERE = Path("/nonexistent")


@dataclass(frozen=True, slots=True)
class Found:
    """The program, None where it comes with the tree or there is none; host paths to those in the sandbox.

    `missing` is empty, or what is missing and what to do about it.
    """

    found: Path | None = None
    mounts: Mapping[Path, Path] = field(default_factory=dict)
    missing: str = ""


def program(settings: AgentSettings) -> Found:
    """The program of an agent, as the person's PATH has it."""
    return find(settings, path=environment.variable("PATH"), homes=homes())


def find(settings: AgentSettings, *, path: str, homes: Sequence[Path]) -> Found:
    """The program of an agent. Nothing is searched for one that is played, or that comes with the tree under work."""
    argv = settings.acp or settings.command
    if not argv or ("/" in argv[0] and not argv[0].startswith("/")):
        return Found()
    found = find_program(argv[0], path=path)
    if found is None:
        where = "is not there" if argv[0].startswith("/") else "is not on the PATH"
        return Found(missing=f"{argv[0]} {where}" + (f"; {settings.install}" if settings.install else ""))
    interpreter = _interpreter(found)
    if interpreter and find_program(interpreter, path=path) is None:
        return Found(found, missing=f"{argv[0]} needs {interpreter}, which is not on the PATH")
    script = [Path(word) for word in argv[1:2] if word.startswith("/") and Path(word).is_file()]
    mounts = {mount for file in (found, *script) for mount in _mounts(file, homes)}
    return Found(found, {mount: mount for mount in sorted(mounts)})


def _interpreter(file: Path) -> str:
    """The program that a script asks `env` for; empty where it asks for none."""
    try:
        with file.open("rb") as stream:
            words = stream.readline(256).decode(errors="replace").split()
    except OSError:
        return ""
    return words[1] if words[:1] == ["#!/usr/bin/env"] and len(words) == 2 else ""  # noqa: PLR2004 - more are options


def _mounts(file: Path, homes: Sequence[Path]) -> Iterator[Path]:
    for hop in _hops(file):
        if not is_system(hop):
            yield from _around(hop, homes)


def _hops(file: Path) -> Iterator[Path]:
    """The file and what its links lead to, one after the other."""
    for _ in range(_MOST_LINKS):
        yield file
        if not file.is_symlink():
            return
        file = _plain(file.parent / file.readlink())


def _plain(path: Path) -> Path:
    """The path without `..`, its last part left as it is: that may be a link itself."""
    return path.parent.resolve() / path.name


def _around(file: Path, homes: Sequence[Path]) -> tuple[Path, ...]:
    """What has to be visible with a file: all modules beside it, its package, its toolchain, or itself alone."""
    parents = file.parents
    modules = [parent for parent in parents if parent.name == "node_modules"]
    package = [parent for parent in list(parents)[:_PACKAGE_DEPTH] if (parent / "package.json").is_file()]
    for directory in (*modules[-1:], *package[:1]):
        if not _reveals(directory, homes):
            return (directory,)
    if file.parent.name in ("bin", "sbin") or (file.parent.parent / "pyvenv.cfg").is_file():
        return toolchain_mounts(str(file.parent), homes, inside=_NOWHERE)
    return (file,)


def _reveals(directory: Path, homes: Sequence[Path]) -> bool:
    return any(home.is_relative_to(directory) for home in homes)
