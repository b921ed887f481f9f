"""A process that has imported Podium, once: the Podiums that journeys start are forks of it.

Importing takes most of the processor time of a short Podium, and is the same each time. Everything else each has for
itself, as if it had been started from a shell: its process and session, its environment, place, output and signals. The
command line tests and the newcomer's journey start theirs from nothing.

Run as a program, with a socket for its standard input, this is that process. It ends when the socket's other end is closed.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from podium.cli.registry import COMMANDS

_LONGEST_ORDER = 1 << 17
_POLL_S = 0.02


class ReadyPodium:
    """This side of the process that is ready: has it divide, and asks how its forks ended."""

    def __init__(self) -> None:
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen([sys.executable, __file__], stdin=theirs.fileno())
        atexit.register(self._end)

    def start(
        self, words: Sequence[str], output: IO[bytes], *, errors: IO[bytes] | None = None, cwd: str = "/"
    ) -> "Forked":
        """A fork that is `podium WORDS`, in this process's environment; without `errors` they go where the output goes."""
        order = {"words": list(words), "environment": dict(os.environ), "cwd": cwd}
        files = [output.fileno(), (errors or output).fileno()]
        return Forked(self, self._ask(order, files), tuple(words))

    def ended(self, pid: int) -> int | None:
        """The exit code of a fork, as `subprocess` has it; None while it runs. Each end is told once."""
        code: int | None = self._ask({"ended": pid}, [])
        return code

    def _end(self) -> None:
        self._door.close()
        self._process.wait()

    def _ask(self, order: dict[str, Any], files: list[int]) -> Any:
        socket.send_fds(self._door, [json.dumps(order).encode()], files)
        answer = self._door.recv(_LONGEST_ORDER)
        assert answer, "the process that is ready has ended: see what it said on the way"
        return json.loads(answer)


class Forked:
    """As much of `subprocess.Popen` as journeys need, for a process that is no child of this one."""

    def __init__(self, parent: ReadyPodium, pid: int, words: tuple[str, ...]) -> None:
        self.pid = pid
        self._parent = parent
        self._words = words
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._parent.ended(self.pid)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        until = time.monotonic() + (timeout or float("inf"))
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(self._words, timeout or 0)
            time.sleep(_POLL_S)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:  # until it was asked how it ended, its id is its own
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def ready() -> ReadyPodium:
    """One for all the tests of this process."""
    return ReadyPodium()


def podium(*words: str, cwd: Path, timeout: float = 120) -> "subprocess.CompletedProcess[str]":
    """Run `podium WORDS`, standing in `cwd`, to its end."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        code = ready().start(words, output, errors=errors, cwd=str(cwd)).wait(timeout)
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(words, code, output.read().decode(), errors.read().decode())


def _serve(door: socket.socket) -> list[str] | None:
    """Divide as often as asked. In a fork: the words of its command line; None at the end of it all."""
    while True:
        message, files, _flags, _address = socket.recv_fds(door, _LONGEST_ORDER, 2)
        if not message:
            return None
        order = json.loads(message)
        answer = _end_of(order["ended"]) if "ended" in order else os.fork()
        if answer == 0 and "words" in order:
            _become(order["environment"], order["cwd"], files)
            return list(order["words"])
        for file in files:
            os.close(file)
        door.send(json.dumps(answer).encode())


def _end_of(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _become(environment: dict[str, str], cwd: str, files: Sequence[int]) -> None:
    """Be as a process that a shell has just started."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    own = [os.open(os.devnull, os.O_RDONLY), *files]
    for number, file in enumerate(own):
        os.dup2(file, number)
    for file in own:
        os.close(file)


def _prepare() -> None:
    """Import what any command needs, and what is loaded by its name when it is needed."""
    for module in (*(command.module for command in COMMANDS.values()), "podium.store.migrating"):
        import_module(module)
    assert threading.active_count() == 1, "a process with threads cannot be divided"
    gc.collect()
    gc.freeze()


def main() -> None:
    _prepare()
    with socket.socket(fileno=os.dup(0)) as door:
        words = _serve(door)
    if words is not None:
        sys.path.remove(str(Path(__file__).parent))
        sys.argv = ["podium", *words]
        runpy.run_module("podium", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
