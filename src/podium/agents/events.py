"""What happened in an attempt, in one vocabulary for every kind of agent, and the file it is kept in.

    started     the agent's program runs; for ACP, its session stands
    text        what it says                    thought     what it says it thinks
    tool        what it says it does            plan        what it says it means to do
    permission  what it asked, what Podium answered
    usage       what it has used so far, as it says
    told        what it was told: the brief, a person's word, what the gate found
    note        what Podium did or saw: a limit, a fault of the protocol
    unknown     what no version of the protocol that Podium knows has a name for
    turn-done   how a turn ended: ok, failed, cancelled or unknown

None of it is evidence. It is there to be read by people; secrets are blotted out and control characters shown before it
is written.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from io import SEEK_END, FileIO
from pathlib import Path
from typing import Any

from podium.base.text import clean

FILE = "events.jsonl"
LIMIT_BYTES = 8 * 1024 * 1024
_ALWAYS_BYTES = 64 * 1024
"""Kept free for how it ended, when all else has filled the file."""
_LONGEST_TEXT = 16_000
_CHUNK_CHARACTERS = 4000
"""Text comes in crumbs; so much of it is put together to one event."""
_KEPT_BACK_CHARACTERS = 400
"""Of a text that runs on: a secret may be in the middle of being said."""
_MOST_KEPT_BACK = 8000
"""Of a text that has no place to be cut at."""
_PAUSE_S = 2.0
"""After so long a silence a text does not run on; whoever reads along need not wait for its end."""


class EventKind(StrEnum):
    STARTED = "started"
    TEXT = "text"
    THOUGHT = "thought"
    TOOL = "tool"
    PLAN = "plan"
    PERMISSION = "permission"
    USAGE = "usage"
    TOLD = "told"
    NOTE = "note"
    UNKNOWN = "unknown"
    TURN_DONE = "turn-done"


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """One line of a transcript. `at` is in seconds since the epoch; `data` holds JSON values by the kind."""

    at: float
    kind: EventKind
    text: str
    data: dict[str, Any] = field(default_factory=dict)


class Transcript:
    """Writes the events of one attempt, bounded; whoever reads along sees whole lines only."""

    def __init__(
        self, path: Path, *, clock: Callable[[], float], redact: Callable[[str], str] = lambda text: text
    ) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("a+b", buffering=0)
        self._size = _end_line(self._file)
        self._clock = clock
        self._redact = redact
        self._running: EventKind | None = None
        self._crumbs: list[str] = []
        self._crumbs_length = 0
        self._next_cut = _CHUNK_CHARACTERS
        self._heard = 0.0

    def say(self, kind: EventKind, text: str, /, **data: Any) -> None:
        """Write an event down, after the text that came before it."""
        self._finish()
        self._write(AgentEvent(self._clock(), kind, text, data))

    def crumb(self, kind: EventKind, text: str) -> None:
        """Take a part of a running text; it is written when a line's worth of it is there, or something else happens."""
        if self._running is not kind:
            self._finish()
        self._running, self._heard = kind, self._clock()
        self._crumbs.append(text)
        self._crumbs_length += len(text)
        if self._crumbs_length >= self._next_cut:
            self._cut()

    def flush(self) -> None:
        """Write the running text as far as no secret can be in the middle of being said."""
        if self._crumbs_length and self._clock() - self._heard >= _PAUSE_S:
            self._finish()
        elif self._crumbs_length > _KEPT_BACK_CHARACTERS:
            self._cut()

    def close(self) -> None:
        self._finish()
        self._file.close()

    def _finish(self) -> None:
        """Write all of the running text: it is over."""
        self._write_running("".join(self._crumbs), rest="")

    def _cut(self) -> None:
        """Write what can be told from what may follow; where nothing can for too long, all but the end."""
        text = "".join(self._crumbs)
        beyond = max(0, len(text) - _MOST_KEPT_BACK)
        end = beyond + seam(text[beyond:], self._harmless)
        self._write_running(text[:end], rest=text[end:])

    def _write_running(self, text: str, *, rest: str) -> None:
        self._crumbs, self._crumbs_length = [rest], len(rest)
        self._next_cut = len(rest) + _CHUNK_CHARACTERS
        if self._running and text:
            self._write(AgentEvent(self._clock(), self._running, text))

    def _harmless(self, text: str) -> str:
        return self._redact(clean(text))

    def _write(self, event: AgentEvent) -> None:
        text = self._harmless(event.text[: 2 * _LONGEST_TEXT])
        if len(text) > _LONGEST_TEXT:
            text = f"{text[:_LONGEST_TEXT]}\n[of {len(event.text)} characters]"
        data = _leaves(event.data, self._redact)
        shape = {
            "at": round(event.at, 3),
            "kind": event.kind,
            "text": text,
            **({"data": data} if data else {}),
        }
        line = json.dumps(shape).encode() + b"\n"
        ending = event.kind in {EventKind.TURN_DONE, EventKind.NOTE}
        if self._size + len(line) > LIMIT_BYTES + (_ALWAYS_BYTES if ending else 0):
            return
        self._size += len(line)
        self._file.write(line)


def seam(text: str, harmless: Callable[[str], str]) -> int:
    """Where a text that runs on may be cut in two: where both parts, each made harmless, are the whole made harmless.

    0 where there is no such place.
    """
    whole = harmless(text)
    fits = (end for end in _places(text) if harmless(text[:end]) + harmless(text[end:]) == whole)
    return next(fits, 0)


def _places(text: str) -> Iterator[int]:
    """White space first, the last that leaves enough behind it: few secrets have any, and one that is said may be long."""
    last = len(text) - _KEPT_BACK_CHARACTERS
    end = last
    while end > 0:
        end = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
        if end > 0:
            yield end
        end -= _KEPT_BACK_CHARACTERS
    if len(text) >= _MOST_KEPT_BACK:  # it cannot be kept for ever
        yield from range(last, 0, -_KEPT_BACK_CHARACTERS)


def read_events(path: Path, *, offset: int = 0) -> Iterator[tuple[AgentEvent, int]]:
    """The events after `offset` bytes, each with the offset behind it; a line that is not whole yet is left for later."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            event = _parsed(line)
            if event:
                yield event, offset


def _parsed(line: bytes) -> AgentEvent | None:
    try:
        shape = json.loads(line)
        return AgentEvent(shape["at"], EventKind(shape["kind"]), shape["text"], shape.get("data", {}))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _end_line(file: FileIO) -> int:
    """End the line that a killed writer left half; the size of the file."""
    size = file.seek(0, SEEK_END)
    if size and file.seek(-1, SEEK_END) is not None and file.read(1) != b"\n":
        size += file.write(b"\n")
    return size


def _leaves(value: Any, redact: Callable[[str], str]) -> Any:
    """The JSON value with every text in it made harmless."""
    if isinstance(value, str):
        return redact(clean(value))
    if isinstance(value, list | tuple):
        return [_leaves(one, redact) for one in value]
    if isinstance(value, dict):
        return {redact(str(key)): _leaves(one, redact) for key, one in value.items()}
    return value
