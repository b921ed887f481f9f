"""Flaky tests: what shows that one is, and how often it fails. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from podium.model.evidence import Cases, CheckResult


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a test failed in how many runs.

    >>> str(Rate(1, 3))
    'failed 1 of 3 times'
    """

    failed: int
    runs: int

    def __str__(self) -> str:
        return f"failed {self.failed} of {self.runs} times"


def unsteady(first: Cases, again: Sequence[Cases]) -> dict[str, Rate]:
    """The tests that failed in the `first` run of a tree and passed in one of the runs of the same tree that followed."""
    runs, passes = Counter(first.failed), Counter[str]()
    for cases in again:
        runs.update(set(cases.passed) | set(cases.failed))
        passes.update(cases.passed)
    return {test: Rate(runs[test] - passes[test], runs[test]) for test in first.failed if passes[test]}


def failures(tests: Iterable[str], runs: Sequence[Cases]) -> dict[str, Rate]:
    """How each of the tests did in several runs of one tree; a run in which it is missing or skipped does not count."""
    failed = Counter(test for cases in runs for test in cases.failed)
    passed = Counter(test for cases in runs for test in cases.passed)
    return {test: Rate(failed[test], failed[test] + passed[test]) for test in tests}


def rates(results: Iterable[CheckResult]) -> dict[tuple[str, str], Rate]:
    """The tests that were ever seen flaky, by check and id: how often each failed in all runs that results tell of.

    A tree on which a test always failed counts for nothing: there it was broken, not flaky.
    """
    known = list(results)
    flaky = {(result.check, test) for result in known for test in flaky_in(result)}
    total: dict[tuple[str, str], Rate] = {}
    for result in known:
        seen = flaky_in(result)
        for test in result.cases.passed if result.cases else ():
            seen.setdefault(test, Rate(0, 1))
        for key in ((result.check, test) for test in seen if (result.check, test) in flaky):
            before, now = total.get(key, Rate(0, 0)), seen[key[1]]
            total[key] = Rate(before.failed + now.failed, before.runs + now.runs)
    return total


def flaky_in(result: CheckResult) -> dict[str, Rate]:
    """The tests that both failed and passed on the tree of a result, as its details have it."""
    return read_rates(result.details.get("flaky", {}))


def read_rates(value: Mapping[str, Sequence[int]]) -> dict[str, Rate]:
    return {test: Rate(*rate) for test, rate in value.items()}


def write_rates(found: Mapping[str, Rate]) -> dict[str, list[int]]:
    """As a JSON value: `{id: [failed, runs]}`."""
    return {test: [rate.failed, rate.runs] for test, rate in found.items()}
