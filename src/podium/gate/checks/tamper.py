"""Whether a change touched what judges it, or behaves as code does that fools its tests. Instant; runs nothing.

Additions are free. What existed and judges (tests, runner, CI, dependencies) may be changed only where people approved the
path. The rules are in `gate/static/`; they find what is written down, the checks that run programs find the rest.
"""

from dataclasses import dataclass
from typing import ClassVar

from podium.base.digest import digest
from podium.base.text import count
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.static.registry import RULES_VERSION, TAMPER_RULES
from podium.gate.static.scene import Scene
from podium.gate.static.verdict import rule_on
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult
from podium.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class TamperCheck:
    """The text of one change, on its base."""

    terms: Terms

    instant: ClassVar[bool] = True
    name: ClassVar[str] = "tamper"

    @property
    def digest(self) -> str:
        return digest([GATE_VERSION, RULES_VERSION, self.name, self.terms.base, self.terms.approved])

    def run(self, context: Context) -> CheckResult:
        if not context.compares:
            return CheckResult(
                self.name, self.digest, context.tree, Verdict.PASSED, "nothing changed", at=context.at
            )
        scene = Scene(context.delta(), lambda path: context.repository.objects.read(context.base_tree, path))
        well = f"nothing that judges was touched in {count(len(scene.delta.files), 'file')}"
        ruling = rule_on(scene, TAMPER_RULES, self.terms, well=well)
        return CheckResult(
            self.name, self.digest, context.tree, ruling.verdict, ruling.because,
            output=ruling.output, at=context.at, advice=ruling.advice, details=ruling.details or {},
        )  # fmt: skip

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:  # noqa: ARG002 - the base is in the digest
        return known
