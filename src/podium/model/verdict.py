"""The four verdicts. Only `passed` lets a change on; only `failed` sends it back."""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What a check, or a whole gate, found."""

    PASSED = "passed"
    FAILED = "failed"
    COULD_NOT_RUN = "could-not-run"
    """The check did not get to judge: missing program, time-out, unreadable report. Nobody is blamed."""
    RAN_NOTHING = "ran-nothing"
    """The check ran and judged nothing: no test where the base has some. Nobody is blamed."""


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a whole gate: no verdict at all is `ran-nothing`, a failure outweighs an alarm.

    >>> combine([Verdict.PASSED, Verdict.RAN_NOTHING, Verdict.FAILED])
    <Verdict.FAILED: 'failed'>
    >>> combine([])
    <Verdict.RAN_NOTHING: 'ran-nothing'>
    """
    found = set(verdicts)
    for verdict in (Verdict.FAILED, Verdict.COULD_NOT_RUN, Verdict.RAN_NOTHING):
        if verdict in found:
            return verdict
    return Verdict.PASSED if found else Verdict.RAN_NOTHING
