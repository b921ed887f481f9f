"""The checks of a gate, cheap first: what is told from the change alone, the project's commands, acceptance, strength."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from podium.config.place import CONFIG
from podium.config.settings import CheckSettings, LimitSettings, Settings
from podium.gate.checks.acceptance import AcceptanceCheck
from podium.gate.checks.base import Check
from podium.gate.checks.base_suite import BaseSuiteCheck
from podium.gate.checks.canary import CanaryCheck
from podium.gate.checks.command import CommandCheck
from podium.gate.checks.intake import IntakeCheck
from podium.gate.checks.new_tests import NewTestsCheck
from podium.gate.checks.rules import RulesCheck
from podium.gate.checks.scope import ScopeCheck
from podium.gate.checks.static import secrets_check, tamper_check
from podium.gate.checks.strength import StrengthCheck
from podium.gate.terms import Terms
from podium.model.task import Task
from podium.policies.roles import judges


def checks_for(
    settings: Settings, *, terms: Terms | None, tasks: Sequence[Task], proposed: Settings | None = None,
    quarantined: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> tuple[Check, ...]:  # fmt: skip
    """The checks of one gate run.

    A change brings its terms and its task, a candidate of several the tasks of all its members and terms that hold for
    all, the target branch neither. `proposed` are the settings that a change of podium.toml brings: it must pass under both.
    `quarantined` are tests that people took out of the verdict, by the name of their check.
    """
    named = {check.digest: check for check in _all(settings, terms, tasks, proposed, quarantined)}
    return tuple(named.values())


def _all(
    settings: Settings, terms: Terms | None, tasks: Sequence[Task], proposed: Settings | None,
    quarantined: Mapping[str, tuple[str, ...]],
) -> Iterator[Check]:  # fmt: skip
    """Checks that run nothing first; among the others those that refuse soonest."""
    if terms:
        yield IntakeCheck(terms, settings.limits.change_kb, _most_lines(settings.limits, terms))
        yield ScopeCheck(terms)
        yield tamper_check(terms)
        yield secrets_check(terms)
        if CONFIG in terms.files:
            yield RulesCheck()
    approved = terms.approved if terms else ()
    commands = [
        CommandCheck(check, settings.sandbox, quarantined.get(check.name, ()), approved)
        for check in settings.gate.check
    ]
    for command in commands:
        yield from _of_command(command, terms)
    for task in tasks:
        for index, acceptance in enumerate(task.accept, start=1):
            yield AcceptanceCheck(task.id, index, acceptance, settings.sandbox)
    if proposed:
        yield from (CommandCheck(_renamed(check), proposed.sandbox) for check in proposed.gate.check)
    if terms and not terms.woven and settings.gate.strength_minutes:
        yield from (
            StrengthCheck(command, terms, settings.gate.strength_minutes)
            for command in commands
            if command.runner
        )


def _most_lines(limits: LimitSettings, terms: Terms) -> int | None:
    """The tightest bound that holds for a change of this risk; None: there is none."""
    bounds = [limits.change_lines, limits.judging_lines if any(map(judges, terms.files)) else None]
    return min((bound for bound in bounds if bound is not None), default=None)


def _of_command(command: CommandCheck, terms: Terms | None) -> Iterator[Check]:
    """A command that tells its tests apart is asked more than once: of the base's tests, of planted ones, of new ones."""
    yield command
    if terms and command.knows_tests:
        # What was seen on the change itself serves here too, where nothing that judges was touched: so it comes later.
        yield BaseSuiteCheck(command, terms)
        # A test that fails without anybody lying is for those before to say.
        yield CanaryCheck(command, terms)
        if not terms.woven:
            yield NewTestsCheck(command, terms)


def _renamed(check: CheckSettings) -> CheckSettings:
    return check.model_copy(update={"name": f"{check.name}-new"})
