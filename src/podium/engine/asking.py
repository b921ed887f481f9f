"""Asks an agent for an answer instead of a change: a draft of tasks, a judgment of a change.

The agent gets a workspace that it can only read and a directory to leave one file in. What it leaves is judged by whoever
asks; an answer that will not do is asked for again, in the same session where the agent has one.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path

from podium.agents.base import Brief, Report
from podium.agents.quoting import ANSWER_PLACE
from podium.agents.registry import make
from podium.agents.starting import answers, brief_file
from podium.base.files import read_untrusted, write_atomically
from podium.base.processes import is_running
from podium.base.text import clean_line
from podium.config.load import resolve_agent
from podium.engine.site import Site
from podium.engine.trouble import refuse_trouble
from podium.git.repository import Repository
from podium.model.ids import Sha, Tree
from podium.model.usage import Usage
from podium.workspaces.mirror import sync
from podium.workspaces.sandboxes.registry import choose
from podium.workspaces.workspace import Extras, Workspace, prepare, slug

_MARKS = "asking"
_LONGEST_ANSWER = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it. `answer` is None when there was none that would do; `because` says why."""

    answer: bytes | None
    because: str
    usage: Usage
    transcript: Path


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `name` is unique to it, `answer` the file to be written; `brief` names its directory by `ANSWER_PLACE`.

    `base` is a commit of the target branch; the files looked at are those of `tree`, or of `base` where that is None.
    """

    name: str
    brief: str
    answer: str
    base: Sha
    tree: Tree | None = None
    tools: tuple[str, ...] = ()


def ask(
    site: Site, question: Question, *, agent: str, judge: Callable[[bytes], str], tries: int,
    progress: Callable[[str], None] = lambda _line: None, should_stop: Callable[[], bool] = lambda: False,
) -> Asked:  # fmt: skip
    """Ask an agent, and ask again at most `tries` times; `judge` says what is wrong with an answer, or nothing.

    Raises:
        ConfigError: there is no such agent.
        Unavailable: its program or its login is missing.
    """
    workspace, fault, number = _workspace(site, question, before=None, number=0), "", 0
    used: list[Usage] = []
    try:
        while True:
            progress(f"{agent} is asked again: {clean_line(fault)}" if number else f"{agent} is asked")
            report = _put(
                site, question, workspace, agent=agent, fault=fault, number=number, should_stop=should_stop
            )
            refuse_trouble(report, asked_to_stop=should_stop())
            used.append(report.usage)
            usage = reduce(add, used)
            found = _answer(workspace, question.answer)
            place = answers(workspace) / question.answer
            fault = f"There is no file {place}." if found is None else judge(found)
            if not fault:
                return Asked(found, "it answered", usage, workspace.transcript)
            broken = report.reason != "exit" or report.exit_code
            if broken or number == tries:
                because = report.note or f"it ended: {report.reason}" if broken else fault
                return Asked(None, clean_line(because, limit=1000), usage, workspace.transcript)
            with suppress(OSError):
                (workspace.answer / question.answer).unlink()
            number += 1
            workspace = _workspace(site, question, before=workspace, number=number)
    finally:
        _remove(workspace)


def awaited(repository: Repository) -> set[str]:
    """The names of the workspaces from which a living process awaits an answer."""
    marks = repository.state / _MARKS
    return {mark.name for mark in marks.iterdir() if _lives(mark)} if marks.is_dir() else set()


def _workspace(site: Site, question: Question, *, before: Workspace | None, number: int) -> Workspace:
    """The workspace of the session that lives, or a fresh one."""
    if before and before.alive:
        return before
    if before:
        _remove(before)
    settings = site.settings()
    read = {Path(path): Path(path) for path in settings.sandbox.read}
    name = f"{question.name}~{number}" if number else question.name
    write_atomically(_mark(site.repository, name), str(os.getpid()).encode())
    return prepare(
        site.repository, choose(settings.sandbox.kind), attempt=name,
        base=question.base, seed=question.tree, mirror=sync(site.repository, site.branch), extras=Extras(read=read), read_only=True,
    )  # fmt: skip


def _remove(workspace: Workspace) -> None:
    workspace.remove()
    _mark(workspace.repository, workspace.attempt).unlink(missing_ok=True)


def _mark(repository: Repository, name: str) -> Path:
    """The file that says which process awaits an answer: there before the workspace, gone after it."""
    return repository.state / _MARKS / slug(name)


def _lives(mark: Path) -> bool:
    with suppress(FileNotFoundError, ValueError):  # it was just answered, or is a draft
        return is_running(int(mark.read_text()))
    return False


def _put(
    site: Site, question: Question, workspace: Workspace, *, agent: str, fault: str, number: int, should_stop: Callable[[], bool]
) -> Report:  # fmt: skip
    settings = site.settings()
    name = resolve_agent(settings, agent)
    maker = make(
        name, settings.agents[name], read_script=lambda path: site.repository.objects.read(site.tip(), path)
    )
    again = f"What you wrote to {question.answer} will not do:\n\n{fault}\n\nWrite the whole file once more."
    text = question.brief if not number else again if workspace.alive else f"{question.brief}\n\n{again}"
    brief = Brief(
        question.name, text.replace(ANSWER_PLACE, str(answers(workspace))), brief_file(workspace), (), 1,
        answer=question.answer, tools=question.tools, round=number, continues=workspace.alive,
    )  # fmt: skip
    return maker.work(workspace, brief, should_stop=should_stop)


def _answer(workspace: Workspace, name: str) -> bytes | None:
    """What was left, if it is a file of a size that anybody means."""
    with suppress(OSError):
        found = read_untrusted(workspace.answer / name, limit_bytes=_LONGEST_ANSWER + 1)
        return found if len(found) <= _LONGEST_ANSWER else None
    return None
