"""A judgment: what another agent than the maker found in a change, before people look at it.

It is an opinion with evidence: never a fact about the change, and never a person's word.
"""

from dataclasses import dataclass
from enum import StrEnum

from podium.model.ids import ChangeId
from podium.model.usage import Usage
from podium.model.verdict import Verdict


class Word(StrEnum):
    """What a checker says of a change."""

    APPROVE = "approve"
    SEND_BACK = "send-back"
    UNSURE = "unsure"
    """It could not tell, and says so."""
    NONE = "none"
    """It gave no valid answer. Nobody is blamed, and nothing is approved by it."""


class Severity(StrEnum):
    BLOCKER = "blocker"
    """It must not land like this."""
    MAJOR = "major"
    MINOR = "minor"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing a checker found. `line` counts from 1, 0 is the whole file; an empty `path` is the whole change."""

    severity: Severity
    message: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A test that a checker wrote: one new file, and the command that must exit 0 where it is in the tree."""

    name: str
    path: str
    content: str
    command: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a checker answered, as it was read: cleaned and bounded, nothing of it tried yet."""

    word: Word
    because: str
    findings: tuple[Remark, ...] = ()
    tests: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """A checker's test, run by the gate's own means: on the change and on the base it was made from.

    `base` is None where it was not run there: it says nothing about the change then.
    """

    test: Proposal
    verdict: Verdict
    because: str
    base: Verdict | None = None
    output: str = ""

    @property
    def fails(self) -> bool:
        return self.verdict is Verdict.FAILED

    def meaning(self) -> str:
        """What the two runs together say, in a few words."""
        if self.verdict not in _CLEAR:
            return "it says nothing of the change"
        if self.base not in _CLEAR:
            return "there is nothing to compare with, for it could not run on the base"
        return _MEANING[self.verdict, self.base]


_CLEAR = frozenset({Verdict.PASSED, Verdict.FAILED})
_MEANING = {
    (Verdict.PASSED, Verdict.FAILED): "it fails without the change",
    (Verdict.PASSED, Verdict.PASSED): "it passes without the change too",
    (Verdict.FAILED, Verdict.PASSED): "it passes without the change: the change broke it",
    (Verdict.FAILED, Verdict.FAILED): "it fails without the change too: what it wants is missing, or the test is wrong",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judgment:
    """What the agent `by` found in a change. `transcript` names the directory of what was said and done."""

    change: ChangeId
    by: str
    word: Word
    because: str
    at: float
    findings: tuple[Remark, ...] = ()
    tests: tuple[Trial, ...] = ()
    usage: Usage = Usage()
    transcript: str = ""

    @property
    def blockers(self) -> tuple[Remark, ...]:
        return tuple(found for found in self.findings if found.severity is Severity.BLOCKER)

    @property
    def failing(self) -> tuple[Trial, ...]:
        return tuple(trial for trial in self.tests if trial.fails)

    @property
    def spotless(self) -> bool:
        """Whether it approves, and nothing that it found or tried speaks against that."""
        passed = all(trial.verdict is Verdict.PASSED for trial in self.tests)
        return self.word is Word.APPROVE and passed and not self.blockers
