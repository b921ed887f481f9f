"""What a language has to know so that its tests can be made to fail: where they are, how to break one, how to write a new one.

Everything here is text in, text out. Which tests are broken is `sabotage.py`'s to say, what a run must then report `truth.py`'s.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Protocol

LIMIT_BYTES = 512 * 1024
"""A longer file is left as it is."""


class Outcome(StrEnum):
    """How a test must be reported."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Edit:
    """The bytes from `start` up to `end` give way to `text`."""

    start: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Way:
    """One way to make a test fail: `kind` names it, so that a choice of many can be a mixed one."""

    kind: str
    edit: Edit


@dataclass(frozen=True, slots=True)
class Breakable:
    """One test of a file, from the byte `start` up to `end`. `name` is qualified as far as its file goes.

    `hollow` makes it pass at once, where that can be done.
    """

    name: str
    ways: tuple[Way, ...] = ()
    hollow: Edit | None = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A test file that nobody has seen before, and how its tests must be reported."""

    path: str
    source: bytes
    outcomes: dict[str, Outcome] = field(default_factory=dict)


class Language(Protocol):
    """One language. What it cannot read has no tests."""

    def provides(self, path: str) -> str:
        """What other files import the file at `path` by, its folders in front; empty where it is none of this language."""
        ...

    def imports(self, path: str, source: bytes) -> frozenset[str]:
        """What the file at `path` imports, as `provides` has it: with a slash in front, or the outer folders may be missing."""
        ...

    def knows(self, path: str) -> bool:
        """Whether the file at `path` is one of its test files, told by the path alone."""
        ...

    def tests(self, source: bytes) -> tuple[Breakable, ...]: ...

    def owns(self, path: str, name: str, case: str) -> bool:
        """Whether the report's `case` is the test `name` of the file at `path`, or one of its parameters."""
        ...

    def is_sound(self, source: bytes) -> bool:
        """Whether the file can still be read after an edit."""
        ...

    def newcomer(
        self, path: str, source: bytes, *, chance: Random, taken: Collection[str]
    ) -> Newcomer | None:
        """A new test file beside the one at `path` and in its manner; none of the paths `taken`."""
        ...


def apply(source: bytes, edits: Sequence[Edit]) -> bytes:
    """`source` with all edits made; they do not overlap.

    >>> apply(b"abc", [Edit(1, 2, b"x"), Edit(0, 0, b"-")])
    b'-axc'
    """
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return source
