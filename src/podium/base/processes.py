"""The only door to other processes.

`run` is for short trusted programs (git, a version question): it waits, bounds the output, and returns.
`Servant` is a trusted program that stays, and answers one question after another.
`start` is for anything an agent or a repository may have written: the program runs under the shim (`shim.py`), which
bounds its output and its time, kills its whole tree, writes how it ended to a file, and can outlive this process.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, TypeVar

from podium.base.errors import Unavailable
from podium.base.files import read_json, write_json

_SHIM = Path(__file__).with_name("shim.py")
Answer = TypeVar("Answer")
_FIRST_POLL_S, _LONGEST_POLL_S = 0.001, 0.02


@dataclass(frozen=True, slots=True)
class Finished:
    """How a short program ended. `code` is negative for a signal, as `subprocess` has it."""

    argv: tuple[str, ...]
    code: int
    stdout: bytes
    stderr: bytes


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: bytes = b"",
    time_limit: timedelta = timedelta(minutes=5),
) -> Finished:
    """Run a short trusted program to its end.

    Raises:
        Unavailable: the program is missing or did not end in time.
    """
    try:
        done = subprocess.run(
            list(argv),
            input=stdin,
            capture_output=True,
            env=dict(env),
            cwd=cwd,
            check=False,
            timeout=time_limit.total_seconds(),
        )
    except FileNotFoundError as error:
        if cwd is not None and not cwd.is_dir():
            raise Unavailable(f"{cwd} is no directory (any more)") from error
        raise Unavailable(f"cannot run {argv[0]}: not found", hint=f"install {Path(argv[0]).name}") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{' '.join(argv[:3])} did not end within {time_limit}") from error
    return Finished(tuple(argv), done.returncode, done.stdout, done.stderr)


class Servant:
    """A trusted program that answers questions over its standard input and output, for any thread of this process.

    It starts when first asked, and again where it has died, or where this process is a fork of the one that started it. It
    ends with this process, however that ends: its input closes.
    """

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str]) -> None:
        self._argv, self._env = list(argv), dict(env)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, question: bytes, listen: Callable[[IO[bytes]], Answer]) -> Answer:
        """Ask, and wait for the answer, which `listen` reads; it raises EOFError where it ends too early.

        Raises:
            Unavailable: the program cannot be run, or ended twice without an answer.
        """
        with self._lock:
            for _ in range(2):
                try:
                    return listen(self._asked(question))
                except (EOFError, OSError):
                    self._end()
                except BaseException:
                    # In the middle of an answer: the next question would get the rest of it.
                    self._end()
                    raise
        raise Unavailable(f"{' '.join(self._argv[:1])} gives no answer")

    def _asked(self, question: bytes) -> IO[bytes]:
        process = self._process
        if process is None or self._owner != os.getpid():
            process = self._process = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._env,
            )
            self._owner = os.getpid()
            weakref.finalize(self, _dismiss, process)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(question)
        process.stdin.flush()
        return process.stdout

    def _end(self) -> None:
        if self._process and self._owner == os.getpid():
            _dismiss(self._process)
        self._process = None


def _dismiss(process: "subprocess.Popen[bytes]") -> None:
    """Killed, not asked: another child of ours may still hold its input open."""
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            pipe.close()  # type: ignore[union-attr]
    process.wait()


def find_program(name: str, *, path: str) -> Path | None:
    """Where `name` is found along `path`, the way a shell looks for it."""
    found = shutil.which(name, path=path)
    return Path(found) if found else None


@dataclass(frozen=True, slots=True)
class Group:
    """A control group to be made below `parent` for one program; `bounds` gives the files to set in it, and to what.

    The program enters it before it runs, and all it starts is born in it. It goes when they are dead.
    """

    parent: Path
    bounds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """What to run under the shim, and within which bounds."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    time_limit: timedelta
    output_limit_bytes: int = 4 * 1024 * 1024
    detached: bool = False
    """A detached program outlives this process; any other is killed when this process dies."""
    groups: tuple[Group, ...] = ()
    """A program that cannot enter its control groups is not started."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program under the shim ended.

    `code` is the exit code, or 128 + the signal. `reason` is `exit`, `timeout`, `stopped`, `not-started` or
    `vanished` (the shim itself was killed: nothing is known of the program's end).
    """

    code: int
    reason: str
    duration_s: float
    output_bytes: int
    truncated: bool
    cpu_s: float = 0.0
    note: str = ""


