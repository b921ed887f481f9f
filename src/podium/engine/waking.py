"""Waking the queues: DBOS looks for work at intervals, and each look costs. So it looks seldom, and at once when there is some.

DBOS has no call for that. Its queue threads wait on the event that stops them; after the launch that event becomes one that
a `Bell` can wake. Should a later DBOS wait on something else, it looks at its intervals, and nothing is lost but time.
"""

import threading
import time
from collections.abc import Iterable

_BUSY_S = 1.0
"""So long after the bell it looks often: what frees a slot is on record only a moment later."""
_OFTEN_S = 0.1


class Bell:
    """Rung when there may be work; safe from any thread."""

    def __init__(self) -> None:
        self.heard = threading.Condition()
        self._rung = float("-inf")

    def ring(self) -> None:
        with self.heard:
            self._rung = time.monotonic()
            self.heard.notify_all()

    def pause_s(self, longest_s: float) -> float:
        """How long to wait for the next ring."""
        busy = time.monotonic() - self._rung < _BUSY_S
        return min(_OFTEN_S, longest_s) if busy else longest_s

    def hang_on(self, stops: Iterable[threading.Event]) -> None:
        """Have who waits for these events, and for no longer than it may, wait for the bell too."""
        for stop in stops:
            if type(stop) is threading.Event:
                stop.__class__ = _Hearing
                stop.__dict__["bell"] = self


class _Hearing(threading.Event):
    bell: Bell

    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None or not threading.current_thread().name.startswith("queue-worker-"):
            return super().wait(timeout)
        with self.bell.heard:
            if not self.is_set():
                self.bell.heard.wait(self.bell.pause_s(timeout))
        return self.is_set()

    def set(self) -> None:
        super().set()
        self.bell.ring()
