"""What a person can type next, from how things stand. Pure."""

import shlex
from collections.abc import Iterator

from podium.project.views.overview import Overview, TaskView

_MOST = 5


def next_steps(overview: Overview) -> tuple[str, ...]:
    """The exact commands, most needed first."""
    return tuple(_steps(overview))[:_MOST]


def _steps(overview: Overview) -> Iterator[str]:
    views = (*overview.tasks, *overview.changes)
    if overview.trouble:
        yield f"podium gate {shlex.quote(overview.target)}"
    review, alarm, refused = (_first(views, state) for state in ("review", "alarm", "refused"))
    if review:
        yield f"podium show {review} --diff"
        yield f"podium review approve {review}"
    if alarm:
        yield f"podium retry {alarm}"
    if refused:
        yield f"podium show {refused}"
        yield f"podium retry {refused}"
    if not views and not overview.landed:
        yield "podium run SPEC"


def _first(views: tuple[TaskView, ...], state: str) -> str:
    """The id of the first one in a state, safe to paste into a shell."""
    return next((shlex.quote(view.id) for view in views if view.state == state), "")
