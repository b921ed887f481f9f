"""The checks of a gate, cheap first: scope, the project's commands in their order, acceptance."""

from collections.abc import Iterator, Sequence

from podium.config.settings import Settings
from podium.gate.checks.acceptance import AcceptanceCheck
from podium.gate.checks.base import Check
from podium.gate.checks.command import CommandCheck
from podium.gate.checks.scope import ScopeCheck
from podium.gate.terms import Terms
from podium.model.task import Task


def checks_for(settings: Settings, *, terms: Terms | None, tasks: Sequence[Task]) -> tuple[Check, ...]:
    """The checks of one gate run.

    A change brings its terms and its task, a candidate of several the tasks of all its members and no terms, the target
    branch neither.
    """
    scope = (ScopeCheck(terms),) if terms else ()
    commands = (CommandCheck(check, settings.sandbox) for check in settings.gate.check)
    return (*scope, *commands, *_acceptance(settings, tasks))


def _acceptance(settings: Settings, tasks: Sequence[Task]) -> Iterator[Check]:
    for task in tasks:
        for index, acceptance in enumerate(task.accept, start=1):
            yield AcceptanceCheck(task.id, index, acceptance, settings.sandbox)
