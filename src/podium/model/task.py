"""A task: one thing that should be true of the code, and how anybody can tell."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from podium.model.ids import TaskId


class Kind(StrEnum):
    """What a task does to the code."""

    FEATURE = "feature"
    FIX = "fix"
    REFACTOR = "refactor"
    DOCS = "docs"
    TEST = "test"
    CHORE = "chore"


class Means(StrEnum):
    """By what an acceptance tries a tree."""

    COMMAND = "command"
    PYTEST = "pytest"
    GHERKIN = "gherkin"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One thing that is tried of a task, held out from whoever works on it.

    Of a `command`: it must exit 0 and, where `expected` is given, print just that (outer white space aside). Of the other
    two `command` is the path as the spec writes it and `source` the file's text, as it was when the spec was taken in;
    `only` names the one scenario of it that is meant. `proves` names criteria of the spec, as `Spec.criteria` does.
    """

    command: str
    expected: str | None = None
    kind: Means = Means.COMMAND
    only: str = ""
    source: str = ""
    proves: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)
    """Where its spec asks for it, as is `column`, both counted from 1."""
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Checkbox:
    """Where the task's box stands in its spec, so that landing can tick it and touch nothing else.

    `offset` is the byte offset of the character between the brackets; `line` is the whole line's text.
    """

    offset: int
    line: str


@dataclass(frozen=True, slots=True)
class Task:
    """One entry of a spec's `## Tasks`. `paths` are globs of what the change may touch; empty means anything."""

    id: TaskId
    spec: str
    title: str
    kind: Kind
    paths: tuple[str, ...] = ()
    after: tuple[TaskId, ...] = ()
    agent: str = ""
    accept: tuple[Acceptance, ...] = ()
    approves: tuple[str, ...] = ()
    """Globs of existing tests, configuration or dependencies that it may change all the same."""
    budget: timedelta | None = None
    notes: str = ""
    checkbox: Checkbox | None = None
    line: int = 0
    """Where its spec defines it, counted from 1."""
    done: bool = False
    """The box was ticked when the spec was read: nothing to do, and tasks after it may start."""

    @property
    def local_id(self) -> str:
        """The id as its spec writes it."""
        return self.id.rpartition("/")[2]
