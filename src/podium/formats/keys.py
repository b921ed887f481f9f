"""What each key of a task may say: a value of the task, or what is wrong with it and what to write.

Where in the file it stands is for `tasks` to know.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from podium.formats.suggestion import did_you_mean, quoted, suggest
from podium.model.ids import TaskId
from podium.model.task import Acceptance, Kind, Means, Task

LOCAL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
REPEATABLE = frozenset({"accept", "proves"})

_LONGEST_ID = 64
_LONGEST_BUDGET = timedelta(hours=24)
_BUDGET = re.compile(r"(?:([0-9]{1,6})\s*h)?\s*(?:([0-9]{1,6})\s*m)?\s*(?:([0-9]{1,6})\s*s)?")
_CODE_SPAN = re.compile(r"(?P<fence>`+)(?!`)(?P<inside>.+?)(?<!`)(?P=fence)(?!`)\s*", re.DOTALL)
_ARROW = re.compile(r"(?:→|->)\s*")
_LIST_PART = re.compile(r"(?:`[^`]*`|[^,`]|`)+")
_ESCAPED_MARK = re.compile(r"\\([*_`\[\]<>#!|~-])")
_ESCAPE = re.compile(r"\\([nt\\])")
_BY_FILE = re.compile(r"(?P<kind>[A-Za-z]\w*)\s*(?=`)")
_ONLY = re.compile(r"::\s*(?P<name>\S.*)")
_BARE_PATH = re.compile(r"(?P<kind>pytest|gherkin)\s+\S.*")
_HOW_TO_ACCEPT = "write ``accept: `command` → expected output``, or only the command"
_HOW_TO_ACCEPT_BY_FILE = (
    "write ``accept: pytest `path/to/file.py` `` or ``accept: gherkin `path/to/file.feature` ``"
)

_BY_FILES = (Means.PYTEST, Means.GHERKIN)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value cannot be used, and what to write instead."""

    message: str
    suggestion: str


def find_id_fault(local_id: str) -> Wrong | None:
    """What keeps a well-formed id from naming a task's refs, if anything."""
    if len(local_id) > _LONGEST_ID:
        return Wrong(f"the id {quoted(local_id)} is too long", f"use {_LONGEST_ID} characters at most")
    if ".." in local_id or local_id.endswith(".lock"):
        return Wrong(
            f'the id {quoted(local_id)} contains ".." or ends in ".lock"',
            "git allows neither in a ref; choose another",
        )
    return None


def _kind(task: Task, text: str) -> Task | Wrong:
    name = _bare(text).lower()
    if name in set(Kind):
        return replace(task, kind=Kind(name))
    return Wrong(f"unknown kind {quoted(text)}", suggest(name, list(Kind)))


def _paths(task: Task, text: str) -> Task | Wrong:
    paths = _globs(text, "paths", "src/part/**, tests/part/**")
    return paths if isinstance(paths, Wrong) else replace(task, paths=paths)


def _approves(task: Task, text: str) -> Task | Wrong:
    approves = _globs(text, "approves", "tests/test_part.py, pyproject.toml")
    return approves if isinstance(approves, Wrong) else replace(task, approves=approves)


def _globs(text: str, key: str, example: str) -> tuple[str, ...] | Wrong:
    globs = tuple(path for part in _LIST_PART.findall(text) if (path := _path(part)))
    if not globs:
        return Wrong(f"{key} names no path", f"write `{key}: {example}`, or leave the key out")
    outside = next((path for path in globs if _leaves(path)), None)
    return _outside(outside) if outside else globs


def _leaves(path: str) -> bool:
    return ".." in path.split("/")


def _outside(path: str) -> Wrong:
    return Wrong(f"the path {quoted(path)} leaves the repository", "write it from the repository's root")


def _after(task: Task, text: str) -> Task | Wrong:
    names = [name for part in text.split(",") if (name := _bare(part))]
    if not names:
        return Wrong("after names no task", "write the ids of tasks, as in `after: 1, 2`, or `none`")
    if [name.lower() for name in names] == ["none"]:
        return replace(task, after=())
    odd = next((name for name in names if not LOCAL_ID.fullmatch(name)), None)
    if odd:
        return Wrong(
            f"{quoted(odd)} is not the id of a task",
            "write ids of this spec with commas between, as in `after: 1, 2`",
        )
    return replace(task, after=tuple(dict.fromkeys(TaskId(f"{task.spec}/{name}") for name in names)))


def _agent(task: Task, text: str) -> Task | Wrong:
    name = _bare(text)
    if not LOCAL_ID.fullmatch(name):
        return Wrong(
            f"{quoted(text)} is not the name of an agent", "write a name from [agents] of podium.toml"
        )
    return replace(task, agent=name)


