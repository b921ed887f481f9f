"""Starts an agent's program in its workspace, and beside it, where there is something to watch, a client process of ours.

What the program gets: its HOME filled with the files of its profile, a way out to the hosts it may reach, the brief. What
it does not get: the person's HOME, their keys, the network.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from podium.agents.acp.assignment import Assignment, Mailbox, SessionOrder
from podium.agents.acp.meter import Rule
from podium.agents.base import Bench, Brief
from podium.agents.egress import porch
from podium.agents.wiring import Wiring
from podium.base import environment
from podium.base.digest import canonical, digest
from podium.base.files import write_atomically
from podium.base.processes import Running
from podium.config.settings import AgentSettings
from podium.workspaces.sandboxes.base import Contained

CLIENT = "podium.agents.acp.client"
OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024
SYSTEM_PYTHON = 'python=/usr/bin/python3; [ -x "$python" ] || python=python3; exec "$python" -I -S "$@"'
"""The system's Python where there is one, else the first on the path: this is asked inside the sandbox."""
_INSIDE = Path("/run/podium")
_SOCKET_INSIDE = _INSIDE / "egress.sock"
_ANSWER_INSIDE = _INSIDE / "answer"
_PORT = 3128
_PROFILE = "profile"
SESSION = "session"
"""The mailbox's name among a workspace's private files."""
_CLIENT_LIMIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Program:
    """What to start: `files` are the names of files it needs beside the brief, and what is in them."""

    argv: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[Path, Path] = field(default_factory=dict)


def by_system_python(*words: str) -> tuple[str, ...]:
    """The argv of a program of ours that runs inside the sandbox."""
    return ("/bin/sh", "-c", SYSTEM_PYTHON, *words)


def beside(brief: Brief, name: str) -> str:
    """Where the agent sees a file that was laid out beside its brief."""
    return str(brief.file.with_name(name))


def answers(bench: Bench) -> Path:
    """Where an agent at this bench is to put an answer, as it sees it."""
    return _ANSWER_INSIDE if bench.maps_paths else bench.answer


def brief_file(bench: Bench) -> Path:
    """Where the agent finds its brief: outside of the workspace where paths are mapped, as that may be read-only."""
    return (_INSIDE if bench.maps_paths else bench.private) / "brief.md"


def secrets(settings: AgentSettings, wiring: Wiring) -> tuple[str, ...]:
    """What must be kept nowhere: the keys Podium adds on its side, and what the agent is given of the person's environment."""
    return (*wiring.secrets, *environment.variables(settings.env).values())


def mailbox(bench: Bench) -> Mailbox:
    return Mailbox(bench.private / SESSION)


def port(bench: Bench, settings: AgentSettings) -> int:
    """Where the agent finds its way out: on a network of its own any port is free, elsewhere they must not meet."""
    alone = bench.maps_paths and not settings.network
    return _PORT if alone else 20_000 + int(digest(bench.attempt)[:8], 16) % 20_000


def start(
    program: Program, settings: AgentSettings, wiring: Wiring, *, bench: Bench, brief: Brief,
    session: SessionOrder | None, time_limit: timedelta,
) -> Running:  # fmt: skip
    """Start it: with a client beside it when it is to be talked with or watched, else alone."""
    contained = _contain(program, settings, wiring, bench=bench, brief=brief)
    write_atomically(bench.private / _PROFILE, _profile(settings))
    if session is None and wiring.rules is None:
        return bench.start(contained, time_limit=time_limit, output_limit_bytes=OUTPUT_LIMIT_BYTES)
    box = mailbox(bench)
    box.assign(
        Assignment(
            argv=contained.argv, env=contained.env, cwd=contained.cwd, session=session, rules=wiring.rules, secrets=secrets(settings, wiring),
            rule=Rule(settings.usage, settings.input_excludes_cached), failure_marks=settings.failure_marks,
            idle_s=settings.idle_minutes * 60, linger_s=settings.linger_minutes * 60,
        )
    )  # fmt: skip
    client = replace(
        contained, argv=(sys.executable, "-m", CLIENT, str(box.directory)), env=environment.variables(["PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"]), cwd=box.directory
    )  # fmt: skip
    limit = _CLIENT_LIMIT if session else time_limit
    return bench.start(client, time_limit=limit, output_limit_bytes=OUTPUT_LIMIT_BYTES)


def begun_as(private: Path, settings: AgentSettings) -> bool:
    """Whether what was started with these private files was started with just these settings."""
    profile = private / _PROFILE
    return profile.is_file() and profile.read_bytes() == _profile(settings)


def _profile(settings: AgentSettings) -> bytes:
    return digest(settings.model_dump(mode="json")).encode()


def _contain(
    program: Program, settings: AgentSettings, wiring: Wiring, *, bench: Bench, brief: Brief
) -> Contained:
    argv, files = program.argv, dict(program.files)
    read = {Path(path).expanduser(): Path(path).expanduser() for path in settings.read} | dict(program.mounts)
    if wiring.home or wiring.rules is not None:
        argv, entrance = _through_the_porch(program.argv, settings, wiring, bench=bench, brief=brief)
        files |= entrance
    if wiring.rules is not None and bench.maps_paths:
        read[mailbox(bench).directory / "egress.sock"] = _SOCKET_INSIDE
    return bench.contain(
        argv,
        env=_environment(program, settings, wiring, bench=bench, brief=brief),
        read=lay_out(bench, brief, files) | read,
        write={bench.answer: answers(bench)},
        network=settings.network or (wiring.rules is not None and not bench.maps_paths),
    )


def _through_the_porch(
    argv: tuple[str, ...], settings: AgentSettings, wiring: Wiring, *, bench: Bench, brief: Brief
) -> tuple[tuple[str, ...], dict[str, bytes]]:
    """The argv that fills HOME and opens the way out before it becomes `argv`, and the files that takes."""
    socket = _SOCKET_INSIDE if bench.maps_paths else mailbox(bench).directory / "egress.sock"
    open_way = wiring.rules is not None
    plan = {
        "socket": str(socket) if open_way else None,
        "port": port(bench, settings) if open_way else None,
        "home": dict(wiring.home),
    }
    files = {"porch.py": Path(porch.__file__).read_bytes(), "porch.json": canonical(plan).encode()}
    return (
        *by_system_python("porch", beside(brief, "porch.py"), beside(brief, "porch.json"), "--"),
        *argv,
    ), files


def lay_out(bench: Bench, brief: Brief, files: Mapping[str, bytes]) -> dict[Path, Path]:
    """Write the brief and further files where the agent finds them; host paths to those it sees."""
    laid_out = {}
    for name, data in {brief.file.name: brief.text.encode(), **files}.items():
        write_atomically(bench.private / name, data)
        laid_out[bench.private / name] = brief.file.with_name(name)
    return laid_out


def _environment(
    program: Program, settings: AgentSettings, wiring: Wiring, *, bench: Bench, brief: Brief
) -> dict[str, str]:
    return {
        **environment.variables(settings.env),
        **wiring.env,
        **program.env,
        "PODIUM_TASK": brief.task,
        "PODIUM_ATTEMPT": bench.attempt,
        "PODIUM_BRIEF": str(brief.file),
        "PODIUM_ANSWER": str(answers(bench)),
    }
