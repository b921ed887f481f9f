"""Objects read through one git that stays: a question takes it a tenth of a millisecond, where starting one takes several."""

import re
from typing import IO, NamedTuple

from podium.base.processes import Servant
from podium.git.command import Git, command_line

_FULL = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\b")
"""What is named by a full id is the same for ever; a shorter one may be anybody's, or become ambiguous."""


class Object(NamedTuple):
    """`kind` is blob, tree, commit or tag; `data` is empty where only the id was asked for."""

    name: str
    kind: str
    data: bytes


class ObjectReader:
    """Reads the objects of one repository, for any thread."""

    def __init__(self, git: Git) -> None:
        argv, env = command_line(git, "cat-file", "--batch-command", "-z")
        self._git = Servant(argv, env=env)

    @staticmethod
    def knows(name: str) -> bool:
        """Whether an object of this name can be asked for here: by a full id, and its answer will be one line and the bytes."""
        return bool(_FULL.match(name)) and "\n" not in name and "\0" not in name

    def id_of(self, name: str) -> Object | None:
        """An object without its bytes, or None where there is none."""
        return self._git.ask(b"info %s\0" % name.encode(errors="surrogateescape"), _head)

    def read(self, name: str) -> Object | None:
        """An object, or None where there is none. `name` may have a path, or another suffix that git understands."""
        return self._git.ask(b"contents %s\0" % name.encode(errors="surrogateescape"), _whole)


def _head(answer: IO[bytes]) -> Object | None:
    return (_first(answer) or (None,))[0]


def _whole(answer: IO[bytes]) -> Object | None:
    found = _first(answer)
    if found is None:
        return None
    one, size = found
    data = answer.read(size + 1)
    if len(data) <= size:
        raise EOFError
    return one._replace(data=data[:-1])


def _first(answer: IO[bytes]) -> tuple[Object, int] | None:
    """The first line of an answer, which is all there is where the object is missing."""
    line = answer.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    if line.endswith((b" missing\n", b" ambiguous\n")):
        return None
    name, kind, size = line.decode().split()
    return Object(name, kind, b""), int(size)
