"""Ids that the shell completes."""

import click

from podium.base.errors import PodiumError
from podium.cli.glance import Glance
from podium.cli.invocation import Invocation

_MOST = 200


def complete_id(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Every open task or change that begins like this, by its whole id or its short one."""
    try:
        overview = Glance(context.ensure_object(Invocation).repo).overview()
    except PodiumError:
        return []
    names = [view.id for view in (*overview.tasks, *overview.changes)]
    return [
        name
        for name in names
        if name.startswith(incomplete) or name.rpartition("/")[2].startswith(incomplete)
    ][:_MOST]
