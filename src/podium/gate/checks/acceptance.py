"""An acceptance criterion of a task, tried out of process: by a command, by a file of pytest tests, by Gherkin scenarios.

A command must exit 0 and, where the spec says so, print just that. It runs on a copy of its own; what it prints to standard
error is kept apart: it decides nothing. What the spec expects stays outside the sandbox, where the tree's code cannot
read it, and so do tests and scenarios: `acceptance/` tries the program with them, from another sandbox or from the host.
"""

import shlex
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from podium.base.digest import digest, digest_bytes
from podium.base.files import read_untrusted
from podium.base.text import clean_line, tail
from podium.config.settings import SandboxSettings
from podium.gate.acceptance.driver import drive, helper_digest
from podium.gate.acceptance.features import read_feature
from podium.gate.acceptance.trial import try_feature
from podium.gate.acceptance.verdicts import judge_drive, judge_trial
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.execution import Execution, execute
from podium.gate.judgment import NOT_EXECUTABLE, NOT_FOUND, Judgment, cannot_run, interrupted, program_named
from podium.model.evidence import Cases, CheckResult
from podium.model.ids import TaskId
from podium.model.task import Acceptance, Means
from podium.model.verdict import Verdict

TIME_LIMIT = timedelta(minutes=10)
_ERRORS = "errors"
_ERRORS_LIMIT_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class AcceptanceCheck:
    """Criterion number `index`, counted from 1, of a task."""

    task: TaskId
    index: int
    acceptance: Acceptance
    sandbox: SandboxSettings

    instant: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return name_of(self.task, self.index)

    @property
    def digest(self) -> str:
        wanted = [self.acceptance.command, self.acceptance.expected]
        if self.acceptance.kind is not Means.COMMAND:
            held = self.acceptance.source
            wanted += [
                self.acceptance.kind,
                self.acceptance.only,
                digest_bytes(held.encode()),
                helper_digest(),
            ]
        return digest(
            [GATE_VERSION, "acceptance", self.task, self.index, *wanted, self.sandbox.model_dump(mode="json")]
        )

    def run(self, context: Context) -> CheckResult:
        match self.acceptance.kind:
            case Means.PYTEST:
                return self._drive(context)
            case Means.GHERKIN:
                return self._try_scenarios(context)
            case Means.COMMAND:
                return self._run_command(context)

    def _drive(self, context: Context) -> CheckResult:
        done = drive(context, self.acceptance.source, path=self.acceptance.command)
        cases = done.report if isinstance(done.report, Cases) else None
        return self._told(
            context, judge_drive(done), cases,
            {"seed": done.seed, "calls": done.calls, "said": done.said},
            duration_s=done.ended.duration_s, exit_code=done.ended.code if done.ended.reason == "exit" else None,
        )  # fmt: skip

    def _try_scenarios(self, context: Context) -> CheckResult:
        began = time.monotonic()
        feature = read_feature(self.acceptance.source, only=self.acceptance.only)
        if feature.flaws:
            flaw = feature.flaws[0]
            unclear = (
                Verdict.COULD_NOT_RUN,
                f"the scenarios cannot be tried: line {flaw.line}: {flaw.message}",
            )
            return self._told(context, unclear, None, {})
        done = try_feature(context, feature)
        return self._told(
            context, judge_trial(done), done.cases, {"calls": done.calls, "said": done.said},
            duration_s=round(time.monotonic() - began, 3),
        )  # fmt: skip

    def _told(
        self, context: Context, judgment: Judgment, cases: Cases | None, details: dict[str, Any],
        *, duration_s: float = 0.0, exit_code: int | None = None,
    ) -> CheckResult:  # fmt: skip
        """The result of what a maker must not see: its output is empty, because that is shown to makers.

        What a person wants to know of a failure is in `details`: `said` by the tests, the `seed` of fresh numbers.
        """
        verdict, because = judgment
        return CheckResult(
            self.name, self.digest, context.tree, verdict, because, command=shown(self.acceptance), exit_code=exit_code,
            duration_s=duration_s, sandbox=context.sandbox.kind, cases=cases,
            output_digest=digest_bytes(str(details.get("said", "")).encode()), at=context.at,
            details={"kind": str(self.acceptance.kind), **details},
        )  # fmt: skip

    def _run_command(self, context: Context) -> CheckResult:
        done = execute(context, self._errors_apart, time_limit=TIME_LIMIT, tells=False)
        errors = _errors(done)
        verdict, because = judge_acceptance(self.acceptance, done, errors)
        return CheckResult(
            self.name, self.digest, context.tree, verdict, because,
            command=self.acceptance.command, exit_code=done.ended.code if done.ended.reason == "exit" else None,
            duration_s=done.ended.duration_s, sandbox=context.sandbox.kind,
            output=tail(f"{done.shown}\n{tail(errors)}".strip()), output_digest=done.output_digest, at=context.at,
        )  # fmt: skip

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:  # noqa: ARG002 - the base has no say
        return known

    def _errors_apart(self, room: Path) -> str:
        return f"exec sh -c {shlex.quote(self.acceptance.command)} 2>{shlex.quote(str(room / _ERRORS))}"


def name_of(task: TaskId, index: int) -> str:
    """The name of the check of a task's criterion, counted from 1."""
    return f"accept {task} #{index}"


def shown(acceptance: Acceptance) -> str:
    """An acceptance in a word, as its spec writes it."""
    only = f" :: {acceptance.only}" if acceptance.only else ""
    kind = "" if acceptance.kind is Means.COMMAND else f"{acceptance.kind} "
    return f"{kind}{acceptance.command}{only}"


def judge_acceptance(acceptance: Acceptance, done: Execution, errors: str) -> Judgment:
    """The verdict on one run of the criterion. A program that the tree should have brought along and did not is a failure."""
    trouble = interrupted(done, command=acceptance.command)
    if trouble:
        return Verdict.COULD_NOT_RUN, trouble
    code = done.ended.code
    if code in (NOT_EXECUTABLE, NOT_FOUND):
        program = program_named(errors) or _first_word(acceptance.command)
        return Verdict.FAILED if _in_tree(program) else Verdict.COULD_NOT_RUN, cannot_run(code, program)
    if code:
        said = clean_line(tail(errors, lines=1) or tail(done.text, lines=1), limit=200)
        return Verdict.FAILED, f"exit code {code}" + (f": {said}" if said else "")
    return _compare(acceptance.expected, done)


def _compare(expected: str | None, done: Execution) -> Judgment:
    if expected is None:
        return Verdict.PASSED, "exit code 0"
    # A byte that is not UTF-8 must equal nothing that a spec can say, a replacement character included.
    got = done.output.decode(errors="surrogateescape").strip()
    if got == expected.strip() and not done.ended.truncated:
        return (
            Verdict.PASSED,
            f"printed {clean_line(got, limit=100)}" if got else "printed nothing, as expected",
        )
    shown = clean_line(got, limit=100) or "nothing"
    return Verdict.FAILED, f"expected {clean_line(expected, limit=100) or 'nothing'}, got {shown}"


def _errors(done: Execution) -> str:
    try:
        return read_untrusted(done.room / _ERRORS, limit_bytes=_ERRORS_LIMIT_BYTES).decode(errors="replace")
    except OSError:  # never written, or replaced by the command; it decides nothing
        return ""


def _in_tree(program: str) -> bool:
    """Whether the shell looked for it in the tree, not along PATH."""
    return "/" in program and not program.startswith("/")


def _first_word(command: str) -> str:
    """The program a command starts with, for want of a better name."""
    words = [word for word in command.split() if "=" not in word]
    return words[0] if words else command
