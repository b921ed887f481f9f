"""The command agent: any program that edits files in its working directory and ends."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from podium.agents import desk
from podium.agents.base import Bench, Brief, Report
from podium.agents.program import program
from podium.agents.starting import Program
from podium.config.settings import AgentSettings

_BLANK = re.compile(r"\{(brief|paths|task)\}")


@dataclass(frozen=True, slots=True)
class CommandAgent:
    """Runs the configured command, with what it must know filled in."""

    name: str
    settings: AgentSettings

    @property
    def assisted_by(self) -> str:
        return self.settings.assisted_by or self.name

    def work(self, bench: Bench, brief: Brief, *, should_stop: Callable[[], bool]) -> Report:
        what = Program(fill(self.settings.command, brief), mounts=program(self.settings).mounts)
        return desk.work(what, self.settings, bench=bench, brief=brief, should_stop=should_stop)


def fill(command: tuple[str, ...], brief: Brief) -> tuple[str, ...]:
    """Fill in `{brief}`, `{task}` and `{paths}`; other braces stay as they are.

    A word that is just `{paths}` becomes a word for each path, none where the task names none; within a larger word the
    paths are joined by spaces. They are the patterns as the task writes them, never expanded.
    """
    return tuple(part for word in command for part in _filled(word, brief))


def _filled(word: str, brief: Brief) -> tuple[str, ...]:
    if word == "{paths}":
        return brief.paths
    blanks = {"brief": str(brief.file), "paths": " ".join(brief.paths), "task": brief.task}
    return (_BLANK.sub(lambda blank: blanks[blank[1]], word),)
