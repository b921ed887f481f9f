"""The escape suite: every way out fails in the sandbox and says so, the host is unharmed, and each check can fail."""

import os
from pathlib import Path

import pytest
from escapes import ESCAPES, FORK_BOMB, MEMORY_BOMB, Escape
from hostile_scene import SECRETS, Result, staged
from players import BUBBLEWRAP, contained, under_every_sandbox

from podium.base import cgroups
from podium.workspaces.sandboxes.base import Box, Sandbox
from podium.workspaces.sandboxes.registry import SANDBOXES

Results = dict[str, Result]

_, LANDLOCK, UNCONFINED = SANDBOXES
HELD_BY_LANDLOCK = [escape for escape in ESCAPES if escape.landlock]
OPEN = [escape for escape in ESCAPES if escape.open]


def each(escapes: list[Escape] | tuple[Escape, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [escape.name for escape in escapes])


@pytest.fixture(scope="session")
def in_bubblewrap(tmp_path_factory: pytest.TempPathFactory) -> Results:
    with staged(tmp_path_factory.mktemp("bubblewrap")) as scene:
        results = scene.play(BUBBLEWRAP, ESCAPES)
        return {**results, "harm": Result(len(scene.harm()), str(scene.harm()))}


@pytest.fixture(scope="session")
def in_landlock(tmp_path_factory: pytest.TempPathFactory) -> Results:
    if LANDLOCK.unavailable():
        pytest.skip(LANDLOCK.unavailable())
    with staged(tmp_path_factory.mktemp("landlock")) as scene:
        return scene.play(LANDLOCK, HELD_BY_LANDLOCK)


@pytest.fixture(scope="session")
def in_the_open(tmp_path_factory: pytest.TempPathFactory) -> Results:
    with staged(tmp_path_factory.mktemp("open")) as scene:
        results = scene.play(UNCONFINED, OPEN)
        return {**results, "harm": Result(len(scene.harm()), str(scene.harm()))}


@each(ESCAPES)
def test_bubblewrap_holds_it_and_says_so(in_bubblewrap: Results, name: str) -> None:
    assert_held(in_bubblewrap[name])


@each(HELD_BY_LANDLOCK)
def test_landlock_holds_it_and_says_so(in_landlock: Results, name: str) -> None:
    assert_held(in_landlock[name])


@each(OPEN)
def test_without_a_sandbox_it_gets_out(in_the_open: Results, name: str) -> None:
    assert in_the_open[name].code == 0, in_the_open[name]


def test_the_host_is_unharmed_and_would_have_noticed(in_bubblewrap: Results, in_the_open: Results) -> None:
    assert in_bubblewrap["harm"].said == "[]"
    assert in_the_open["harm"].code == 3 + 4, "canaries and listeners"


def assert_held(result: Result) -> None:
    assert result.code, f"it got out: {result.said}"
    assert result.said.strip(), "it was held, but nothing said so"
    assert not any(secret in result.said for secret in SECRETS)


@under_every_sandbox
@pytest.mark.parametrize(
    ("bomb", "small", "large"),
    [
        (FORK_BOMB, {"processes": 100}, {"processes": 1000}),
        (MEMORY_BOMB, {"memory_mb": 160}, {"memory_mb": 1024}),
    ],
    ids=["processes", "memory"],
)
def test_a_bomb_is_stopped_by_the_bound_and_by_nothing_else(
    tmp_path: Path, sandbox: Sandbox, bomb: Escape, small: dict[str, int], large: dict[str, int]
) -> None:
    if not bounded(bomb, sandbox):
        pytest.skip("no control groups can be made here, and podium doctor says so")
    for bounds, stopped in ((small, True), (large, False)):
        with staged(tmp_path / str(stopped)) as scene:
            result = scene.play(sandbox, [bomb], **{"processes": 1000, "memory_mb": 1024, **bounds})[
                bomb.name
            ]
        assert bool(result.code) == stopped, result


def bounded(bomb: Escape, sandbox: Sandbox) -> bool:
    """Whether this machine has the means; processes of anybody but root are bounded by bubblewrap's limits as well."""
    found = cgroups.find()
    if bomb is MEMORY_BOMB:
        return found is not None and found.memory is not None
    return bool(found and found.pids) or (sandbox is BUBBLEWRAP and os.getuid() != 0)


DAEMON = """
import os, signal, sys
if os.fork():
    os._exit(0)
os.setsid()
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
if os.fork():
    os._exit(0)
os.closerange(0, 100)
open("away", "w").close()
os.execv(sys.executable, [sys.argv[1], "-c", "import signal; signal.pause()"])
"""


@under_every_sandbox
def test_a_daemon_does_not_outlive_the_command(tmp_path: Path, sandbox: Sandbox) -> None:
    marker = f"podium-daemon-{os.getpid()}-{sandbox.kind}"
    work = tmp_path / "room/work"
    work.mkdir(parents=True)
    (work / "daemon.py").write_text(DAEMON)
    script = f"python3 daemon.py {marker}; while [ ! -e away ]; do sleep 0.01; done; echo left it"
    assert contained(sandbox, Box(("sh", "-c", script), work, work)).said == "left it\n"
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline") if marker.encode() in _bytes(path)]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
