"""Runs one untrusted program: bounded output, bounded time, the whole tree killed, its end written to a file.

Started by `processes.start` as a program of its own (standard library only, no imports of ours), so that it can outlive
its starter and be taken up again by the next one. Usage: `shim.py DIRECTORY [LIFELINE]`, where LIFELINE is the
read end of a pipe: when its other end closes, the starter is dead and so is the program.

How the tree dies: under bubblewrap the program's process namespace goes with its first process. Without one, this
process is a child subreaper (Linux): every orphan below it becomes its child, and it kills children until none is left.
Where the order names control groups, whoever is in them is killed as well, which is what ends a fork bomb.
"""

# ruff: noqa: PTH102, PTH104, PTH105, PTH106, PTH108, PTH118, PTH123 - no pathlib: it adds to the start-up that every check pays

import collections
import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CHUNK = 65536
LONGEST_POLL_MS = 3_600_000
NOT_STARTED = 127

libc = ctypes.CDLL(None)


def main(directory: str, lifeline: int | None) -> None:
    order = take_order(directory)
    if order is None:
        return
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wake = listen_for_signals()
    begun = time.monotonic()
    write(directory, "started.json", {"pid": os.getpid(), "start_time": start_time(), "boot": boot()})
    output = Output(os.path.join(directory, "output"), order["output_limit_bytes"])
    groups = [os.path.join(group["parent"], group_name()) for group in order["groups"]]
    child, pipe, note = spawn(order, groups)
    reason, code = "not-started", NOT_STARTED
    if child:
        reason = watch(child, pipe, output, deadline=begun + order["time_limit_s"], stops=(wake, lifeline))
        code = kill_tree(child, groups)
        drain(pipe, output)
    for group in groups:
        remove_group(group)
    dropped = output.close()
    end = {"code": code, "reason": reason, "duration_s": round(time.monotonic() - begun, 3)}
    size = {"output_bytes": output.seen, "truncated": bool(dropped)}
    write(directory, "exit.json", {**end, **size, "note": note, "cpu_s": cpu_s()})


def take_lifeline(word: str) -> int | None:
    """The descriptor that was passed to this process, kept from the program."""
    if not word:
        return None
    os.set_inheritable(int(word), False)  # noqa: FBT003 - it takes no keyword
    return int(word)


def take_order(directory: str) -> dict[str, Any] | None:
    """The order, gone from the directory: it runs once, and its environment may hold secrets. None when it is taken."""
    path = os.path.join(directory, "order.json")
    mine = f"{path}.{os.getpid()}"
    try:
        os.rename(path, mine)
    except FileNotFoundError:
        return None
    with open(mine, "rb") as file:
        order: dict[str, Any] = json.load(file)
    os.unlink(mine)
    return order


def listen_for_signals() -> int:
    """A descriptor that becomes readable when somebody asks this process to stop."""
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return wake_read


class Output:
    """A file that keeps the first and the last half of its bound, and says how much it dropped between them."""

    def __init__(self, path: str, limit: int) -> None:
        self.file = open(path, "wb", buffering=0)  # noqa: SIM115 - open as long as this process lives
        self.half = limit // 2
        self.seen = 0
        self.tail: collections.deque[bytes] = collections.deque()
        self.tail_size = 0

    def take(self, data: bytes) -> None:
        room = max(0, self.half - self.seen)
        self.seen += len(data)
        self.write(data[:room])
        if data[room:]:
            self.tail.append(data[room:])
            self.tail_size += len(data[room:])
        while self.tail and self.tail_size - len(self.tail[0]) >= self.half:
            self.tail_size -= len(self.tail.popleft())

    def close(self) -> int:
        """Write the tail; how many bytes were dropped before it."""
        tail = b"".join(self.tail)[-self.half or CHUNK :]
        dropped = self.seen - min(self.seen, self.half) - len(tail)
        if dropped:
            self.write(b"\n[... %d bytes dropped ...]\n" % dropped)
        self.write(tail)
        return dropped

    def write(self, data: bytes) -> None:
        with contextlib.suppress(
            OSError
        ):  # a full disk bounds the output too; how the program ended still counts
            self.file.write(data)


def spawn(order: dict[str, Any], groups: list[str]) -> tuple[int, int, str]:
    """(pid, read end of its output, note); pid 0 when the program could not be started."""
    read_end, write_end = os.pipe()
    failed_read, failed_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        become(order, groups, write_end, failed_write)
    os.close(write_end)
    os.close(failed_write)
    note = os.read(failed_read, 4096).decode(errors="replace")
    os.close(failed_read)
    if note:
        os.waitpid(pid, 0)
        return 0, read_end, note
    return pid, read_end, ""


