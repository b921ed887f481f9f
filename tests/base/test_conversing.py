"""Programs that are talked with die with whoever talks with them, whatever ended that one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from podium.base.processes import is_running

_PATIENCE_S = 20.0
_HOST = """
import asyncio, sys
from pathlib import Path
from podium.base.conversing import converse, run

LOOP = ["/bin/sh", "-c", "echo $$ > pid.new; mv pid.new pid; while :; do sleep 0.1; done"]

async def talk():
    program = await converse(LOOP, env={}, cwd=Path.cwd(), keep_stderr=lambda _data: None)
    await program.wait()

async def mute():
    await run(LOOP, env={}, cwd=Path.cwd())

asyncio.run({"talk": talk, "mute": mute}[sys.argv[1]]())
"""
_CODES = """
import asyncio, sys
from pathlib import Path
from podium.base.conversing import run

print(asyncio.run(run(["/bin/sh", "-c", sys.argv[1]], env={}, cwd=Path.cwd())))
"""


def await_pid(path: Path) -> int:
    until = time.monotonic() + _PATIENCE_S
    while not path.exists():
        assert time.monotonic() < until, "it was never started"
        time.sleep(0.02)
    return int(path.read_text())


def await_end(pid: int) -> None:
    until = time.monotonic() + _PATIENCE_S
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.02)


@pytest.mark.parametrize("way", ["talk", "mute"])
def test_a_program_dies_with_a_killed_host(tmp_path: Path, way: str) -> None:
    host = subprocess.Popen([sys.executable, "-c", _HOST, way], cwd=tmp_path)
    program = await_pid(tmp_path / "pid")
    host.kill()
    host.wait()
    await_end(program)
    left = is_running(program)
    if left:
        os.kill(program, signal.SIGKILL)
    assert not left


@pytest.mark.parametrize(("script", "code"), [("exit 3", "3"), ("kill -9 $$", "137")])
def test_the_exit_code_is_that_of_a_shell(tmp_path: Path, script: str, code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CODES, script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == code
