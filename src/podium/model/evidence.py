"""Evidence: what a check ran, on which tree, and what it saw."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from podium.model.ids import Tree
from podium.model.signature import failing_lines, normalised, signature
from podium.model.verdict import Verdict, combine

GENESIS = "0" * 64
"""What the first link of a chain of evidence follows."""


@dataclass(frozen=True, slots=True)
class Cases:
    """Test cases by their ids, as the runner's report names them."""

    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def ran(self) -> int:
        return len(self.passed) + len(self.failed)


class Grade(StrEnum):
    """How much a run of tests proves by the way it was run; later ones prove more."""

    EXIT_CODE = "exit-code"
    """Only how the program ended is known."""
    CASES = "cases"
    """Each test is known by its id, and none that passed on the base may be missing."""
    CONTROLLED = "controlled"
    """As before, and the same runner was seen to report failures that were planted."""

    @property
    def rank(self) -> int:
        return list(Grade).index(self)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check on one tree. `check` is its name, `digest` its definition's; together with `tree` they are the identity.

    `because` says in one line why the verdict is what it is. `output` is the bounded end of what the check printed,
    `output_digest` the SHA-256 of all that was kept. `exit_code` is None where no program ran.
    """

    check: str
    digest: str
    tree: Tree
    verdict: Verdict
    because: str
    command: str = ""
    exit_code: int | None = None
    duration_s: float = 0.0
    sandbox: str = ""
    cases: Cases | None = None
    output: str = ""
    output_digest: str = ""
    at: float = 0.0
    took_s: float = 0.0
    """All the check took by the clock on the wall: making the tree, looking at the base, the program itself."""
    grade: Grade | None = None
    """Of a check that ran tests."""
    advice: tuple[str, ...] = ()
    """What speaks for a closer look though the verdict stands; it adds to the risk."""
    details: dict[str, Any] = field(default_factory=dict)
    """What this kind of check has to say beyond that, as JSON values."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a gate found, without the evidence itself: all that a decision needs."""

    verdict: Verdict
    because: str
    at: float
    signature: str = ""
    """What failed, so that the same failure is known again; empty where nothing did, or where nobody noted it."""
    grade: str = ""
    """The best grade that a run of tests reached; empty where none ran, or where nobody noted it."""
    advice: tuple[str, ...] = ()
    """What speaks for a closer look, each line with its check."""
    checks: tuple[str, ...] = ()
    """The checks that passed, by name; empty where nobody noted them."""
    failing: tuple[str, ...] = ()
    """The targets that failed, as far as that could be told."""
    blind: bool = False
    """Something failed that no target could be named for."""
    complete: bool = False
    """Every check judged the whole tree, though some of them failed: what is not in `failing` passed."""
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """All a gate found on one tree. `subject` is the change or candidate it was asked for, `base` what that was built on.

    `id` is the key of the decision that asked for it.
    """

    id: str
    subject: str
    tree: Tree
    base: str
    gate_digest: str
    results: tuple[CheckResult, ...]
    at: float
    reused: bool = False
    """Every result was already known for this very tree; nothing ran again."""
    took_s: float = 0.0
    """By the clock on the wall; checks run side by side."""
    failing: tuple[str, ...] = ()
    """The targets that failed; with `blind` and `complete` as a `Finding` has them."""
    blind: bool = False
    complete: bool = False
    parts: tuple[str, ...] = ()
    """Of evidence that was put together, target by target: the keys of that it comes from. No check ran on this tree."""
    verdict: Verdict = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "verdict", combine(result.verdict for result in self.results))

    @property
    def grade(self) -> Grade | None:
        """The best that a run of tests reached; None where none ran."""
        grades = [result.grade for result in self.results if result.grade]
        return max(grades, key=lambda grade: grade.rank) if grades else None

    @property
    def advice(self) -> tuple[str, ...]:
        return tuple(f"{result.check}: {line}" for result in self.results for line in result.advice)

    @property
    def duration_s(self) -> float:
        return sum(result.duration_s for result in self.results)

    def because(self) -> str:
        """The reasons of the results that did not pass, or that all of them did."""
        faults = [
            f"{result.check}: {result.because}"
            for result in self.results
            if result.verdict is not Verdict.PASSED
        ]
        return "; ".join(faults) if faults else f"{len(self.results)} of {len(self.results)} checks passed"

    @property
    def signature(self) -> str:
        """What failed, apart from times, places and chance; empty where nothing did."""
        faults = [_fault(result) for result in self.results if result.verdict is Verdict.FAILED]
        return signature(faults) if faults else ""

    def finding(self) -> Finding:
        passed = tuple(result.check for result in self.results if result.verdict is Verdict.PASSED)
        grade = self.grade or ""
        return Finding(
            self.verdict, self.because(), self.at, self.signature, grade, self.advice, passed,
            self.failing, self.blind, self.complete, self.took_s,
        )  # fmt: skip


def _fault(result: CheckResult) -> list[str]:
    """The check and the cases that failed; without such cases its reason and what it printed about failures."""
    if result.cases and result.cases.failed:
        return [result.check, *sorted(result.cases.failed)]
    return [result.check, normalised(result.because), str(result.exit_code), *failing_lines(result.output)]
