"""Whether a change can be taken in at all: the tree audit, and how much of it there is. Instant; runs nothing.

A change that is imported was audited then; here the verdict becomes evidence, for any tree that is gated.
"""

from dataclasses import dataclass
from typing import ClassVar

from podium.base.digest import digest
from podium.base.text import clean, clean_line, count
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.delta import Delta
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult
from podium.model.ids import Sha
from podium.model.verdict import Verdict
from podium.policies.roles import Role, role_of
from podium.workspaces.audit import audit_change

_NAMED = 5
_COPIED = (".lock", "-lock.json", "-lock.yaml", ".sum", ".snap", ".min.js", ".map")


@dataclass(frozen=True, slots=True)
class IntakeCheck:
    """The tree of one change. No file larger than `limit_kb`, no more than `most_lines` changed lines; None: any number."""

    terms: Terms
    limit_kb: int
    most_lines: int | None = None

    instant: ClassVar[bool] = True
    name: ClassVar[str] = "intake"

    @property
    def digest(self) -> str:
        terms = self.terms
        return digest([GATE_VERSION, self.name, terms.base, terms.approved, self.limit_kb, self.most_lines])

    def run(self, context: Context) -> CheckResult:
        if not context.compares:
            return CheckResult(
                self.name, self.digest, context.tree, Verdict.PASSED, "nothing changed", at=context.at
            )
        faults = audit_change(
            context.repository.objects, Sha(context.base_tree), Sha(context.tree), limit_kb=self.limit_kb
        )
        lines = _changed_lines(context.delta(), self.terms)
        faults += _too_many(lines, self.most_lines)
        because = "; ".join(clean_line(fault) for fault in faults[:_NAMED])
        return CheckResult(
            self.name, self.digest, context.tree, Verdict.FAILED if faults else Verdict.PASSED,
            because or f"{count(lines, 'line')} in {count(len(context.delta().files), 'file')}, all as they may be",
            output=clean("\n".join(faults)), at=context.at, details={"lines": lines, "files": len(context.delta().files)},
        )  # fmt: skip

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:  # noqa: ARG002 - the base is in the digest
        return known


def _changed_lines(delta: Delta, terms: Terms) -> int:
    """The lines that came, as people have to read them: not those of lock files, documentation, or what was approved."""
    return sum(
        len(run)
        for file in delta.files.values()
        if not (file.path.endswith(_COPIED) or role_of(file.path) is Role.DOCS or terms.approves(file.path))
        for run in file.lines
    )


def _too_many(lines: int, most: int | None) -> tuple[str, ...]:
    if most is None or lines <= most:
        return ()
    return (f"{lines} lines were added or changed; the limit is {most}: divide it into smaller changes",)
