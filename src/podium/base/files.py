"""Files that are there whole or not at all."""

import errno
import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`; a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    write_atomically(path, json.dumps(value).encode())


def read_json(path: Path) -> Any | None:
    """The value in `path`, or None when the file is not there or not whole."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def read_untrusted(path: Path, *, limit_bytes: int) -> bytes:
    """The first `limit_bytes` of a file that anybody may have put there: no link is followed, no pipe waited for.

    Raises:
        OSError: it is not there, or it is not a regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit_bytes)
    finally:
        os.close(descriptor)


def remove_tree(path: Path) -> None:
    """Delete a directory an agent may have filled: read-only folders do not stop it, a missing one is fine."""
    if not path.exists():
        return
    shutil.rmtree(path, onerror=_unlock_and_retry)


def _unlock_and_retry(function: Any, path: str, _error: Any) -> None:
    parent = os.path.dirname(path)  # noqa: PTH120 - shutil speaks strings
    for locked in (parent, path):
        if not os.path.islink(locked) and os.path.exists(locked):  # noqa: PTH110, PTH114 - as above
            os.chmod(locked, 0o700)  # noqa: PTH101, S103 - as above; the folder is ours and about to go
    if os.path.exists(path) or os.path.islink(path):  # noqa: PTH110, PTH114
        function(path)
