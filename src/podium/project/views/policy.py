"""The rules, and what they say of a change."""

from dataclasses import dataclass

from podium.project.views.detail import DecisionView


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule of the policy. `requires` says in words what it demands; `built_in` ones are Podium's own."""

    name: str
    action: str
    effect: str
    paths: tuple[str, ...]
    actors: tuple[str, ...]
    requires: tuple[str, ...]
    because: str
    built_in: bool


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """A test that decides nothing until then, by a person's word."""

    check: str
    test: str
    until: float
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class PolicyView:
    """`podium policy`. `codeowners` is the path of the file, `owned` counts its lines; `unknown` are names in it nobody has a mail of."""

    digest: str
    review: str
    threshold: int
    rules: tuple[RuleView, ...]
    codeowners: str
    owned: int
    unknown: tuple[str, ...]
    faults: tuple[str, ...]
    quarantines: tuple[QuarantineView, ...]


@dataclass(frozen=True, slots=True)
class RefusalView:
    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class RequirementView:
    """What a rule requires: `satisfied_by` somebody or something, or something is `missing`; one of the two is empty."""

    what: str
    rule: str
    because: str
    satisfied_by: str
    missing: str


@dataclass(frozen=True, slots=True)
class GrantView:
    paths: tuple[str, ...]
    reason: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class RulingView:
    """`podium policy check`: what the rules of now say of a change. `decided` is what was decided when its gate had passed."""

    change: str
    satisfied: bool
    because: str
    policy: str
    actors: tuple[str, ...]
    refused: tuple[RefusalView, ...]
    requires: tuple[RequirementView, ...]
    grants: tuple[GrantView, ...]
    decided: DecisionView | None = None
