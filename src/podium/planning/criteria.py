"""What of a spec is proven: how each of its criteria stands, by which checks, and why. Pure.

1. A criterion is a requirement or one of its scenarios. An acceptance proves those it names (`proves`).
2. Evidence counts where it was found by the very check that there is now, on the tree that counts for its task: the landed
   one, or that of the change under way. Any other is `stale`.
3. A check that could not run, or ran nothing, leaves its criterion merely `linked`.
4. Of several checks the worst decides. A requirement stands as its own checks do, together with what is known of its
   scenarios; without checks of its own it needs every one of its scenarios.
5. A scenario of a feature file stands as the case of its own name, where the report of that file has one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from podium.base.text import clean_line, count
from podium.gate.checks.acceptance import name_of
from podium.model.evidence import CheckResult
from podium.model.ids import TaskId, Tree
from podium.model.spec import Requirement, Spec
from podium.model.task import Acceptance, Means, Task
from podium.model.verdict import Verdict


class Standing(StrEnum):
    """How far a criterion is proven; earlier ones decide over later ones."""

    FAILING = "failing"
    STALE = "stale"
    NONE = "none"
    LINKED = "linked"
    PASSING = "passing"

    @property
    def rank(self) -> int:
        return list(Standing).index(self)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its name as `Spec.criteria` has it, how it stands, the checks that are to prove it, and why."""

    name: str
    standing: Standing
    by: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Proofs:
    """What was found: every result there is of acceptance checks.

    `digests` has the definition that each check has now, by its name; `trees` the tree that counts for each task.
    """

    results: Sequence[CheckResult]
    digests: Mapping[str, str]
    trees: Mapping[TaskId, Tree]


@dataclass(frozen=True, slots=True)
class _Link:
    """An acceptance that proves a criterion, and the check that tries it."""

    task: TaskId
    check: str
    acceptance: Acceptance


def standing(spec: Spec, tasks: Sequence[Task], proofs: Proofs) -> tuple[Criterion, ...]:
    """How each criterion of the spec stands, in its order. `tasks` are those of the spec as they are wanted now."""
    links = [
        _Link(task.id, name_of(task.id, index), one)
        for task in tasks
        for index, one in enumerate(task.accept, start=1)
    ]
    found = {
        criterion.name: criterion
        for requirement in spec.requirements
        if requirement.name
        for criterion in _of_requirement(requirement, links, proofs)
    }
    return tuple(found[name] for name in spec.criteria)


def _of_requirement(requirement: Requirement, links: Sequence[_Link], proofs: Proofs) -> Iterator[Criterion]:
    scenarios = [
        _linked(f"{requirement.name} / {scenario.name}", scenario.name, links, proofs)
        for scenario in requirement.scenarios
        if scenario.name
    ]
    own = _linked(requirement.name, "", links, proofs)
    yield _together(own, scenarios)
    yield from scenarios


def _linked(name: str, scenario: str, links: Sequence[_Link], proofs: Proofs) -> Criterion:
    """The criterion by those checks alone that name it."""
    mine = [link for link in links if name in link.acceptance.proves]
    if not mine:
        return Criterion(name, Standing.NONE, (), "no acceptance proves it")
    stands = [(*_of_link(link, scenario, proofs), link.check) for link in mine]
    worst, because, _check = min(stands, key=lambda each: each[0].rank)
    return Criterion(name, worst, tuple(link.check for link in mine), because)


def _together(own: Criterion, scenarios: Sequence[Criterion]) -> Criterion:
    """A requirement with its scenarios."""
    known = [each for each in scenarios if each.standing is not Standing.NONE]
    if not known:
        return own
    if own.standing is Standing.NONE and len(known) < len(scenarios):
        because = f"{count(len(scenarios) - len(known), 'scenario')} of {len(scenarios)} not linked"
        parts = [*known, Criterion(own.name, Standing.NONE, (), because)]
    else:
        parts = [*known, own] if own.by else known
    worst = min(parts, key=lambda each: each.standing.rank)
    where = "" if worst.name == own.name else f"{worst.name.removeprefix(f'{own.name} / ')}: "
    by = tuple(dict.fromkeys(check for part in (own, *known) for check in part.by))
    return Criterion(own.name, worst.standing, by, clean_line(f"{where}{worst.because}"))


def _of_link(link: _Link, scenario: str, proofs: Proofs) -> tuple[Standing, str]:
    seen = [result for result in proofs.results if result.check == link.check]
    if not seen:
        return Standing.LINKED, f"{link.check} has not run"
    current = [result for result in seen if not _outdated(result, link, proofs)]
    if not current:
        latest = max(seen, key=lambda result: result.at)
        return Standing.STALE, f"{link.check} {_outdated(latest, link, proofs)}"
    return _by_result(max(current, key=lambda result: result.at), link, scenario)


def _outdated(result: CheckResult, link: _Link, proofs: Proofs) -> str:
    """Why a result does not count any more, or nothing."""
    if proofs.digests.get(link.check) != result.digest:
        return "was another check when it ran: the spec has changed since"
    if proofs.trees.get(link.task) != result.tree:
        return "ran on another tree than the one that counts"
    return ""


def _by_result(result: CheckResult, link: _Link, scenario: str) -> tuple[Standing, str]:
    verdict = result.verdict
    if scenario and link.acceptance.kind is Means.GHERKIN:
        verdict = _of_case(result, scenario) or verdict
    if verdict is Verdict.PASSED:
        return Standing.PASSING, f"{link.check} passed"
    because = f"{link.check} {verdict}: {result.because}"
    return (Standing.FAILING if verdict is Verdict.FAILED else Standing.LINKED), clean_line(because)


def _of_case(result: CheckResult, scenario: str) -> Verdict | None:
    """The verdict on the rows of one scenario, where the check itself has one and its report names them."""
    if not result.cases or result.verdict not in (Verdict.PASSED, Verdict.FAILED):
        return None
    if any(_is_row(case, scenario) for case in result.cases.failed):
        return Verdict.FAILED
    return Verdict.PASSED if any(_is_row(case, scenario) for case in result.cases.passed) else None


def _is_row(case: str, scenario: str) -> bool:
    name, mark, number = case.rpartition(" #")
    same = {case.casefold(), name.casefold() if mark and number.isdigit() else case.casefold()}
    return scenario.casefold() in same
