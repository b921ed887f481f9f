"""Where the time of a check goes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

Taken = ParamSpec("Taken")
Given = TypeVar("Given")


class Stopwatch:
    """Measures a whole, from its making on, and the parts of it that have a name."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._parts: dict[str, float] = {}

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        """Count what happens meanwhile to a part."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._parts[part] = self._parts.get(part, 0.0) + time.monotonic() - began

    def timed(self, part: str, does: Callable[Taken, Given]) -> Callable[Taken, Given]:
        """The same function, each call of it counted to a part."""

        def timed(*args: Taken.args, **kwargs: Taken.kwargs) -> Given:
            with self.on(part):
                return does(*args, **kwargs)

        return timed

    def total_s(self) -> float:
        return time.monotonic() - self._began

    def spent(self) -> dict[str, float]:
        """The seconds of each part, to the millisecond; what is left of the whole is the rest."""
        total = self.total_s()
        parts = {name: round(seconds, 3) for name, seconds in self._parts.items()}
        return {**parts, "the check itself": round(max(0.0, total - sum(self._parts.values())), 3)}
