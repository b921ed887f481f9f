"""The program under test, started again and again in a sandbox of its own, on a scratch copy of the tree.

Whoever asks for it (a driver behind its door, the steps of a scenario) is never in that sandbox. All that comes back is
bytes, bounded; how a child ended is known from the shim, not from what it says. A child may be hostile.
"""

import itertools
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from podium.base.errors import Unavailable
from podium.base.files import read_untrusted, remove_tree
from podium.base.processes import Ended, Running, start
from podium.base.text import clean_line, tail
from podium.gate.acceptance import places
from podium.gate.acceptance.serving import ATTENDANT, Server, open_server, serving_argv
from podium.gate.checks.base import Context
from podium.gate.judgment import KILLED, NOT_EXECUTABLE, NOT_FOUND, cannot_run, program_named
from podium.workspaces.sandboxes.base import Box

MOST_CALLS = 10_000
MOST_SERVERS = 8
LIMIT_BYTES = 1024 * 1024
"""Of each stream and of each file that comes back."""
LONGEST_CALL = timedelta(minutes=2)

_INSIDE = Path("/run/podium")
# The word of ours comes first, so that a sandbox that cannot be set up is not taken for a child that fails.
_LAUNCH = 'printf "%s\\n" "$0" && exec <"$1/in" 2>"$1/err" && shift && exec "$@"'
_FILE_MB = 256
_LONGEST_SERVED = timedelta(minutes=10)
_ROOM_TO_WORK_BYTES = 64 * 1024
_MOST_DOUBTS = 5
_POLL_S, _ASK_S = 0.005, 0.25


@dataclass(frozen=True, slots=True)
class Call:
    """One start of the program. `env` is added to what the project's configuration grants."""

    argv: tuple[str, ...]
    stdin: bytes = b""
    env: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 10.0

    @property
    def time_limit(self) -> timedelta:
        return max(timedelta(milliseconds=50), min(timedelta(seconds=self.timeout_s), LONGEST_CALL))


@dataclass(frozen=True, slots=True)
class Ran:
    """How one child ended. `hung` means that its time ran out, `flooded` that it printed more than is kept."""

    code: int
    out: bytes
    err: bytes
    hung: bool = False
    flooded: bool = False


class TooMuch(Exception):
    """More was asked for than one run of a driver may ask."""


