"""The system calls a contained program is refused, as a filter the kernel takes (classic BPF for seccomp).

What is refused is what makers do not need and what escapes are made of: to look into or steer other processes, to mount,
to enter or make namespaces, to load code into the kernel, its rarely tried corners (io_uring, userfaultfd, perf,
keyrings), to set the clock, to type into the terminal, and sockets other than local, internet and netlink ones.
Everything else passes: compilers, interpreters, package managers and agents do not notice; debuggers do not work.

Refused calls fail with EPERM; clone3, whose flags a filter cannot see, with ENOSYS, so that the C library takes clone.
A program of another architecture is killed. Assembled here because a filter is sixty lines, and because what is
assembled can be read; the library that does it has no binding that is kept up.
"""

import errno
import platform
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from podium.base.digest import digest_bytes
from podium.base.files import write_atomically


class _Machine(NamedTuple):
    """An architecture as the kernel names it, and its column in the table of numbers."""

    audit: int
    column: int


class _ByArgument(NamedTuple):
    """The answer of a call depends on one of its arguments: `hit` when any of the values matches, else `miss`.

    `equal` compares the lower half, which is all the kernel looks at in these; `bits` asks whether any bit is set.
    """

    argument: int
    test: Literal["equal", "bits"]
    values: tuple[int, ...]
    hit: int
    miss: int


_MACHINES = {"x86_64": _Machine(0xC000003E, 0), "aarch64": _Machine(0xC00000B7, 1)}
_X32 = 0x40000000
"""Set in every number of the x32 interface, which few kernels have and nobody audits."""

_KILL, _ALLOW = 0x80000000, 0x7FFF0000
_REFUSE, _UNKNOWN, _NO_FAMILY = (
    0x00050000 | number for number in (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT)
)

_REFUSED: dict[str, tuple[int, int | None]] = {
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # mounts and roots
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "open_tree_attr": (467, 467),
    # namespaces
    "unshare": (272, 97), "setns": (308, 268),
    # the kernel's corners
    "bpf": (321, 280), "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "userfaultfd": (323, 282), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # the machine
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "acct": (163, 89), "syslog": (103, 116), "iopl": (172, None),
    "ioperm": (173, None), "vhangup": (153, 58), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "adjtimex": (159, 171), "clock_adjtime": (305, 266),
}  # fmt: skip

_CLONE3 = (435, 435)
_NEW_NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET."""
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK."""
_PLAIN_OR_QUESTION = (0, 0xFFFFFFFF)

_JUDGED: dict[tuple[int, int], _ByArgument] = {
    (56, 220): _ByArgument(0, "bits", (_NEW_NAMESPACES,), _REFUSE, _ALLOW),  # clone
    (16, 29): _ByArgument(1, "equal", (_TIOCSTI, _TIOCLINUX), _REFUSE, _ALLOW),  # ioctl
    (135, 92): _ByArgument(0, "equal", _PLAIN_OR_QUESTION, _ALLOW, _REFUSE),  # personality
    (41, 198): _ByArgument(0, "equal", _FAMILIES, _ALLOW, _NO_FAMILY),  # socket
    (53, 199): _ByArgument(0, "equal", _FAMILIES, _ALLOW, _NO_FAMILY),  # socketpair
}

_LOAD, _RETURN = 0x20, 0x06
_JUMPS = {"equal": 0x15, "at least": 0x35, "bits": 0x45}
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
"""Where `struct seccomp_data` has them; the lower half of an argument comes first on both machines."""


def assemble(machine: str) -> bytes:
    """The filter for a machine as `uname -m` names it; empty for one whose numbers are not known here."""
    if machine not in _MACHINES:
        return b""
    audit, column = _MACHINES[machine]
    numbers = [row[column] for row in _REFUSED.values()]
    steps = [
        _load(_ARCHITECTURE_AT), _jump("equal", audit, 1, 0), _answer(_KILL),
        _load(_NUMBER_AT), _jump("at least", _X32, 0, 1), _answer(_UNKNOWN),
        _jump("equal", _CLONE3[column], 0, 1), _answer(_UNKNOWN),
    ]  # fmt: skip
    for number in numbers:
        steps += [] if number is None else [_jump("equal", number, 0, 1), _answer(_REFUSE)]
    for row, rule in _JUDGED.items():
        steps += _judge(row[column], rule)
    return b"".join([*steps, _answer(_ALLOW)])


def filter_here() -> bytes:
    """The filter for this machine; empty when there is none."""
    return assemble(platform.machine())


def lay_filter(directory: Path) -> Path | None:
    """The filter for this machine as a file in `directory`, where no contained program writes; None when there is none."""
    data = filter_here()
    if not data:
        return None
    path = directory / f".seccomp-{digest_bytes(data)[:16]}"
    if not path.exists():
        write_atomically(path, data)
    return path


def _judge(number: int, rule: _ByArgument) -> Sequence[bytes]:
    """Four steps around one test for each value; they always answer, for they have loaded over the call's number."""
    count = len(rule.values)
    tests = [_jump(rule.test, value, count - place, 0) for place, value in enumerate(rule.values)]
    return [
        _jump("equal", number, 0, count + 3),
        _load(_ARGUMENTS_AT + 8 * rule.argument),
        *tests,
        _answer(rule.miss),
        _answer(rule.hit),
    ]


def _load(offset: int) -> bytes:
    return _step(_LOAD, 0, 0, offset)


def _jump(test: Literal["equal", "at least", "bits"], value: int, when_true: int, when_false: int) -> bytes:
    """Skip so many steps."""
    return _step(_JUMPS[test], when_true, when_false, value)


def _answer(value: int) -> bytes:
    return _step(_RETURN, 0, 0, value)


def _step(code: int, when_true: int, when_false: int, value: int) -> bytes:
    """`struct sock_filter`, in the byte order of both machines."""
    return struct.pack("<HBBI", code, when_true, when_false, value)
