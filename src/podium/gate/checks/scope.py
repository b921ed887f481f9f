"""Whether a change stayed where its task may write, and off what is protected. Instant; runs nothing."""

from dataclasses import dataclass
from typing import ClassVar

from podium.base.digest import digest
from podium.base.text import clean, clean_line, count
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult
from podium.model.verdict import Verdict
from podium.policies.paths import ALWAYS_PROTECTED, Violation, violations

_NAMED = 5


@dataclass(frozen=True, slots=True)
class ScopeCheck:
    """The files of one change, on its base, against the globs of its terms."""

    terms: Terms

    instant: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return "scope"

    @property
    def digest(self) -> str:
        terms = self.terms
        globs = [terms.allowed, terms.protected, terms.approved, sorted(ALWAYS_PROTECTED)]
        return digest([GATE_VERSION, "scope", terms.base, terms.files, *globs])

    def run(self, context: Context) -> CheckResult:
        terms = self.terms
        judged = [path for path in terms.files if not terms.approves(path)]
        found = violations(judged, allowed=terms.allowed, protected=terms.protected)
        verdict = Verdict.FAILED if found else Verdict.PASSED
        because = _because(found) if found else f"{count(len(terms.files), 'file')} in scope"
        output = "\n".join(_line(violation) for violation in found)
        return CheckResult(
            self.name, self.digest, context.tree, verdict, because, output=output, at=context.at
        )

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:  # noqa: ARG002 - the base is in the digest
        return known


def _because(found: tuple[Violation, ...]) -> str:
    """The first few; all of them are in the output."""
    named = "; ".join(clean_line(_line(violation)) for violation in found[:_NAMED])
    return f"{named}; and {len(found) - _NAMED} more" if len(found) > _NAMED else named


def _line(violation: Violation) -> str:
    return clean(f"{violation.path}: {violation.because}".replace("\n", "\\n"))
