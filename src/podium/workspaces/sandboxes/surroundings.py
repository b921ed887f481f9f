"""What every kind of sandbox leaves visible of the machine, and the environment a contained command starts with."""

import os
import pwd
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from podium.base import environment
from podium.workspaces.sandboxes.base import Box
from podium.workspaces.toolchain import toolchain_environment, toolchain_mounts, visible_path

# Named one by one: a private key below /etc/ssl is readable to a root without capabilities, too.
_ETC = (
    "passwd", "group", "nsswitch.conf", "ssl/certs", "ssl/openssl.cnf", "ssl/cert.pem", "ca-certificates", "ca-certificates.conf",
    "pki/ca-trust", "pki/tls/certs", "pki/tls/cert.pem", "pki/tls/openssl.cnf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
    "alternatives", "localtime", "mime.types", "magic", "protocols", "services", "os-release", "debian_version",
)  # fmt: skip
_ETC_NETWORK = ("resolv.conf", "hosts", "host.conf", "gai.conf")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Directories of the person's toolchains, the PATH that finds them, and variables they need."""

    mounts: tuple[Path, ...]
    path: str
    env: Mapping[str, str]


def surroundings(inside: Path) -> Surroundings:
    """What the person's PATH needs, for a command that stands at `inside`."""
    path = environment.variable("PATH", os.defpath)
    mounts = toolchain_mounts(path, homes(), inside=inside)
    return Surroundings(mounts, visible_path(path, mounts), toolchain_environment(mounts))


def homes() -> tuple[Path, ...]:
    """The person's home, by their environment and by the system's book, which need not know them in a container."""
    named = [environment.variable("HOME", "/nonexistent")]
    with suppress(KeyError):
        named.append(pwd.getpwuid(os.getuid()).pw_dir)
    return tuple({Path(name) for name in named if name.startswith("/") and name != "/"})


def etc_files(*, network: bool) -> tuple[Path, ...]:
    """The files of /etc that programs need and that tell nothing about the person."""
    etc = Path("/etc")
    listed = [etc / name for name in (*_ETC, *(_ETC_NETWORK if network else ()))]
    return tuple(path for path in (*listed, *sorted(etc.glob("java-*"))) if path.exists())


def base_environment(box: Box, *, path: str, home: Path, scratch: Path) -> dict[str, str]:
    """The whole environment of a contained command: the sandbox's own variables and what `box` names."""
    fixed = {"PATH": path, "HOME": str(home), "TMPDIR": str(scratch), "LANG": "C.UTF-8", "USER": "agent"}
    return {"USER": "agent", **box.env, **{name: fixed[name] for name in ("PATH", "HOME", "TMPDIR", "LANG")}}


@dataclass(frozen=True, slots=True)
class PrivateRoom:
    """A fresh HOME and TMPDIR for one command, for sandboxes that cannot hide the person's."""

    home: Path
    scratch: Path


def private_room(box: Box) -> PrivateRoom:
    """Make the room beside the work directory; it goes when the one who made that directory removes its parent."""
    room = Path(tempfile.mkdtemp(prefix=".room-", dir=box.work.parent))
    made = PrivateRoom(room / "home", room / "tmp")
    made.home.mkdir()
    made.scratch.mkdir()
    return made
