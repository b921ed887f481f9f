"""What rules look at: the change, the names around it, and each Python file parsed once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from podium.gate.delta import LIMIT_BYTES, Delta, FileDelta
from podium.gate.static.reading import EMPTY, Reading, read
from podium.policies.roles import Role, role_of

_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "testdata", "__snapshots__"})
_LINK = "120000"


@dataclass(frozen=True, slots=True)
class Pair:
    """A Python file before and after; None where it could not be read, an empty module where there is none."""

    file: FileDelta
    before: Reading | None
    after: Reading | None


@dataclass(frozen=True)
class Scene:
    """One change. `read` gives the bytes of any file of the base, so that a rule can look at what a new file is put beside."""

    delta: Delta
    read: Callable[[str], bytes | None] = lambda _path: None
    _pairs: dict[str, Pair] = field(default_factory=dict)

    def files(self) -> Iterator[FileDelta]:
        yield from self.delta.files.values()

    def pairs(self) -> Iterator[Pair]:
        """All changed Python files."""
        yield from (self.pair(file) for file in self.files() if file.path.endswith((".py", ".pyi", ".pyw")))

    def pair(self, file: FileDelta) -> Pair:
        known = self._pairs.get(file.path)
        if known is None:
            before = _reading(file.before, file.mode_before)
            known = self._pairs[file.path] = Pair(file, before, _reading(file.after, file.mode_after))
        return known


def is_test(path: str) -> bool:
    """Whether tests and nothing else live here; a package named `testing` is part of a product.

    >>> is_test("tests/helper.py"), is_test("a/test_b.py"), is_test("numpy/testing/utils.py"), is_test("a/b.py")
    (True, True, False, False)
    """
    if role_of(path) is not Role.TEST:
        return False
    parts = path.lower().split("/")
    return "testing" not in parts or not _TEST_FOLDERS.isdisjoint(parts) or _named_as_test(parts[-1])


def is_product(path: str) -> bool:
    """Whether it is code that tests are about."""
    return not is_test(path)


def is_conftest(path: str) -> bool:
    return path.rpartition("/")[2] == "conftest.py"


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def below(folder: str, path: str) -> bool:
    """Whether a file lies in a folder, at any depth; the root's name is empty."""
    return not folder or path.startswith(f"{folder}/")


def is_cut(data: bytes | None) -> bool:
    """Whether only the beginning of a file was read."""
    return data is not None and len(data) >= LIMIT_BYTES


def _named_as_test(name: str) -> bool:
    stem = PurePosixPath(name).stem
    return (
        stem.startswith("test_")
        or stem.endswith(("_test", ".test", ".spec", "_spec"))
        or name == "conftest.py"
    )


def _reading(data: bytes | None, mode: str) -> Reading | None:
    return EMPTY if data is None or mode == _LINK else read(data)
