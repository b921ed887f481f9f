"""`podium agents test NAME`: a small real task, in a repository made for it, from the brief to the landing.

Everything is what any task goes through. What the agent says counts for nothing: it has passed when its change has
landed. Where it has not, the first step that did not hold says what is missing.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

from podium.agents.events import EventKind
from podium.agents.program import program
from podium.agents.wiring import wire
from podium.base.errors import GitError, UsageError
from podium.base.files import remove_tree
from podium.base.text import clean_line, tail
from podium.config.faults import near_match
from podium.config.place import CONFIG
from podium.config.settings import AgentSettings, Settings
from podium.engine import sessions
from podium.git.command import persons_git
from podium.project.agency import version
from podium.project.project import Project
from podium.project.views.agent import StepView
from podium.project.views.detail import Detail
from podium.project.views.transcript import TranscriptView
from podium.workspaces.sandboxes.registry import choose

_FILES = {
    "calc.py": 'def add(one, other):\n    """The sum."""\n    return one - other\n',
    "test_calc.py": (
        "import unittest\n\nimport calc\n\n\nclass Sums(unittest.TestCase):\n"
        "    def test_nothing_added_changes_nothing(self):\n        self.assertEqual(calc.add(7, 0), 7)\n"
    ),
    "AGENTS.md": "Run the tests with `python3 -m unittest`.\n",
    ".gitignore": "__pycache__/\n",
}
_SPEC = """\
# Mend the calculator

Everybody who adds gets a wrong sum.

## Tasks

- [ ] 1 Make add in calc.py return the sum of its arguments
  - kind: fix
  - paths: calc.py, test_calc.py, NOTES.md
  - accept: `python3 -c "import calc; print(calc.add(20, 22))"` → 42
  - Write one line into NOTES.md about what was wrong.