class Running:
    """A program under the shim, whoever started it: this process or one that died since.

    Everything is in `directory`: `order.json` until the shim has taken it, `started.json`, `output`, `exit.json`.
    """

    def __init__(self, directory: Path, lifeline: int | None = None) -> None:
        self._directory = directory
        self._lifeline = lifeline

    @property
    def output(self) -> Path:
        """The bounded output, standard error woven in, as it grows."""
        return self._directory / "output"

    def ended(self) -> Ended | None:
        """How it ended, or None while it runs."""
        record = read_json(self._directory / "exit.json")
        if record is None and not self._shim_alive():
            # The shim writes exit.json last; look once more in case it ended between the two looks.
            record = read_json(self._directory / "exit.json") or _vanished(self._directory)
        if record is None:
            return None
        self._let_go()
        return Ended(**record)

    def wait(self) -> Ended:
        """Wait for the end; the shim's own time limit bounds it."""
        pause = _FIRST_POLL_S
        while (ended := self.ended()) is None:
            time.sleep(pause)
            pause = min(pause * 1.2, _LONGEST_POLL_S)
        return ended

    def stop(self) -> None:
        """Ask the shim to kill the whole tree. Its end is then `stopped`."""
        started = read_json(self._directory / "started.json")
        if started and _same_process(started):
            os.kill(started["pid"], signal.SIGTERM)

    def _shim_alive(self) -> bool:
        started = read_json(self._directory / "started.json")
        return started is not None and _same_process(started)

    def _let_go(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


def start(order: Order, directory: Path) -> Running:
    """Start a program under the shim; `directory` must be empty or not there yet.

    Raises:
        OSError: the directory cannot be written.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)  # the order's environment may hold secrets
    write_json(directory / "order.json", _written(order))
    read_end, write_end = os.pipe()
    try:
        shim = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SHIM), str(directory), "" if order.detached else str(read_end)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=() if order.detached else (read_end,),
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        )
    finally:
        os.close(read_end)
    _reaped.append(shim)
    _await_start(directory, shim)
    if order.detached:
        os.close(write_end)
        return Running(directory)
    return Running(directory, write_end)


def take_up(directory: Path) -> Running | None:
    """A program that an earlier process started in `directory`, or None when none was."""
    return Running(directory) if read_json(directory / "started.json") else None


def is_running(pid: int) -> bool:
    """Whether a process of this number runs on this machine."""
    return _start_time(pid) is not None


_reaped: list[subprocess.Popen[bytes]] = []


def _await_start(directory: Path, shim: "subprocess.Popen[bytes]") -> None:
    for old in [old for old in _reaped if old.poll() is not None]:
        _reaped.remove(old)
    while read_json(directory / "started.json") is None and shim.poll() is None:
        time.sleep(0.002)


def _written(order: Order) -> dict[str, object]:
    return {
        "argv": list(order.argv), "env": dict(order.env), "cwd": str(order.cwd),
        "time_limit_s": order.time_limit.total_seconds(), "output_limit_bytes": order.output_limit_bytes,
        "groups": [{"parent": str(group.parent), "bounds": dict(group.bounds)} for group in order.groups],
    }  # fmt: skip


def _vanished(directory: Path) -> dict[str, object]:
    output = directory / "output"
    size = output.stat().st_size if output.exists() else 0
    return {"code": 137, "reason": "vanished", "duration_s": 0.0, "output_bytes": size, "truncated": False,
            "note": "the process that watched this one was killed"}  # fmt: skip


def _same_process(started: Mapping[str, object]) -> bool:
    return started["boot"] == _boot() and _start_time(int(str(started["pid"]))) == started["start_time"]


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _start_time(pid: int) -> str | None:
    """Clock ticks since boot at which `pid` started; None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]