class Children:
    """The children of one acceptance run. Calls are taken one at a time; `close` ends what still runs.

    `doubts` are reasons not to blame the change for a failure: a program that this machine lacks, a child that was
    killed for want of memory. `calls` counts the programs that were started.
    """

    def __init__(self, context: Context, room: Path) -> None:
        self.doubts: list[str] = []
        self.calls = 0
        self._context = context
        self._room = room
        self._work = room / "tree"
        self._fresh = False
        self._servers: dict[int, Server] = {}
        self._alone = threading.RLock()
        self._closed = False
        self._places = itertools.count()
        room.mkdir(parents=True)

    def renew(self) -> None:
        """Have the next one who asks find the tree as it was exported, and no server running."""
        with self._alone:
            self._stop_servers()
            self._fresh = False

    def run(self, call: Call) -> Ran:
        """Start the program and wait for its end.

        Raises:
            TooMuch: there were too many calls.
            OSError: this machine is in trouble.
            PodiumError: the sandbox does not work, or Podium is to stop.
        """
        with self._alone, self._place() as place:
            self._count()
            (place / "room").mkdir()
            (place / "room" / "in").write_bytes(call.stdin)
            word, seen_as = secrets.token_hex(16), self._seen_as(place)
            box = self._box(("sh", "-c", _LAUNCH, word, str(seen_as), *call.argv), call.env, place=place)
            order = self._context.sandbox.contain(box).order(
                time_limit=call.time_limit, output_limit_bytes=LIMIT_BYTES + len(word) + 1
            )
            running = start(order, place / "run")
            ended = self._wait(running)
            out = read_untrusted(running.output, limit_bytes=LIMIT_BYTES + 1024)
            ran = _ran(ended, out, word=word, err=_errors(place / "room" / "err"))
            self._doubt(call, ran)
            return ran

    def write(self, path: str, data: bytes) -> None:
        """Put a file into the tree that children see.

        Raises:
            ValueError: `path` is no place in it.
        """
        with self._alone:
            places.put(self._tree(), path, data)

    def read(self, path: str) -> bytes | None:
        """The start of a file of that tree; None where there is none.

        Raises:
            ValueError: `path` is no place in it.
        """
        with self._alone:
            return places.take(self._tree(), path, limit_bytes=LIMIT_BYTES)

    def serve(self, call: Call, port: int) -> tuple[int, str]:
        """Start a server that goes on running: its number, and why it does not answer at `port` (or nothing).

        Raises: as `run`.
        """
        with self._alone:
            if len(self._servers) >= MOST_SERVERS:
                raise TooMuch(f"more than {MOST_SERVERS} servers run at a time")
            if self._context.sandbox.kind != "bubblewrap":
                # Without a network of its own, the program would meet the machine's ports.
                raise Unavailable(
                    f"the {self._context.sandbox.kind} sandbox has no network of its own to serve in"
                )
            self._count()
            place = self._new_place()
            (place / "room").mkdir()
            word, seen_as = secrets.token_hex(16), self._seen_as(place)
            argv = serving_argv(
                word, room=seen_as, port=port, wait_s=call.time_limit.total_seconds(), argv=call.argv
            )
            box = self._box(argv, call.env, place=place, serves=True)
            order = self._context.sandbox.contain(box).order(
                time_limit=_LONGEST_SERVED, output_limit_bytes=LIMIT_BYTES
            )
            server = open_server(order, place, word=word)
            self._servers[self.calls] = server
            trouble = server.await_ready(call.time_limit.total_seconds(), self._is_over)
            if trouble:
                self._doubt(call, Ran(server.code, b"", server.output().encode()))
            return self.calls, trouble

    def ask(self, number: int, request: Mapping[str, object], *, timeout_s: float) -> Mapping[str, object]:
        """What the server of that number answers to an HTTP request; `failed` in it says why it does not.

        Raises:
            ValueError: there is no such server.
            TooMuch: there were too many calls.
        """
        with self._alone:
            self._count()
            if number not in self._servers:
                raise ValueError("this server was stopped")
            limit_s = min(timeout_s, LONGEST_CALL.total_seconds())
            return self._servers[number].ask(request, timeout_s=limit_s, should_stop=self._is_over)

    def stop(self, number: int) -> str:
        """End a server; what it printed."""
        with self._alone:
            server = self._servers.pop(number, None)
            return server.stop() if server else ""

    def close(self) -> None:
        """End everything; nothing can be asked afterwards."""
        self._closed = True  # before the lock: whoever holds it waits for a child that is to end now
        with self._alone:
            self._stop_servers()

    def _is_over(self) -> bool:
        return self._closed or self._context.should_stop()

    def _stop_servers(self) -> None:
        for number in list(self._servers):
            self.stop(number)

    def _count(self) -> None:
        if self._is_over():
            raise Unavailable("it was stopped")
        self.calls += 1
        if self.calls > MOST_CALLS:
            raise TooMuch(f"it asked for more than {MOST_CALLS} programs and answers")

    def _tree(self) -> Path:
        if not self._fresh:
            exported = self._context.export()
            remove_tree(self._work)
            shutil.copytree(exported, self._work, symlinks=True)
            self._fresh = True
        return self._work

    def _box(self, argv: Sequence[str], env: Mapping[str, str], *, place: Path, serves: bool = False) -> Box:
        context = self._context
        return Box(
            argv=tuple(argv), work=self._tree(), inside=context.repository.root, env={**context.env, **env},
            read={Path(path): Path(path) for path in context.read} | (ATTENDANT if serves else {}),
            write={place / "room": self._seen_as(place)}, network=context.network and not serves, file_mb=_FILE_MB,
        )  # fmt: skip

    def _seen_as(self, place: Path) -> Path:
        return _INSIDE if self._context.sandbox.maps_paths else place / "room"

    @contextmanager
    def _place(self) -> Iterator[Path]:
        place = self._new_place()
        yield place
        remove_tree(place)

    def _new_place(self) -> Path:
        place = self._room / f"call-{next(self._places)}"
        place.mkdir()
        return place

    def _wait(self, running: Running) -> Ended:
        ask_at = time.monotonic() + _ASK_S
        while (ended := running.ended()) is None:
            if time.monotonic() >= ask_at:
                ask_at = time.monotonic() + _ASK_S
                if self._is_over():
                    running.stop()
            time.sleep(_POLL_S)
        return ended

    def _doubt(self, call: Call, ran: Ran) -> None:
        full = bool(ran.code) and shutil.disk_usage(self._room).free < _ROOM_TO_WORK_BYTES
        doubt = "a program ran out of space on the disk" if full else _doubt(call, ran)
        if doubt and len(self.doubts) < _MOST_DOUBTS:
            self.doubts.append(doubt)


def _ran(ended: Ended, output: bytes, *, word: str, err: bytes) -> Ran:
    """What a child showed.

    Raises:
        Unavailable: nothing is known of it.
    """
    greeting = f"{word}\n".encode()
    if ended.reason not in ("exit", "timeout"):
        raise Unavailable(
            f"a program could not be watched to its end: {clean_line(ended.note) or ended.reason}"
        )
    if not output.startswith(greeting):
        said = clean_line(tail(output.decode(errors="replace"), lines=2)) or f"exit code {ended.code}"
        raise Unavailable(f"the sandbox did not get to start a program: {said}")
    hung, flooded = ended.reason == "timeout", ended.truncated or len(err) >= LIMIT_BYTES
    return Ran(ended.code, output.removeprefix(greeting)[:LIMIT_BYTES], err, hung=hung, flooded=flooded)


def _errors(file: Path) -> bytes:
    try:
        return read_untrusted(file, limit_bytes=LIMIT_BYTES)
    except OSError:  # replaced by the child, who then has said nothing
        return b""


def _doubt(call: Call, ran: Ran) -> str:
    """Why a failure of this child may be the machine's; a program that the tree should have brought along never is."""
    if ran.code == KILLED and not ran.hung:
        return "a program was killed, perhaps for want of memory"
    program = program_named(ran.err.decode(errors="replace")) or call.argv[0]
    if ran.code in (NOT_EXECUTABLE, NOT_FOUND) and ("/" not in program or program.startswith("/")):
        return cannot_run(ran.code, clean_line(program, limit=80))
    return ""
