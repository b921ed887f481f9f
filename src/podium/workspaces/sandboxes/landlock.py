"""Landlock: the kernel withholds files and TCP from the command; for machines without user namespaces.

Weaker than bubblewrap, and said so in the evidence. It contains reading and writing of files outside the list, TCP where
the kernel is 6.7 or newer, signals and abstract sockets where it is 6.12 or newer. It does not contain UDP, sockets
that have a path (a container daemon's, for one), or the names and attributes of files, and other processes of the
machine are visible. Paths are the host's: an editable install resolves to the person's checkout, not to the tree
under judgment. HOME and TMPDIR are fresh directories; /tmp itself is out of reach. Root loses its capabilities. System calls are filtered as under
bubblewrap (`seccomp.py`), which is what keeps it out of other processes, and control groups bound it.
"""

import base64
import functools
import json
import sys
import tempfile
from pathlib import Path

from podium.base import cgroups
from podium.base.processes import run
from podium.base.text import clean_line
from podium.workspaces.sandboxes.base import Box, Contained
from podium.workspaces.sandboxes.seccomp import filter_here
from podium.workspaces.sandboxes.surroundings import (
    PrivateRoom,
    Surroundings,
    base_environment,
    etc_files,
    private_room,
    surroundings,
)
from podium.workspaces.toolchain import SYSTEM

_LAUNCHER = Path(__file__).with_name("landlock_launcher.py")
_DEVICES = tuple(Path("/dev") / name for name in ("null", "zero", "full", "random", "urandom", "tty", "shm"))
_MEBIBYTE = 1024 * 1024


class Landlock:
    """Contains with Landlock."""

    @property
    def kind(self) -> str:
        return "landlock"

    @property
    def maps_paths(self) -> bool:
        return False

    def unavailable(self) -> str:
        return _trouble()

    def contain(self, box: Box) -> Contained:
        """The launcher's command line for `box`, in `box.work`."""
        room = private_room(box)
        around = surroundings(box.work)
        argv = (
            sys.executable,
            "-I",
            "-S",
            str(_LAUNCHER),
            json.dumps(_spec(box, around, room)),
            "--",
            *box.argv,
        )
        env = base_environment(box, path=around.path, home=room.home, scratch=room.scratch)
        # git takes a system configuration it may not read for an error; under bubblewrap there is none.
        groups = cgroups.bound(processes=box.processes, memory_mb=box.memory_mb)
        return Contained(argv, {"GIT_CONFIG_NOSYSTEM": "1", **around.env, **env}, box.work, groups)


@functools.cache
def _trouble() -> str:
    """Look once per process, and really run it."""
    with tempfile.TemporaryDirectory(prefix="podium-landlock-") as scratch:
        work = Path(scratch) / "work"
        work.mkdir()
        contained = Landlock().contain(Box(("true",), work, work))
        done = run(contained.argv, env=contained.env, cwd=contained.cwd)
    if not done.code:
        return ""
    return (
        f"{clean_line(done.stderr.decode(errors='replace'))}; it takes Linux 5.13 or newer with lsm=landlock"
    )


def _spec(box: Box, around: Surroundings, room: PrivateRoom) -> dict[str, object]:
    read = [*SYSTEM, *etc_files(network=box.network), *around.mounts, Path("/proc"), *box.read, box.work]
    write = [*_DEVICES, *box.write, room.home.parent, *((box.work,) if box.writable else ())]
    return {
        "read": [str(path) for path in read if path.exists()],
        "write": [str(path) for path in write if path.exists()],
        "network": box.network,
        "filter": base64.b64encode(filter_here()).decode(),
        "limits": {
            "RLIMIT_DATA": box.memory_mb * _MEBIBYTE,
            "RLIMIT_FSIZE": box.file_mb * _MEBIBYTE,
            "RLIMIT_CORE": 0,
        },
    }
