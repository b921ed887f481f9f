"""`podium review --interactive`: one change after the other, looked at and answered."""

import time

import click
from rich.console import Console

from podium.cli.render.detail import detail
from podium.cli.render.reviews import SAID, review
from podium.cli.screen import line, show
from podium.model.review import Answer
from podium.project.project import Project
from podium.project.views.review import ReviewItem

_ANSWERS = {"a": Answer.APPROVE, "r": Answer.RETURN, "x": Answer.REJECT}
_QUESTION = "[a]pprove  [r]eturn  [x] reject  [d]iff  [s]kip  [q]uit"


def walk(project: Project, console: Console) -> None:
    """Ask about everything that waits, riskiest first, until the person quits."""
    for item in project.reviews():
        show(console, "", *review(item, now=time.time()))
        if not _settle(project, console, item):
            return


def _settle(project: Project, console: Console, item: ReviewItem) -> bool:
    """Ask until there is an answer; False when the person quits."""
    while True:
        key = click.prompt(_QUESTION, type=click.Choice([*"arxdsq"]), show_choices=False)
        if key == "q":
            return False
        if key == "s":
            return True
        if key == "d":
            show(console, *detail(project.detail(item.change), now=time.time(), with_diff=True))
            continue
        reason = "" if key == "a" else click.prompt("reason, in words the maker can use")
        project.answer(item.change, _ANSWERS[key], reason=reason)
        show(console, line(f"{SAID[_ANSWERS[key]]}: {item.change}", "green"))
        return True
