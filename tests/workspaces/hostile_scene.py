"""A host with secrets, neighbours and listeners, and a box in which intruders' programs are run against it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from escapes import CALLS, PRELUDE, Escape

from podium.base.processes import start
from podium.workspaces.sandboxes.base import Box, Sandbox

SECRETS = ("PRIVATE KEY", "hunter2", "HELD OUT")

# One start for all; it forks for each, a tenth of the time that starting each would take.
RUNNER = """
import json, os, signal, sys, traceback
given = json.load(open(sys.argv[1]))
results = {}
for name, program in given["programs"].items():
    with open("said", "w+") as said:
        pid = os.fork()
        if pid == 0:
            os.setsid()
            signal.alarm(20)
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            code = 1
            try:
                exec(program, given["known"])
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        said.seek(0)
        results[name] = [code, said.read(100_000)]
with open("results.json", "w") as file:
    json.dump(results, file)
"""


@dataclass(frozen=True)
class Result:
    code: int
    said: str


@dataclass(frozen=True)
class Scene:
    """`facts` is what an intruder is told of it."""

    directory: Path
    facts: Mapping[str, str | int]
    neighbour: "subprocess.Popen[bytes]"
    listeners: Sequence[socket.socket]

    def play(
        self, sandbox: Sandbox, escapes: Sequence[Escape], *, memory_mb: int = 512, processes: int = 200
    ) -> dict[str, Result]:
        """Run every program in one box; results by name."""
        work, inside = self.directory / "room/work", Path(str(self.facts["repository"]))
        work.mkdir(parents=True)
        known = {"scene": {**self.facts, "room": str(work.parent)}, "calls": CALLS}
        programs = {escape.name: PRELUDE + escape.program for escape in escapes}
        given = self.directory / "given.json"
        given.write_text(json.dumps({"programs": programs, "known": known}))
        seen = Path("/run/podium/given.json") if sandbox.maps_paths else given
        argv = ("python3", "-c", RUNNER, str(seen))
        box = Box(argv, work, inside, read={given: seen}, file_mb=8)
        held = sandbox.contain(replace(box, memory_mb=memory_mb, processes=processes))
        order = held.order(time_limit=timedelta(minutes=2), output_limit_bytes=100_000)
        running = start(order, self.directory / "run")
        ended = running.wait()
        assert ended.code == 0, (ended, running.output.read_text())
        results = json.loads((work / "results.json").read_text())
        return {name: Result(*result) for name, result in results.items()}

    def harm(self) -> list[str]:
        """What an intruder changed or reached here."""
        found = [path.name for path in (self.directory / "canaries").iterdir()]
        if self.neighbour.poll() is not None:
            found.append("the neighbour is dead")
        return found + [
            f"{listener.getsockname()} was reached" for listener in self.listeners if _reached(listener)
        ]


@contextmanager
def staged(directory: Path) -> Iterator[Scene]:
    """A scene in `directory`, which stands until it is left."""
    facts: dict[str, str | int] = {
        name: str(directory / name) for name in ("home", "other", "repository", "canaries", "socket")
    }
    facts |= {
        "marker": f"podium-neighbour-{os.getpid()}-{directory.name}",
        "abstract": f"podium-{os.getpid()}-{directory.name}",
    }
    for name, text in (
        ("home/.ssh/id_ed25519", "PRIVATE KEY"), ("other/mine", "hunter2"),
        ("repository/.git/objects/held", "HELD OUT"), ("repository/.git/podium/podium.db", "hunter2"),
    ):  # fmt: skip
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    (directory / "canaries").mkdir()
    pause = [sys.executable, "-c", "import signal; signal.pause()", str(facts["marker"])]
    with ExitStack() as stack:
        listeners = [stack.enter_context(listener) for listener in _listeners(facts)]
        neighbour = stack.enter_context(subprocess.Popen(pause, env={"TOKEN": "hunter2"}))
        stack.callback(neighbour.kill)
        yield Scene(directory, facts, neighbour, listeners)


def _listeners(facts: dict[str, str | int]) -> Iterator[socket.socket]:
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    facts |= {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1]}
    yield from (tcp, udp)
    for address in (str(facts["socket"]), f"\0{facts['abstract']}"):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
        listener.listen()
        yield listener


def _reached(listener: socket.socket) -> bool:
    listener.setblocking(False)
    try:
        if listener.type == socket.SOCK_DGRAM:
            listener.recv(1)
        else:
            listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
