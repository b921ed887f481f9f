"""Control groups: found by what the kernel tells, made for one program, gone with it."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from podium.base import cgroups
from podium.base.cgroups import Cgroups, Controller, places, sweep
from podium.base.files import read_json
from podium.base.processes import Group, Order, start

PATH = {"PATH": "/usr/bin:/bin"}

V1_MOUNTS = (
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime shared:9 - cgroup cgroup rw,pids\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
)
V1_OWN = "8:pids:/\n4:memory:/a/b\n0::/\n"
V2_MOUNTS = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
V2_OWN = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-7.scope\n"


def test_in_version_1_the_place_is_below_our_own_group() -> None:
    assert next(places(V1_MOUNTS, V1_OWN, "pids")) == Path("/sys/fs/cgroup/pids")
    assert next(places(V1_MOUNTS, V1_OWN, "memory")) == Path("/sys/fs/cgroup/memory/a/b")


def test_in_version_2_the_place_is_our_own_group_or_one_above_it() -> None:
    found = list(places(V2_MOUNTS, V2_OWN, "pids"))
    session = Path("/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice")
    assert found[:2] == [session / "run-7.scope", session]
    assert found[-1] == Path("/sys/fs/cgroup")


def test_in_a_container_our_own_group_is_what_is_mounted() -> None:
    mounts = "9 8 0:1 /docker/7 /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n"
    assert list(places(mounts, "8:pids:/docker/7\n", "pids")) == [Path("/sys/fs/cgroup/pids")]
    assert list(places(mounts, "8:pids:/elsewhere\n", "pids")) == [Path("/sys/fs/cgroup/pids")]


def test_where_there_are_none_nothing_is_found() -> None:
    assert list(places("", "", "pids")) == []
    assert list(places("22 1 0:5 / /proc rw - proc proc rw\n", "0::/\n", "pids")) == []


def test_in_version_2_only_a_group_that_hands_the_controller_down_will_do(tmp_path: Path) -> None:
    (tmp_path / "cgroup.subtree_control").write_text("memory\n")
    assert cgroups._files(tmp_path, "pids") == ()
    assert cgroups._files(tmp_path, "memory") == ("memory.max", "memory.swap.max")


def test_processes_and_memory_share_a_group_where_they_share_a_hierarchy() -> None:
    both = Cgroups(
        Controller(Path("/g"), ("pids.max",)), Controller(Path("/g"), ("memory.max", "memory.swap.max"))
    )
    (group,) = cgroups._groups(both, processes=5, memory_mb=1)
    assert group == Group(Path("/g"), {"pids.max": "5", "memory.max": "1048576", "memory.swap.max": "0"})


def made(parent: Path) -> list[str]:
    return [path.name for path in parent.glob("podium-*") if "probe" not in path.name]


@pytest.fixture
def groups() -> tuple[Group, ...]:
    found = cgroups.bound(processes=20, memory_mb=128)
    if not found:
        pytest.skip("no control groups can be made here")
    return found


def order(script: str, cwd: Path, groups: tuple[Group, ...]) -> Order:
    return Order(("sh", "-c", script), PATH, cwd, timedelta(seconds=20), groups=groups)


def test_a_program_and_its_children_are_in_its_groups_and_those_go_with_it(
    tmp_path: Path, groups: tuple[Group, ...]
) -> None:
    running = start(order("cat /proc/self/cgroup", tmp_path, groups), tmp_path / "run")
    pid = (read_json(tmp_path / "run/started.json") or {})["pid"]
    assert running.wait().code == 0
    assert running.output.read_text().count(f"/podium-{pid}-") >= len(groups)
    for group in groups:
        assert not [name for name in made(group.parent) if name.startswith(f"podium-{pid}-")]


FORKS = "import os, signal\nfor n in range(60):\n    if not os.fork(): signal.pause()\n"


def test_its_processes_are_bounded_even_for_root_and_all_die(
    tmp_path: Path, groups: tuple[Group, ...]
) -> None:
    if not any("pids.max" in group.bounds for group in groups):
        pytest.skip("processes cannot be bounded here")
    running = start(
        Order((sys.executable, "-c", FORKS), PATH, tmp_path, timedelta(seconds=20), groups=groups),
        tmp_path / "run",
    )
    ended = running.wait()
    assert ended.code == 1
    assert "BlockingIOError" in running.output.read_text()
    assert ended.duration_s < 10


def test_a_program_that_cannot_enter_its_group_is_not_started(tmp_path: Path) -> None:
    lost = Group(tmp_path / "no/such/hierarchy", {"pids.max": "5"})
    ended = start(order("touch ran", tmp_path, (lost,)), tmp_path / "run").wait()
    assert (ended.reason, (tmp_path / "ran").exists()) == ("not-started", False)
    assert "control group" in ended.note


def test_what_a_killed_shim_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    for name in (
        f"podium-{dead.pid}-77",
        f"podium-{os.getpid()}-77",
        "podium-x",
        "theirs",
        f"podium-{dead.pid}-78",
    ):
        (tmp_path / name).mkdir()
    (tmp_path / f"podium-{dead.pid}-78/busy").mkdir()
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"podium-{os.getpid()}-77", "podium-x", "theirs", f"podium-{dead.pid}-78",
    }  # fmt: skip
