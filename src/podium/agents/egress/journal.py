"""The record of what an agent asked for: one JSON line a request, never a header's value, a query or a body."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from podium.base.text import clean_line

_LONGEST_PATH = 300


@dataclass(slots=True)
class Entry:
    """One request, filled in while it is served. `kind` is connect, route, forward (plain HTTP) or refused.

    `at` is in seconds since the epoch. `up_bytes` and `down_bytes` count what passed to and from the upstream.
    """

    at: float
    kind: str = "refused"
    method: str = ""
    host: str = ""
    port: int = 0
    path: str = ""
    status: int = 0
    up_bytes: int = 0
    down_bytes: int = 0
    seconds: float = 0.0
    reason: str = ""

    def line(self) -> bytes:
        shown = {name: getattr(self, name) for name in ("method", "host", "reason")}
        safe = {name: clean_line(text) for name, text in shown.items()}
        path = clean_line(self.path.partition("?")[0], limit=_LONGEST_PATH)
        return (
            json.dumps({**asdict(self), **safe, "path": path, "seconds": round(self.seconds, 3)}).encode()
            + b"\n"
        )


class Journal:
    """The file of them, bounded: when it is full, its last line says so."""

    def __init__(self, path: Path, *, limit_bytes: int) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._left = limit_bytes - os.fstat(self._file).st_size

    def write(self, entry: Entry) -> None:
        if self._left <= 0:
            return
        line = entry.line()
        self._left -= len(line)
        if self._left <= 0:
            line = Entry(entry.at, "full", reason="no more requests are recorded").line()
        os.write(self._file, line)

    def close(self) -> None:
        os.close(self._file)
