"""What this process has read of the fates of changes, and what the merge queue makes of it."""

import threading
from collections.abc import Iterator

from podium.landing.predictions.experience import Fared
from podium.landing.predictions.memory import Memory, fared
from podium.store.store import Store


class Reader:
    """Reads on where it stopped; safe to ask from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._memory = Memory()
        self._seq = 0

    def memory(self, store: Store) -> Memory:
        """What is believed by now."""
        with self._lock:
            self._memory.take_in(self._news(store))
            return self._memory

    def _news(self, store: Store) -> Iterator[Fared]:
        for event, decision in store.farewells(after=self._seq):
            self._seq = event.seq
            told = decision.data.get("fared", {}) if decision else {}
            seen = told.get(event.data.get("change") or event.data.get("subject"))
            if seen:
                yield fared(seen, at=event.at, landed=event.kind == "landed")
