"""A test that a checker wrote: its command must exit 0 on a tree that holds its file.

The base has no say in the verdict: whoever wants to know what the test says of a change runs it on both trees.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from podium.base.digest import digest
from podium.config.settings import SandboxSettings
from podium.gate.checks.acceptance import judge_acceptance
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.execution import execute
from podium.model.checking import Proposal
from podium.model.evidence import CheckResult
from podium.model.task import Acceptance

TIME_LIMIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ProposedCheck:
    """One test on a tree that its file was laid over."""

    test: Proposal
    sandbox: SandboxSettings

    instant: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"proposed {self.test.name}"

    @property
    def digest(self) -> str:
        return digest([GATE_VERSION, "proposed", self.test.command, self.sandbox.model_dump(mode="json")])

    def run(self, context: Context) -> CheckResult:
        done = execute(context, lambda _room: self.test.command, time_limit=TIME_LIMIT)
        verdict, because = judge_acceptance(Acceptance(self.test.command), done, done.text)
        return CheckResult(
            self.name, self.digest, context.tree, verdict, because,
            command=self.test.command, exit_code=done.ended.code if done.ended.reason == "exit" else None,
            duration_s=done.ended.duration_s, sandbox=context.sandbox.kind,
            output=done.shown, output_digest=done.output_digest, at=context.at,
        )  # fmt: skip

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:  # noqa: ARG002 - the base has no say
        return known
