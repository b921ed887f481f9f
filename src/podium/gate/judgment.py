"""What a command's end means: a verdict and its reason. Pure; running the command is `execution.py`'s business.

1. A run that did not come to its own end (time-out, stopped, killed, never started), ended with 126 or 127, or owes a
   report that cannot be read, says nothing about the tree: `could-not-run`.
2. With a report, the report judges before the exit code. No case ran: `ran-nothing`, whatever the base ran. (A base that
   ran nothing did not pass either, so there never is a good state with no case in it that a change could preserve.)
3. A failing case fails the change, unless every failing one fails on the base too: `could-not-run`, nobody is blamed.
4. A case that passed on the base and neither passed nor failed now was deleted, renamed, skipped or deselected: failed.
5. An exit code other than 0 is never passed.
6. A base that could not be checked for reasons of the machine leaves the change unjudged. A base that is itself too
   broken to report has no cases to keep: a change that mends it may pass, and the reason says so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from podium.base.text import clean_line, count, tail
from podium.gate.execution import Execution
from podium.gate.junit import Unreadable
from podium.model.evidence import Cases, CheckResult
from podium.model.verdict import Verdict

Judgment = tuple[Verdict, str]

NOT_EXECUTABLE, NOT_FOUND, KILLED = 126, 127, 137
_NAMED = 3
_SHELL_SAYS = re.compile(
    r"^(?:\S*/)?(?:sh|dash|bash|ash)(?:: (?:line )?\d+)?: (?P<program>[^:\n]{1,200}): "
    r"(?:(?:command )?not found|Permission denied|No such file or directory)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run of a command showed.

    `exit_code` is None where it did not come to its own end, `cases` where there is no report. `trouble` says why the run
    says nothing about the tree; empty where it does.
    """

    exit_code: int | None
    cases: Cases | None = None
    trouble: str = ""


def seen_before(result: CheckResult) -> Seen:
    """What the run behind a result showed."""
    trouble = result.because if result.verdict is Verdict.COULD_NOT_RUN and result.cases is None else ""
    return Seen(result.exit_code, result.cases, trouble)


def observe(done: Execution, report: Cases | Unreadable | None, *, command: str) -> Seen:
    """What a run showed. `report` is None where none was asked for."""
    trouble = interrupted(done, command=command)
    if trouble:
        return Seen(None, None, trouble)
    code = done.ended.code
    if code in (NOT_EXECUTABLE, NOT_FOUND):
        return Seen(code, None, cannot_run(code, program_named(done.text) or _quoted(command)))
    if isinstance(report, Unreadable):
        return Seen(code, None, f"{_quoted(command)} ended with exit code {code}, but {report.because}")
    return Seen(code, report)


def interrupted(done: Execution, *, command: str) -> str:
    """Why a run did not come to its own end, or empty where it did."""
    ended, words = done.ended, _quoted(command)
    if ended.reason == "timeout":
        return f"{words} did not end within {ended.duration_s:.0f} s"
    if ended.reason == "stopped":
        return f"{words} was stopped"
    if ended.reason != "exit":
        return f"{words} could not be watched to its end: {clean_line(ended.note) or ended.reason}"
    if ended.code and done.disk_full:
        return f"{words} ran out of space on the disk"
    if not done.started:
        said = clean_line(tail(done.text, lines=2)) or f"exit code {ended.code}"
        return f"the sandbox did not get to start {words}: {said}"
    return f"{words} was killed, perhaps for want of memory" if ended.code == KILLED else ""


def cannot_run(code: int, program: str) -> str:
    """The reason for an exit code of 126 or 127."""
    what = "was not found here" if code == NOT_FOUND else "cannot be executed here"
    return f"{program} {what} (exit code {code})"


def program_named(output: str) -> str:
    """The program that the shell, by its own words, last failed to run; empty where it does not say."""
    found = [match["program"] for match in _SHELL_SAYS.finditer(output)]
    return clean_line(found[-1]) if found else ""


def needs_base(seen: Seen) -> bool:
    """Whether the base has a say in the verdict."""
    return not seen.trouble and (seen.cases is not None or bool(seen.exit_code))


def judge(seen: Seen, base: Seen | None) -> Judgment:
    """The verdict on a tree and its reason. `base` is what the same command showed on the base, None where there is none."""
    if seen.trouble:
        return Verdict.COULD_NOT_RUN, seen.trouble
    if base and base.trouble and base.exit_code is None:
        return Verdict.COULD_NOT_RUN, f"the base could not be checked: {base.trouble}"
    if seen.cases is None:
        return _by_exit_code(seen.exit_code, base)
    return _by_cases(seen.cases, seen.exit_code, base)


def _quoted(command: str) -> str:
    return f"`{clean_line(command, limit=80)}`"


def _by_exit_code(code: int | None, base: Seen | None) -> Judgment:
    if code == 0:
        return Verdict.PASSED, "exit code 0"
    if base and base.exit_code:
        return Verdict.COULD_NOT_RUN, f"exit code {code}; it fails on the base too, with {base.exit_code}"
    return Verdict.FAILED, f"exit code {code}"


def _by_cases(cases: Cases, code: int | None, base: Seen | None) -> Judgment:
    before = base.cases if base and base.cases else Cases()
    if not cases.ran:
        return Verdict.RAN_NOTHING, _nothing_ran(cases, before, code)
    gone = sorted(set(before.passed) - set(cases.passed) - set(cases.failed))
    new = sorted(set(cases.failed) - set(before.failed))
    red = base is not None and (bool(base.trouble) or not new)
    if cases.failed and red and not gone:
        return Verdict.COULD_NOT_RUN, _fails_there_too(cases.failed, base)
    if cases.failed or gone:
        return Verdict.FAILED, "; ".join(_faults(cases, new, gone))
    if code and base and base.exit_code and not before.failed:
        return (
            Verdict.COULD_NOT_RUN,
            f"exit code {code} though every test passed; the base ends with {base.exit_code} too",
        )
    if code:
        return (
            Verdict.FAILED,
            f"exit code {code}, though {count(len(cases.passed), 'test')} passed and none failed",
        )
    return Verdict.PASSED, _all_passed(cases, base)


def _nothing_ran(cases: Cases, before: Cases, code: int | None) -> str:
    skipped = f", {len(cases.skipped)} skipped" if cases.skipped else ""
    return f"no test ran{skipped} (exit code {code})" + (f"; the base ran {before.ran}" if before.ran else "")


def _fails_there_too(failed: Sequence[str], base: Seen | None) -> str:
    if base and base.trouble:
        return f"{count(len(failed), 'test')} failed, and the base could not be checked: {base.trouble}"
    return f"fails on the base too: {_named(failed)}"


def _faults(cases: Cases, new: Sequence[str], gone: Sequence[str]) -> Iterator[str]:
    old = [name for name in cases.failed if name not in set(new)]
    if cases.failed:
        yield f"{count(len(cases.failed), 'test')} failed: {_named([*new, *old])}"
    if gone:
        verb = "is" if len(gone) == 1 else "are"
        yield f"{count(len(gone), 'test')} that passed on the base {verb} gone or skipped: {_named(gone)}"


def _all_passed(cases: Cases, base: Seen | None) -> str:
    skipped = f", {len(cases.skipped)} skipped" if cases.skipped else ""
    doubt = f"; nothing to compare with, for on the base {base.trouble}" if base and base.trouble else ""
    return f"{count(len(cases.passed), 'test')} passed{skipped}{doubt}"


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(clean_line(name, limit=120) for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
