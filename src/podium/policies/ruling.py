"""A request to the project's rules, and the ruling on it, as values; `rules` makes the one of the other. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from podium.base.text import clean_line, count
from podium.model.evidence import Grade
from podium.policies.actors import Actor
from podium.policies.paths import Violation

_LONGEST = 1000
_NAMED = 3


class Action(StrEnum):
    CHANGE = "change"
    APPROVE = "approve"
    SPEND = "spend"
    NETWORK = "network"


class Need(StrEnum):
    """What gives a requirement what it lacks."""

    PERSON = "person"
    CHECKER = "checker"
    PROOF = "proof"
    """A check, or a better grade of evidence: nobody's word stands for it."""
    LESS = "less"
    """Less money, fewer tokens."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A rule of Podium's own, in words; `rule_on` and the gate's scope check keep it."""

    name: str
    action: Action
    effect: str
    what: str
    because: str


TASK = BuiltIn(
    "task",
    Action.CHANGE,
    "allow",
    "an agent changes what its task's paths name, a person anything",
    "a task says where its maker may write",
)
PROTECTED = BuiltIn(
    "protected",
    Action.CHANGE,
    "forbid",
    "nobody changes protected paths without a person's grant",
    "makers cannot touch checkers",
)
JUDGES = BuiltIn(
    "judges",
    Action.CHANGE,
    "require",
    "a change to the gate, the policy or CI is approved by a person, whatever `review` says",
    "it decides about every later change",
)
REVIEW = BuiltIn(
    "review",
    Action.CHANGE,
    "require",
    "a person approves where `review` and `threshold` ask for one",
    "attention goes where the risk is",
)
OWNERS = BuiltIn(
    "owners",
    Action.CHANGE,
    "require",
    "where a person is asked, an owner that CODEOWNERS names approves",
    "owners know what they own",
)
OWN_WORK = BuiltIn(
    "own-work",
    Action.APPROVE,
    "forbid",
    "makers never approve their own change",
    "who made it sees in it what was meant",
)
NO_PERSON = BuiltIn(
    "checkers",
    Action.APPROVE,
    "forbid",
    "a checker's approval never counts as a person's",
    "two agents are not two trusted persons",
)
BUDGET = BuiltIn(
    "budget",
    Action.SPEND,
    "allow",
    "an attempt spends what the agent's settings and [budget] leave it",
    "it is said there",
)
EGRESS = BuiltIn("egress", Action.NETWORK, "allow", "an agent reaches the hosts that its settings name", "it is said there")  # fmt: skip
BUILT_IN = (TASK, PROTECTED, JUDGES, REVIEW, OWNERS, OWN_WORK, NO_PERSON, BUDGET, EGRESS)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants. `actors` are all whose work it is; for an approval, who approves.

    `violations` are those of `paths` that no grant covers and scope refuses, `granted` who let which path be changed.
    `checks` have passed, with evidence of `grade`. `asked` says why a person is asked whatever rules say. None of what is
    to be spent: nobody knows how much.
    """

    action: Action
    actors: tuple[Actor, ...]
    paths: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    granted: Mapping[str, str] = field(default_factory=dict)
    checks: frozenset[str] = frozenset()
    grade: Grade | None = None
    approvals: tuple[Actor, ...] = ()
    asked: str = ""
    usd: float | None = None
    tokens: int | None = None
    host: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that refuses the request."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a rule requires: either `satisfied_by` somebody or something, or something is `missing`."""

    what: str
    rule: str
    because: str
    need: Need
    satisfied_by: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of one request."""

    refused: tuple[Refusal, ...]
    requires: tuple[Requirement, ...]

    @property
    def allowed(self) -> bool:
        return not self.refused

    @property
    def satisfied(self) -> bool:
        """Whether it may happen now."""
        return self.allowed and not self.missing()

    def missing(self, *needs: Need) -> tuple[Requirement, ...]:
        """What is still required; of these kinds, where any are named."""
        return tuple(one for one in self.requires if one.missing and (not needs or one.need in needs))

    @property
    def because(self) -> str:
        """Why it may or may not happen, in one line."""
        if self.refused:
            return said([f"{one.rule}: {one.because}" for one in self.refused])
        return lacking(self.missing()) or f"{count(len(self.requires), 'requirement')}, nothing missing"


def lacking(requires: Sequence[Requirement]) -> str:
    """What is missing and by which rules, in one line; empty where nothing is."""
    return said([f"{one.rule}: {one.what}: {one.missing}" for one in requires])


def said(lines: Sequence[str]) -> str:
    return clean_line("; ".join(dict.fromkeys(lines)), limit=_LONGEST)


def listed(paths: Sequence[str]) -> str:
    """The first few paths, and how many more."""
    shown = ", ".join(clean_line(path, limit=100) for path in paths[:_NAMED])
    return f"{shown} and {len(paths) - _NAMED} more" if len(paths) > _NAMED else shown


def required(what: str, source: tuple[str, str], need: Need, *, by: str, lacks: str) -> Requirement:
    """A requirement of a rule (its name, its reason), satisfied `by` that or lacking this."""
    rule, because = source
    return Requirement(what, rule, because, need, by, "" if by else lacks)
