"""Confines itself by Landlock and becomes the command: `landlock_launcher.py SPEC -- ARGV...`.

A program of its own (standard library only, no imports of ours), started by the sandbox of that name. SPEC is JSON:
`read` and `write` list host paths, `network` says whether TCP stays, `limits` maps names of `resource` to numbers,
`filter` is a seccomp program in base64, or empty.
Exits with 126 when the kernel refuses the rules, with 127 when the command is missing.
"""

import base64
import ctypes
import json
import os
import resource
import stat
import sys
from typing import Any

PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 22, 24, 38
SECCOMP_MODE_FILTER = 2
STEP_BYTES = 8
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""The same numbers on every architecture."""
VERSION_FLAG = 1
RULE_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_BLOCK = 1 << 6, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
FIRST_RIGHTS = (1 << 13) - 1
BIND_TCP, CONNECT_TCP = 1 << 0, 1 << 1
SCOPE_ABSTRACT_UNIX_SOCKET, SCOPE_SIGNAL = 1 << 0, 1 << 1

ABI_REFER, ABI_TRUNCATE, ABI_TCP, ABI_IOCTL, ABI_SCOPE = 2, 3, 4, 5, 6

libc = ctypes.CDLL(None, use_errno=True)


class Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class FilterProgram(ctypes.Structure):
    _fields_ = (("steps", ctypes.c_ushort), ("program", ctypes.c_char_p))


def main(spec: dict[str, Any], argv: list[str]) -> None:
    try:
        set_limits(spec["limits"])
        confine(spec)
        filter_calls(base64.b64decode(spec["filter"]))
    except OSError as error:
        print(f"landlock: {error}", file=sys.stderr)  # noqa: T201 - a program of its own speaks to its output
        sys.exit(126)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - becoming the command is what this program is for
    except OSError as error:
        print(f"{argv[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201 - as above
        sys.exit(127)


def abi() -> int:
    """The Landlock version of this kernel; 0 when it has none."""
    return max(0, int(libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_FLAG)))


def confine(spec: dict[str, Any]) -> None:
    """Give up, for good, whatever the rules do not allow."""
    version = abi()
    if not version:
        raise OSError(0, "this kernel has no Landlock")
    rights = file_rights(version)
    ruleset = create(version, rights, network=spec["network"])
    for path in spec["read"]:
        allow(ruleset, path, rights & (EXECUTE | READ_FILE | READ_DIR))
    for path in spec["write"]:
        allow(ruleset, path, rights & ~(MAKE_CHAR | MAKE_BLOCK))
    drop_capabilities()
    checked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    checked(libc.syscall(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def drop_capabilities() -> None:
    """Root is then one user among others; for any other user there is nothing to drop, and the kernel says no."""
    number = 0
    while libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0:
        number += 1


def filter_calls(program: bytes) -> None:
    """Have the kernel judge every system call from here on; no new privileges was promised before."""
    if program:
        wanted = FilterProgram(len(program) // STEP_BYTES, program)
        checked(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(wanted), 0, 0))


def file_rights(version: int) -> int:
    """Every right this kernel knows to withhold on files."""
    later = ((ABI_REFER, REFER), (ABI_TRUNCATE, TRUNCATE), (ABI_IOCTL, IOCTL_DEV))
    return FIRST_RIGHTS | sum(right for since, right in later if version >= since)


def create(version: int, rights: int, *, network: bool) -> int:
    tcp = BIND_TCP | CONNECT_TCP if version >= ABI_TCP and not network else 0
    scoped = SCOPE_SIGNAL | SCOPE_ABSTRACT_UNIX_SOCKET if version >= ABI_SCOPE else 0
    rules = Ruleset(rights, tcp, scoped)
    # An older kernel knows a shorter structure, and accepts the longer one while its rest is zero.
    return checked(
        libc.syscall(CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    )


def allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        rights &= EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
    rule = PathBeneath(rights, descriptor)
    checked(libc.syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(rule), 0))
    os.close(descriptor)


def set_limits(limits: dict[str, int]) -> None:
    for name, bound in limits.items():
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)  # noqa: PLW2901 - lowered, never raised
        resource.setrlimit(number, (bound, bound))


def checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[3:])
