"""The brief: all that an agent is told about a task, as one Markdown text whose parts each have a reason.

Pure. What the agent is not told is the point of it: acceptance commands are held out, also from what earlier attempts
saw of them. How the brief reaches the agent is the agent's business.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from podium.agents.quoting import fenced, held_out, listed, shortened
from podium.base.text import clean, clean_line, count
from podium.model.attempt import Attempt, Seed
from podium.model.spec import Requirement, Spec
from podium.model.task import Kind, Task
from podium.model.usage import Allowance
from podium.policies.globs import parse

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
_NOTES, _WHY, _REQUIREMENTS, _FEEDBACK, _EVIDENCE, _COMMANDS, _GUIDES = (
    6000,
    3000,
    12_000,
    4000,
    12_000,
    6000,
    16_000,
)
"""How many characters of each part an agent is given."""
_GUIDE = "AGENTS.md"
_MOST_GUIDES = 20
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One section of a brief, and why an agent is told it."""

    name: str
    text: str
    because: str


def parts(
    task: Task,
    *,
    spec: Spec | None,
    attempt: Attempt,
    checks: Sequence[str],
    conflicts: Sequence[str] = (),
    evidence: str = "",
    protected: Sequence[str] = (),
    approved: Sequence[str] = (),
    guides: Mapping[str, str] | None = None,
    allowance: Allowance | None = None,
) -> tuple[Part, ...]:
    """The parts of the brief for an attempt, none of them empty: at most some 80,000 characters in all.

    `checks` are the gate's commands; `conflicts` the files that hold conflict markers in the workspace; `evidence` what
    the gate printed about the earlier attempt; `approved` globs of what judges it and may change all the same; `guides` the repository's own guides for agents by path, nearest last.
    """
    found = (
        _task(task, spec),
        _earlier(task, attempt, conflicts, evidence),
        _purpose(spec),
        _requirements(task, spec),
        _acceptance(task),
        _boundaries(task, spec, protected, approved),
        _verification(checks),
        _guides(guides or {}),
        _budget(allowance),
    )
    return tuple(part for part in found if part.text)


def joined(found: Iterable[Part]) -> str:
    """The brief itself: the parts as one text, none of it a control character."""
    return clean("\n\n".join(part.text for part in found)) + "\n"


def feedback(
    task: Task, seed: Seed, *, conflicts: Sequence[str] = (), evidence: str = "", checks: Sequence[str] = ()
) -> str:
    """What an agent whose session still lives is told next: what was wrong, not the whole brief again."""
    found = [
        "# Your work was sent back",
        "Your files are as you left them, and everything you were told still holds. This is what was wrong:",
        *_what_was_wrong(task, seed, conflicts, evidence),
        "Mend it where it goes wrong, not where it is noticed: tests stay as strict as they are.",
        _commands("When you are done, these pass here:", checks),
    ]
    return clean("\n\n".join(text for text in found if text)) + "\n"


def guide_places(paths: Iterable[str]) -> tuple[str, ...]:
    """Where guides for agents may lie that are about these globs: from the root down, at most 20.

    >>> guide_places(["src/shop/*.py"])
    ('AGENTS.md', 'src/AGENTS.md', 'src/shop/AGENTS.md')
    """
    roots = [parse(path).root for path in paths]
    folders = {root[:depth] for root in roots for depth in range(len(root) + 1)} | {()}
    nearest_last = sorted(folders, key=lambda folder: (len(folder), folder))[:_MOST_GUIDES]
    return tuple(str(PurePosixPath(*folder, _GUIDE)) for folder in nearest_last)


