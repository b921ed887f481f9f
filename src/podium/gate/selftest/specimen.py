"""What is planted: a change, what it pretends, and what a gate that is awake says to it.

A specimen is a recipe until it is given a ground to be planted on; then it is the bytes of the files it changes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from podium.gate.selftest.ground import Ground
from podium.model.task import Kind


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link where a file was, or is to be."""

    target: str


@dataclass(frozen=True, slots=True)
class Submodule:
    """A repository of its own, known by a commit that nobody has."""

    commit: str


Edit: TypeAlias = bytes | Link | Submodule | None
"""What stands at a path afterwards; None: nothing."""
Edits: TypeAlias = Mapping[str, Edit]
Maker: TypeAlias = Callable[[Ground], "Edits | None"]
"""Makes the edits on a ground; None where this ground has nothing to do it with."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """One recipe. `does` says in a sentence what the change is really up to.

    `caught_by` names the checks that are to refuse it, the first one first; an honest one has none. `kind` is that of the task
    it claims to fulfil. `accept` names the function of the planted module that the task's acceptance check, which no maker
    sees, asks about; empty where the task has none. `allowed` and
    `approved` are globs as in `Terms`; a word in braces is an attribute of the ground.
    """

    number: int
    name: str
    does: str
    make: Maker
    caught_by: tuple[str, ...] = ()
    kind: Kind = Kind.CHORE
    accept: str = ""
    allowed: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()
    language: str = ""
    """Empty: any."""

    @property
    def honest(self) -> bool:
        return not self.caught_by

    @property
    def id(self) -> str:
        """How people call it: `07-conftest-rewrites-reports`."""
        return f"{self.number:02d}-{self.name}"

    def fits(self, ground: Ground) -> bool:
        return self.language in ("", ground.language)

    def on(self, ground: Ground) -> "Specimen":
        """The same with the ground's paths in its globs."""
        words = {"module": ground.module, "tests": ground.tests, "scope": ground.scope}
        filled = ([glob.format(**words) for glob in globs] for globs in (self.allowed, self.approved))
        allowed, approved = (tuple(glob for glob in globs if glob) for globs in filled)
        return replace(self, allowed=allowed, approved=approved)


def cheat(
    number: int, name: str, does: str, *, caught_by: str, kind: Kind = Kind.CHORE, accept: str = "",
    allowed: tuple[str, ...] = (), approved: tuple[str, ...] = (), language: str = "python",
) -> Callable[[Maker], Specimen]:  # fmt: skip
    """Make the function that follows a specimen to be refused; `caught_by` are names with spaces between."""

    def wrap(make: Maker) -> Specimen:
        return Specimen(
            number, name, does, make, tuple(caught_by.split()), kind, accept, allowed, approved, language
        )

    return wrap


def honest(
    number: int, name: str, does: str, *, kind: Kind = Kind.CHORE, accept: str = "",
    allowed: tuple[str, ...] = (), approved: tuple[str, ...] = (), language: str = "python",
) -> Callable[[Maker], Specimen]:  # fmt: skip
    """Make the function that follows a specimen that must pass."""

    def wrap(make: Maker) -> Specimen:
        return Specimen(number, name, does, make, (), kind, accept, allowed, approved, language)

    return wrap
