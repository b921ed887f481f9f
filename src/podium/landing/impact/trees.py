"""What impact reads of a tree: its paths, and the bytes of a few of its files."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from podium.git.blobs import read_blobs
from podium.git.command import Git
from podium.model.ids import Tree

_ELSEWHERE = frozenset({"120000", "160000"})


class File(NamedTuple):
    """One entry of a tree at any depth. `blob` is the object's id; `mode` is git's, in octal digits. A tuple, as thousands are compared."""

    blob: str
    mode: str = "100644"

    @property
    def leads_elsewhere(self) -> bool:
        """Whether it is a link, or a submodule: what lies behind it is not read."""
        return self.mode in _ELSEWHERE


class TreeReader(Protocol):
    """One tree. The same `name` always is the same tree, and the same blob id the same bytes."""

    @property
    def name(self) -> str: ...

    @property
    def files(self) -> Mapping[str, File]:
        """Every file, link and submodule by its path."""
        ...

    def read(self, blobs: Sequence[str]) -> Sequence[bytes]:
        """The bytes of files, in the order asked for."""
        ...


class GitTree:
    """A tree in a repository's object store. Lists it once."""

    def __init__(self, git: Git, tree: Tree) -> None:
        self._git = git
        self._tree = tree

    @property
    def name(self) -> str:
        return self._tree

    @cached_property
    def files(self) -> Mapping[str, File]:
        # Without `-l`: sizes would have every object looked up.
        return dict(map(_entry, self._git.fields("ls-tree", "-r", "-z", "--full-tree", self._tree)))

    def read(self, blobs: Sequence[str]) -> Sequence[bytes]:
        return read_blobs(self._git, blobs)


def _entry(line: str) -> tuple[str, File]:
    head, _, path = line.partition("\t")
    mode, _kind, name = head.split()
    return path, File(name, mode)
