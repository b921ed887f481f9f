"""Bubblewrap: the command lives in namespaces of its own and sees only what is mounted for it.

Mounted are the system's programs, the toolchains on the person's PATH, the work directory and what the box names;
nothing else of the machine exists inside, and what of the kernel shows in /proc beyond one's own processes is covered.
No capabilities, no network unless granted, no other processes, system calls filtered (`seccomp.py`), and when its first
process dies all of them do. Processes and memory of the whole tree are bounded by control groups where the machine
has them; `prlimit`, where it is installed, bounds memory and files of each process, and processes unless one is root.
All that can be written but the work directory is memory of bounded size; what the work directory takes of the disk in
total is not bounded. With network, abstract sockets of the host are reachable, as bubblewrap shares them.

Never `--ro-bind / /`: root without capabilities still owns /etc/shadow.
"""

import functools
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from podium.base import cgroups, environment
from podium.base.errors import Unavailable
from podium.base.processes import Finished, find_program, run
from podium.base.text import clean_line
from podium.workspaces.sandboxes.base import Box, Contained
from podium.workspaces.sandboxes.seccomp import lay_filter
from podium.workspaces.sandboxes.surroundings import base_environment, etc_files, surroundings
from podium.workspaces.toolchain import SYSTEM, visible_path

HOME = Path("/home/agent")
SCRATCH, SHARED = Path("/tmp"), Path("/dev/shm")  # noqa: S108 - file systems of the command's own

_ISOLATION = ("--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL")
_MEBIBYTE = 1024 * 1024

# bubblewrap takes the filter from a descriptor. The shell is called bwrap, so that its troubles are taken for bwrap's.
_OPEN_FILTER = 'exec 9<"$1" && shift && exec "$@"'

# Parts of /proc that root without capabilities, whose user the host's root is, could still read or set. bubblewrap itself
# leaves /proc/sys as it is, its directory being read-only: kernel/core_pattern in it names a program of the host to run.
_SETTINGS = "/proc/sys"
_KERNEL = (
    "acpi", "asound", "driver", "dynamic_debug", "fs", "kallsyms", "kcore", "key-users", "keys", "kmsg", "kpagecgroup",
    "kpagecount", "kpageflags", "latency_stats", "mtrr", "sched_debug", "scsi", "slabinfo", "timer_list",
    "timer_stats", "vmallocinfo", "modules",
)  # fmt: skip


class Bubblewrap:
    """Contains with bubblewrap."""

    @property
    def kind(self) -> str:
        return "bubblewrap"

    @property
    def maps_paths(self) -> bool:
        return True

    def unavailable(self) -> str:
        return _probe().trouble

    def contain(self, box: Box) -> Contained:
        """The command line that runs `box`. Makes empty directories in `box.work` for toolchains that lie in the repository.

        Raises:
            Unavailable: bubblewrap does not work here.
        """
        found = _probe()
        if found.trouble:
            raise Unavailable(found.trouble)
        around = surroundings(box.inside)
        below = tuple(mount for mount in around.mounts if mount.is_relative_to(box.inside))
        kept = tuple(mount for mount in below if _make_mount_point(box.work, mount.relative_to(box.inside)))
        beside = tuple(mount for mount in around.mounts if mount not in below)
        argv = (
            *_bwrap(found.program, lay_filter(box.work.parent)), *_ISOLATION, *found.options,
            *(("--share-net",) if box.network else ()),
            *_empty(Path("/"), box, found), *_system(), *_read_only(etc_files(network=box.network)),
            "--dev", "/dev", *_empty(SHARED, box, found), "--remount-ro", "/dev",
            "--proc", "/proc", *_covered(), "--symlink", f"..{SCRATCH}", f"/var{SCRATCH}",
            *_empty(SCRATCH, box, found), *_empty(HOME, box, found),
            *_read_only(beside), *_work(box), *_read_only(kept), *_named(box),
            "--", *_limits(box), *box.argv,
        )  # fmt: skip
        path = visible_path(around.path, (*beside, *kept))
        env = base_environment(box, path=path, home=HOME, scratch=SCRATCH)
        groups = cgroups.bound(processes=box.processes, memory_mb=box.memory_mb)
        return Contained(argv, {**around.env, **env}, box.work, groups)


@dataclass(frozen=True, slots=True)
class Probe:
    """What bubblewrap is here: the program, the options this version has of those we like, why it cannot be used."""

    program: Path = Path("bwrap")
    options: tuple[str, ...] = ()
    bounds_memory_files: bool = False
    trouble: str = ""


