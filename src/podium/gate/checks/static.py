"""What the text of a change tells, before anything of it runs. Instant.

`tamper`: whether it touched what judges it, or behaves as code does that fools its tests. Additions are free; what existed and
judges (tests, runner, CI, dependencies) may be changed only where people approved the path. `secrets`: whether it brings
keys, tokens or passwords; nobody is shown what was found. The rules are in `gate/static/`; they find what is written
down, the checks that run programs find the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from podium.base.digest import digest
from podium.base.text import count
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.static.base import Rule
from podium.gate.static.registry import RULES_VERSION, SECRET_RULES, TAMPER_RULES
from podium.gate.static.scene import Scene
from podium.gate.static.verdict import rule_on
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult
from podium.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class StaticCheck:
    """Rules over what one change did to each file. `well` says what was not found where all is well."""

    name: str
    terms: Terms
    well: str
    rules: Sequence[Rule] = field(repr=False)

    instant: ClassVar[bool] = True

    @property
    def digest(self) -> str:
        return digest([GATE_VERSION, RULES_VERSION, self.name, self.terms.base, self.terms.approved])

    def run(self, context: Context) -> CheckResult:
        if not context.compares:
            return CheckResult(
                self.name, self.digest, context.tree, Verdict.PASSED, "nothing changed", at=context.at
            )
        scene = Scene(context.delta(), lambda path: context.repository.objects.read(context.base_tree, path))
        well = f"{self.well} in {count(len(scene.delta.files), 'file')}"
        ruling = rule_on(scene, self.rules, self.terms, well=well)
        return CheckResult(
            self.name, self.digest, context.tree, ruling.verdict, ruling.because,
            output=ruling.output, at=context.at, advice=ruling.advice, details=ruling.details or {},
        )  # fmt: skip

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:  # noqa: ARG002 - the base is in the digest
        return known


def tamper_check(terms: Terms) -> StaticCheck:
    return StaticCheck("tamper", terms, "nothing that judges was touched", TAMPER_RULES)


def secrets_check(terms: Terms) -> StaticCheck:
    return StaticCheck("secrets", terms, "no secret", SECRET_RULES)
