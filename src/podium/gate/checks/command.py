"""A command of the project's own: its tests, its linter, its build. What it shows is judged in `judgment.py`.

Known limit: the report is written where the tree's own code runs, so code that forges a whole report goes undetected
here; a report that is merely absent, partial or bent out of shape does not.
"""

import shlex
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from podium.base.digest import digest
from podium.config.settings import CheckSettings, SandboxSettings
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.execution import Execution, execute
from podium.gate.judgment import Judgment, Seen, judge, needs_base, observe, seen_before
from podium.gate.junit import read_report
from podium.model.evidence import CheckResult

_REPORT = "report.xml"


@dataclass(frozen=True, slots=True)
class CommandCheck:
    """One `[[gate.check]]`. Its digest names the command and its surroundings, not the base: see `Check`."""

    settings: CheckSettings
    sandbox: SandboxSettings

    instant: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def digest(self) -> str:
        return digest(
            [
                GATE_VERSION,
                "command",
                self.settings.model_dump(mode="json"),
                self.sandbox.model_dump(mode="json"),
            ]
        )

    def run(self, context: Context) -> CheckResult:
        done = execute(context, self._filled_in, time_limit=timedelta(minutes=self.settings.minutes))
        seen = self._observe(done)
        verdict, because = self._judge(seen, context)
        return CheckResult(
            self.name, self.digest, context.tree, verdict, because,
            command=self.settings.run, exit_code=seen.exit_code, duration_s=done.ended.duration_s,
            sandbox=context.sandbox.kind, cases=seen.cases,
            output=done.shown, output_digest=done.output_digest, at=context.at,
        )  # fmt: skip

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:
        verdict, because = self._judge(seen_before(known), context)
        return replace(known, verdict=verdict, because=because)

    def _filled_in(self, room: Path) -> str:
        return self.settings.run.replace("{report}", shlex.quote(str(room / _REPORT)))

    def _observe(self, done: Execution) -> Seen:
        report = read_report(done.room / _REPORT) if self.settings.report else None
        return observe(done, report, command=self.settings.run)

    def _judge(self, seen: Seen, context: Context) -> Judgment:
        base = context.baseline(self) if needs_base(seen) else None
        return judge(seen, seen_before(base) if base else None)