def _accept(task: Task, text: str) -> Task | Wrong:
    by_file = _BY_FILE.match(text)
    if by_file:
        return _accept_by_file(task, by_file["kind"], text[by_file.end() :])
    if _BARE_PATH.fullmatch(text):
        return Wrong("the path of accept is not in backticks", _HOW_TO_ACCEPT_BY_FILE)
    return _accept_by_command(task, text)


def _accept_by_command(task: Task, text: str) -> Task | Wrong:
    if not text:
        return Wrong("accept has no command", _HOW_TO_ACCEPT)
    span = _CODE_SPAN.match(text)
    if not span:
        return Wrong("the command of accept is not in backticks", _HOW_TO_ACCEPT)
    command, rest = _inside(span), text[span.end() :]
    if not command.strip():
        return Wrong("the command of accept is empty", _HOW_TO_ACCEPT)
    expected = _expected(rest)
    if isinstance(expected, Wrong):
        return expected
    return replace(task, accept=(*task.accept, Acceptance(command, expected)))


def _accept_by_file(task: Task, kind: str, text: str) -> Task | Wrong:
    span = _CODE_SPAN.match(text)
    if kind not in _BY_FILES or not span:
        return Wrong(
            f"{quoted(kind)} before the backticks is no way to accept",
            did_you_mean(kind, _BY_FILES) or _HOW_TO_ACCEPT_BY_FILE,
        )
    path, rest = _inside(span).strip(), text[span.end() :]
    if not path or path.startswith(("/", "~")) or _leaves(path):
        return _outside(path) if path else Wrong("the path of accept is empty", _HOW_TO_ACCEPT_BY_FILE)
    only = _ONLY.fullmatch(rest)
    if rest and (not only or kind != Means.GHERKIN):
        return Wrong(f"{quoted(rest)} follows the path", "only `:: Scenario name` may, after a Gherkin file")
    one = Acceptance(path, kind=Means(kind), only=" ".join(only["name"].split()) if only else "")
    return replace(task, accept=(*task.accept, one))


def _proves(task: Task, text: str) -> Task | Wrong:
    name = " ".join(text.split())
    if not name:
        return Wrong(
            "proves names no criterion", "write `proves: Requirement` or `proves: Requirement / Scenario`"
        )
    if not task.accept:
        return Wrong("proves stands below no accept", "put it below the `accept` that proves it")
    *before, last = task.accept
    return replace(task, accept=(*before, replace(last, proves=tuple(dict.fromkeys((*last.proves, name))))))


def _budget(task: Task, text: str) -> Task | Wrong:
    match = _BUDGET.fullmatch(_bare(text).lower())
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    budget = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta() < budget <= _LONGEST_BUDGET:
        return Wrong(
            f"{quoted(text)} is not a budget", "write a time of at most 24h, as in `20m`, `1h30m` or `90s`"
        )
    return replace(task, budget=budget)


KEYS: Mapping[str, Callable[[Task, str], Task | Wrong]] = {
    "kind": _kind,
    "paths": _paths,
    "after": _after,
    "agent": _agent,
    "accept": _accept,
    "budget": _budget,
    "proves": _proves,
    "approves": _approves,
}
"""What a task can say of itself, `proves` of the `accept` above it. Each takes the task so far and the text behind the colon, on one line."""


def _bare(text: str) -> str:
    """A word without the white space and backticks around it."""
    return text.strip().strip("`").strip()


def _path(part: str) -> str:
    """A glob as meant: in backticks as it is, outside of them without the backslashes that keep `*` from being bold."""
    part = part.strip()
    return _bare(part) if part.startswith("`") else _ESCAPED_MARK.sub(r"\1", part)


def _inside(span: re.Match[str]) -> str:
    """What a code span shows: one space at either end belongs to the backticks."""
    inside = span["inside"]
    padded = inside.startswith(" ") and inside.endswith(" ") and inside.strip(" ")
    return inside[1:-1] if padded else inside


def _expected(text: str) -> str | Wrong | None:
    arrow = _ARROW.match(text)
    if not arrow:
        return (
            Wrong(f"{quoted(text)} follows the command", "put → before the expected output") if text else None
        )
    written = text[arrow.end() :]
    if not written:
        return Wrong("nothing follows the arrow", "write the expected output, or leave the arrow out")
    span = _CODE_SPAN.fullmatch(written)
    return _ESCAPE.sub(_unescape, _inside(span) if span else written)


def _unescape(match: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t", "\\": "\\"}[match[1]]
