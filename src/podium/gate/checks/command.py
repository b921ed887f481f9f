"""A command of the project's own: its tests, its linter, its build. What it shows is judged in `judgment.py`.

Where Podium knows whose tests the command runs, the runner has it run them in its own way (`gate/runners/`): with a report,
without plug-ins of the tree. What failed is run again on the same tree, so that a flaky test is told from a broken one.

Known limit: the report is written where the tree's own code runs, so code that forges a whole report goes undetected
here; that is for the canary. A report that is absent, partial, bent out of shape or at odds with the exit code does not.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from podium.base.digest import digest
from podium.base.text import clean_line, count
from podium.config.settings import CheckSettings, SandboxSettings
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.execution import Execution, execute
from podium.gate.flakes import Rate, failures, unsteady, write_rates
from podium.gate.judgment import Leave, Seen, gone, judge, needs_base, observe, seen_before
from podium.gate.junit import read_report
from podium.gate.runners.base import Runner, Wanted, mounts, seen_as
from podium.gate.runners.registry import runner_for
from podium.model.evidence import Cases, CheckResult, Grade
from podium.model.ids import Tree
from podium.model.verdict import Verdict
from podium.policies.paths import matches
from podium.policies.roles import Role, role_of

RUNS_AGAIN = 2
"""How often what failed is run again on the same tree."""
RUNS_ON_BASE = 3
"""How often what is flaky on a change is run again on its base, to see whether it is flaky there too."""

_REPORT = "report.xml"
_MOST_FLAKY = 50
"""Where more tests failed than this, it is no accident."""
_PYTEST_TESTS_FAILED = range(1, 2)
_ANY_FAILURE = range(1, 126)
_OPERATORS = frozenset(";|&<>()`\n")
_NAMED = 3


@dataclass(frozen=True, slots=True)
class CommandCheck:
    """One `[[gate.check]]`. Its digest names the command and its surroundings, not the base: see `Check`.

    `quarantined` are the tests that people took out of the verdict for a while. `approved` are the globs of `Terms`: tests in
    such files may go. As the base has, they have a say in the verdict alone, not in what is seen.
    """

    settings: CheckSettings
    sandbox: SandboxSettings
    quarantined: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()

    instant: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def runner(self) -> Runner | None:
        return runner_for(self.settings)

    @property
    def knows_tests(self) -> bool:
        """Whether it tells its tests by their ids, and not only how the command ended."""
        return bool(self.settings.report or self.runner)

    @property
    def digest(self) -> str:
        settings, sandbox = (part.model_dump(mode="json") for part in (self.settings, self.sandbox))
        runner = self.runner.digest if self.runner else ""
        return digest([GATE_VERSION, "command", settings, sandbox, runner, self.quarantined])

    def run(self, context: Context) -> CheckResult:
        seen, result = self.see(context)
        flaky = self._flaky(seen, context)
        seen = replace(seen, flaky=flaky)
        details = {**result.details, **({"flaky": write_rates(flaky)} if flaky else {})}
        return self._judged(seen, replace(result, details=details), context)

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:
        return self._judged(seen_before(known), known, context)

    def see(self, context: Context, **wanted: Any) -> tuple[Seen, CheckResult]:
        """Run it once, in the way wanted (`Wanted`, where there is a runner); the verdict is as if there were no base."""
        done = execute(
            context, lambda room: self.order(context, room, **wanted),
            time_limit=timedelta(minutes=self.settings.minutes), read=self.mounts(context),
        )  # fmt: skip
        seen = self._observe(done)
        verdict, because = judge(seen, None, self._leave())
        return seen, CheckResult(
            self.name, self.digest, context.tree, verdict, because,
            command=self.settings.run, exit_code=seen.exit_code, duration_s=done.ended.duration_s,
            sandbox=context.sandbox.kind, cases=seen.cases,
            output=done.shown, output_digest=done.output_digest, at=context.at,
            grade=Grade.CASES if seen.cases else Grade.EXIT_CODE,
        )  # fmt: skip

    def order(self, context: Context, room: Path, **wanted: Any) -> str:
        """The shell command; `room` is the directory it may write to, as it sees it. It needs `mounts` to be readable."""
        report = str(room / _REPORT)
        if self.runner is None:
            return self.settings.run.replace("{report}", shlex.quote(report))
        probe = str(seen_as(maps_paths=context.sandbox.maps_paths))
        return self.runner.order(
            self.settings.run, Wanted(report, probe, plugins=self.settings.plugins, **wanted)
        )

    def mounts(self, context: Context) -> Mapping[Path, Path]:
        return mounts(maps_paths=context.sandbox.maps_paths) if self.runner else {}

    def judge(self, seen: Seen, context: Context) -> CheckResult:
        """The verdict on what was seen on some tree, before the base of `context`."""
        blank = CheckResult(self.name, self.digest, context.tree, Verdict.COULD_NOT_RUN, "", at=context.at)
        return self._judged(seen, blank, context)

    def files(self, tests: Iterable[str], context: Context, tree: Tree) -> tuple[str, ...]:
        """The files of `tree` that hold these tests; none where the runner cannot tell them apart: all are to be run."""
        entries = context.repository.objects.entries(tree)
        found = self.runner.files(tests, [entry.path for entry in entries]) if self.runner else None
        return tuple(sorted(found or ()))

    def _observe(self, done: Execution) -> Seen:
        report = read_report(done.room / _REPORT) if self.knows_tests else None
        return observe(done, report, command=self.settings.run)

    def _flaky(self, seen: Seen, context: Context) -> dict[str, Rate]:
        """The tests that failed just now and pass when run again on the very same tree."""
        if seen.trouble or not seen.cases or not 0 < len(seen.cases.failed) <= _MOST_FLAKY:
            return {}
        files = self.files(seen.cases.failed, context, context.tree)
        again: list[Cases] = []
        for attempt in range(RUNS_AGAIN):
            again.append(_cases(context.look(Rerun(self, files, attempt), context.tree)))
            if len(unsteady(seen.cases, again)) == len(seen.cases.failed):
                break
        return unsteady(seen.cases, again)

    def _judged(self, seen: Seen, result: CheckResult, context: Context) -> CheckResult:
        known = context.baseline(self) if needs_base(seen) else None
        base = seen_before(known) if known else None
        on_base = self._flaky_on_base(seen, base, context)
        gone_by_leave = self._may_go(gone(seen, base), context)
        leave = self._leave(flaky=on_base, may_go=gone_by_leave)
        verdict, because = judge(seen, base, leave)
        advice = (*_about_flaky(seen.flaky, on_base), *_about_gone(gone_by_leave))
        details = {name: value for name, value in result.details.items() if name != "flaky_on_base"}
        if on_base:
            details["flaky_on_base"] = write_rates(on_base)
        return replace(result, verdict=verdict, because=because, advice=advice, details=details)

    def _leave(self, flaky: Iterable[str] = (), may_go: frozenset[str] = frozenset()) -> Leave:
        excused = {
            **dict.fromkeys(flaky, "flaky on the base too"),
            **dict.fromkeys(self.quarantined, "quarantined"),
        }
        plain = self.runner is None and _OPERATORS.isdisjoint(self.settings.run)
        codes = _PYTEST_TESTS_FAILED if self.runner else _ANY_FAILURE if plain else range(0)
        return Leave(excused, may_go, codes)

    def _flaky_on_base(self, seen: Seen, base: Seen | None, context: Context) -> dict[str, Rate]:
        """Those of the flaky tests that were seen to fail on the base as well, where they are run a few times more."""
        if base is None or base.cases is None:
            return {}
        found = {test: base.flaky.get(test, Rate(1, 1)) for test in seen.flaky if test in base.cases.failed}
        asked = [test for test in seen.flaky if test in base.cases.passed and test not in self.quarantined]
        files = self.files(asked, context, context.base_tree)
        runs = [base.cases]
        for attempt in range(RUNS_ON_BASE if asked else 0):
            runs.append(_cases(context.look(Rerun(self, files, attempt), context.base_tree)))
            if all(rate.failed for rate in failures(asked, runs).values()):
                break
        return {**found, **{test: rate for test, rate in failures(asked, runs).items() if rate.failed}}

    def _may_go(self, missing: Sequence[str], context: Context) -> frozenset[str]:
        """Those of the missing tests whose files people let the change touch.

        Where the runner does not tell a test's file, an approval of any test file that the change touched stands for it.
        """
        if not missing or not self.approved:
            return frozenset()
        names = [entry.path for entry in context.repository.objects.entries(context.base_tree)]
        touched = any(role_of(path) is Role.TEST and self._approves(path) for path in context.delta().files)
        return frozenset(test for test in missing if self._file_may_change(test, names, unknown=touched))

    def _file_may_change(self, test: str, names: Sequence[str], *, unknown: bool) -> bool:
        files = self.runner.files([test], names) if self.runner else None
        return all(map(self._approves, files)) if files else unknown

    def _approves(self, path: str) -> bool:
        return any(matches(glob, path) for glob in self.approved)


@dataclass(frozen=True, slots=True)
class Rerun:
    """One more run of some tests of a command, all where no `files` are named; attempts are told apart, so that each is a run.

    `seed` shuffles them, where there is a runner to do it. Its verdict is as if there were no base.
    """

    command: CommandCheck
    files: tuple[str, ...]
    attempt: int = 0
    seed: int | None = None

    instant: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"{self.command.name} again"

    @property
    def digest(self) -> str:
        return digest([GATE_VERSION, "rerun", self.command.digest, self.files, self.attempt, self.seed])

    def run(self, context: Context) -> CheckResult:
        wanted = {"tests": self.files, "shuffle": self.seed} if self.command.runner else {}
        _seen, result = self.command.see(context, **wanted)
        return replace(result, check=self.name, digest=self.digest)

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:  # noqa: ARG002 - nothing is compared
        return known


def _cases(result: CheckResult) -> Cases:
    return result.cases or Cases()


def _about_flaky(flaky: Mapping[str, Rate], on_base: Mapping[str, Rate]) -> Iterable[str]:
    for test, rate in on_base.items():
        yield f"flaky on the base too: {clean_line(test)} {flaky[test]}, on the base {rate}"


def _about_gone(tests: frozenset[str]) -> Iterable[str]:
    if tests:
        shown = ", ".join(clean_line(test, limit=120) for test in sorted(tests)[:_NAMED])
        yield f"{count(len(tests), 'test')} that passed on the base may go, as approved: {shown}"
