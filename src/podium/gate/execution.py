"""Runs one shell command on the exported tree, in the sandbox, and comes back with how it ended.

What the end means is for `judgment.py` and the checks to say.
"""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from podium.base.digest import digest_bytes
from podium.base.files import read_untrusted
from podium.base.processes import Ended, Running, start
from podium.base.text import tail
from podium.gate.checks.base import Context
from podium.workspaces.sandboxes.base import Box

OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024

_INSIDE = Path("/run/podium")
_STARTED = "started"
# Leaves a mark once it is inside, so that a sandbox that cannot be set up is not taken for a command that fails.
_LAUNCH = ': > "$0" && exec sh -c "$1"'
_EVERYWHERE = {"PYTHONDONTWRITEBYTECODE": "1"}
_IN_A_GATE = {"CI": "true", "PODIUM_GATE": "1"}
_ROOM_TO_WORK_BYTES = 64 * 1024
_POLL_S = 0.02
_ASK_S = 0.25


@dataclass(frozen=True, slots=True)
class Execution:
    """How a command ended. `room` is the host directory it could write beside the tree; trust nothing in it.

    `started` tells whether the sandbox got as far as starting it, `output` is what it printed, bounded.
    """

    ended: Ended
    started: bool
    output: bytes
    room: Path
    disk_full: bool = False

    @property
    def text(self) -> str:
        return self.output.decode(errors="replace")

    @property
    def shown(self) -> str:
        """The end of what it printed, safe to store and to print."""
        return tail(self.text)

    @property
    def output_digest(self) -> str:
        return digest_bytes(self.output)


def execute(
    context: Context, command: Callable[[Path], str], *, time_limit: timedelta,
    read: Mapping[Path, Path] | None = None, tells: bool = True,
) -> Execution:  # fmt: skip
    """Run a shell command on the tree until it ends, its time is over, or Podium is to stop.

    `command` is told the directory, as the command will see it, that it may write to beside the tree. `read` maps further
    host paths that it may read to the paths it sees them at. `tells`: it can know by its environment that this is a gate.

    Raises:
        OSError: this machine has no room for it.
        PodiumError: the tree cannot be exported, or the sandbox does not work.
    """
    room = context.scratch / "room"
    room.mkdir(parents=True)
    seen_as = _INSIDE if context.sandbox.maps_paths else room
    box = _box(context, command(seen_as), read={**_readable(context), **(read or {})}, write={room: seen_as})
    box = replace(box, env={**box.env, **(_IN_A_GATE if tells else {})})
    contained = context.sandbox.contain(box)
    order = contained.order(time_limit=time_limit, output_limit_bytes=OUTPUT_LIMIT_BYTES)
    running = start(order, context.scratch / "run")
    ended = _wait(running, context.should_stop)
    output = read_untrusted(running.output, limit_bytes=OUTPUT_LIMIT_BYTES + 1024)
    return Execution(ended, (room / _STARTED).exists(), output, room, _is_full(room))


def _box(context: Context, command: str, *, read: Mapping[Path, Path], write: Mapping[Path, Path]) -> Box:
    (seen_as,) = write.values()
    return Box(
        argv=("sh", "-c", _LAUNCH, str(seen_as / _STARTED), command),
        work=context.export(),
        inside=context.repository.root,
        env={**context.env, **_EVERYWHERE},
        read=read,
        write=write,
        network=context.network,
    )


def _readable(context: Context) -> Mapping[Path, Path]:
    return {Path(path): Path(path) for path in context.read}


def _wait(running: Running, should_stop: Callable[[], bool]) -> Ended:
    """Wait for the end; the shim's own time limit bounds it."""
    ask_at = time.monotonic()
    while (ended := running.ended()) is None:
        if time.monotonic() >= ask_at:
            ask_at = time.monotonic() + _ASK_S
            if should_stop():
                running.stop()
        time.sleep(_POLL_S)
    return ended


def _is_full(directory: Path) -> bool:
    return shutil.disk_usage(directory).free < _ROOM_TO_WORK_BYTES
