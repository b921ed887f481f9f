"""What to try on a change: which of its files, which mutants of them, and by which tests. Pure.

Only lines that a test ran get their mutants tried, each by the test files that ran it; where those cannot be told, by all
tests. Each set of test files is one command, whose time without a mutant has to be taken first, so there are few of them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from podium.base.text import is_utf8
from podium.gate.delta import Delta, FileDelta
from podium.gate.strength.coverage import Cover
from podium.gate.strength.mutants import Mutant, choose, shuffled
from podium.gate.strength.source import Source, read_source
from podium.policies.roles import Role, role_of

SESSION = Path(__file__).with_name("session.py")
"""The program that tries a plan, inside the sandbox."""
MOST_SUITES = 5
MOST_MUTANTS = 300
"""Of a change; each is checked to be Python here, and more are seldom tried in the time there is."""
_CODE = (
    ".c", ".cc", ".cpp", ".cs", ".ex", ".go", ".h", ".java", ".js", ".jsx", ".kt", ".php", ".py", ".pyi", ".rb", ".rs",
    ".scala", ".sh", ".swift", ".ts", ".tsx", ".vue",
)  # fmt: skip
_REGULAR = frozenset({"100644", "100755"})

Suite = tuple[str, ...]
"""Test files; all tests when empty."""
FilesOf = Callable[[frozenset[str]], frozenset[str] | None]
"""The files that hold some tests, given by their ids; None where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Target:
    """A changed source file that can be measured, and the lines that changed."""

    source: Source
    changed: frozenset[int]

    @property
    def path(self) -> str:
        return self.source.path


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant, the tests it is tried with, and the function it is in."""

    mutant: Mutant
    suite: Suite
    place: range


@dataclass(frozen=True, slots=True)
class Plan:
    """The trials in their order, a fair sample however far one gets; `uncovered` mutants are in lines that no test runs."""

    trials: tuple[Trial, ...] = ()
    uncovered: int = 0

    @property
    def suites(self) -> tuple[Suite, ...]:
        return tuple(dict.fromkeys(trial.suite for trial in self.trials))


def targets(delta: Delta) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """The files of a change that can be measured, and the paths of those that hold code and cannot."""
    changed = [file for file in delta.files.values() if _is_new_code(file)]
    found = [_target(file) for file in changed]
    unmeasured = [file.path for file, target in zip(changed, found, strict=True) if target is None]
    return tuple(filter(None, found)), tuple(unmeasured)


def draft(measured: Sequence[Target], covers: Mapping[str, Cover], *, files_of: FilesOf, seed: str) -> Plan:
    """The trials for a change, by the seed."""
    most = max(1, MOST_MUTANTS // len(measured))
    chosen = {
        mutant: target
        for target in measured
        for mutant in choose(target.source, target.changed, seed=seed, most=most)
    }
    tests = {mutant: covers[mutant.path].by(mutant.line) for mutant in chosen}
    covered = shuffled((mutant for mutant in chosen if tests[mutant]), seed=seed)
    suites = _suites([tests[mutant] for mutant in covered], files_of)
    return Plan(
        tuple(
            Trial(mutant, suite, chosen[mutant].source.function_at(mutant.line))
            for mutant, suite in zip(covered, suites, strict=True)
        ),
        uncovered=len(chosen) - len(covered),
    )


def written(
    plan: Plan, measured: Sequence[Target], *, command: Callable[[Suite], str], seconds: float
) -> dict[str, Any]:
    """The plan as `session.py` reads it, the trials as mutants in their order."""
    suites = plan.suites
    return {
        "seconds": seconds,
        "files": {target.path: target.source.data.decode() for target in measured},
        "commands": [command(suite) for suite in suites],
        "mutants": [
            {
                "path": trial.mutant.path, "start": trial.mutant.start, "end": trial.mutant.end,
                "text": trial.mutant.text.decode(), "command": suites.index(trial.suite),
            }
            for trial in plan.trials
        ],
    }  # fmt: skip


def _is_new_code(file: FileDelta) -> bool:
    """Whether the change put lines of code into it."""
    regular = file.mode_after in _REGULAR and file.after is not None
    return regular and bool(file.lines) and role_of(file.path) is Role.SOURCE and file.path.endswith(_CODE)


def _target(file: FileDelta) -> Target | None:
    source = read_source(file.path, file.after or b"") if file.path.endswith(".py") else None
    readable = source and is_utf8(file.path)
    return Target(source, frozenset(chain.from_iterable(file.lines))) if source and readable else None


def _suites(tests: Sequence[frozenset[str]], files_of: FilesOf) -> Iterator[Suite]:
    """The suite for each set of tests; the rarer sets of files are run as one."""
    files = {each: files_of(each) for each in set(tests)}
    often = Counter(files[each] for each in tests).most_common(MOST_SUITES - 1)
    own = {each for each, _times in often}
    rest = [found for found in files.values() if found not in own]
    for each in tests:
        yield _suite([files[each]] if files[each] in own else rest)


def _suite(sets: Sequence[frozenset[str] | None]) -> Suite:
    """All the files of some sets; empty, for all tests, where one is not known."""
    known = [each for each in sets if each]
    return tuple(sorted(frozenset().union(*known))) if len(known) == len(sets) else ()
