"""A spec: what should exist and why, as one Markdown file says it."""

from collections.abc import Iterable
from dataclasses import dataclass

from podium.model.task import Task


@dataclass(frozen=True, slots=True)
class Scenario:
    """One example of a requirement: its WHEN/THEN lines as written."""

    name: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What SHALL or MUST hold."""

    name: str
    text: str
    scenarios: tuple[Scenario, ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """One spec file, read. `digest` is the SHA-256 of its bytes, and of its acceptance files'; `id` names it in task ids."""

    id: str
    path: str
    digest: str
    title: str
    why: str
    requirements: tuple[Requirement, ...]
    tasks: tuple[Task, ...]

    @property
    def criteria(self) -> tuple[str, ...]:
        """What it asks for, by name: each requirement, and below it `requirement / scenario`."""
        return criteria(self.requirements)


def criteria(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """The names of requirements, each followed by those of its scenarios; what has no name is left out.

    >>> criteria([Requirement("Sum", "It MUST add.", (Scenario("two", ()),))])
    ('Sum', 'Sum / two')
    """
    named = [requirement for requirement in requirements if requirement.name]
    return tuple(
        dict.fromkeys(
            name
            for requirement in named
            for name in (
                requirement.name,
                *(f"{requirement.name} / {one.name}" for one in requirement.scenarios if one.name),
            )
        )
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a spec that a person should mend: where it is and what to write instead.

    `line` and `column` count from 1. An error stops the spec from running; a warning does not.
    """

    line: int
    column: int
    message: str
    suggestion: str = ""
    is_error: bool = True
