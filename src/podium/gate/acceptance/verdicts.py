"""What acceptance tests and scenarios mean for a verdict. Pure.

A failure is the change's only where nothing else explains it: trouble at the door, a missing program, a file of tests that
cannot be collected are nobody's or their author's. Tests that pass without having started the program ran nothing. The
reason names what failed, by the author's own names, and shows no expectation: it is told to makers.
"""

from collections.abc import Sequence

from podium.base.text import clean_line, count
from podium.gate.acceptance.driver import Drive, said_last
from podium.gate.acceptance.trial import Trial
from podium.gate.judgment import Judgment
from podium.gate.junit import Unreadable
from podium.model.evidence import Cases
from podium.model.verdict import Verdict

_ENDED, _TESTS_FAILED, _NO_TESTS = 0, 1, 5
_NAMED = 3


def judge_drive(done: Drive) -> Judgment:
    """The verdict on one run of a driver."""
    trouble = _trouble(done)
    if trouble:
        return Verdict.COULD_NOT_RUN, trouble
    cases = done.report if isinstance(done.report, Cases) else Cases()
    if done.ended.code == _NO_TESTS or not cases.ran:
        skipped = f", {len(cases.skipped)} skipped" if cases.skipped else ""
        return Verdict.RAN_NOTHING, f"no acceptance test ran{skipped}"
    return _judge(cases, done.calls, done.doubts, noun="acceptance test")


def judge_trial(done: Trial) -> Judgment:
    """The verdict on one trial of scenarios."""
    if done.trouble:
        return Verdict.COULD_NOT_RUN, f"the scenarios cannot be tried: {done.trouble}"
    return _judge(done.cases, done.calls, done.doubts, noun="scenario")


def _trouble(done: Drive) -> str:
    """Why the run says nothing about the tree, or nothing."""
    ended = done.ended
    if ended.reason == "timeout":
        return f"the acceptance tests did not end within {ended.duration_s:.0f} s"
    if ended.reason != "exit":
        return f"the acceptance tests could not be watched to their end: {clean_line(ended.note) or ended.reason}"
    if not done.began:
        return f"the sandbox did not get to start the acceptance tests: {said_last(done.said)}"
    if done.troubles:
        return f"the program could not be tried: {done.troubles[0]}"
    return _unreported(done)


def _unreported(done: Drive) -> str:
    """Why the tests, though they ran undisturbed, have no result, or nothing."""
    code, report = done.ended.code, done.report
    if isinstance(report, Unreadable):
        return f"pytest could not run the acceptance tests: {said_last(done.said) or report.because}"
    if code not in (_ENDED, _TESTS_FAILED, _NO_TESTS):
        return f"pytest could not run the acceptance tests (exit code {code}): {said_last(done.said)}"
    if (code == _TESTS_FAILED) != bool(report.failed):
        return f"pytest ended with {code}, and its report says otherwise"
    return ""


def _judge(cases: Cases, calls: int, doubts: Sequence[str], *, noun: str) -> Judgment:
    if cases.failed and doubts:
        return Verdict.COULD_NOT_RUN, f"{count(len(cases.failed), noun)} failed, and {doubts[0]}"
    if cases.failed:
        return Verdict.FAILED, f"{count(len(cases.failed), noun)} failed: {_names(cases.failed)}"
    if not calls:
        return Verdict.RAN_NOTHING, f"{count(len(cases.passed), noun)} passed without starting the program"
    skipped = f", {len(cases.skipped)} skipped" if cases.skipped else ""
    return (
        Verdict.PASSED,
        f"{count(len(cases.passed), noun)} passed{skipped}; the program was started {calls} times",
    )


def _names(failed: Sequence[str]) -> str:
    """The names alone: what stands in brackets may be what a test expects."""
    names = list(dict.fromkeys(clean_line(_bare(name), limit=100) for name in failed))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _bare(name: str) -> str:
    return name.rpartition("::")[2].partition("[")[0]
