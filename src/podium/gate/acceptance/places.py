"""Files in a directory whose owner may be hostile: put there and taken from there without following a link of its making."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

_TROUBLE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)
"""Errors that are this machine's; all others are about what stands in the way."""


def put(root: Path, path: str, data: bytes) -> None:
    """Write a file, and the folders it needs.

    Raises:
        ValueError: `path` does not name a place below `root`, by its words or by what stands there.
        OSError: this machine is in trouble.
    """
    try:
        _put(root, path, data)
    except OSError as error:
        if error.errno in _TROUBLE:
            raise
        raise ValueError(f"{path!r} cannot be written: {error.strerror}") from error


def _put(root: Path, path: str, data: bytes) -> None:
    with _folder_of(root, path, make=True) as (folder, name):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(
                name, dir_fd=folder
            )  # a pipe, a link or a second name of a file is never written through
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o644, dir_fd=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)


def take(root: Path, path: str, *, limit_bytes: int) -> bytes | None:
    """The first bytes of a file; None where no plain file can be read.

    Raises:
        ValueError: `path` does not name a place below `root`.
        OSError: this machine is in trouble.
    """
    try:
        with _folder_of(root, path, make=False) as (folder, name):
            return _read(folder, name, limit_bytes)
    except OSError as error:
        if error.errno in _TROUBLE:
            raise
        return None


def _read(folder: int, name: str, limit_bytes: int) -> bytes | None:
    if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        return None
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit_bytes) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


@contextlib.contextmanager
def _folder_of(root: Path, path: str, *, make: bool) -> Iterator[tuple[int, str]]:
    """The folder of a path, open, and the last name; each step is taken from the one before, through no link."""
    *above, name = _parts(path)
    folder = os.open(root, _FOLDER)
    try:
        for part in above:
            deeper = _open(folder, part, make=make)
            os.close(folder)
            folder = deeper
        yield folder, name
    finally:
        os.close(folder)


def _open(folder: int, part: str, *, make: bool) -> int:
    if make:
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, 0o755, dir_fd=folder)
    return os.open(part, _FOLDER, dir_fd=folder)


def _parts(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise ValueError(f"{path!r} is not a path below the work directory")
    return parts
