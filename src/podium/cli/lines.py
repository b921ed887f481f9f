"""The screen that is no terminal: one line for each event that matters."""

import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console

from podium.cli.render.events import event_line, told
from podium.cli.screen import show
from podium.model.event import Event
from podium.project.views.overview import Overview


class Lines:
    """Prints as things happen, and flushes, so that a log can be followed."""

    def __init__(self, console: Console, *, start: float) -> None:
        self._console = console
        self._start = start

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.stdout.flush()

    def show(self, events: Sequence[Event], look: Callable[[], Overview]) -> None:  # noqa: ARG002 - lines need no look
        for event in told(events):
            show(self._console, event_line(event, start=self._start))
        self._console.file.flush()


def lines(console: Console) -> Lines:
    """Lines that count from now."""
    return Lines(console, start=time.time())
