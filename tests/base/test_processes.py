"""Programs under the shim: bounded output, bounded time, whole trees killed, taken up after a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from podium.base.errors import Unavailable
from podium.base.files import read_json
from podium.base.processes import Order, Running, run, start, take_up

LONG = timedelta(seconds=30)
PATH = {"PATH": "/usr/bin:/bin"}


def order(
    script: str, *, cwd: Path, time_limit: timedelta = LONG, detached: bool = False, bound: int = 4096
) -> Order:
    return Order(("sh", "-c", script), PATH, cwd, time_limit, output_limit_bytes=bound, detached=detached)


def eventually(true: Callable[[], object], *, within_s: float = 5) -> bool:
    until = time.monotonic() + within_s
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def is_running(marker: str) -> bool:
    """Whether any process has `marker` in its command line."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker.encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False


def sleeper(tmp_path: Path) -> tuple[str, str]:
    """(a shell word that sleeps long, a text only its command line has)"""
    program = tmp_path / f"sleeper-{os.getpid()}-{tmp_path.name}"
    program.symlink_to("/bin/sleep")
    return f"{program} 300", program.name


@pytest.mark.parametrize("code", [0, 1, 42])
def test_the_exit_code_passes_through(tmp_path: Path, code: int) -> None:
    ended = start(order(f"echo out; echo err >&2; exit {code}", cwd=tmp_path), tmp_path / "run").wait()
    assert (ended.code, ended.reason, ended.truncated) == (code, "exit", False)
    assert (tmp_path / "run/output").read_bytes() == b"out\nerr\n"


def test_death_by_a_signal_is_128_and_the_signal(tmp_path: Path) -> None:
    assert start(order("kill -SEGV $$", cwd=tmp_path), tmp_path / "run").wait().code == 128 + signal.SIGSEGV


def test_a_missing_program_is_not_started_and_says_which(tmp_path: Path) -> None:
    ended = start(Order(("no-such-program",), PATH, tmp_path, LONG), tmp_path / "run").wait()
    assert (ended.code, ended.reason) == (127, "not-started")
    assert "no-such-program" in ended.note


def test_a_word_no_program_can_take_is_not_started(tmp_path: Path) -> None:
    assert (
        start(Order(("echo", "a\0b"), PATH, tmp_path, LONG), tmp_path / "run").wait().reason == "not-started"
    )


def test_the_environment_is_the_orders_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_PERSON", "hunter2")
    started = start(Order(("env",), {**PATH, "GIVEN": "1"}, tmp_path, LONG), tmp_path / "run")
    started.wait()
    assert set(started.output.read_text().split()) == {"PATH=/usr/bin:/bin", "GIVEN=1"}


def test_the_order_does_not_stay_on_disk(tmp_path: Path) -> None:
    start(Order(("true",), {**PATH, "TOKEN": "hunter2"}, tmp_path, LONG), tmp_path / "run").wait()
    assert not any(b"hunter2" in path.read_bytes() for path in (tmp_path / "run").iterdir())
    assert (tmp_path / "run").stat().st_mode & 0o077 == 0


def test_long_output_keeps_its_first_and_its_last_part(tmp_path: Path) -> None:
    started = start(order("seq 1 100000", cwd=tmp_path, bound=2000), tmp_path / "run")
    ended, kept = started.wait(), started.output.read_text()
    assert ended.truncated
    assert ended.output_bytes == 588_895
    assert kept.startswith("1\n2\n3\n")
    assert kept.endswith("99999\n100000\n")
    assert "bytes dropped" in kept
    assert len(kept) < 2100


def test_time_is_bounded_and_the_whole_tree_dies(tmp_path: Path) -> None:
    program, marker = sleeper(tmp_path)
    script = f"setsid {program} & (setsid sh -c '{program}' &) ; {program}"
    bounded = order(script, cwd=tmp_path, time_limit=timedelta(seconds=0.4))
    ended = start(bounded, tmp_path / "run").wait()
    assert ended.reason == "timeout"
    assert not is_running(marker)


