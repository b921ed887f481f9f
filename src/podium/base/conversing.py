"""A program one talks with: its standard input and output are pipes of ours, its standard error is always read.

Part of the one door to other processes. Whoever calls lives in a process that the shim watches, so that the tree of the
program dies with it whatever happens here. Where the shim itself is killed, the kernel kills the caller and, after it,
the program; so call from the main thread, for it is the thread that the kernel takes for the parent.
"""

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

_CHUNK = 64 * 1024
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
"""Loaded before any fork: between fork and exec nothing may be loaded."""


class Conversing:
    """A running program with its pipes."""

    def __init__(self, process: asyncio.subprocess.Process, keep: Callable[[bytes], None]) -> None:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        self.stdin, self.stdout = process.stdin, process.stdout
        self._process = process
        self._keeping = asyncio.create_task(_read(process.stderr, keep))

    @property
    def code(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait for its end; it may be long."""
        return await self._process.wait()

    async def end(self, *, grace_s: float) -> None:
        """Close its input and let it go; then ask it to end, then make it. Each step takes `grace_s` at most."""
        with suppress(OSError):
            self.stdin.close()
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                if number is not None:
                    self._process.send_signal(number)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace_s)
                break
        self._keeping.cancel()
        with suppress(asyncio.CancelledError):
            await self._keeping


async def converse(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, keep_stderr: Callable[[bytes], None]
) -> Conversing:
    """Start a program to talk with; `keep_stderr` gets what it writes to its standard error, as it comes.

    Raises:
        OSError: it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *argv, env=dict(env), cwd=cwd, limit=_CHUNK, preexec_fn=partial(_die_with, os.getpid()),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    return Conversing(process, keep_stderr)


async def run(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> int:
    """Run a program that has nothing to say to us, on the standard streams of this process; its exit code as a shell has it.

    Raises:
        OSError: it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *argv, env=dict(env), cwd=cwd, preexec_fn=partial(_die_with, os.getpid())
    )
    code = await process.wait()
    return 128 - code if code < 0 else code


def _die_with(parent: int) -> None:
    """Have the kernel kill this fresh child when its parent dies, and what it becomes too."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before it could be said
        os.kill(os.getpid(), signal.SIGKILL)


async def _read(stream: asyncio.StreamReader, keep: Callable[[bytes], None]) -> None:
    while data := await stream.read(_CHUNK):
        keep(data)
