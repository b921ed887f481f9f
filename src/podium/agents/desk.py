"""What agents that are programs and nothing more have in common: one is started, watched, and waited for.

Whether its end means anything is for others to say.
"""

import time
from collections.abc import Callable
from pathlib import Path

from podium.agents import blocked, starting
from podium.agents.base import Bench, Brief, Report
from podium.agents.events import FILE, EventKind, Transcript
from podium.agents.limits import time_limit
from podium.agents.starting import Program
from podium.agents.wiring import wire
from podium.base import text
from podium.base.errors import Unavailable
from podium.base.processes import Ended, Running
from podium.base.redaction import Redactor
from podium.config.settings import AgentSettings

_SHOWN_BYTES = 64 * 1024
_POLL_S = 0.1
_POLLS_PER_QUESTION = 5
"""`should_stop` may read a database: it is asked twice a second, not ten times."""


def work(
    what: Program, settings: AgentSettings, *, bench: Bench, brief: Brief, should_stop: Callable[[], bool]
) -> Report:
    """Run the program on the bench to its end, or take up the one that runs there already.

    Raises:
        Unavailable: a key or a login it needs is missing.
    """
    wiring = wire(settings, port=starting.port(bench, settings))
    running, redact = bench.running(), Redactor(starting.secrets(settings, wiring))
    if running is None:
        if wiring.missing:
            raise Unavailable(wiring.missing)
        running = starting.start(
            what, settings, wiring, bench=bench, brief=brief, session=None, time_limit=time_limit(settings, brief)
        )  # fmt: skip
    told = _Told(bench.transcript / FILE, running.output, redact)
    try:
        ended = _await_end(running, should_stop, told.more)
        told.end(ended)
    finally:
        told.close()
    return _report(ended, running.output, bench=bench, redact=redact)


class _Told:
    """Writes down what a program says, as it says it. Begun again after a crash, it writes all of it down again."""

    def __init__(self, transcript: Path, output: Path, redact: Redactor) -> None:
        transcript.unlink(missing_ok=True)
        self._transcript = Transcript(transcript, clock=time.time, redact=redact)
        self._output = output
        self._offset = 0
        self._transcript.say(EventKind.STARTED, "its program runs")

    def more(self) -> None:
        """What it said since the last look."""
        self._transcript.flush()
        if not self._output.exists() or self._output.stat().st_size <= self._offset:
            return
        with self._output.open("rb") as file:
            file.seek(self._offset)
            data = file.read(_SHOWN_BYTES)
        self._offset += len(data)
        self._transcript.crumb(EventKind.TEXT, data.decode(errors="replace"))

    def end(self, ended: Ended) -> None:
        """The rest of what it said, and how it ended."""
        before = -1
        while before < self._offset:
            before = self._offset
            self.more()
        outcome = {"exit": "ok" if ended.code == 0 else "failed", "stopped": "cancelled"}.get(
            ended.reason, "failed"
        )
        because = ended.note or f"{ended.reason}, code {ended.code}"
        self._transcript.say(
            EventKind.TURN_DONE, f"{outcome}: {because}", end=outcome, seconds=ended.duration_s
        )

    def close(self) -> None:
        self._transcript.close()


def _await_end(running: Running, should_stop: Callable[[], bool], look: Callable[[], None]) -> Ended:
    """Wait for the end, which the time limit bounds; kill the whole tree when told to stop."""
    polls = 0
    while (ended := running.ended()) is None:
        if polls % _POLLS_PER_QUESTION == 0:
            look()
            if should_stop():
                running.stop()
        polls += 1
        time.sleep(_POLL_S)
    return ended


def _report(ended: Ended, output: Path, *, bench: Bench, redact: Redactor) -> Report:
    well = ended.reason == "exit" and ended.code == 0
    note = text.clean_line(ended.note) or (blocked.excuse(bench) if well else "")
    return Report(
        exit_code=ended.code,
        reason=ended.reason,
        duration_s=ended.duration_s,
        output=_end_of(output, redact),
        note=redact(note),
    )


def _end_of(output: Path, redact: Redactor) -> str:
    """Read the last lines of the output, safe to print and to keep; nothing when there was none."""
    if not output.exists():
        return ""
    with output.open("rb") as file:
        file.seek(max(0, output.stat().st_size - _SHOWN_BYTES))
        return text.tail(redact(text.clean(file.read().decode(errors="replace"))))
