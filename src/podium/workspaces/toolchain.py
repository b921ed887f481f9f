"""Which directories of this machine a contained command needs to find the person's programs.

The system's own directories are the sandbox's business; here are the toolchains beside them that the person's PATH
names: virtual environments, pyenv, nvm, rustup, /opt. A prefix that may also hold credentials or other people's work
(HOME, a hidden directory such as ~/.local, a directory at the top) gives only its programs and libraries.

Directories of the repository on PATH are left out: they come with the tree under judgment, and a maker who adds
`bin/pytest` must not become the checker. A virtual environment or `node_modules` there is the person's own and stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SYSTEM = tuple(Path(name) for name in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"))
_PROGRAMS = ("bin", "sbin", "lib", "lib64", "libexec")
_VERSION_MANAGER = ("bin", "shims", "libexec", "versions", "pyenv.d", "plugins", "version")
_TOP_LEVEL_PARTS = 2
_MOST_LINKS = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where the command stands: the directories that must never become visible as a whole."""

    homes: tuple[Path, ...]
    inside: Path


def toolchain_mounts(path: str, homes: Sequence[Path], *, inside: Path) -> tuple[Path, ...]:
    """The existing directories outside the system's own that make the programs on `path` work.

    Never a home, `/`, or a directory that contains one of them or the repository at `inside`. No result lies in another.
    """
    place = Place(tuple(homes), inside)
    found: set[Path] = set()
    waiting = [Path(entry) for entry in path.split(":") if entry.startswith("/")]
    seen: set[Path] = set()
    while waiting:
        entry = waiting.pop()
        if entry in seen or is_system(entry) or not entry.is_dir():
            continue
        seen.add(entry)
        found.update(
            mount for mount in _mounts_of(entry, place) if mount.exists() and not _reveals(mount, place)
        )
        waiting.extend(_leads(entry))
    found.update(_rust_toolchains(seen))
    return tuple(sorted(mount for mount in found if not any(parent in found for parent in mount.parents)))


def visible_path(path: str, mounts: Sequence[Path]) -> str:
    """The entries of `path` that exist where only the system and `mounts` do."""
    entries = [Path(entry) for entry in path.split(":") if entry.startswith("/")]
    kept = [
        str(entry)
        for entry in entries
        if is_system(entry) or any(entry.is_relative_to(mount) for mount in mounts)
    ]
    return ":".join(dict.fromkeys(kept)) or "/usr/bin:/bin"


def toolchain_environment(mounts: Sequence[Path]) -> dict[str, str]:
    """Variables for toolchains that look below HOME, which a contained command has elsewhere."""
    rust = next((mount.parent for mount in mounts if _is_rustup(mount)), None)
    return {"RUSTUP_HOME": str(rust)} if rust else {}


def is_system(entry: Path) -> bool:
    return any(entry.is_relative_to(top) for top in SYSTEM)


def _mounts_of(entry: Path, place: Place) -> list[Path]:
    prefix = entry.parent
    if _is_environment(prefix):
        return [prefix]
    if entry.is_relative_to(place.inside):
        return [prefix] if (entry.name, prefix.name) == (".bin", "node_modules") else []
    if entry.name == "shims":
        return [prefix / name for name in _VERSION_MANAGER]
    if entry.name not in ("bin", "sbin"):
        return [entry]
    if _is_wide(prefix, place):
        return [prefix / name for name in _PROGRAMS]
    return [prefix]


def _is_environment(prefix: Path) -> bool:
    """Whether `prefix` is an installation and nothing else: a virtual environment, a conda tree."""
    return (prefix / "pyvenv.cfg").is_file() or (prefix / "conda-meta").is_dir()


def _is_wide(prefix: Path, place: Place) -> bool:
    """Whether `prefix` may hold more than programs."""
    below_home = prefix.parent in place.homes
    return (
        below_home
        or prefix.name.startswith(".")
        or len(prefix.parts) <= _TOP_LEVEL_PARTS
        or _reveals(prefix, place)
    )


def _reveals(mount: Path, place: Place) -> bool:
    """Whether a home or the repository would appear with `mount`."""
    return any(kept.is_relative_to(mount) for kept in (*place.homes, place.inside))


def _leads(entry: Path) -> Iterator[Path]:
    """Program directories that those in `entry` stand on: an environment's interpreter, environments that links name."""
    settings = entry.parent / "pyvenv.cfg"
    if settings.is_file():
        yield from _interpreters(settings)
    for number, link in enumerate(entry.iterdir()):
        if number >= _MOST_LINKS:
            return
        if link.is_symlink():
            target = link.resolve().parent
            if _is_environment(target.parent):
                yield target


def _interpreters(settings: Path) -> Iterator[Path]:
    for line in settings.read_text(errors="replace").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home" and value.strip().startswith("/"):
            yield Path(value.strip())
            yield Path(value.strip()).resolve()
    for name in ("python", "python3"):
        program = settings.parent / "bin" / name
        if program.is_symlink():
            yield program.resolve().parent


def _rust_toolchains(entries: set[Path]) -> Iterator[Path]:
    """What the proxies in a `.cargo/bin` hand over to."""
    for entry in entries:
        rustup = entry.parent.parent / ".rustup"
        if entry.parent.name == ".cargo" and (rustup / "toolchains").is_dir():
            yield from (part for part in (rustup / "toolchains", rustup / "settings.toml") if part.exists())


def _is_rustup(mount: Path) -> bool:
    return mount.name == "toolchains" and mount.parent.name == ".rustup"
