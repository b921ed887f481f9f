"""A draft of a spec's tasks, made by an agent: what it is told, how its draft joins the spec, what is wrong with it. Pure.

A draft is the `## Tasks` section and nothing else: what is asked for stays the person's. It is judged by the reader of
specs and the lint, as a person's own tasks are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from podium.agents.quoting import ANSWER_PLACE, fenced, listed, shortened
from podium.base.text import clean, clean_line, count
from podium.formats.markdown import task_sections
from podium.formats.outline import sections
from podium.formats.source import Source, open_source
from podium.model.spec import Fault, Spec
from podium.model.task import Task

FILE = "tasks.md"
LIMIT_BYTES = 256 * 1024
_WORK = f"""\
Read the spec below and the repository in the current directory, which you cannot change. Divide what the spec asks for into
tasks for other agents, each of whom works alone in a workspace of its own.

Write them to the file `{ANSWER_PLACE}/{FILE}`, or hand them in by the tool `submit_tasks` where you are offered it. Write nothing
else. There is nobody to ask: decide."""
_JUDGED = """\
Podium reads it and lints it: syntax, ids, circles, paths that meet without an order, missing acceptance. You are told every
fault with its line and column, and asked again. Then a person reads it."""
TASK_SYNTAX = """\
## Tasks
- [ ] 1 Read prices from the catalogue
  - kind: feature
  - paths: src/catalogue/**, tests/catalogue/**
  - accept: `python3 -c "import catalogue; print(catalogue.price('tea'))"` → 5
- [ ] 2 Say in the manual where prices come from
  - kind: docs
  - paths: docs/**
  - after: 1
  - Whatever else the maker must know stands in notes like this one.
"""
_KEYS = """\
- Each task is `- [ ] ID Title` at the margin, with an id of its own: a number or a short word.
- `kind`: feature, fix, refactor, docs, test or chore.
- `paths`: globs of all that its change may touch, tests included: `*` stays within a folder, `**` goes across folders. Name
  files that are to be new as well.
- `after`: ids of the tasks that have to land first, with commas between.
- `accept`: a command in backticks that must exit 0 when the task is done, and fails before; after `→` what it must print.
  It may be repeated. It runs with `sh -c` on a clean copy of the repository, without network. The task's maker never sees it.
- `proves`: below an `accept`, the `Requirement` or `Requirement / Scenario` that it proves.
- `agent`, `budget`, `approves`: leave them to the person.
- Any other nested line is a note for the maker, who sees the task, its notes and the requirements, and no other task."""
_RULES = """\
- Cover every requirement, and nothing that is not asked for.
- One task is one change that a person can review in a quarter of an hour, and that leaves every check green by itself.
- Name in the title or the notes which requirements a task is for, by their names: its maker is given just those.
- Tasks run side by side wherever no `after` keeps them apart. Two tasks whose `paths` meet need an order, so divide the work
  along files: few tasks that wait, many that do not.
- Take acceptance from the scenarios: each command tries what a scenario says, from the outside, as a user would. It must not
  depend on how the maker names things that no requirement names.
- Keep tasks whose box is ticked exactly as they are, tick no box yourself."""
_SPEC, _MAP, _GUIDE, _FAULTS = 60_000, 8000, 8000, 40
_DEEPEST = 20


def planner_brief(spec: str, *, files: Sequence[str], guide: str = "", protected: Sequence[str] = ()) -> str:
    """What the agent is told that drafts the tasks of a spec: at most some 85,000 characters.

    `ANSWER_PLACE` in it stands for the directory that the draft is to be written into.
    `files` are the paths of the repository, `guide` its AGENTS.md, `protected` the globs that no change may touch.
    """
    found = [
        f"## The spec\n\n{fenced(shortened(spec, _SPEC))}",
        f"## How tasks are written\n\n{fenced(TASK_SYNTAX.strip())}\n\n{_KEYS}",
        f"## What makes them good\n\n{_RULES}",
        f"## How your draft is judged\n\n{_JUDGED}",
        f"## What no task may touch\n\n{listed(['podium.toml', *protected])}",
        f"## The repository\n\n{fenced(repository_map(files))}",
        f"## AGENTS.md of this repository\n\n{fenced(shortened(guide, _GUIDE))}" if guide.strip() else "",
    ]
    return (
        f"# Draft the tasks of a spec\n\n{_WORK}\n\n"
        + clean("\n\n".join(text for text in found if text))
        + "\n"
    )


def repository_map(paths: Sequence[str], *, limit: int = _MAP) -> str:
    """The files, or as deep a view of the folders with the number of files below each as `limit` characters hold.

    >>> print(repository_map(["a/b/c.py", "a/b/d.py", "e.md"], limit=20))
    a/b/ (2 files)
    e.md
    """
    deepest = max((path.count("/") for path in paths), default=0) + 1
    views = ("\n".join(_folded(paths, depth)) for depth in range(min(deepest, _DEEPEST), 0, -1))
    fitting = next((view for view in views if len(view) <= limit), "")
    return fitting or shortened("\n".join(_folded(paths, 1)), limit)


def merged(data: bytes, draft: bytes) -> bytes:
    """The spec with the drafted tasks in place of its own, or at its end; every byte outside of them stays as it is.

    A draft is what it has below `## Tasks`, or all of it where it has no such heading. One that is no text leaves the spec
    as it is; `draft_faults` says why.
    """
    source, drafted = open_source(data), open_source(draft)
    if isinstance(source, Fault) or isinstance(drafted, Fault):
        return data
    line_end = "\r\n" if b"\r\n" in data else "\n"
    written = f"{line_end.join(['## Tasks', *_body(drafted)]).rstrip()}{line_end}".encode()
    spans = [(_offset(source, data, start), _offset(source, data, end)) for start, end in _ranges(source)]
    if not spans:
        gap = line_end if data.endswith((b"\n", b"\r")) else line_end * 2 if data else ""
        return data + gap.encode() + written
    gaps = [(end, start) for (_, end), (start, _) in pairwise([*spans, (len(data), len(data))])]
    rest = b"".join(data[start:end] for start, end in gaps)
    return data[: spans[0][0]] + written + (line_end.encode() + rest if rest.strip() else b"")


def draft_faults(draft: bytes) -> tuple[Fault, ...]:
    """What keeps a draft from being read at all."""
    if len(draft) > LIMIT_BYTES:
        return (Fault(1, 1, f"the draft is larger than {LIMIT_BYTES // 1024} KiB", "write fewer tasks"),)
    source = open_source(draft)
    if isinstance(source, Fault):
        return (source,)
    odd = (number for number, line in enumerate(source.lines, 1) if clean(line) != line)
    return tuple(Fault(number, 1, "control or invisible characters", "write plain text") for number in odd)


def unfaithful(before: Spec, after: Spec) -> Iterator[Fault]:
    """What the tasks that were drafted change that was not theirs to change."""
    if _asked(before) != _asked(after):
        how = "write tasks only, below one `## Tasks`: no other headings, no code block that is left open"
        yield Fault(1, 1, "the draft changes what is asked for", how)
    now = {task.id: task for task in after.tasks}
    done = {task.id: task for task in before.tasks if task.done}
    for name, task in done.items():
        if name not in now or _meaning(now[name]) != _meaning(task):
            line = now[name].line if name in now else 1
            yield Fault(line, 1, f"task {task.local_id} is done", "keep it exactly as it is")
    approved = {task.id: task.approves for task in before.tasks}
    for task in after.tasks:
        if task.approves != approved.get(task.id, ()):
            how = "leave `approves` to the person"
            yield Fault(task.line, 1, f"task {task.local_id} lets itself change what judges it", how)
        if task.done and task.id not in done:
            yield Fault(task.line, 1, f"task {task.local_id} is ticked, but not done", "write `- [ ]`")


def in_draft(faults: Iterable[Fault], spec: bytes, draft: bytes) -> tuple[Fault, ...]:
    """The faults of a merged spec that its draft can mend, errors and what lies in its tasks, at the draft's lines."""
    ranges, own = _ranges_of(spec), _ranges_of(draft)
    shift = (own[0][0] if own else -1) - (ranges[0][0] if ranges else 0)
    mendable = (
        fault for fault in faults if fault.is_error or any(start < fault.line <= end for start, end in ranges)
    )
    found = (replace(fault, line=max(1, fault.line + shift)) for fault in mendable)
    return tuple(sorted(found, key=lambda fault: (fault.line, fault.column)))


def faults_as_feedback(faults: Sequence[Fault]) -> str:
    """What the agent is told whose draft has faults: each at its line and column, at most 40; nothing where there are none."""
    lines = [_fault(fault) for fault in faults[:_FAULTS]]
    more = [f"- and {len(faults) - _FAULTS} more"] if len(faults) > _FAULTS else []
    return "\n".join([*lines, *more])


def _fault(fault: Fault) -> str:
    suggestion = f" ({fault.suggestion})" if fault.suggestion else ""
    return clean_line(f"- {fault.line}:{fault.column}: {fault.message}{suggestion}", limit=600)


def _asked(spec: Spec) -> tuple[object, ...]:
    return spec.title, spec.why, spec.requirements


def _meaning(task: Task) -> Task:
    return replace(task, line=0, checkbox=None)


def _body(draft: Source) -> list[str]:
    """The lines of a draft, without the heading."""
    ranges = _ranges(draft)
    if not ranges:
        return list(draft.lines)
    return [line for start, end in ranges for line in draft.lines[start:end]][1:]


def _ranges_of(data: bytes) -> list[tuple[int, int]]:
    source = open_source(data)
    return [] if isinstance(source, Fault) else _ranges(source)


def _ranges(source: Source) -> list[tuple[int, int]]:
    """The lines where tasks are read, counted from 0: from each heading of theirs up to the next heading."""
    parts = sections(source.text)
    ends = [*(part.line for part in parts[1:]), len(source.lines)]
    own = {part.line for part in task_sections(parts)}
    return [
        (part.line, end) for part, end in zip(parts, ends, strict=True) if part.level and part.line in own
    ]


def _offset(source: Source, data: bytes, line: int) -> int:
    return source.offsets[line] if line < len(source.offsets) else len(data)


def _folded(paths: Iterable[str], depth: int) -> list[str]:
    """Paths down to a depth; what lies deeper is counted."""
    below = Counter("/".join(path.split("/")[:depth]) for path in paths)
    plain = {path for path in paths if path.count("/") < depth}
    return [name if name in plain else f"{name}/ ({count(below[name], 'file')})" for name in sorted(below)]
