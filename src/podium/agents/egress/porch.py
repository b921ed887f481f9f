"""The porch: what an agent passes through before it is itself. Runs as the first process inside the sandbox.

`python3 -I -S porch.py PLAN.json -- ARGV...`: a program of its own, standard library only, any Python from 3.8 on. PLAN is
`{"socket": path or null, "port": number or null, "home": {relative path: text}}`. It fills HOME, leaves a process that
brings the broker's socket to a port of the loopback, and becomes ARGV, whose exit code and signals are then its own.
A porch that cannot do its work ends with 125, one that finds no ARGV to become with 127 or 126, as a shell does.
"""

# ruff: noqa: PTH102, PTH111, PTH118, PTH123, PTH208, FBT003 - no pathlib: it adds to the start of every agent; sockets take no keyword

import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import time

CANNOT, NOT_EXECUTABLE, NOT_FOUND = 125, 126, 127
CONNECTIONS = 160  # a few more than the broker takes, so that it is the broker who says no
CHUNK = 65536
LOOK_S = 1.0
WAIT_FOR_BROKER_S = 2.0
STEP_S = 0.05


def main(plan_file: str, argv: "list[str]") -> None:
    try:
        with open(plan_file, encoding="utf-8") as file:
            plan = json.load(file)
        fill_home(os.path.expanduser("~"), plan["home"])
        if plan["socket"] is not None:
            open_way(plan["socket"], plan["port"])
    except (OSError, KeyError, ValueError) as error:
        fail(CANNOT, f"porch: {error}")
    become(argv)


def fill_home(home: str, files: "dict[str, str]") -> None:
    for name, text in files.items():
        parts = name.split("/")
        if any(part in ("", ".", "..") for part in parts):
            raise ValueError(f"not a path below HOME: {name!r}")
        folder = home
        for part in parts[:-1]:
            folder = os.path.join(folder, part)
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, 0o700)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        descriptor = os.open(os.path.join(folder, parts[-1]), flags, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))


def become(argv: "list[str]") -> None:
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - becoming the command is what this program is for
    except FileNotFoundError:
        fail(NOT_FOUND, f"{argv[0]}: not found")
    except OSError as error:
        fail(NOT_EXECUTABLE, f"{argv[0]}: {error.strerror}")


def fail(code: int, reason: str) -> None:
    print(reason, file=sys.stderr)  # noqa: T201 - a program of its own
    sys.exit(code)


def open_way(path: str, port: int) -> None:
    """Listen, then leave a process that forwards.

    The port is open before the agent begins. The process is nobody's child, as an agent may wait for all of its own.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(CONNECTIONS)
    agent = os.getpid()
    child = os.fork()
    if child:
        listening.close()
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork() == 0:
            let_go(listening.fileno())
            Forwarder(listening, path, agent).run()
    finally:
        os._exit(0)


def let_go(kept: int) -> None:
    """Close all that was inherited but one descriptor: whoever waits for the agent's output to end waits for the agent only."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) != kept:  # noqa: PLR2004 - the three standard ones
            with contextlib.suppress(OSError):
                os.close(int(name))
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


class End:
    """One side of a link. What it has said and the other side could not take yet is in the other's `unsent`."""

    def __init__(self, stream: socket.socket) -> None:
        stream.setblocking(False)
        self.stream = stream
        self.other = self
        self.unsent = b""
        self.said_all = False  # it will say nothing more
        self.told_all = False  # it was told that nothing more comes

    def wanted(self) -> int:
        """What to wait for: its words only while the other side has taken the last ones."""
        reads = selectors.EVENT_READ if not self.said_all and not self.other.unsent else 0
        return reads | (selectors.EVENT_WRITE if self.unsent else 0)

    def take(self) -> None:
        """Read what it says and hand it over."""
        try:
            data = self.stream.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        self.said_all = not data
        self.other.unsent += data
        self.other.hand_over()

    def hand_over(self) -> None:
        try:
            self.unsent = self.unsent[self.stream.send(self.unsent) :] if self.unsent else b""
        except (BlockingIOError, InterruptedError):
            return
        if self.other.said_all and not self.unsent and not self.told_all:
            self.told_all = True
            self.stream.shutdown(socket.SHUT_WR)


class Forwarder:
    """Links every connection at the port with one to the socket, for as long as the agent lives."""

    def __init__(self, listening: socket.socket, path: str, agent: int) -> None:
        self.listening, self.path, self.agent = listening, path, agent
        self.selector = selectors.DefaultSelector()
        self.waiting: dict[End, int] = {}

    def run(self) -> None:
        self.listening.setblocking(False)
        self.selector.register(self.listening, selectors.EVENT_READ)
        while alive(self.agent):
            for key, events in self.selector.select(LOOK_S):
                if key.data is None:
                    self.accept()
                elif key.data in self.waiting:  # it may have ended with its other side, just now
                    self.move(key.data, events)

    def accept(self) -> None:
        try:
            near = self.listening.accept()[0]
        except OSError:
            return
        if len(self.waiting) >= 2 * CONNECTIONS:
            near.close()
            return
        far = connect(self.path)
        if far is None:
            near.close()
            return
        one, two = End(near), End(far)
        one.other, two.other = two, one
        for end in (one, two):
            self.waiting[end] = 0
        self.attend(one, two)

    def move(self, end: End, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                end.hand_over()
            if events & selectors.EVENT_READ:
                end.take()
        except OSError:
            self.drop(end)
            return
        if end.told_all and end.other.told_all:
            self.drop(end)
        else:
            self.attend(end, end.other)

    def attend(self, *ends: End) -> None:
        for end in ends:
            before, wanted = self.waiting[end], end.wanted()
            if wanted and before:
                self.selector.modify(end.stream, wanted, end)
            elif wanted:
                self.selector.register(end.stream, wanted, end)
            elif before:
                self.selector.unregister(end.stream)
            self.waiting[end] = wanted

    def drop(self, end: End) -> None:
        for side in (end, end.other):
            if self.waiting.pop(side):
                self.selector.unregister(side.stream)
            side.stream.close()


def connect(path: str) -> "socket.socket | None":
    """A connection to the broker, which may be busy for a moment."""
    for _ in range(int(WAIT_FOR_BROKER_S / STEP_S)):
        stream = socket.socket(socket.AF_UNIX)
        stream.setblocking(False)
        try:
            stream.connect(path)
        except BlockingIOError:  # its queue is full
            stream.close()
            time.sleep(STEP_S)
        except OSError:
            stream.close()
            return None
        else:
            return stream
    return None


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[2] != "--":  # noqa: PLR2004 - the plan, the dashes, a command
        fail(CANNOT, "usage: porch.py PLAN.json -- ARGV...")
    main(sys.argv[1], sys.argv[3:])
