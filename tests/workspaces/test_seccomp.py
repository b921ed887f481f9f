"""The filter of system calls, judged by a small machine that runs it as the kernel would, for every architecture."""

import errno
import struct
import subprocess
from pathlib import Path

import pytest
from players import BUBBLEWRAP, contained, under_every_sandbox

from podium.workspaces.sandboxes.base import Box, Sandbox
from podium.workspaces.sandboxes.seccomp import assemble, filter_here, lay_filter

X86, ARM = 0xC000003E, 0xC00000B7
MACHINES = [("x86_64", X86), ("aarch64", ARM)]
ALLOWED, KILLED = "allowed", "killed"

# read, write, openat, execve, mmap, futex, exit_group; clone, ioctl, personality, socket
EVERYDAY = {"x86_64": (0, 1, 257, 59, 9, 202, 231), "aarch64": (63, 64, 56, 221, 222, 98, 94)}
CLONE, IOCTL, PERSONALITY, SOCKET, PTRACE, MOUNT = (
    {"x86_64": x86, "aarch64": arm}
    for x86, arm in ((56, 220), (16, 29), (135, 92), (41, 198), (101, 117), (165, 40))
)
CLONE3 = 435


def judge(program: bytes, audit: int, number: int, *arguments: int) -> str | int:
    """What the kernel would answer: allowed, killed, or the number of the error."""
    padded = (*arguments, *([0] * (6 - len(arguments))))
    data = struct.pack("<IIQ6Q", number, audit, 0, *padded)
    steps: list[tuple[int, int, int, int]] = list(struct.iter_unpack("<HBBI", program))
    loaded = place = 0
    while True:
        code, when_true, when_false, value = steps[place]
        place += 1
        if code == 0x06:
            kind = value & 0xFFFF0000
            return {0x7FFF0000: ALLOWED, 0x80000000: KILLED}.get(kind, value & 0xFFFF)
        if code == 0x20:
            (loaded,) = struct.unpack_from("<I", data, value)
            continue
        holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
        place += when_true if holds else when_false


@pytest.mark.parametrize(("machine", "audit"), MACHINES)
def test_everyday_calls_pass(machine: str, audit: int) -> None:
    program = assemble(machine)
    assert {judge(program, audit, number) for number in EVERYDAY[machine]} == {ALLOWED}


@pytest.mark.parametrize(("machine", "audit"), MACHINES)
def test_what_escapes_are_made_of_is_refused(machine: str, audit: int) -> None:
    program = assemble(machine)
    for number in (PTRACE[machine], MOUNT[machine], 425, 428, 438):
        assert judge(program, audit, number) == errno.EPERM
    assert judge(program, audit, CLONE3) == errno.ENOSYS


@pytest.mark.parametrize(("machine", "audit"), MACHINES)
@pytest.mark.parametrize(
    "flag", [0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]
)
def test_a_child_is_born_in_the_same_namespaces(machine: str, audit: int, flag: int) -> None:
    program = assemble(machine)
    threads = 0x3D0F00
    assert judge(program, audit, CLONE[machine], threads) == ALLOWED
    assert judge(program, audit, CLONE[machine], flag | 17) == errno.EPERM


@pytest.mark.parametrize(("machine", "audit"), MACHINES)
def test_arguments_are_read_by_the_half_the_kernel_reads(machine: str, audit: int) -> None:
    program, noise = assemble(machine), 0xABCD << 32
    assert judge(program, audit, IOCTL[machine], 0, 0x5401 | noise) == ALLOWED
    assert judge(program, audit, IOCTL[machine], 0, 0x5412 | noise) == errno.EPERM
    assert judge(program, audit, IOCTL[machine], 0, 0x541C) == errno.EPERM
    assert judge(program, audit, PERSONALITY[machine], 0xFFFFFFFF) == ALLOWED
    assert judge(program, audit, PERSONALITY[machine], 0x0040000) == errno.EPERM


@pytest.mark.parametrize(("machine", "audit"), MACHINES)
def test_sockets_are_local_internet_or_netlink(machine: str, audit: int) -> None:
    program = assemble(machine)
    passing = {family for family in range(64) if judge(program, audit, SOCKET[machine], family) == ALLOWED}
    assert passing == {1, 2, 10, 16}
    assert judge(program, audit, SOCKET[machine], 17) == errno.EAFNOSUPPORT


def test_another_interface_is_no_way_round() -> None:
    assert judge(assemble("x86_64"), 0x40000003, 20) == KILLED, "32 bit"
    assert judge(assemble("x86_64"), ARM, 0) == KILLED
    assert judge(assemble("x86_64"), X86, 0x40000000 | 101) == errno.ENOSYS, "x32"


def test_a_machine_whose_numbers_are_unknown_has_no_filter() -> None:
    assert assemble("riscv64") == b""


def test_every_way_through_the_filter_ends_in_an_answer() -> None:
    for machine, audit in MACHINES:
        program = assemble(machine)
        assert {judge(program, audit, number, *[2**64 - 1] * 6) for number in range(600)} <= {
            ALLOWED, errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT,
        }  # fmt: skip


def test_the_filter_is_laid_once_and_out_of_reach(tmp_path: Path) -> None:
    work = tmp_path / "room/work"
    work.mkdir(parents=True)
    laid = lay_filter(work.parent)
    assert laid
    assert laid.read_bytes() == filter_here()
    before = laid.stat().st_mtime_ns
    contained(BUBBLEWRAP, Box(("sh", "-c", f"rm -f {laid} ../.seccomp*"), work, tmp_path / "inside"))
    assert laid.stat().st_mtime_ns == before


def test_without_its_filter_bubblewrap_does_not_start_the_command(tmp_path: Path) -> None:
    work = tmp_path / "room/work"
    work.mkdir(parents=True)
    held = BUBBLEWRAP.contain(Box(("touch", "ran"), work, tmp_path / "inside"))
    laid = lay_filter(work.parent)
    assert laid
    laid.unlink()
    done = subprocess.run(
        held.argv, env=dict(held.env), cwd=held.cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert done.stderr.startswith("bwrap: "), "the collector knows it by that word"
    assert not (work / "ran").exists()


TOOLS = """
set -e
git init -q r && cd r && git -c user.name=a -c user.email=b commit -q --allow-empty -m x && git gc -q && cd ..
python3 -c 'import multiprocessing, threading
if __name__ == "__main__":
    threading.Thread(target=print, args=["thread"]).start(); print(multiprocessing.Pool(2).map(abs, [-1, -2]))'
! command -v node > /dev/null || node -e 'new (require("worker_threads").Worker)("", {eval: true}); require("child_process").execFileSync("true")'
! command -v java > /dev/null || java -Xmx64m -XX:TieredStopAtLevel=1 -version 2> /dev/null
echo all work
"""


@under_every_sandbox
def test_makers_tools_do_not_notice_it(tmp_path: Path, sandbox: Sandbox) -> None:
    work = tmp_path / "room/work"
    work.mkdir(parents=True)
    assert contained(sandbox, Box(("sh", "-c", TOOLS), work, work)).said.endswith("all work\n")
