"""`podium demo`: the whole story on a sample repository, played by scripted agents in real sandboxes.

The sample is in `sample/`: a small project, its spec, its podium.toml, and the scripts. Everything else is what any
project goes through; nothing here is special but the telling.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from podium.base import environment
from podium.base.errors import GitError, UsageError
from podium.base.files import remove_tree
from podium.base.processes import find_program
from podium.base.text import clean_line, tail
from podium.engine.worker import Worker
from podium.git.command import persons_git
from podium.project.narration import Narrator
from podium.project.project import Project
from podium.project.views.detail import AttemptView
from podium.project.views.finding import FindingView
from podium.project.views.plan import PlanView
from podium.workspaces.sandboxes.base import Sandbox
from podium.workspaces.sandboxes.registry import SANDBOXES

SPEC = Path("specs/tariff.md")
REPAIRED = frozenset(f"tariff/{number}" for number in (4, 6, 7, 8, 9, 10))
"""Tasks whose first attempt the sample's scripts make fail, each in its own way."""
REFUSED = frozenset({"tariff/12", "tariff/16"})
"""Tasks whose agents never come to do them."""

_SAMPLE = Path(__file__).with_name("sample")
_MARK = Path(".git") / "podium-demo"
_LOOK_AGAIN_S = 0.1
_PERSON = (("user.name", "Podium Demo"), ("user.email", "demo@podium.invalid"))
_ENDING = 130

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Story:
    """How it ended. `repaired` has landed too, after being sent back for that reason; `refused` says why.

    `green` of the `positions` of main passed the gate again.
    """

    directory: Path
    landed: tuple[str, ...]
    repaired: Mapping[str, str]
    refused: Mapping[str, str]
    positions: int
    green: int
    accounted: bool
    """Every commit of main leads to a task, a change and its evidence."""

    @property
    def as_told(self) -> bool:
        """Whether what had to be repaired was, what had to be refused was, and main is green at every commit."""
        outcomes = self.repaired.keys() == REPAIRED and self.refused.keys() == REFUSED
        return outcomes and self.accounted and self.green == self.positions


def play(directory: Path, *, say: Say) -> Story:
    """Make the sample repository in `directory`, run its spec to the end, and tell it line by line.

    Raises:
        UsageError: the directory holds something that no earlier demo left.
    """
    began = time.monotonic()
    directory = directory.absolute()
    _refuse_strange(directory)
    sandbox, weakness = _strongest_sandbox()
    _introduce(directory, sandbox, weakness, say)
    _find_python()
    _create(directory, sandbox)
    project = Project.open(directory)
    _announce(project.take_in(directory / SPEC), say)
    _run(project, say)
    story = _end(project, directory, say)
    say("")
    say(
        f"All of this took {time.monotonic() - began:.0f} s. {'It went as told.' if story.as_told else 'It did NOT go as told.'}"
    )
    _suggest(directory, say)
    return story


def _refuse_strange(directory: Path) -> None:
    if directory.exists() and not (directory / _MARK).is_file() and not _is_empty(directory):
        raise UsageError(
            f"{directory} is not empty, and no earlier demo made it", hint="podium demo ANOTHER-DIRECTORY"
        )


def _is_empty(directory: Path) -> bool:
    return directory.is_dir() and next(directory.iterdir(), None) is None


def _strongest_sandbox() -> tuple[Sandbox, str]:
    """The strongest sandbox that works here, and why no stronger one does."""
    weakness: list[str] = []
    for sandbox in SANDBOXES:
        trouble = sandbox.unavailable()
        if not trouble:
            break
        weakness.append(f"{sandbox.kind}: {trouble}")
    return sandbox, "; ".join(weakness)


def _introduce(directory: Path, sandbox: Sandbox, weakness: str, say: Say) -> None:
    say(
        "Podium demo. The agents are SCRIPTED: no model is called, no key is needed. All the rest is real: the git"
    )
    say("repository, the processes, the sandbox, the tests, the gate, the merge queue.")
    say("")
    say(f"  repository  {directory}")
    say(
        f"  sandbox     {sandbox.kind}"
        + (f" (weaker than it could be: {clean_line(weakness)})" if weakness else "")
    )


def _find_python() -> None:
    """The sample's tests are run by `python3`: where the person has none on the PATH, the one that runs Podium."""
    if find_program("python3", path=environment.variable("PATH")) is None:
        environment.append_to_path(Path(sys.executable).parent)


