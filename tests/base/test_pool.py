"""Work over several processes: in order, with errors, and nothing left behind however it ends."""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from podium.base.errors import Unavailable
from podium.base.pool import spread_out

LONG = "import time; from podium.base.pool import spread_out; spread_out(time.sleep, [600] * 4, workers=2)"


def children(parent: int) -> set[int]:
    """The workers of a process; that it has other children (Python's own tracker of semaphores) does not matter."""
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {int(child) for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()}


def alive(process: int) -> bool:
    """Whether it runs; one that is dead and waits to be counted does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(question: Callable[[], bool]) -> None:
    for _ in range(600):
        if question():
            return
        time.sleep(0.05)
    pytest.fail("it did not come about in 30 seconds")


def test_results_come_in_the_order_of_the_tasks_and_each_is_told() -> None:
    told: list[float] = []
    found = spread_out(math.sqrt, [9.0, 4.0, 1.0, 0.0], workers=2, done=told.append)
    assert found == [3, 2, 1, 0]
    assert sorted(told) == [0, 1, 2, 3]


def test_one_worker_is_this_process() -> None:
    assert spread_out(lambda _task: os.getpid(), [1, 2], workers=1) == [os.getpid()] * 2


def test_the_error_of_a_task_is_raised_here_at_once() -> None:
    with pytest.raises(ValueError, match="math domain"):
        spread_out(math.sqrt, [-1.0, 4.0, 9.0], workers=2)


def test_a_worker_that_is_killed_is_said_and_not_waited_for() -> None:
    with pytest.raises(Unavailable, match="was killed"):
        spread_out(os._exit, [1, 1], workers=2)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_lives_on_when_it_is_interrupted_or_killed(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LONG], stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        until(lambda: len(children(process.pid)) == 2)
        workers = children(process.pid)
        process.send_signal(how)
        assert process.wait(30) == -how
        until(lambda: not any(alive(worker) for worker in workers))