def become(order: dict[str, Any], groups: list[str], output: int, failed: int) -> None:
    """Turn this fresh child into the program; never returns."""
    doing = "control group"
    try:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        for group, wanted in zip(groups, order["groups"], strict=True):
            enter_group(group, wanted["bounds"])
        doing = order["argv"][0]
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(order["cwd"])
        os.execvpe(order["argv"][0], order["argv"], order["env"])  # noqa: S606 - this is the door
    except (OSError, ValueError) as error:  # ValueError: a zero byte in a word
        os.write(failed, f"{doing}: {getattr(error, 'strerror', None) or error}".encode()[:4096])
    finally:
        os._exit(NOT_STARTED)


def watch(child: int, pipe: int, output: Output, *, deadline: float, stops: tuple[int | None, ...]) -> str:
    """Copy output until the program ends, its time is over, somebody asks to stop, or the starter dies."""
    process = os.pidfd_open(child)
    poller = select.poll()
    for descriptor in (pipe, process, *stops):
        if descriptor is not None:
            poller.register(descriptor, select.POLLIN)
    while (left := deadline - time.monotonic()) > 0:
        ready = [descriptor for descriptor, _event in poller.poll(min(left * 1000, LONGEST_POLL_MS))]
        if any(stop in ready for stop in stops):
            return "stopped"
        if process in ready:  # asked before the pipe: a child left behind may fill that for ever
            return "exit"
        if pipe in ready:
            data = os.read(pipe, CHUNK)
            output.take(data)
            if not data:
                poller.unregister(pipe)
    return "timeout"


def group_name() -> str:
    """Names this very process, so that whoever finds the group can tell whether it still has an owner."""
    return f"podium-{os.getpid()}-{start_time()}"


def enter_group(group: str, bounds: dict[str, str]) -> None:
    """Make a control group and move this process into it."""
    os.mkdir(group)
    for name, value in {**bounds, "cgroup.procs": "0"}.items():
        with open(os.path.join(group, name), "w") as file:
            file.write(value)


def members(groups: list[str]) -> set[int]:
    """Who is in the control groups; a process of another namespace shows as 0 and is left out."""
    found: set[int] = set()
    for group in groups:
        with contextlib.suppress(OSError), open(os.path.join(group, "cgroup.procs")) as file:
            found.update(int(pid) for pid in file.read().split())
    return found - {0}


def remove_group(group: str) -> None:
    """The kernel counts the dead a moment longer; what cannot be removed is swept by a later Podium."""
    for _ in range(100):
        try:
            os.rmdir(group)
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)


def kill_tree(child: int, groups: list[str]) -> int:
    """Kill the program and everything it left behind; its exit code."""
    code = None
    if not exited(child):
        signal_group(child)
    while True:
        for orphan in {*children(), *members(groups)}:
            if orphan != child or not exited(child):
                signal_group(orphan)
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 128 + signal.SIGKILL if code is None else code
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            code = 128 - code if code < 0 else code
        elif pid == 0:
            time.sleep(0.002)


def exited(child: int) -> bool:
    try:
        return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:  # reaped already
        return True


def signal_group(pid: int) -> None:
    for send in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pid, signal.SIGKILL)


def children() -> list[int]:
    """The children of this process, orphans it inherited among them."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return [int(pid) for pid in file.read().split()]


def drain(pipe: int, output: Output) -> None:
    """Take what the dead tree had written and nobody had read yet."""
    os.set_blocking(pipe, False)
    with contextlib.suppress(BlockingIOError):
        while data := os.read(pipe, CHUNK):
            output.take(data)


def cpu_s() -> float:
    times = os.times()
    return round(times.children_user + times.children_system, 3)


def start_time() -> str:
    with open("/proc/self/stat") as file:
        return file.read().rpartition(")")[2].split()[19]


def boot() -> str:
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def write(directory: str, name: str, value: dict[str, Any]) -> None:
    draft = os.path.join(directory, "." + name)
    with open(draft, "w") as file:
        json.dump(value, file)
    os.replace(draft, os.path.join(directory, name))


if __name__ == "__main__":
    main(sys.argv[1], take_lifeline(sys.argv[2]))
