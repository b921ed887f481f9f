"""The checks of a gate, cheap first: scope, the project's commands in their order, acceptance."""

from collections.abc import Iterator, Sequence

from podium.config.settings import Settings
from podium.gate.checks.acceptance import AcceptanceCheck
from podium.gate.checks.base import Check
from podium.gate.checks.command import CommandCheck
from podium.gate.checks.scope import ScopeCheck
from podium.model.attempt import Change
from podium.model.task import Task


def checks_for(
    settings: Settings, *, change: Change | None, tasks: Sequence[Task], protected: Sequence[str]
) -> tuple[Check, ...]:
    """The checks of one gate run.

    A change brings itself and its task, a candidate the tasks of all its members and no change, the target branch
    neither. `protected` are globs no change may touch, besides those that `settings` names.
    """
    guarded = tuple(dict.fromkeys((*protected, *settings.gate.protected)))
    scope = (ScopeCheck(change.files, _allowed(change, tasks), guarded, change.base),) if change else ()
    commands = (CommandCheck(check, settings.sandbox) for check in settings.gate.check)
    return (*scope, *commands, *_acceptance(settings, tasks))


def _allowed(change: Change, tasks: Sequence[Task]) -> tuple[str, ...]:
    return next((task.paths for task in tasks if task.id == change.task), ())


def _acceptance(settings: Settings, tasks: Sequence[Task]) -> Iterator[Check]:
    for task in tasks:
        for index, acceptance in enumerate(task.accept, start=1):
            yield AcceptanceCheck(task.id, index, acceptance, settings.sandbox)
