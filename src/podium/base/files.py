"""Files that are there whole or not at all."""

import contextlib
import errno
import json
import os
import shutil
import stat
import tempfile
import threading
from pathlib import Path
from typing import Any

_DEEPEST = 100


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


def write_once(path: Path, data: bytes) -> bytes:
    """The content of a private file, which is `data` where there was none; of two that begin it at a time, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path.read_bytes()


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
    """Delete a directory an agent may have filled: locked or endlessly nested folders do not stop it; a missing one is fine."""
    if not path.exists():
        return
    try:
        _remove(path)
    except (PermissionError, RecursionError):
        _open_up(path)
        _remove(path)


def _remove(path: Path) -> None:
    """Delete it, be others deleting it at the same time."""
    while path.exists():
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            continue


def _open_up(path: Path) -> None:
    """Give ourselves every folder below `path` again, and bring the deepest up to its top; links are not followed."""
    path.chmod(0o700)
    waiting = [path]
    while waiting:
        top = waiting.pop()
        for parent, folders, _files in os.walk(top):
            here = Path(parent)
            own = [here / name for name in folders if not (here / name).is_symlink()]
            for folder in own:
                folder.chmod(0o700)
            if len(here.parts) - len(top.parts) >= _DEEPEST:
                waiting += [folder.rename(tempfile.mkdtemp(dir=path)) for folder in own]
                folders.clear()
