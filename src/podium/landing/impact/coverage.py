"""Which files each test ran when it was last measured: a second source, which only ever adds to what imports tell.

It sees what the text of a program does not say (a module loaded by a computed name), and it is out of date as soon as a file
changes. So a test that ran a file counts as its importer, and no importer is left out because it ran nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from podium.landing.impact.targets import target_of_test

_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Coverage:
    """The test files that ran each file, by its path."""

    ran_by: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def tests(self, path: str) -> frozenset[str]:
        return self.ran_by.get(path, _NOBODY)


@dataclass(frozen=True, slots=True)
class _Body:
    """Of one file: the tests that ran each line."""

    contexts: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Report:
    files: Mapping[str, _Body]


_REPORT = TypeAdapter(_Report)


def read_coverage(text: str, known_paths: Collection[str]) -> Coverage:
    """Read what `coverage json --show-contexts` writes; contexts as `pytest --cov-context=test` names them.

    Tests that belong to no known file are left out.

    Raises:
        ValueError: it is no such report.
    """
    try:
        report = _REPORT.validate_json(text)
    except ValidationError as error:
        raise ValueError("this is not what `coverage json --show-contexts` writes") from error
    known = frozenset(known_paths)
    return Coverage({path: _tests(body, known) for path, body in report.files.items() if path in known})


def _tests(body: _Body, known: frozenset[str]) -> frozenset[str]:
    named = {context.partition("|")[0] for found in body.contexts.values() for context in found}
    return frozenset(path for name in named if name and (path := target_of_test(name, known)))