def test_what_a_program_leaves_behind_dies_with_it(tmp_path: Path) -> None:
    program, marker = sleeper(tmp_path)
    ended = start(
        order(f"setsid {program} & (setsid {program} &); exit 3", cwd=tmp_path), tmp_path / "run"
    ).wait()
    assert (ended.code, ended.reason) == (3, "exit")
    assert not is_running(marker)


def test_a_child_that_floods_the_output_cannot_hide_the_end(tmp_path: Path) -> None:
    ended = start(order("yes & exit 5", cwd=tmp_path), tmp_path / "run").wait()
    assert (ended.code, ended.reason) == (5, "exit")
    assert ended.duration_s < 5


def test_stopping_kills_the_tree(tmp_path: Path) -> None:
    program, marker = sleeper(tmp_path)
    stopped = start(order(f"setsid {program} & {program}", cwd=tmp_path), tmp_path / "run")
    assert eventually(lambda: is_running(marker))
    stopped.stop()
    assert stopped.wait().reason == "stopped"
    assert not is_running(marker)


def test_stopping_what_has_ended_changes_nothing(tmp_path: Path) -> None:
    finished = start(order("exit 4", cwd=tmp_path), tmp_path / "run")
    finished.wait()
    finished.stop()
    assert finished.wait().code == 4


STARTER = """
import sys, time
from datetime import timedelta
from pathlib import Path
from podium.base.processes import Order, start
directory, detached, script = Path(sys.argv[1]), sys.argv[2] == "detached", sys.argv[3]
start(Order(("sh", "-c", script), {"PATH": "/usr/bin:/bin"}, directory.parent, timedelta(seconds=30), detached=detached), directory)
print("started", flush=True)
time.sleep(60)
"""


def supervisor(directory: Path, kind: str, script: str) -> "subprocess.Popen[bytes]":
    """A process of its own that started `script` and now waits to be killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(directory), kind, script], stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"started\n"
    return process


def kill(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()


def test_a_detached_program_outlives_its_supervisor_and_is_taken_up(tmp_path: Path) -> None:
    kill(
        supervisor(tmp_path / "run", "detached", "while [ ! -e go ]; do sleep 0.05; done; echo done; exit 7")
    )
    taken = take_up(tmp_path / "run")
    assert taken
    assert taken.ended() is None
    (tmp_path / "go").touch()
    assert (taken.wait().code, taken.output.read_text()) == (7, "done\n")


def test_any_other_program_dies_with_its_supervisor(tmp_path: Path) -> None:
    program, marker = sleeper(tmp_path)
    process = supervisor(tmp_path / "run", "attached", f"setsid {program} & {program}")
    assert eventually(lambda: is_running(marker))
    kill(process)
    assert eventually(lambda: not is_running(marker))
    taken = take_up(tmp_path / "run")
    assert taken
    assert taken.wait().reason == "stopped"


def test_a_killed_shim_takes_the_program_along_and_leaves_a_vanished_end(tmp_path: Path) -> None:
    program, marker = sleeper(tmp_path)
    lost = start(order(f"exec {program}", cwd=tmp_path), tmp_path / "run")
    assert eventually(lambda: is_running(marker))
    os.kill(read_json(tmp_path / "run/started.json")["pid"], signal.SIGKILL)  # type: ignore[index]
    assert lost.wait().reason == "vanished"
    assert eventually(lambda: not is_running(marker))


def test_nothing_to_take_up_where_nothing_was_started(tmp_path: Path) -> None:
    assert take_up(tmp_path / "run") is None


def test_a_process_id_of_before_the_reboot_is_nobody(tmp_path: Path) -> None:
    (tmp_path / "started.json").write_text(f'{{"pid": {os.getpid()}, "start_time": "1", "boot": "another"}}')
    assert Running(tmp_path).wait().reason == "vanished"


def test_a_short_program_is_run_to_its_end() -> None:
    done = run(["sh", "-c", "cat; echo no >&2; exit 3"], env=PATH, stdin=b"in")
    assert (done.code, done.stdout, done.stderr) == (3, b"in", b"no\n")


def test_a_short_program_that_is_missing_or_late_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="not found"):
        run(["no-such-program"], env=PATH)
    with pytest.raises(Unavailable, match="did not end"):
        run(["sleep", "5"], env=PATH, time_limit=timedelta(seconds=0.1))