def _create(directory: Path, sandbox: Sandbox) -> None:
    remove_tree(directory)
    shutil.copytree(_SAMPLE, directory, ignore=shutil.ignore_patterns("__pycache__"))
    config = directory / "podium.toml"
    config.write_text(config.read_text().replace('kind = "bubblewrap"', f'kind = "{sandbox.kind}"'))
    _git(directory, "init", "--quiet", "--initial-branch=main", "--template=")
    (directory / _MARK).write_text("podium demo may replace this repository\n")
    if persons_git(["var", "GIT_AUTHOR_IDENT"], cwd=directory).code:
        for name, value in _PERSON:
            _git(directory, "config", name, value)
    _git(directory, "add", "--all")
    _git(
        directory,
        "-c",
        "commit.gpgsign=false",
        "commit",
        "--quiet",
        "--no-verify",
        "--message=A tariff calculator",
    )


def _git(directory: Path, *arguments: str) -> None:
    done = persons_git(arguments, cwd=directory)
    if done.code:
        raise GitError(f"git {arguments[0]} failed: {tail(done.stderr.decode(errors='replace'), lines=5)}")


def _announce(plan: PlanView, say: Say) -> None:
    say(f"  spec        {SPEC}: {plan.title}; {len(plan.tasks)} tasks, {len(plan.levels)} deep")
    for fault in plan.faults:
        say(f"  warning     line {fault.line}: {clean_line(fault.message)}")
    say("")


def _run(project: Project, say: Say) -> None:
    """Work until nothing is left to do, telling every event that means something."""
    with project.worker() as worker:
        try:
            _work(project, worker, say)
        except KeyboardInterrupt:
            worker.interrupt(_ENDING)


def _work(project: Project, worker: Worker, say: Say) -> None:
    narrator = Narrator({task.id: task.title for task in project.overview().tasks})
    began, seen, idle = time.monotonic(), 0, False
    while not idle:
        worker.tick()
        idle = worker.idle()
        for event in project.events(after=seen):
            seen = event.seq
            told = narrator.tell(event)
            if told:
                say(f"{time.monotonic() - began:5.1f} s  {told}")
        time.sleep(_LOOK_AGAIN_S)


def _end(project: Project, directory: Path, say: Say) -> Story:
    landed, repaired, refused = _outcomes(project)
    _list(f"Landed at once: {len(landed) - len(repaired)} of {len(landed) + len(refused)} tasks.", {}, say)
    _list(
        f"Repaired: {len(repaired)}. Each was sent back with the evidence, and landed later.", repaired, say
    )
    _list(f"Refused: {len(refused)}. Nothing of these is on main.", refused, say)
    say("")
    say("Audit: the gate runs again on every commit of main, each in a clean copy.")
    findings = project.audit(rerun=True)
    again = [finding for finding in findings if finding.because.startswith("gated again")]
    green = sum(1 for finding in again if finding.state == "ok")
    for finding in _faults(findings):
        say(f"  {finding.subject}  {clean_line(finding.because)}")
    say(
        f"  {green} of {len(again)} green; every one is accounted for"
        if not _faults(findings)
        else "  main is not what it should be"
    )
    return Story(directory, landed, repaired, refused, len(again), green, not _faults(findings))


def _outcomes(project: Project) -> tuple[tuple[str, ...], dict[str, str], dict[str, str]]:
    open_tasks = {task.id: task for task in project.overview().tasks}
    landed = tuple(name for name in project.store.task_ids() if name not in open_tasks)
    returned = {name: _why_again(project.detail(name).attempts) for name in landed}
    return (
        landed,
        {name: why for name, why in returned.items() if why},
        {name: task.because for name, task in open_tasks.items()},
    )


def _why_again(attempts: tuple[AttemptView, ...]) -> str:
    """Why a task took more than one attempt, or nothing."""
    return attempts[1].because.partition(": ")[2] if len(attempts) > 1 else ""


def _list(heading: str, lines: Mapping[str, str], say: Say) -> None:
    say("")
    say(heading)
    for name, because in lines.items():
        say(f"  {name:<10} {clean_line(because, limit=200)}")


def _faults(findings: tuple[FindingView, ...]) -> tuple[FindingView, ...]:
    return tuple(finding for finding in findings if finding.state != "ok")


def _suggest(directory: Path, say: Say) -> None:
    say("Look into it:")
    say(f"  cd {os.path.relpath(directory)}")
    for command, comment in _next_commands():
        say(f"  {_how_to_call(directory)} {command:<16} # {comment}")


def _next_commands() -> Iterator[tuple[str, str]]:
    yield "show tariff/6", "it passed alone and failed with what had landed: attempts, evidence, reasons"
    yield "audit", "every commit of main, back to its task, attempt and evidence"
    yield "report", "the figures: landed, sent back, refused, waits"


def _how_to_call(directory: Path) -> str:
    """The command that started this, as it is typed in `directory`."""
    program = Path(sys.argv[0])
    if program.name != "podium":
        return "python3 -m podium"
    on_path = find_program("podium", path=environment.variable("PATH"))
    return (
        "podium"
        if on_path and on_path.absolute() == program.absolute()
        else os.path.relpath(program.absolute(), directory)
    )
