"""Frames in and out: newline-delimited JSON, bounded, each one in the journal before anybody looks at it.

The seam the SDK's `Connection` stands on. Updates are handed over here and now, in the order they came; the connection
would make a task of each, and a flood of them a flood of tasks.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeGuard

from podium.base.conversing import Conversing

LONGEST_LINE_BYTES = 16 * 1024 * 1024
MOST_BYTES = 512 * 1024 * 1024
"""Whoever sends more than this in one session is not conversing."""
_JOURNAL_BYTES = 16 * 1024 * 1024
_LONGEST_KEPT = 64 * 1024
_CHUNK = 256 * 1024
_DEEPEST = 64
_MOST_UNANSWERED = 100
_INTERNAL_ERROR = -32603

Update = Callable[[dict[str, Any]], None]


class BoundedLog:
    """A file of lines that stops growing at its bound."""

    def __init__(
        self, path: Path, *, redact: Callable[[str], str], limit_bytes: int = _JOURNAL_BYTES
    ) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._left = limit_bytes - path.stat().st_size
        self._redact = redact
        self._open_line = b""

    def line(self, text: str) -> None:
        """Keep one line."""
        if self._left <= 0:
            return
        kept = self._redact(text[: 2 * _LONGEST_KEPT])
        short = kept if len(kept) <= _LONGEST_KEPT else f"{kept[:_LONGEST_KEPT]}[of {len(text)} characters]"
        data = short.encode(errors="replace") + b"\n"
        self._left -= len(data)
        if self._left >= 0:
            self._file.write(data)

    def take(self, data: bytes) -> None:
        """Keep what comes in pieces, line by line, so that no secret is cut in two by a piece's end."""
        *lines, self._open_line = (self._open_line + data).split(b"\n")
        if len(self._open_line) > _LONGEST_KEPT:
            lines, self._open_line = [*lines, self._open_line], b""
        for line in lines:
            self.line(line.decode(errors="replace"))

    def close(self) -> None:
        if self._open_line:
            self.take(b"\n")
        self._file.close()


class Frames:
    """The transport of one conversation. `received` counts bytes, `first_fault` is the first line that was no frame."""

    def __init__(self, program: Conversing, *, journal: BoundedLog, on_update: Update) -> None:
        self._program = program
        self._journal = journal
        self._on_update = on_update
        self._buffer = bytearray()
        self._scanned = 0
        self.received = 0
        self.first_fault = ""
        self.broken = ""
        """Why nothing more is read, though it may go on sending."""
        self._unanswered = 0
        self.last_heard = asyncio.get_running_loop().time()

    async def send(self, message: dict[str, Any]) -> None:
        line = json.dumps(message, separators=(",", ":"))
        self._journal.line(f"> {line}")
        self._unanswered -= "method" not in message
        self._program.stdin.write(line.encode() + b"\n")
        await self._program.stdin.drain()

    async def receive(self) -> dict[str, Any] | None:
        """The next message that wants an answer or is one; None at the end, and when there is no end to it."""
        while not self.broken and (line := await self._line()) is not None:
            message = self._message(line)
            if message is None:
                continue
            if message.get("method") == "session/update" and "id" not in message:
                self._on_update(_table(_table(message.get("params")).get("update")))
                continue
            self._count(message)
            return message
        return None

    def _count(self, message: dict[str, Any]) -> None:
        """Each request is a task until it is answered, and an agent that does not read its answers makes more and more."""
        self._unanswered += "method" in message and "id" in message
        if self._unanswered > _MOST_UNANSWERED:
            self.broken = f"it asked {_MOST_UNANSWERED} things and read no answer"

    async def close(self) -> None:
        """The program's pipes are closed by who started it."""

    def _message(self, line: bytes) -> dict[str, Any] | None:
        text = line.decode(errors="replace").strip()
        if not text:
            return None
        self._journal.line(f"< {text}")
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        if _is_frame(message):
            if "error" in message and not isinstance(message["error"], dict):
                message["error"] = {"code": _INTERNAL_ERROR, "message": str(message["error"])[:200]}
            return message
        self._fault(text)
        return None

    def _fault(self, text: str) -> None:
        self.first_fault = self.first_fault or text[:200]

    async def _line(self) -> bytes | None:
        """The next line, whole; one that is too long is dropped up to its end."""
        while (end := self._buffer.find(b"\n", self._scanned)) < 0:
            self._scanned = len(self._buffer)
            if len(self._buffer) > LONGEST_LINE_BYTES:
                self._fault(f"a line of more than {LONGEST_LINE_BYTES} bytes")
                await self._skip_line()
                continue
            if not await self._fill():
                return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._scanned = 0
        return line

    async def _skip_line(self) -> None:
        while (end := self._buffer.find(b"\n")) < 0:
            self._buffer.clear()
            if not await self._fill():
                break
        del self._buffer[: end + 1]
        self._scanned = 0

    async def _fill(self) -> bool:
        data = await self._program.stdout.read(_CHUNK)
        self._buffer += data
        self.received += len(data)
        self.last_heard = asyncio.get_running_loop().time()
        if self.received > MOST_BYTES:
            self.broken = f"it sent more than {MOST_BYTES // 1024**2} MiB"
        return bool(data) and not self.broken


def _is_frame(message: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is safe to hand on: an object, with an id that can be looked up, and no deeper than anybody means."""
    if not isinstance(message, dict) or type(message.get("id")) not in (int, str, type(None)):
        return False
    level: list[object] = [message]
    for _ in range(_DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return True
    return False


def _inside(value: object) -> Iterable[object]:
    """The objects and lists directly in one."""
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (one for one in values if isinstance(one, dict | list))


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
