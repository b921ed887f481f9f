"""What every kind of agent does with a bench: lays its files out, starts its program, and waits for the end.

Whether the end means anything is for others to say.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from podium.agents.base import Bench, Brief, Report
from podium.base import environment, text
from podium.base.files import write_atomically
from podium.base.processes import Ended, Running
from podium.config.settings import AgentSettings

OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024
_SHOWN_BYTES = 64 * 1024
_POLL = timedelta(milliseconds=100)
_POLLS_PER_QUESTION = 5
"""`should_stop` may read a database: it is asked twice a second, not ten times."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to start: `files` are the names of files it needs beside the brief, and what is in them."""

    argv: tuple[str, ...]
    files: Mapping[str, bytes]
    env: Mapping[str, str]


def work(
    program: Program, settings: AgentSettings, *, bench: Bench, brief: Brief, should_stop: Callable[[], bool]
) -> Report:
    """Run the program on the bench to its end, or take up the one that runs there already."""
    laid_out = lay_out(bench, brief, program.files)
    running = bench.running() or bench.start(
        bench.contain(
            program.argv,
            env=_environment(program, settings, bench=bench, brief=brief),
            read=laid_out | {Path(path).expanduser(): Path(path).expanduser() for path in settings.read},
            write={},
            network=settings.network,
        ),
        time_limit=time_limit(settings, brief),
        output_limit_bytes=OUTPUT_LIMIT_BYTES,
    )
    return _report(_await_end(running, should_stop), running.output)


def beside(brief: Brief, name: str) -> str:
    """Where the agent sees a file that was laid out beside its brief."""
    return str(brief.file.with_name(name))


def time_limit(settings: AgentSettings, brief: Brief) -> timedelta:
    """The shortest of the limits that are in force."""
    allowed = brief.allowance.minutes if brief.allowance else None
    minutes = min(settings.minutes, settings.minutes if allowed is None else allowed)
    return min(timedelta(minutes=minutes), brief.budget or timedelta.max)


def lay_out(bench: Bench, brief: Brief, files: Mapping[str, bytes]) -> dict[Path, Path]:
    """Write the brief and further files where the agent finds them; host paths to those it sees."""
    laid_out = {}
    for name, data in {brief.file.name: brief.text.encode(), **files}.items():
        write_atomically(bench.private / name, data)
        laid_out[bench.private / name] = brief.file.with_name(name)
    return laid_out


def _environment(program: Program, settings: AgentSettings, *, bench: Bench, brief: Brief) -> dict[str, str]:
    return {
        **environment.variables(settings.env),
        **program.env,
        "PODIUM_TASK": brief.task,
        "PODIUM_ATTEMPT": bench.attempt,
        "PODIUM_BRIEF": str(brief.file),
    }


def _await_end(running: Running, should_stop: Callable[[], bool]) -> Ended:
    """Wait for the end, which the time limit bounds; kill the whole tree when told to stop."""
    polls = 0
    while (ended := running.ended()) is None:
        if polls % _POLLS_PER_QUESTION == 0 and should_stop():
            running.stop()
        polls += 1
        time.sleep(_POLL.total_seconds())
    return ended


def _report(ended: Ended, output: Path) -> Report:
    return Report(
        exit_code=ended.code,
        reason=ended.reason,
        duration_s=ended.duration_s,
        output=_end_of(output),
        note=text.clean_line(ended.note),
    )


def _end_of(output: Path) -> str:
    """Read the last lines of the output, safe to print; nothing when there was none."""
    if not output.exists():
        return ""
    with output.open("rb") as file:
        file.seek(max(0, output.stat().st_size - _SHOWN_BYTES))
        return text.tail(file.read().decode(errors="replace"))
