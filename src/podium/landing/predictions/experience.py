"""What is known of past changes: what could be seen of each when it entered the queue, and what became of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Key = str | int
"""A target, or a file, that a change can affect."""


@dataclass(frozen=True, slots=True)
class Features:
    """What can be seen of a change when it enters the queue; a default is what nobody knows.

    `maker` is an agent's or a person's name and `kind` that of its task. `attempts` counts the one that made it.
    `landings_since` counts the landings since its base that share a target with it. `gate_s` is what its own gate took,
    `proven` says that nothing it depends on has moved since that gate passed.
    """

    maker: str = ""
    kind: str = ""
    files: int | None = None
    lines: int | None = None
    attempts: int = 1
    base_age_s: float | None = None
    landings_since: int = 0
    gate_s: float | None = None
    proven: bool = False


class Fate(StrEnum):
    """What became of a change in the queue."""

    LANDED = "landed"
    FAILED = "failed"
    """By itself."""
    BROKE = "broke"
    """It failed together with others, who are blamed."""
    UNEXPLAINED = "unexplained"
    """It failed by itself or with one of those who are blamed: nobody knows."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Another change that a change was judged with, though neither was made in view of the other.

    `shared` are the targets of both. `blamed`: the change failed with it, or where the failure is unexplained, may have.
    """

    other: Features
    shared: Collection[Key]
    blamed: bool = False


@dataclass(frozen=True, slots=True)
class Fared:
    """How one change fared, known since `at_s`. `met` are only those that it shares a target with."""

    at_s: float
    features: Features
    fate: Fate
    met: tuple[Meeting, ...] = ()


@dataclass(frozen=True, slots=True)
class Gated:
    """What one gate of a change took, known since `at_s`."""

    at_s: float
    features: Features
    duration_s: float


@dataclass(frozen=True, slots=True)
class Ran:
    """How often a check ran, or one `test` of it, and how often it `flaked`: failed and passed on the same tree; known since `at_s`."""

    at_s: float
    check: str
    runs: int
    flaked: int
    test: str = ""


@dataclass(frozen=True, slots=True)
class Experience:
    """All that is known, in any order."""

    fared: tuple[Fared, ...] = ()
    gated: tuple[Gated, ...] = ()
    ran: tuple[Ran, ...] = ()

    def before(self, until: float) -> "Experience":
        """What was known before `until`, oldest first; what became known at one moment keeps its order."""
        return Experience(_before(self.fared, until), _before(self.gated, until), _before(self.ran, until))


_Known = TypeVar("_Known", Fared, Gated, Ran)


def _before(known: Iterable[_Known], until: float) -> tuple[_Known, ...]:
    return tuple(sorted((one for one in known if one.at_s < until), key=lambda one: one.at_s))
