"""A server under test, and the attendant that asks it, in one sandbox; what is asked and answered goes through two pipes.

The host opens both pipes before anything of the tree runs, so that nothing put in their place is ever opened. An answer
may come from the tree's code as well as from the attendant: it is bounded, and says nothing but what a server may say.
"""

import json
import os
import select
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from podium.agents.starting import SYSTEM_PYTHON
from podium.base.errors import Unavailable
from podium.base.files import read_untrusted
from podium.base.processes import Order, Running, start
from podium.base.text import clean_line, tail

_SEEN_AS = Path("/run/podium-attendant.py")
ATTENDANT = {Path(__file__).parent / "inside" / "attendant.py": _SEEN_AS}
"""What `Box.read` must hold for it."""
_LAUNCH = f'printf "%s\\n" "$0"; {SYSTEM_PYTHON}'
_LINE_LIMIT_BYTES = 3 * 1024 * 1024
_OUTPUT_LIMIT_BYTES = 1024 * 1024
_NOT_FOUND = 127
_GRACE_S = 2.0
_LOOK_S = 0.1


def serving_argv(word: str, *, room: Path, port: int, wait_s: float, argv: Sequence[str]) -> tuple[str, ...]:
    """What runs in the sandbox: the attendant, which starts the server; `room` is where it finds the pipes."""
    return ("/bin/sh", "-c", _LAUNCH, word, str(_SEEN_AS), str(room), str(port), str(wait_s), "--", *argv)


def open_server(order: Order, place: Path, *, word: str) -> "Server":
    """Make the pipes in `place/room`, and start.

    Raises:
        OSError: this machine is in trouble.
    """
    pipes = []
    for name in ("ask", "answer"):
        os.mkfifo(place / "room" / name, 0o600)
        # Both ends are ours, too: so neither opening nor writing waits for somebody at the other.
        pipes.append(os.open(place / "room" / name, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
    return Server(start(order, place / "run"), *pipes, word=word)


class Server:
    """A server that runs, and its attendant. `code` is the server's exit code where it is known to have ended, else 0."""

    def __init__(self, running: Running, ask: int, answer: int, *, word: str) -> None:
        self.code = 0
        self._running = running
        self._ask = ask
        self._answer = answer
        self._word = word
        self._number = 0
        self._buffer = b""

    def await_ready(self, wait_s: float, should_stop: Callable[[], bool]) -> str:
        """Wait until it listens; why it does not, or nothing.

        Raises:
            Unavailable: the sandbox did not get to start it, or Podium is to stop.
        """
        said = self._hear(wait_s, should_stop)
        if said is None and self._running.ended() and not self._began():
            raise Unavailable(f"the sandbox did not get to start a server: {clean_line(self.output())}")
        said = said or {}
        if said.get("up") is True:
            return ""
        if "failed" in said:
            return clean_line(str(said["failed"]))
        code = said.get("code")
        self.code = code if isinstance(code, int) else 0
        if self.code == _NOT_FOUND or not isinstance(code, int):
            return "the server did not listen in time" if self.code == 0 else "the server was not found"
        return f"the server ended with exit code {self.code} before it listened"

    def ask(
        self, request: Mapping[str, object], *, timeout_s: float, should_stop: Callable[[], bool]
    ) -> Mapping[str, object]:
        """The answer to one request, or `{"failed": why}`."""
        self._number += 1
        line = json.dumps({**request, "number": self._number, "timeout": timeout_s}).encode() + b"\n"
        if not self._tell(line, timeout_s):
            return {"failed": "the server does not take requests"}
        return self._hear(timeout_s, should_stop) or {"failed": "the server did not answer in time"}

    def output(self) -> str:
        """The end of what it printed, safe to show."""
        try:
            data = read_untrusted(self._running.output, limit_bytes=_OUTPUT_LIMIT_BYTES)
        except OSError:
            return ""
        return tail(data.decode(errors="replace").removeprefix(f"{self._word}\n"))

    def stop(self) -> str:
        """End it and all it started; what it printed."""
        self._running.stop()
        self._running.wait()
        os.close(self._ask)
        os.close(self._answer)
        return self.output()

    def _began(self) -> bool:
        output = read_untrusted(self._running.output, limit_bytes=len(self._word))
        return output == self._word.encode()

    def _tell(self, line: bytes, timeout_s: float) -> bool:
        until = time.monotonic() + timeout_s
        while line and (left := until - time.monotonic()) > 0 and not self._running.ended():
            _, ready, _ = select.select([], [self._ask], [], min(left, _LOOK_S))
            if ready:
                line = line[os.write(self._ask, line) :]
        return not line

    def _hear(self, timeout_s: float, should_stop: Callable[[], bool]) -> dict[str, Any] | None:
        """The attendant's answer to the last request; those to earlier ones, which came too late, are passed over."""
        until = time.monotonic() + timeout_s + _GRACE_S
        while time.monotonic() < until:
            line, found, rest = self._buffer.partition(b"\n")
            if found:
                self._buffer = rest
                said = _parsed(line)
                if said.get("number", self._number) == self._number:
                    return said
            elif len(self._buffer) > _LINE_LIMIT_BYTES:
                self._buffer = b""
                return {"failed": "the answer is too long"}
            elif not self._take_more() and (self._running.ended() or should_stop()):
                return None
        return None

    def _take_more(self) -> bool:
        ready, _, _ = select.select([self._answer], [], [], _LOOK_S)
        data = os.read(self._answer, 65536) if ready else b""
        self._buffer += data
        return bool(data)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        said = None
    return said if isinstance(said, dict) else {"failed": "the answer makes no sense"}
