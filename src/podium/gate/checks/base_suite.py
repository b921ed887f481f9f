"""The base's own tests, run as the base runs them, over the change: whatever passed there must be reported passed here.

What the change did to tests, runner configuration, dependencies and CI is taken back for this run (`overlay.py`), unless
people approved it. So a weakened test, a patched conftest.py or another `addopts` is of no use to a change.

Known limit: what judges is told by its path. A change whose product imports a *new* file from a folder of tests fails here,
and the reason says so; product code that lies in such a folder already is judged as the base has it.
"""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import ClassVar

from podium.base.digest import digest
from podium.base.text import clean_line, count
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.checks.command import CommandCheck
from podium.gate.judgment import Seen, seen_before
from podium.gate.overlay import Overlay, judged_as_on_base
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult, Grade
from podium.model.verdict import Verdict

_NAMED = 3


@dataclass(frozen=True, slots=True)
class BaseSuiteCheck:
    """The tests of `command`. Without terms (a candidate of several changes) nothing is approved."""

    command: CommandCheck
    terms: Terms | None = None

    instant: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"{self.command.name} of the base"

    @property
    def digest(self) -> str:
        terms = (self.terms.base, self.terms.approved) if self.terms else ()
        return digest([GATE_VERSION, "base suite", self.command.digest, terms])

    def run(self, context: Context) -> CheckResult:
        if not context.compares:
            return self._unchanged(context, "the tree is the base's own: there is nothing to compare")
        overlay = judged_as_on_base(
            context.repository.objects, context.base_tree, context.tree, approves=self._approves
        )
        if overlay.tree == context.tree:
            return self._unchanged(
                context, f"nothing that judges was changed: `{self.command.name}` ran the base's own"
            )
        known = context.baseline(self.command)
        nothing = _nothing_to_keep(seen_before(known)) if known else ""
        if nothing:
            return self._unchanged(context, nothing)
        seen = context.look(self.command, overlay.tree)
        judged = self.command.judge(seen_before(seen), context)
        details = {**seen.details, **judged.details, "tree": overlay.tree, "restored": list(overlay.restored), "left_out": list(overlay.left_out)}  # fmt: skip
        return replace(
            seen, check=self.name, digest=self.digest, tree=context.tree, verdict=judged.verdict,
            because=self._because(judged, seen, overlay), advice=judged.advice, details=details, at=context.at,
        )  # fmt: skip

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:
        return known if self.terms else self.run(context)  # the base is in the terms

    def _approves(self, path: str) -> bool:
        return bool(self.terms and self.terms.approves(path))

    def _because(self, judged: CheckResult, seen: CheckResult, overlay: Overlay) -> str:
        if judged.verdict is Verdict.PASSED:
            return f"{judged.because}, with {count(len(overlay.restored), 'file')} that judge as on the base"
        needed = [path for path in overlay.left_out if _is_missed(path, seen.output)]
        if not needed:
            return judged.because
        named = ", ".join(clean_line(path, limit=120) for path in needed[:_NAMED])
        return (
            f"{judged.because}; new files of tests are left out of this run, and the product seems to need {named}: "
            "keep what the product imports apart from its tests"
        )

    def _unchanged(self, context: Context, because: str) -> CheckResult:
        grade = Grade.CASES if self.command.knows_tests else Grade.EXIT_CODE
        return CheckResult(
            self.name, self.digest, context.tree, Verdict.PASSED, because, at=context.at, grade=grade
        )


def _nothing_to_keep(base: Seen) -> str:
    """Why the base asks nothing of a change, or empty where it does (or cannot be asked)."""
    if base.trouble and base.exit_code is not None:
        return f"nothing to keep: on the base {base.trouble}"
    passes = base.cases is None or base.cases.passed or base.flaky
    return "" if passes else "nothing to keep: no test passes on the base"


def _is_missed(path: str, output: str) -> bool:
    """Whether a run that failed speaks of that file as missing."""
    name = PurePosixPath(path)
    module = ".".join(name.with_suffix("").parts).removesuffix(".__init__")
    words = (
        "No module named",
        "cannot find",
        "Cannot find",
        "ModuleNotFound",
        "no such file",
        "No such file",
    )
    lines = [line for line in output.splitlines() if any(word in line for word in words)]
    return any(name.stem in line or module in line for line in lines)
