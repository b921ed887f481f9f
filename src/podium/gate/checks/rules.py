"""A change of the gate's own configuration: the new one must be readable and still check something.

What the old rules say of such a change the other checks tell; those of the new rules run beside them (`registry.py`).
"""

from dataclasses import dataclass
from typing import ClassVar

from podium.base.digest import digest
from podium.base.errors import ConfigError
from podium.base.text import clean, clean_line, count
from podium.config.load import load
from podium.config.place import CONFIG
from podium.config.settings import Settings
from podium.gate.checks.base import GATE_VERSION, Context
from podium.model.evidence import CheckResult
from podium.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class RulesCheck:
    """The `podium.toml` of the tree under judgment."""

    instant: ClassVar[bool] = True
    name: ClassVar[str] = "new rules"

    @property
    def digest(self) -> str:
        return digest([GATE_VERSION, "rules"])

    def run(self, context: Context) -> CheckResult:
        fault, said = _fault(context.repository.objects.read(context.tree, CONFIG))
        verdict = Verdict.FAILED if fault else Verdict.PASSED
        return CheckResult(
            self.name, self.digest, context.tree, verdict, fault or said, output=clean(fault), at=context.at
        )

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:  # noqa: ARG002 - the base has no say
        return known


def new_rules(data: bytes | None) -> Settings | None:
    """The settings that a tree brings; None where they cannot be used, which `RulesCheck` tells."""
    try:
        return load((data or b"").decode(), origin=CONFIG)
    except (ConfigError, UnicodeDecodeError):
        return None


def _fault(data: bytes | None) -> tuple[str, str]:
    if data is None:
        return f"{CONFIG} is gone: nothing would be checked any more", ""
    try:
        settings = load(data.decode(), origin=CONFIG)
    except UnicodeDecodeError:
        return f"{CONFIG} is not UTF-8", ""
    except ConfigError as error:
        return clean_line(str(error), limit=1000), ""
    checks = settings.gate.check
    if not checks:
        return f"the new {CONFIG} has no check: nothing would be proven any more", ""
    return "", f"the new {CONFIG} can be read and has {count(len(checks), 'check')}"
