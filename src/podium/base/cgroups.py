"""Control groups: bounds on the processes and the memory of a whole tree, where this machine lets us make them.

`RLIMIT_NPROC` does not hold for root and counts a person's processes over all sandboxes; `RLIMIT_DATA` bounds one process,
not their sum. A control group bounds the tree. Nobody is asked for rights: a group is made beside or below our own
where it is writable, as it is in a person's systemd session, for root, and in either version of the interface. The shim
makes and removes the groups; what a killed one left is swept here.
"""

import functools
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from podium.base.errors import Unavailable
from podium.base.processes import Group, is_running, run

_PREFIX = "podium-"
_MEBIBYTE = 1024 * 1024
_JOIN = 'echo $$ > "$1/cgroup.procs"'
_MEMORY_V1 = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
_MEMORY_V2 = ("memory.max", "memory.swap.max")
_PIDS = ("pids.max",)
_TRIAL = {"pids": 64, "memory": 64 * _MEBIBYTE}
_PLAIN = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Controller:
    """Groups can be made below `parent`, and `files` in them bound what this controller counts."""

    parent: Path
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cgroups:
    """What can be bounded on this machine: at least one of the two."""

    pids: Controller | None
    memory: Controller | None


def bound(*, processes: int, memory_mb: int) -> tuple[Group, ...]:
    """The groups that hold a program to so many processes (and threads) and so much memory; none where there are none."""
    found = find()
    return _groups(found, processes=processes, memory_mb=memory_mb) if found else ()


@functools.cache
def find() -> Cgroups | None:
    """Look once per process, and really make a group and enter it. Sweeps what killed shims left."""
    mounts, own = _read("/proc/self/mountinfo"), _read("/proc/self/cgroup")
    pids, memory = (_first_that_works(places(mounts, own, name), name) for name in ("pids", "memory"))
    for controller in (pids, memory):
        if controller:
            sweep(controller.parent)
    return Cgroups(pids, memory) if pids or memory else None


def places(mounts: str, own: str, controller: str) -> Iterator[Path]:
    """Where groups of a controller might be made, from the texts of /proc/self/mountinfo and /proc/self/cgroup.

    In version 1 that is below our own group. In version 2 a group with processes has no groups below it that count: it
    is the nearest one above, whose `cgroup.subtree_control` the caller has to look at.
    """
    belongs = {names: path for _number, names, path in (line.split(":", 2) for line in own.splitlines())}
    for line in mounts.splitlines():
        before, _dash, after = line.partition(" - ")
        root, point = before.split()[3:5]
        kind, _source, options = after.split(maxsplit=2)
        if kind == "cgroup" and controller in options.split(","):
            path = next((path for names, path in belongs.items() if controller in names.split(",")), None)
            yield from [_under(point, root, path)] if path else []
        elif kind == "cgroup2" and "" in belongs:
            here = _under(point, root, belongs[""])
            yield from (place for place in (here, *here.parents) if place.is_relative_to(point))


def sweep(parent: Path) -> None:
    """Remove the groups below `parent` whose shim is gone; the kernel refuses while anything lives in one."""
    for group in parent.glob(f"{_PREFIX}*"):
        owner = group.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not is_running(int(owner)):
            with suppress(OSError):
                group.rmdir()


def _groups(found: Cgroups, *, processes: int, memory_mb: int) -> tuple[Group, ...]:
    """One group a hierarchy: a process can be in no more."""
    bounds: dict[Path, dict[str, str]] = {}
    for controller, value in ((found.pids, processes), (found.memory, memory_mb * _MEBIBYTE)):
        if controller:
            files = {name: _value(name, value) for name in controller.files}
            bounds.setdefault(controller.parent, {}).update(files)
    return tuple(Group(parent, files) for parent, files in bounds.items())


def _value(name: str, amount: int) -> str:
    """Version 1 bounds memory with what is swapped out, version 2 each by itself."""
    return "0" if name == "memory.swap.max" else str(amount)


def _first_that_works(candidates: Iterator[Path], name: str) -> Controller | None:
    for parent in candidates:
        files = _files(parent, name)
        if files and (works := _tried(parent, files)):
            return Controller(parent, works)
    return None


def _files(parent: Path, name: str) -> tuple[str, ...]:
    """The files that bound it in groups below `parent`; none where a controller of version 2 is not handed down."""
    handed_down = parent / "cgroup.subtree_control"
    if not handed_down.exists():
        return _PIDS if name == "pids" else _MEMORY_V1
    if name not in handed_down.read_text().split():
        return ()
    return _PIDS if name == "pids" else _MEMORY_V2


def _tried(parent: Path, files: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `files` that exist in a group made here and could be set, if a process could enter it as well."""
    group = parent / f"{_PREFIX}{os.getpid()}-probe-{files[0]}"
    try:
        group.mkdir(exist_ok=True)
        there = tuple(name for name in files if (group / name).exists())
        for name in there:
            (group / name).write_text(_value(name, _TRIAL[name.partition(".")[0]]))
        entered = run(("/bin/sh", "-c", _JOIN, "sh", str(group)), env=_PLAIN).code == 0
    except (OSError, Unavailable):
        return ()
    finally:
        _remove(group)
    return there if entered else ()


def _remove(group: Path) -> None:
    """The kernel counts the dead a moment longer."""
    for _ in range(50):
        with suppress(OSError):
            group.rmdir()
        if not group.exists():
            return
        time.sleep(0.002)


def _under(point: str, root: str, path: str) -> Path:
    """The directory of the group `path`, where the group `root` is mounted on `point`."""
    relative = path.removeprefix(root.rstrip("/")) if path.startswith(root) else ""
    return Path(point) / relative.strip("/")


def _read(path: str) -> str:
    with suppress(OSError):
        return Path(path).read_text()
    return ""