@functools.cache
def _probe() -> Probe:
    """Look once per process, and really run it."""
    program = find_program("bwrap", path=environment.variable("PATH", "/usr/bin:/bin"))
    if program is None:
        return Probe(trouble="bubblewrap is not installed; try: sudo apt-get install bubblewrap")
    help_text = _try([str(program), "--help"]).stdout.decode(errors="replace")
    options = ("--disable-userns",) if "--disable-userns" in help_text else ()  # from 0.8
    with tempfile.TemporaryDirectory(prefix="podium-bubblewrap-") as scratch:
        bwrap = _bwrap(program, lay_filter(Path(scratch)))
        seen = (*_system(), "--dev", "/dev", "--proc", "/proc", *_covered())
        done = _try([*bwrap, *_ISOLATION, *options, *seen, "true"])
    trouble = _explain(done.stderr.decode(errors="replace")) if done.code else ""
    return Probe(program, options, "--size" in help_text, trouble)


def _try(argv: Sequence[str]) -> Finished:
    return run(argv, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})


def _bwrap(program: Path, filter_file: Path | None) -> tuple[str, ...]:
    """The start of the command line: the program, with its filter open."""
    if filter_file is None:
        return (str(program),)
    return ("/bin/sh", "-c", _OPEN_FILTER, "bwrap", str(filter_file), str(program), "--seccomp", "9")


def _explain(said: str) -> str:
    """Why bubblewrap failed, and what to do."""
    reason = f"bubblewrap cannot make a sandbox here: {clean_line(said)}"
    if _switched_off("kernel/apparmor_restrict_unprivileged_userns", off="1"):
        return f"{reason}; try: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    if _switched_off("kernel/unprivileged_userns_clone", off="0"):
        return f"{reason}; try: sudo sysctl kernel.unprivileged_userns_clone=1"
    if _switched_off("user/max_user_namespaces", off="0"):
        return f"{reason}; try: sudo sysctl user.max_user_namespaces=15000"
    return f"{reason}; in a container, allow user namespaces (docker run --security-opt seccomp=unconfined)"


def _switched_off(name: str, *, off: str) -> bool:
    setting = Path("/proc/sys") / name
    return setting.exists() and setting.read_text().strip() == off


def _system() -> Iterator[str]:
    for top in SYSTEM:
        if top.is_symlink():
            yield from ("--symlink", str(top.readlink()), str(top))
        elif top.is_dir():
            yield from ("--ro-bind", str(top), str(top))


def _read_only(paths: Sequence[Path]) -> Iterator[str]:
    for path in paths:
        yield from ("--ro-bind", str(path), str(path))


def _covered() -> Iterator[str]:
    yield from ("--ro-bind", _SETTINGS, _SETTINGS)
    for name in _KERNEL:
        path = Path("/proc") / name
        if path.is_dir():
            yield from ("--tmpfs", str(path), "--remount-ro", str(path))
        elif path.exists():
            yield from ("--ro-bind", "/dev/null", str(path))


def _empty(path: Path, box: Box, found: Probe) -> tuple[str, ...]:
    bound = ("--size", str(box.file_mb * _MEBIBYTE)) if found.bounds_memory_files else ()
    return (*bound, "--tmpfs", str(path))


def _work(box: Box) -> tuple[str, ...]:
    return (
        "--bind" if box.writable else "--ro-bind",
        str(box.work),
        str(box.inside),
        "--chdir",
        str(box.inside),
    )


def _named(box: Box) -> Iterator[str]:
    for host, inside in box.read.items():
        yield from ("--ro-bind", str(host), str(inside))
    for host, inside in box.write.items():
        yield from ("--bind", str(host), str(inside))


def _limits(box: Box) -> tuple[str, ...]:
    """Set inside the namespace, where only the box's own processes count; not `--as`, under which node cannot start.

    Either program ends with 127 when the command is missing, as a shell does.
    """
    program = find_program("prlimit", path="/usr/bin:/bin")
    if program is None:
        return ("/usr/bin/env", "--")
    return (
        str(program), f"--nproc={box.processes}", f"--data={box.memory_mb * _MEBIBYTE}",
        f"--fsize={box.file_mb * _MEBIBYTE}", "--core=0", "--",
    )  # fmt: skip


def _make_mount_point(work: Path, relative: Path) -> bool:
    """Make the directory a toolchain is mounted on; False when the tree has something else there.

    Nothing is followed: a link that a maker planted must not lead the mount elsewhere. An empty directory is nothing to
    git, so it never enters a change.
    """
    here = work
    for part in relative.parts:
        here = here / part
        if here.is_symlink() or (here.exists() and not here.is_dir()):
            return False
        here.mkdir(exist_ok=True)
    return True
