"""The tests that a change brings: they pass in any order, and they say something about the change.

New are the ids that the base has not. They are run three times more, shuffled by a seed that no maker can foresee, each
time on a fresh copy. A feature or a fix must bring at least one that does not pass without the change: on the base, with
the change's tests laid over it. A test that fails there because it cannot even be imported counts, as the new names that a
feature adds make nearly every honest test of it fail in that way; what such a test is worth, mutation tells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from podium.base.digest import digest
from podium.base.text import count
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.checks.command import CommandCheck, Rerun
from podium.gate.judgment import named
from podium.gate.overlay import tests_on_base
from podium.gate.terms import Terms
from podium.model.evidence import Cases, CheckResult
from podium.model.task import Kind
from podium.model.verdict import Verdict

SHUFFLED_RUNS = 3
_MUST_PROVE = frozenset({Kind.FEATURE, Kind.FIX})


@dataclass(frozen=True, slots=True)
class NewTestsCheck:
    """The new tests among those of `command`. What is demanded of a change is not demanded of a candidate of several."""

    command: CommandCheck
    terms: Terms | None = None

    instant: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"new {self.command.name}"

    @property
    def digest(self) -> str:
        terms = (self.terms.base, self.terms.kind, self.terms.woven) if self.terms else ()
        return digest([GATE_VERSION, "new tests", self.command.digest, terms])

    def run(self, context: Context) -> CheckResult:
        if not context.compares:
            return self._result(context, Verdict.PASSED, "the tree is the base's own: nothing is new")
        here, there = context.look(self.command, context.tree), context.baseline(self.command)
        if here.cases is None:
            return self._without_names(context, here)
        if there is None or (there.cases is None and there.exit_code is None):
            told = there.because if there else "nothing is known of it"
            return self._result(context, Verdict.COULD_NOT_RUN, f"the base could not be checked: {told}")
        new = _new(here.cases, there.cases or Cases())
        mended = _mended(here.cases, there.cases or Cases())
        if not new:
            return self._nothing_new(context, mended)
        return self._judged(context, new, mended=bool(mended))

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:
        return known if self.terms else self.run(context)  # the base is in the terms

    def _without_names(self, context: Context, here: CheckResult) -> CheckResult:
        if here.verdict is Verdict.COULD_NOT_RUN:
            return self._result(context, Verdict.COULD_NOT_RUN, here.because)
        return self._result(
            context,
            Verdict.PASSED,
            f"`{self.command.name}` does not name its tests: which are new is not known",
        )

    def _nothing_new(self, context: Context, mended: Sequence[str]) -> CheckResult:
        if mended:
            return self._result(
                context,
                Verdict.PASSED,
                f"no new test; {count(len(mended), 'test')} passed that did not on the base",
            )
        result = self._result(context, Verdict.PASSED, "no new test")
        lacks = self._must_prove and self.terms is not None and self.terms.kind is Kind.FIX
        return (
            replace(result, advice=("a fix without a test that would have caught it",)) if lacks else result
        )

    @property
    def _must_prove(self) -> bool:
        return bool(self.terms and not self.terms.woven and self.terms.kind in _MUST_PROVE)

    def _judged(self, context: Context, new: Sequence[str], *, mended: bool) -> CheckResult:
        files = self.command.files(new, context, context.tree)
        runs = [context.look(rerun, context.tree) for rerun in self._shuffled(files, context)]
        trouble = next((run.because for run in runs if run.cases is None), "")
        if trouble:
            return self._result(context, Verdict.COULD_NOT_RUN, trouble)
        unstable = {test: sum(test not in _passed(run) for run in runs) for test in new}
        unstable = {
            test: missed
            for test, missed in unstable.items()
            if missed and test not in self.command.quarantined
        }
        if unstable:
            told = (f"{test} ({missed} of {len(runs)} times)" for test, missed in unstable.items())
            because = f"new tests that do not pass in every order: {named(list(told))}"
            return self._result(context, Verdict.FAILED, because)
        because = f"{count(len(new), 'new test')} passed {_times(len(runs))}"
        details = {"new": len(new), "runs": len(runs)}
        if not self._must_prove or mended:
            return replace(self._result(context, Verdict.PASSED, because), details=details)
        return replace(self._proven(context, new, files, because), details=details)

    def _shuffled(self, files: tuple[str, ...], context: Context) -> Iterable[Rerun]:
        if self.command.runner is None:
            return [Rerun(self.command, files)]
        seeds = [
            context.draw("shuffle", self.command.name, context.tree, str(run)) for run in range(SHUFFLED_RUNS)
        ]
        return [Rerun(self.command, files, seed=int(seed[:12], 16)) for seed in seeds]

    def _proven(
        self, context: Context, new: Sequence[str], files: tuple[str, ...], because: str
    ) -> CheckResult:
        """Whether at least one new test says something about the change: it does not pass without it."""
        without = tests_on_base(context.repository.objects, context.base_tree, context.tree)
        seen = context.look(Rerun(self.command, files), without)
        if seen.exit_code is None:
            return self._result(
                context,
                Verdict.COULD_NOT_RUN,
                f"the new tests could not be run without the change: {seen.because}",
            )
        idle = [test for test in new if test in _passed(seen)]
        if len(idle) == len(new):
            told = f"the new tests pass without the change: they prove nothing of it: {named(idle)}"
            return self._result(context, Verdict.FAILED, told)
        proof = f"{len(new) - len(idle)} of them {'does' if len(new) - len(idle) == 1 else 'do'} not pass without the change"
        return self._result(context, Verdict.PASSED, f"{because}; {proof}")

    def _result(self, context: Context, verdict: Verdict, because: str) -> CheckResult:
        return CheckResult(
            self.name, self.digest, context.tree, verdict, because,
            command=self.command.settings.run, sandbox=context.sandbox.kind, at=context.at,
        )  # fmt: skip


def _new(here: Cases, there: Cases) -> list[str]:
    """The tests that ran here and are unknown there. One that is skipped proves nothing."""
    known = {*there.passed, *there.failed, *there.skipped}
    return [test for test in (*here.passed, *here.failed) if test not in known]


def _mended(here: Cases, there: Cases) -> list[str]:
    return sorted(set(here.passed) & {*there.failed, *there.skipped})


def _passed(result: CheckResult) -> frozenset[str]:
    return frozenset(result.cases.passed if result.cases else ())


def _times(runs: int) -> str:
    return f"{runs} times in shuffled order" if runs > 1 else "twice"
