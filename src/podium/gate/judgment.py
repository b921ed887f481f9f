"""What a command's end means: a verdict and its reason. Pure; running the command is `execution.py`'s business.

1. A run that did not come to its own end (time-out, stopped, killed, never started), ended with 126 or 127, or owes a
   report that cannot be read, says nothing about the tree: `could-not-run`.
2. With a report, the report judges before the exit code. No case ran: `ran-nothing`, whatever the base ran. (A base that
   ran nothing did not pass either, so there never is a good state with no case in it that a change could preserve.)
3. A failing case fails the change, unless every failing one fails on the base too: `could-not-run`, nobody is blamed.
4. A case that passed on the base and neither passed nor failed now was deleted, renamed, skipped or deselected: failed.
5. An exit code other than 0 is never passed.
   Where the runner says by its exit code that tests failed, failed cases must be there, and the other way round.
6. A base that could not be checked for reasons of the machine leaves the change unjudged. A base that is itself too
   broken to report has no cases to keep: a change that mends it may pass, and the reason says so.
7. A case that failed and, run again on the same tree, passed is unstable. That fails a change, unless it is excused.
8. What is excused decides nothing, and is named: a case in quarantine, one that is unstable on the base too; a case whose
   file people let the change touch may go.

A report that is forged whole is not seen through here: that is the canary's business.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from podium.base.text import clean_line, count, tail
from podium.gate.execution import Execution
from podium.gate.flakes import Rate, flaky_in
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
    says nothing about the tree; empty where it does. `flaky` are the cases that failed in it and, in further runs on the
    same tree, passed.
    """

    exit_code: int | None
    cases: Cases | None = None
    trouble: str = ""
    flaky: Mapping[str, Rate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leave:
    """What a verdict does not depend on. `excused` says why each of these cases decides nothing; `may_go` may be missing.

    `failing_codes` are the exit codes by which the command says no more than that cases failed: only with one of them can it
    be passed though some (excused) did.
    """

    excused: Mapping[str, str] = field(default_factory=dict)
    may_go: frozenset[str] = frozenset()
    failing_codes: range = range(0)


NO_LEAVE = Leave()


def seen_before(result: CheckResult) -> Seen:
    """What the run behind a result showed."""
    trouble = result.because if result.verdict is Verdict.COULD_NOT_RUN and result.cases is None else ""
    return Seen(result.exit_code, result.cases, trouble, flaky_in(result))


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


def gone(seen: Seen, base: Seen | None) -> list[str]:
    """The cases that passed on the base and neither pass nor fail now."""
    if seen.cases is None or base is None or base.cases is None:
        return []
    before = {*base.cases.passed, *base.flaky}
    return sorted(before - set(seen.cases.passed) - set(seen.cases.failed))


def judge(seen: Seen, base: Seen | None, leave: Leave = NO_LEAVE) -> Judgment:
    """The verdict on a tree and its reason. `base` is what the same command showed on the base, None where there is none."""
    if seen.trouble:
        return Verdict.COULD_NOT_RUN, seen.trouble
    if base and base.trouble and base.exit_code is None:
        return Verdict.COULD_NOT_RUN, f"the base could not be checked: {base.trouble}"
    if seen.cases is None:
        return _by_exit_code(seen.exit_code, base)
    verdict, because = _by_cases(seen, seen.cases, base, leave)
    return verdict, "; ".join([because, *_not_counted(seen.cases, leave)])


def named(names: Sequence[str]) -> str:
    """The first of some names, safe to print, and how many more there are."""
    shown = ", ".join(clean_line(name, limit=120) for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown


def _quoted(command: str) -> str:
    return f"`{clean_line(command, limit=80)}`"


def _by_exit_code(code: int | None, base: Seen | None) -> Judgment:
    if code == 0:
        return Verdict.PASSED, "exit code 0"
    if base and base.exit_code:
        return Verdict.COULD_NOT_RUN, f"exit code {code}; it fails on the base too, with {base.exit_code}"
    return Verdict.FAILED, f"exit code {code}"


def _by_cases(seen: Seen, cases: Cases, base: Seen | None, leave: Leave) -> Judgment:
    before = base.cases if base and base.cases else Cases()
    if not cases.ran:
        return Verdict.RAN_NOTHING, _nothing_ran(cases, before, seen.exit_code)
    failed = [name for name in cases.failed if name not in leave.excused]
    missing = [name for name in gone(seen, base) if name not in leave.excused and name not in leave.may_go]
    broken_there = set(before.failed) - set(base.flaky if base else ())
    new = sorted(set(failed) - broken_there)
    red = base is not None and (bool(base.trouble) or not new)
    if failed and red and not missing:
        return Verdict.COULD_NOT_RUN, _fails_there_too(failed, base)
    if failed or missing:
        return Verdict.FAILED, "; ".join(_faults(failed, new, missing, seen.flaky))
    return _by_exit_code_of_cases(seen, cases, base, leave)


def _by_exit_code_of_cases(seen: Seen, cases: Cases, base: Seen | None, leave: Leave) -> Judgment:
    """The verdict where no case speaks against the tree, if the exit code agrees."""
    code, told = seen.exit_code, f"exit code {seen.exit_code}"
    if cases.failed and code not in leave.failing_codes:
        return Verdict.FAILED, f"{told}, which does not say that {count(len(cases.failed), 'test')} failed"
    if not code or cases.failed:
        return Verdict.PASSED, _all_passed(cases, base)
    if base and base.exit_code and not (base.cases and base.cases.failed):
        return (
            Verdict.COULD_NOT_RUN,
            f"{told} though every test passed; the base ends with {base.exit_code} too",
        )
    return Verdict.FAILED, f"{told}, though {count(len(cases.passed), 'test')} passed and none failed"


def _nothing_ran(cases: Cases, before: Cases, code: int | None) -> str:
    skipped = f", {len(cases.skipped)} skipped" if cases.skipped else ""
    return f"no test ran{skipped} (exit code {code})" + (f"; the base ran {before.ran}" if before.ran else "")


def _fails_there_too(failed: Sequence[str], base: Seen | None) -> str:
    if base and base.trouble:
        return f"{count(len(failed), 'test')} failed, and the base could not be checked: {base.trouble}"
    return f"fails on the base too: {named(failed)}"


def _faults(
    failed: Sequence[str], new: Sequence[str], missing: Sequence[str], flaky: Mapping[str, Rate]
) -> Iterator[str]:
    old = [name for name in failed if name not in set(new)]
    broken = [name for name in (*new, *old) if name not in flaky]
    unstable = [f"{name} ({flaky[name]})" for name in (*new, *old) if name in flaky]
    if broken:
        yield f"{count(len(broken), 'test')} failed: {named(broken)}"
    if unstable:
        yield f"{count(len(unstable), 'test')} became unstable: {named(unstable)}"
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        yield f"{count(len(missing), 'test')} that passed on the base {verb} gone or skipped: {named(missing)}"


def _not_counted(cases: Cases, leave: Leave) -> Iterator[str]:
    if leave.excused:
        states = {**dict.fromkeys(cases.passed, "passed"), **dict.fromkeys(cases.failed, "failed")}
        told = [f"{name} ({why}, {states.get(name, 'did not run')})" for name, why in leave.excused.items()]
        yield f"not counted: {named(told)}"


def _all_passed(cases: Cases, base: Seen | None) -> str:
    skipped = f", {len(cases.skipped)} skipped" if cases.skipped else ""
    doubt = f"; nothing to compare with, for on the base {base.trouble}" if base and base.trouble else ""
    return f"{count(len(cases.passed), 'test')} passed{skipped}{doubt}"
