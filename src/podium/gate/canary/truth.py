"""Whether a run told the truth about tests whose outcome was known beforehand. Pure.

The base decides which of them count: those that passed there as they stand and failed there once broken. Then:

1. A test that must fail and is reported as passed is a lie, and so is one that must be skipped and is reported as passed.
2. One that must fail and is not reported as failed is a lie too, unless the run broke off: it is red for another reason.
3. A run in which tests fail and that ends with exit code 0, where the base's did not, is a lie.
4. Nothing else counts here: a test that must pass and fails is the business of the checks that run the tests as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from podium.gate.canary.base import Outcome
from podium.gate.canary.cases import Index
from podium.gate.canary.sabotage import Sabotage
from podium.model.evidence import Cases, CheckResult


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run on another tree must report. `must_fail` are cases of the project, `fresh` those of the new file.

    `lied` tells that the base's own run did not tell the truth, `planted` how many broken cases it reported in whatever
    way, `breaks_off` that it did not get through all tests.
    """

    must_fail: frozenset[str]
    fresh: Mapping[str, Outcome]
    planted: int = 0
    lied: bool = False
    fails_exit: bool = True
    breaks_off: bool = False

    @property
    def proves(self) -> int:
        """How many tests must fail."""
        return len(self.must_fail) + sum(outcome is Outcome.FAILED for outcome in self.fresh.values())


@dataclass(frozen=True, slots=True)
class Told:
    """What a run told. `lies` are cases of the project that it lied about, `fresh_lies` those of the new file.

    `untold` are those that must fail and of which nothing is known, for the run broke off.
    """

    failed: int
    lies: frozenset[str] = frozenset()
    fresh_lies: frozenset[str] = frozenset()
    untold: frozenset[str] = frozenset()
    exit_lies: bool = False


def expect(done: Sabotage, plain: Cases, seen: CheckResult) -> Expected:
    """What the base's run `seen` of its sabotage lets one expect of others; `plain` is its run without."""
    cases = seen.cases or Cases()
    reported = _reported(cases)
    known, new = Index(set(plain.passed) & set(reported)), Index(set(reported) - _all(plain))
    planted = {case for mark in done.broken for case in known.of(mark.path, mark.name)}
    fresh = {case: mark.outcome for mark in done.fresh for case in new.of(mark.path, mark.name)}
    wrong = [case for case, outcome in fresh.items() if _is_lie(outcome, reported[case])]
    return Expected(
        frozenset(case for case in planted if reported[case] is Outcome.FAILED),
        {case: outcome for case, outcome in fresh.items() if reported[case] is outcome},
        planted=len(planted), lied=bool(wrong), fails_exit=bool(seen.exit_code),
        breaks_off=bool(set(plain.passed) - set(reported)),
    )  # fmt: skip


def listen(expected: Expected, seen: CheckResult) -> Told:
    """What a run told, held against what it must tell."""
    cases = seen.cases or Cases()
    reported = _reported(cases)
    missing = [case for case in expected.must_fail if reported.get(case) is not Outcome.FAILED]
    fresh_missing = [
        case for case, outcome in expected.fresh.items() if outcome is Outcome.FAILED and case not in reported
    ]
    broke_off = _broke_off(cases, expected)
    lies = [case for case in missing if reported.get(case) is Outcome.PASSED or not broke_off]
    fresh_lies = [
        case
        for case, outcome in expected.fresh.items()
        if case in reported and _is_lie(outcome, reported[case])
    ]
    fresh_lies += [] if broke_off else fresh_missing
    return Told(
        expected.proves - len(missing) - len(fresh_missing) - len(set(fresh_lies) - set(fresh_missing)),
        frozenset(lies), frozenset(fresh_lies), frozenset([*missing, *fresh_missing]) - {*lies, *fresh_lies},
        exit_lies=expected.fails_exit and bool(cases.failed) and seen.exit_code == 0,
    )  # fmt: skip


def _broke_off(cases: Cases, expected: Expected) -> bool:
    """Whether the run is red for a reason of its own, or ends at a first failure as the base's did."""
    others = set(cases.failed) - expected.must_fail - set(expected.fresh)
    return bool(others) or (expected.breaks_off and bool(cases.failed))


def _is_lie(wanted: Outcome, told: Outcome) -> bool:
    if wanted is Outcome.FAILED:
        return told is not Outcome.FAILED
    return wanted is Outcome.SKIPPED and told is Outcome.PASSED


def _reported(cases: Cases) -> dict[str, Outcome]:
    found = (
        (Outcome.PASSED, cases.passed),
        (Outcome.FAILED, cases.failed),
        (Outcome.SKIPPED, cases.skipped),
    )
    return {case: outcome for outcome, names in found for case in names}


def _all(cases: Cases) -> set[str]:
    return {*cases.passed, *cases.failed, *cases.skipped}
