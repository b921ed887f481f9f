"""How strong the tests of a change are: which of the changed lines they run, and whether they notice faults in them.

Advice: the verdict is `passed` whatever was found, which adds to the risk. It is measured by processes in which the tree's
own code runs, so it can be forged; and mutation measures tests, it does not find hard-coded answers. What could not be
measured is said to be unknown, never counted as strong. Python under a runner Podium knows; nothing else is measured.

A mutant is code that nobody wrote: with one condition turned round it may delete what it should keep, or send what it
should only write down. So it is run where a sandbox contains it and without network, or not at all.

Only where Podium itself is to stop it is `could-not-run`, so that the next one measures.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from podium.base.digest import digest, digest_bytes
from podium.base.files import write_json
from podium.base.text import clean_line
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.checks.command import CommandCheck
from podium.gate.execution import Execution, execute
from podium.gate.judgment import interrupted
from podium.gate.runners.base import Runner, Wanted, mounts, seen_as
from podium.gate.runners.registry import runner_for
from podium.gate.strength import tally
from podium.gate.strength.coverage import Cover, cover, read_record
from podium.gate.strength.plan import SESSION, Plan, Suite, Target, draft, targets, written
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult
from podium.model.verdict import Verdict

_SESSION_SEEN_AS, _PLAN_SEEN_AS = Path("/run/podium-session.py"), Path("/run/podium-plan.json")
_LINES, _REPORT, _RESULTS = "lines.json", "report.xml", "mutants.jsonl"
_UNCONFINED = "none"
_SPARE = timedelta(seconds=30)
_NAMED = 3
# One failure is enough to kill; a runner that is not pytest does not look at this.
_UP_TO_A_FAILURE = 'export PYTEST_ADDOPTS="-x${PYTEST_ADDOPTS:+ $PYTEST_ADDOPTS}"\n'


@dataclass(frozen=True, slots=True)
class StrengthCheck:
    """The strength of the tests that `command` runs, of one change. After `minutes` no more mutants are tried; 0: none is."""

    command: CommandCheck
    terms: Terms
    minutes: float

    instant: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"strength of {self.command.name}"

    @property
    def digest(self) -> str:
        runner = runner_for(self.command.settings)
        programs = [runner.digest if runner else "", digest_bytes(SESSION.read_bytes())]
        return digest(
            [GATE_VERSION, "strength", self.command.digest, *programs, self.terms.base, self.minutes]
        )

    def run(self, context: Context) -> CheckResult:
        measured, unmeasured = targets(context.delta()) if context.compares else ((), ())
        runner = runner_for(self.command.settings)
        found = _Found(details={"unmeasured": [clean_line(path) for path in unmeasured]})
        if not measured:
            found = replace(found, because="no Python source changed: nothing to measure")
        elif runner is None:
            found = replace(found, because="not measured: no runner that Podium knows runs these tests")
        else:
            found = _Measurement(self, context, runner, measured).look(found)
        return self._result(found, context)

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:  # noqa: ARG002 - the base is in the digest
        return known

    def _result(self, found: "_Found", context: Context) -> CheckResult:
        unmeasured = found.details["unmeasured"]
        others = f"; not measured: {', '.join(unmeasured[:_NAMED])}" if unmeasured else ""
        more = f" and {len(unmeasured) - _NAMED} more" if len(unmeasured) > _NAMED else ""
        return CheckResult(
            self.name, self.digest, context.tree, Verdict.COULD_NOT_RUN if found.stopped else Verdict.PASSED,
            f"{found.because}{others}{more}", command=self.command.settings.run, duration_s=found.duration_s,
            sandbox=context.sandbox.kind, output=found.output, at=context.at,
            advice=found.advice, details=found.details,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    details: dict[str, Any]
    because: str = ""
    advice: tuple[str, ...] = ()
    output: str = ""
    duration_s: float = 0.0
    stopped: bool = False

    def unknown(self, why: str, done: Execution) -> "_Found":
        """Trouble: nothing is known."""
        return replace(
            self, because=f"not measured: {why}", advice=(f"how strong the tests are is not known: {why}",),
            output=done.shown, stopped=done.ended.reason == "stopped", duration_s=self.duration_s + done.ended.duration_s,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Measurement:
    """One run of the tests with their lines recorded, then one session with as many mutants as its time allows."""

    check: StrengthCheck
    context: Context
    runner: Runner
    measured: tuple[Target, ...]

    def look(self, found: _Found) -> _Found:
        done = self._record()
        trouble = interrupted(done, command=self.check.command.settings.run)
        record = None if trouble else read_record(done.room / _LINES)
        if trouble or done.ended.code:
            return found.unknown(trouble or f"the tests end with exit code {done.ended.code}", done)
        if record is None:
            return found.unknown("which lines the tests run was not recorded", done)
        covers = {each.path: cover(each.source, each.changed, record) for each in self.measured}
        details = {**found.details, "coverage": tally.coverage_details(list(covers.values()))}
        return self._with_mutants(replace(found, details=details, duration_s=done.ended.duration_s), covers)

    def _with_mutants(self, found: _Found, covers: Mapping[str, Cover]) -> _Found:
        plan = self._plan(covers)
        if not plan.trials:
            uncontained = "; no mutant is run without a sandbox" if self._is_uncontained else ""
            details = {**found.details, "mutants": tally.mutant_details(plan, {})}
            because = f"advice: {tally.summary(details)}{uncontained}"
            return replace(found, because=because, advice=tally.advice(details), details=details)
        done = self._try(plan)
        if done.ended.reason == "stopped":
            return found.unknown("it was stopped", done)
        found = replace(found, duration_s=found.duration_s + done.ended.duration_s, output=done.shown)
        return _said(found, plan, tally.read_outcome(done.room / _RESULTS))

    @property
    def _is_uncontained(self) -> bool:
        return self.context.sandbox.kind == _UNCONFINED

    def _plan(self, covers: Mapping[str, Cover]) -> Plan:
        if not self.check.minutes or self._is_uncontained:
            return Plan()
        seed = self.context.draw("strength", self.context.tree)
        return draft(self.measured, covers, files_of=self._files, seed=seed)

    def _files(self, tests: frozenset[str]) -> frozenset[str] | None:
        return self.runner.files(tests, self.context.delta().names_after)

    def _record(self) -> Execution:
        """One run of all tests."""
        watch = tuple(target.path for target in self.measured)
        limit = timedelta(minutes=self.check.command.settings.minutes)
        apart = replace(self.context, scratch=self.context.scratch / "record")
        return execute(
            apart, lambda room: self._order(room, lines=str(room / _LINES), watch=watch),
            time_limit=limit, read=self._probe,
        )  # fmt: skip

    def _try(self, plan: Plan) -> Execution:
        """One session with a program of ours, which changes files of this check's own copy of the tree and puts them back."""
        box = timedelta(minutes=self.check.minutes)
        file = self.context.scratch / "plan.json"
        maps = self.context.sandbox.maps_paths
        session, seen = (_SESSION_SEEN_AS, _PLAN_SEEN_AS) if maps else (SESSION, file)

        def start(room: Path) -> str:
            order = partial(self._order, room)
            write_json(file, written(plan, self.measured, command=order, seconds=box.total_seconds()))
            return "exec " + shlex.join(
                ["python3", "-I", "-S", str(session), str(seen), str(room / _RESULTS)]
            )

        apart = replace(self.context, scratch=self.context.scratch / "session", network=False)
        read = {**self._probe, SESSION: session, file: seen}
        return execute(apart, start, time_limit=box + _SPARE, read=read)

    @property
    def _probe(self) -> Mapping[Path, Path]:
        return mounts(maps_paths=self.context.sandbox.maps_paths)

    def _order(self, room: Path, tests: Suite = (), *, lines: str = "", watch: tuple[str, ...] = ()) -> str:
        settings = self.check.command.settings
        wanted = Wanted(
            str(room / _REPORT), probe=str(seen_as(maps_paths=self.context.sandbox.maps_paths)),
            tests=tests, lines=lines, watch=watch, plugins=settings.plugins,
        )  # fmt: skip
        order = self.runner.order(settings.run, wanted)
        return order if lines else _UP_TO_A_FAILURE + order


def _said(found: _Found, plan: Plan, outcome: tally.Outcome) -> _Found:
    """The figures put into words, doubts among them."""
    ends = tally.believable(plan, outcome)
    details = {**found.details, "mutants": tally.mutant_details(plan, ends)}
    doubt = tally.doubt(plan, outcome)
    unknown = (f"how well the tests notice faults is not known: {doubt}",) if not ends else ()
    because = f"advice: {tally.summary(details)}" + (f"; {doubt}" if doubt else "")
    return replace(found, details=details, because=because, advice=(*tally.advice(details), *unknown))
