"""The loop of a process that works: turn after turn until nothing is left, somebody stops it, or it has what it wants.

The engine does the work in threads of its own; this only keeps it going, hands what happened to a screen, and sees to
it that stopping leaves nothing behind.
"""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Protocol, Self

from podium.engine.worker import Worker
from podium.model.event import Event
from podium.project.project import Project
from podium.project.views.overview import Overview

_PAUSE_S = 0.5
_SHARE = 3
"""Looking may take a quarter of the time at most, however much there is to look at."""
_EXIT_ON_SIGNAL = 128

Until = Callable[[Worker, Sequence[Event]], bool]
"""Whether this process is done, from what is left and what happened since the last turn."""


class Screen(Protocol):
    """Where a person follows the work."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, events: Sequence[Event], look: Callable[[], Overview]) -> None:
        """Show what happened; `look` says how things stand, if the screen wants to know."""


@dataclass
class Stop:
    """The signal that asked this process to end; 0 while none did."""

    signal: int = 0


def work(project: Project, screen: Screen, *, after: int, until: Until, conclude: Callable[[], int]) -> int:
    """Work until `until`, then end with what `conclude` says. A signal ends it at once; running again continues."""
    with listening() as stop, project.worker() as worker:
        with screen:
            _turns(project, worker, screen, stop=stop, after=after, until=until)
        if stop.signal:
            print("stopping …: run again to continue", file=sys.stderr)
            _leave(worker, _EXIT_ON_SIGNAL + stop.signal)
        code = conclude()
        if not worker.idle():
            _leave(worker, code)
    return code


def until_idle(worker: Worker, _events: Sequence[Event]) -> bool:
    return worker.idle()


def never(_worker: Worker, _events: Sequence[Event]) -> bool:
    return False


def history(project: Project, *, after: int) -> Iterator[Event]:
    """Every event after `after`, page by page."""
    while events := project.events(after=after):
        yield from events
        after = events[-1].seq


@contextmanager
def listening() -> Iterator[Stop]:
    """Note the first Ctrl-C or SIGTERM; a second one ends the process the hard way, which is safe too."""
    stop = Stop()

    def note(number: int, _frame: FrameType | None) -> None:
        stop.signal = number
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _turns(project: Project, worker: Worker, screen: Screen, *, stop: Stop, after: int, until: Until) -> None:
    done = False
    while not done and not stop.signal:
        began = time.monotonic()
        worker.tick()
        done = until(worker, events := tuple(history(project, after=after)))
        if done:  # what happened since they were read
            events += tuple(history(project, after=events[-1].seq if events else after))
        after = events[-1].seq if events else after
        screen.show(events, project.overview)
        if not done:
            time.sleep(max(_PAUSE_S, _SHARE * (time.monotonic() - began)))


def _leave(worker: Worker, code: int) -> None:
    """End this process, its agents and its gates; does not return."""
    sys.stdout.flush()
    sys.stderr.flush()
    worker.interrupt(code)
