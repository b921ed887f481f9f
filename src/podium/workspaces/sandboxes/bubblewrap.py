"""Bubblewrap: the command lives in namespaces of its own and sees only what is mounted for it.

Mounted are the system's programs, the toolchains on the person's PATH, the work directory and what the box names;
nothing else of the machine exists inside. No capabilities, no network unless granted, no other processes, and when its
first process dies all of them do. Memory and file sizes are bounded where `prlimit` is installed; the bound on
processes does not hold for root. With network, abstract sockets of the host are reachable, as bubblewrap shares them.

Never `--ro-bind / /`: root without capabilities still owns /etc/shadow.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from podium.base import environment
from podium.base.errors import Unavailable
from podium.base.processes import Finished, find_program, run
from podium.base.text import clean_line
from podium.workspaces.sandboxes.base import Box, Contained
from podium.workspaces.sandboxes.surroundings import base_environment, etc_files, surroundings
from podium.workspaces.toolchain import SYSTEM, visible_path

HOME = Path("/home/agent")
SCRATCH = Path("/tmp")  # noqa: S108 - a file system of the command's own

_ISOLATION = ("--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL")
_MEBIBYTE = 1024 * 1024


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
            str(found.program), *_ISOLATION, *found.options, *(("--share-net",) if box.network else ()),
            *_system(), *_read_only(etc_files(network=box.network)),
            "--dev", "/dev", "--proc", "/proc", "--symlink", f"..{SCRATCH}", f"/var{SCRATCH}",
            *_empty(SCRATCH, box, found), *_empty(HOME, box, found),
            *_read_only(beside), *_work(box), *_read_only(kept), *_named(box),
            "--", *_limits(box), *box.argv,
        )  # fmt: skip
        path = visible_path(around.path, (*beside, *kept))
        env = base_environment(box, path=path, home=HOME, scratch=SCRATCH)
        return Contained(argv, {**around.env, **env}, box.work)


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
    done = _try([str(program), *_ISOLATION, *options, *_system(), "--dev", "/dev", "--proc", "/proc", "true"])
    trouble = _explain(done.stderr.decode(errors="replace")) if done.code else ""
    return Probe(program, options, "--size" in help_text, trouble)


def _try(argv: Sequence[str]) -> Finished:
    return run(argv, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})


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
