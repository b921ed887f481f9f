"""A file of pytest tests, run in a sandbox of its own, the driver's: none of the tree under judgment is in it.

Its work directory stands where the repository does and is empty, so that an editable install of the project resolves to
nothing there. It reaches the program through the door alone (`door.py`, `inside/podium_accept.py`); the tests and what
they know are in no sandbox where the program runs. The report is written where only the driver writes.
"""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath

from podium.base.digest import digest_bytes
from podium.base.files import read_untrusted
from podium.base.processes import Ended, Running, start
from podium.base.text import clean_line, tail
from podium.gate.acceptance.children import Children
from podium.gate.acceptance.door import Door
from podium.gate.checks.base import Context
from podium.gate.junit import Unreadable, read_report
from podium.model.evidence import Cases
from podium.workspaces.sandboxes.base import Box

TIME_LIMIT = timedelta(minutes=10)

_HELPERS = Path(__file__).parent / "inside"
_HELPER = "podium_accept.py"
_INSIDE = Path("/run/podium-driver")
_REPORT = "report.xml"
_LAUNCH = (
    'printf "%s\\n" "$0"; command -v pytest >/dev/null 2>&1 && exec pytest "$@"; exec python3 -m pytest "$@"'
)
_CONFIGURATION, _WORD = "pytest.ini", "word"
_OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024
_POLL_S, _ASK_S = 0.02, 0.25


@dataclass(frozen=True, slots=True)
class Drive:
    """How a driver ended. `began` tells whether its sandbox was set up, `troubles` and `doubts` are the host's own."""

    ended: Ended
    began: bool
    report: Cases | Unreadable
    said: str
    seed: str
    calls: int
    troubles: tuple[str, ...]
    doubts: tuple[str, ...]


def helper_digest() -> str:
    """Names what tests are driven with: another one may see other things on the same tree."""
    return digest_bytes((_HELPERS / _HELPER).read_bytes() + (_HELPERS / "attendant.py").read_bytes())


def drive(context: Context, source: str, *, path: str, time_limit: timedelta = TIME_LIMIT) -> Drive:
    """Run the tests in `source`, whose file is called as `path` says, against the tree.

    Raises:
        OSError: this machine is in trouble.
        PodiumError: the tree cannot be exported, or the sandbox does not work.
    """
    rooms = _lay_out(context.scratch / "driver", source, path=path)
    seed = context.draw("acceptance", path, str(context.tree), secrets.token_hex(16))[:16]
    word = (rooms["helper"] / _WORD).read_text()
    children = Children(context, context.scratch / "child")
    door = Door(children, rooms["door"], word=word)
    try:
        seen = _seen_as(context, rooms)
        box = _box(context, rooms, seen, file=_name(path), seed=seed)
        order = context.sandbox.contain(box).order(
            time_limit=time_limit, output_limit_bytes=_OUTPUT_LIMIT_BYTES
        )
        running = start(order, context.scratch / "driver-run")
        ended = _wait(running, context.should_stop)
    finally:
        door.close()
    output = read_untrusted(running.output, limit_bytes=_OUTPUT_LIMIT_BYTES).decode(errors="replace")
    return Drive(
        ended, output.startswith("podium\n"), read_report(rooms["room"] / _REPORT), tail(output.removeprefix("podium\n")),
        seed, children.calls, tuple(door.troubles), tuple(children.doubts),
    )  # fmt: skip


def _lay_out(place: Path, source: str, *, path: str) -> Mapping[str, Path]:
    """The rooms of a driver: `work` is empty, `held` has the tests, `room` can be written, `helper` is for what is ours."""
    rooms = {name: place / name for name in ("work", "held", "room", "helper", "door")}
    for name in ("work", "held", "room", "helper"):
        rooms[name].mkdir(parents=True)
    (rooms["held"] / _name(path)).write_text(source)
    (rooms["helper"] / _CONFIGURATION).write_text("[pytest]\n")
    (rooms["helper"] / _WORD).write_text(secrets.token_hex(32))
    (rooms["helper"] / _HELPER).write_bytes((_HELPERS / _HELPER).read_bytes())
    return rooms


def _name(path: str) -> str:
    """A name for the file that pytest takes for a path, and for nothing else."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", PurePosixPath(path).name)


def _seen_as(context: Context, rooms: Mapping[str, Path]) -> Mapping[str, Path]:
    mapped = context.sandbox.maps_paths
    return {name: _INSIDE / name if mapped else room for name, room in rooms.items()}


def _box(
    context: Context, rooms: Mapping[str, Path], seen: Mapping[str, Path], *, file: str, seed: str
) -> Box:
    held, helper = seen["held"], seen["helper"]
    argv = (
        "sh", "-c", _LAUNCH, "podium", "-q", "-p", "podium_accept", "-p", "no:cacheprovider", "--import-mode=importlib",
        f"--rootdir={held}", "-c", str(helper / _CONFIGURATION), f"--junitxml={seen['room'] / _REPORT}",
        "--tb=short", "--color=no", str(held / file),
    )  # fmt: skip
    ours = {
        "PYTHONPATH": str(helper), "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1", "PODIUM_DOOR": str(seen["door"]), "PODIUM_WORD": str(helper / _WORD),
        "PODIUM_SEED": seed,
    }  # fmt: skip
    read = {rooms[name]: seen[name] for name in ("held", "helper", "door")}
    return Box(
        argv=argv, work=rooms["work"], inside=context.repository.root, env={**context.env, **ours},
        read={**{Path(path): Path(path) for path in context.read}, **read}, write={rooms["room"]: seen["room"]},
    )  # fmt: skip


def _wait(running: Running, should_stop: Callable[[], bool]) -> Ended:
    ask_at = time.monotonic() + _ASK_S
    while (ended := running.ended()) is None:
        if time.monotonic() >= ask_at:
            ask_at = time.monotonic() + _ASK_S
            if should_stop():
                running.stop()
        time.sleep(_POLL_S)
    return ended


def said_last(said: str, *, limit: int = 200) -> str:
    """The line in which pytest says what kept it from running tests, or its last."""
    lines = [line for line in said.splitlines() if line.strip(" =!")]
    errors = [line.removeprefix("E ") for line in lines if line.startswith("E ")]
    return clean_line([*lines, *errors][-1].strip(" =!") if lines else "", limit=limit)
