"""The brief: all that an agent is told about a task, as one Markdown text.

Pure. What the agent is not told is the point of it: acceptance commands are held out, also from what earlier attempts
saw of them. How the brief reaches the agent is the agent's business.
"""

import re
from collections.abc import Iterable, Sequence

from podium.base.text import clean, clean_line
from podium.model.attempt import Attempt
from podium.model.spec import Requirement, Spec
from podium.model.task import Acceptance, Kind, Task

_WORK = {
    Kind.FEATURE: "Add something new. Write tests for it that fail without your change.",
    Kind.FIX: "Mend something that is wrong. Write a test that fails without your change.",
    Kind.REFACTOR: "Change how the code is made, not what it does: every test there is must go on passing.",
    Kind.DOCS: "Write documentation. Leave the behaviour of the code as it is.",
    Kind.TEST: "Write tests. Leave the behaviour of the code as it is.",
    Kind.CHORE: "Do upkeep. Leave the behaviour of the code as it is.",
}
_MANNER = """\
Work in the current directory. There is nobody to ask: decide, and do it. You need not commit: your files are taken as you
leave them, and judged by checks that run on them, whatever you report."""
_NOTES, _WHY, _REQUIREMENTS, _FEEDBACK, _EVIDENCE, _COMMAND, _GUIDE = (
    6000,
    3000,
    12_000,
    4000,
    12_000,
    500,
    16_000,
)
"""How many characters of each part an agent is given."""
_MANY = 50
"""How many paths, commands and files are listed."""


def compose(
    task: Task,
    *,
    spec: Spec | None,
    attempt: Attempt,
    checks: Sequence[str],
    conflicts: Sequence[str] = (),
    evidence: str = "",
    protected: Sequence[str] = (),
    agents_md: str = "",
) -> str:
    """Write the brief for an attempt: at most some 60,000 characters, none of them a control character.

    `checks` are the gate's commands; `conflicts` the files that hold conflict markers in the workspace; `evidence` what
    the gate printed about the earlier attempt; `agents_md` the repository's own guide for agents.
    """
    sections = (
        _task(task, spec),
        _earlier(task, attempt, conflicts, evidence),
        _purpose(spec),
        _requirements(task, spec),
        _boundaries(task, spec, protected),
        _verification(checks),
        _guide(agents_md),
    )
    return clean("\n\n".join(section for section in sections if section)) + "\n"


def _task(task: Task, spec: Spec | None) -> str:
    of = f" of “{clean_line(spec.title)}”" if spec else ""
    lines = [
        f"# {clean_line(task.title)}",
        f"This is task {clean_line(task.local_id)}{of}, a {task.kind} task. {_WORK[task.kind]}",
        _MANNER,
        _shortened(task.notes, _NOTES),
    ]
    return "\n\n".join(line for line in lines if line)


def _earlier(task: Task, attempt: Attempt, conflicts: Sequence[str], evidence: str) -> str:
    if attempt.seed is None:
        return ""
    start = "You start from the work of that attempt" if attempt.seed.head else "You start afresh"
    lines = [
        "## What the earlier attempt got wrong",
        f"This is attempt {attempt.number}. {start}. It was sent back:",
        _fenced(_shortened(_held_out(attempt.seed.feedback, task.accept), _FEEDBACK)),
    ]
    if evidence.strip():
        lines += ["What the checks said:", _fenced(_shortened(_held_out(evidence, task.accept), _EVIDENCE))]
    if conflicts:
        why = "It was merged with what has landed since, which conflicts. Resolve the conflict markers in:"
        lines += [why, _listed(conflicts)]
    return "\n\n".join(lines)


def _purpose(spec: Spec | None) -> str:
    return f"## Why\n\n{_shortened(spec.why, _WHY)}" if spec and spec.why.strip() else ""


def _requirements(task: Task, spec: Spec | None) -> str:
    """Give the requirements that the task names, or all of them."""
    every = spec.requirements if spec else ()
    said = f"{task.title}\n{task.notes}"
    chosen = [requirement for requirement in every if _names(said, requirement.name)] or every
    if not chosen:
        return ""
    text = "\n\n".join(_requirement(requirement) for requirement in chosen)
    return f"## What must hold\n\n{_shortened(text, _REQUIREMENTS)}"


def _names(text: str, name: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _requirement(requirement: Requirement) -> str:
    scenarios = "".join(
        f"\n\nScenario: {clean_line(scenario.name)}\n"
        + "\n".join(f"- {clean_line(step)}" for step in scenario.steps)
        for scenario in requirement.scenarios
    )
    return f"### {clean_line(requirement.name)}\n\n{requirement.text.strip()}{scenarios}"


def _boundaries(task: Task, spec: Spec | None, protected: Sequence[str]) -> str:
    untouchable = ["podium.toml", *([spec.path] if spec else []), *protected]
    scope = f"Change only files that match:\n\n{_listed(task.paths)}\n\n" if task.paths else ""
    return (
        f"## Boundaries\n\n{scope}Do not touch these, nor the configuration of continuous integration; a change that does "
        f"is refused unread:\n\n{_listed(untouchable)}\n\nDo not delete, skip or weaken tests to make them pass."
    )


def _verification(checks: Sequence[str]) -> str:
    if not checks:
        return ""
    commands = "\n".join(_shortened(_with_report(check), _COMMAND) for check in checks[:_MANY])
    return (
        f"## How to check your work\n\nThese run on your change, and pass here before you are done:\n\n{_fenced(commands)}\n\n"
        "Beside them run acceptance checks that you are not shown: they try what this brief says in words."
    )


def _with_report(check: str) -> str:
    return check.replace("{report}", '"${TMPDIR:-/tmp}/report.xml"')


def _guide(agents_md: str) -> str:
    if not agents_md.strip():
        return ""
    return f"## AGENTS.md of this repository\n\n{_fenced(_shortened(agents_md, _GUIDE))}"


def _held_out(text: str, accept: Iterable[Acceptance]) -> str:
    """Blot out acceptance commands, which evidence of an earlier attempt may quote."""
    text = clean(text)
    for acceptance in accept:
        text = re.sub(rf"(?<!\w){re.escape(acceptance.command)}(?!\w)", "[an acceptance check]", text)
    return text


def _listed(items: Sequence[str]) -> str:
    lines = [f"- `{clean_line(item)}`" for item in items[:_MANY]]
    return "\n".join([*lines, f"- and {len(items) - _MANY} more"] if len(items) > _MANY else lines)


def _fenced(text: str) -> str:
    """Quote text so that nothing in it reads as Markdown of ours."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _shortened(text: str, limit: int) -> str:
    """Clean it; keep the first and the last half of what is too long, and say how much is missing."""
    text = clean(text).strip()
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half} characters left out …]\n{text[-half:]}"