"""
_CHECK = "python3 -m unittest"
_MINUTES = 5.0
_LOOK_S = 0.1
_EXIT_INTERRUPTED = 130
_TRIES = 30

Tell = Callable[[StepView], None]


def test(settings: Settings, name: str, *, tell: Tell) -> bool:
    """Prove an agent, telling each step; whether all of them held.

    Raises:
        UsageError: there is no such agent.
    """
    if name not in settings.agents:
        near = near_match(name, settings.agents)
        raise UsageError(f'there is no agent "{name}"{near}', hint="podium agents lists them")
    agent = settings.agents[name]
    for step in _before(agent, settings.sandbox.kind):
        tell(step)
        if not step.passed:
            return False
    directory, held = Path(tempfile.mkdtemp(prefix="podium-trial-")), True
    try:
        for step in _tried(directory / "calculator", settings, name):
            tell(step)
            held = held and step.passed
    finally:
        _leave_nothing(directory)
    return held


def _before(agent: AgentSettings, sandbox: str) -> Iterator[StepView]:
    """What must be there before anything is started."""
    found, way = program(agent), wire(agent, port=1)
    known = f"{found.found} {version(found.found)}".strip() if found.found else "nothing to install"
    yield StepView(
        "installed", not found.missing, found.missing or known, agent.install if found.missing else ""
    )
    yield StepView("signed in", not way.missing, way.missing or "a key or a login is there, or none is needed",
                   agent.sign_in if way.missing else "")  # fmt: skip
    trouble = choose(sandbox).unavailable()
    yield StepView(
        "sandbox", not trouble, trouble or f"{sandbox} contains it", "podium doctor" if trouble else ""
    )


def _tried(directory: Path, settings: Settings, name: str) -> Iterator[StepView]:
    """The task itself, and what it shows of the agent, step by step."""
    began = time.monotonic()
    project = _create(directory, settings, name)
    wanted = project.take_in(directory.parent / "spec.md", agent=name).tasks[0].id
    _run(project, last=partial(_leave_nothing, directory.parent))
    task = project.detail(wanted)
    said = project.transcript(wanted) if task.attempts else None
    if said is None:
        yield StepView("started", passed=False, because=task.because, hint="podium doctor")
        return
    yield from _conversation(said, settings.agents[name])
    attempt = task.attempts[-1]
    yield StepView(
        "changed files",
        bool(attempt.head),
        f"{attempt.end}: {attempt.end_because}",
        f"its transcript ends: {_last_words(said)}",
    )
    if attempt.head:
        yield _gate(task)
        landed = task.state == "landed"
        yield StepView(
            "landed",
            landed,
            f"{task.because}, {time.monotonic() - began:.0f} s in all{_used(said)}"
            if landed
            else task.because,
        )


def _conversation(said: TranscriptView, agent: AgentSettings) -> Iterator[StepView]:
    """Whether it could be talked with; of a command, only that it ran."""
    started = next((one for one in said.said if one.kind == EventKind.STARTED), None)
    done = [one for one in said.said if one.kind == EventKind.TURN_DONE]
    because = started.text if started else done[-1].text if done else said.because
    yield StepView(
        "started", started is not None, clean_line(because), "" if started else agent.sign_in or agent.install
    )
    if done:
        held = done[-1].data.get("end") in ("ok", "unknown")
        yield StepView("worked", held, clean_line(done[-1].text), "" if held else agent.sign_in)


def _gate(task: Detail) -> StepView:
    gates = [gate for change in task.changes for gate in change.gates]
    found = gates[-1] if gates else None
    return StepView(
        "passed the gate",
        bool(found and found.verdict == "passed"),
        found.because if found else "it came to no gate",
    )


def _used(said: TranscriptView) -> str:
    tokens = (said.input_tokens or 0) + (said.output_tokens or 0)
    cost = "" if said.cost_usd is None else f", ${said.cost_usd:.4f}"
    return f", {tokens:,} tokens{cost}" if tokens or cost else ""


def _last_words(said: TranscriptView) -> str:
    texts = [one.text for one in said.said if one.kind == EventKind.TEXT]
    return clean_line(texts[-1]) if texts else "it said nothing"


def _run(project: Project, *, last: Callable[[], None]) -> None:
    """Work until nothing is left. Nobody would ever take up what is interrupted here: it ends with this process."""
    worker = project.worker()
    with ExitStack() as stack:
        try:
            stack.enter_context(worker)
            while True:
                worker.tick()
                if worker.idle():
                    return
                time.sleep(_LOOK_S)
        except KeyboardInterrupt:
            worker.interrupt(_EXIT_INTERRUPTED, last=last)


def _leave_nothing(directory: Path) -> None:
    """End what still runs below the directory of a trial, and remove it; threads that end may write there once more."""
    for _ in range(_TRIES):
        with suppress(OSError):
            for workspace in directory.glob("*/.git/podium/workspaces/*"):
                sessions.end(workspace)
            remove_tree(directory)
            return
        time.sleep(_LOOK_S)


def _create(directory: Path, settings: Settings, name: str) -> Project:
    """The repository, with the agent as it is configured where the person stands, and a task for it beside."""
    directory.mkdir()
    agent = settings.agents[name].model_dump(mode="json", exclude_none=True, exclude={"like"}) | {
        "linger_minutes": 0
    }
    agent["minutes"] = min(_MINUTES, settings.agents[name].minutes)
    files = _FILES | {
        CONFIG: _config(name, agent, sandbox=settings.sandbox.model_dump(mode="json", exclude_defaults=True))
    }
    for file, text in files.items():
        (directory / file).write_text(text)
    (directory.parent / "spec.md").write_text(_SPEC)
    who = (
        "-c",
        "user.name=Podium Trial",
        "-c",
        "user.email=trial@podium.invalid",
        "-c",
        "commit.gpgsign=false",
    )
    _git(directory, "init", "--quiet", "--initial-branch=main", "--template=")
    for setting, value in (("user.name", "Podium Trial"), ("user.email", "trial@podium.invalid")):
        _git(directory, "config", setting, value)
    _git(directory, "add", "--all")
    _git(directory, *who, "commit", "--quiet", "--no-verify", "--message=A calculator")
    return Project.open(directory)


def _config(name: str, agent: dict[str, object], *, sandbox: dict[str, object]) -> str:
    tables = {"gate": {"check": [{"name": "tests", "run": _CHECK}]}, "agents": {name: agent}, "sandbox": sandbox,
              "policy": {"review": "never"}, "limits": {"attempts": 1}}  # fmt: skip
    return "".join(f"{key} = {_toml(value)}\n" for key, value in {"agent": name, **tables}.items())


def _toml(value: object) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f")


def _git(directory: Path, *arguments: str) -> None:
    done = persons_git(arguments, cwd=directory)
    if done.code:
        raise GitError(f"git {arguments[0]} failed: {tail(done.stderr.decode(errors='replace'), lines=5)}")