def estimated_tokens(text: str) -> int:
    """About how many tokens a text is: an estimate, a quarter of its characters."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def _task(task: Task, spec: Spec | None) -> Part:
    of = f" of “{clean_line(spec.title)}”" if spec else ""
    lines = [
        f"# {clean_line(task.title)}",
        f"This is task {clean_line(task.local_id)}{of}, a {task.kind} task. {_WORK[task.kind]}",
        _MANNER,
        shortened(task.notes, _NOTES),
    ]
    return Part("task", _paragraphs(lines), "what is asked, with its notes as the spec has them")


def _earlier(task: Task, attempt: Attempt, conflicts: Sequence[str], evidence: str) -> Part:
    seed = attempt.seed
    if seed is None:
        return Part("earlier", "", "")
    start = "You start from the work of that attempt" if seed.head else "You start afresh"
    lines = [
        "## What the earlier attempt got wrong",
        f"This is attempt {attempt.number}. {start}. It was sent back:",
        *_what_was_wrong(task, seed, conflicts, evidence),
    ]
    because = f"attempt {attempt.number - 1} did not land; the acceptance commands are blotted out of it"
    return Part("earlier", _paragraphs(lines), because)


def _what_was_wrong(task: Task, seed: Seed, conflicts: Sequence[str], evidence: str) -> list[str]:
    lines = [fenced(shortened(held_out(seed.feedback, task.accept), _FEEDBACK))]
    if evidence.strip():
        lines += ["What the checks said:", fenced(shortened(held_out(evidence, task.accept), _EVIDENCE))]
    if conflicts:
        why = "It was merged with what has landed since, which conflicts. Resolve the conflict markers in:"
        lines += [why, listed(conflicts)]
    return lines


def _purpose(spec: Spec | None) -> Part:
    text = f"## Why\n\n{shortened(spec.why, _WHY)}" if spec and spec.why.strip() else ""
    return Part("why", text, "what the spec leaves open is decided by its purpose")


def _requirements(task: Task, spec: Spec | None) -> Part:
    """Give the requirements that the task names, or all of them."""
    every = spec.requirements if spec else ()
    said = f"{task.title}\n{task.notes}"
    named = [requirement for requirement in every if _names(said, requirement.name)]
    text = "\n\n".join(_requirement(requirement) for requirement in named or every)
    names = ", ".join(requirement.name for requirement in named)
    because = (
        f"the task names {names}" if named else f"the task names none of the {len(every)}: all are given"
    )
    shown = f"## What must hold\n\n{shortened(text, _REQUIREMENTS)}" if text else ""
    return Part("requirements", shown, clean_line(because))


def _names(text: str, name: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _requirement(requirement: Requirement) -> str:
    scenarios = "".join(
        f"\n\nScenario: {clean_line(scenario.name)}\n"
        + "\n".join(f"- {clean_line(step)}" for step in scenario.steps)
        for scenario in requirement.scenarios
    )
    return f"### {clean_line(requirement.name)}\n\n{requirement.text.strip()}{scenarios}"


def _acceptance(task: Task) -> Part:
    """Say how much is tried, never by what: the commands are held out."""
    number = len(task.accept)
    text = (
        f"## When it is done\n\n{count(number, 'acceptance check')} that you are not shown will run on your change, to try "
        "what this brief says in words."
    )
    because = f"{count(number, 'command')} held out: who knows a check can please it alone"
    return Part("acceptance", text if number else "", because)


def _boundaries(task: Task, spec: Spec | None, protected: Sequence[str], approved: Sequence[str]) -> Part:
    untouchable = list(dict.fromkeys(["podium.toml", *([spec.path] if spec else []), *protected]))
    scope = f"Change only files that match:\n\n{listed(task.paths)}\n\n" if task.paths else ""
    text = (
        f"## Boundaries\n\n{scope}Do not touch these, nor the configuration of continuous integration; a change that does "
        f"is refused unread:\n\n{listed(untouchable)}\n\nAdd tests freely. What is there already to judge you stays as it is: tests and "
        "what stands beside them, the configuration of test runners, linters and builds, dependencies. A change that deletes, skips "
        f"or weakens any of it is refused{', except for' if approved else '.'}"
    ) + (f":\n\n{listed(approved)}" if approved else "")
    return Part("boundaries", text, "a change outside of them is refused before anything runs")


def _verification(checks: Sequence[str]) -> Part:
    text = _commands("These run on your change, and pass here before you are done:", checks)
    hint = "Where you are offered the tool `run_gate`, it runs them for you."
    shown = f"## How to check your work\n\n{text}\n\n{hint}" if text else ""
    return Part(
        "verification", shown, f"the gate's {count(len(checks), 'command')}, to close its own loop with"
    )


def _commands(lead: str, checks: Sequence[str]) -> str:
    commands = "\n".join(_with_report(check) for check in checks)
    return f"{lead}\n\n{fenced(shortened(commands, _COMMANDS))}" if commands.strip() else ""


def _with_report(check: str) -> str:
    return check.replace("{report}", '"${TMPDIR:-/tmp}/report.xml"')


def _guides(guides: Mapping[str, str]) -> Part:
    said = {path: text for path, text in guides.items() if text.strip()}
    share = _GUIDES // max(1, len(said))
    texts = [
        f"## {clean_line(path)} of this repository\n\n{fenced(shortened(text, share))}"
        for path, text in said.items()
    ]
    because = f"as they stand: {', '.join(said)}" if len(said) > 1 else "as it stands on the target branch"
    return Part("guides", "\n\n".join(texts), clean_line(because))


def _budget(allowance: Allowance | None) -> Part:
    bounds = list(_bounds(allowance or Allowance()))
    text = (
        f"## Your budget\n\nYou are stopped after {_alternatives(bounds)}; what is cut short then is kept, but not proposed. "
        "Leave yourself time to check your work."
    )
    return Part("budget", text if bounds else "", "where it is stopped, whatever it is doing")


def _bounds(allowance: Allowance) -> Iterable[str]:
    if allowance.minutes is not None:
        yield f"{round(allowance.minutes, 1):g} minutes"
    if allowance.tokens is not None:
        yield f"{allowance.tokens:,} tokens"
    if allowance.cost_usd is not None:
        yield f"${allowance.cost_usd:,.2f}"


def _alternatives(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join([*filter(None, [", ".join(words[:-1])]), *words[-1:]])


def _paragraphs(lines: Iterable[str]) -> str:
    return "\n\n".join(line for line in lines if line)
