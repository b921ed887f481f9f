"""Tasks: `- [ ] ID Title` and what is nested below. What each key may say is for `keys`.

A nested `- key: value` is a setting of the task; every other nested block is a note, kept as written.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from podium.base.text import clean_line
from podium.formats.keys import KEYS, LOCAL_ID, REPEATABLE, Wrong, find_id_fault
from podium.formats.outline import Block, Section
from podium.formats.source import Source
from podium.formats.suggestion import did_you_mean, quoted, suggest
from podium.model.ids import TaskId
from podium.model.spec import Fault
from podium.model.task import Checkbox, Kind, Task

_BOX = re.compile(r"\[(?P<mark>[ xX])\](?:\s+(?P<rest>.*))?", re.DOTALL)
_ENTRY = re.compile(
    r"(?P<bold>\*\*)?(?P<key>[A-Za-z][\w-]*)(?(bold)(?:\*\*\s*:|:\*\*)|\s*:)(?P<gap>\s*)(?P<value>.*)",
    re.DOTALL,
)
_LOOKS_LIKE_A_WORD = re.compile(r"[A-Z][a-z]+")
_HOW_TO_WRITE_A_TASK = "write `- [ ] ID Title` at the margin"


def read_tasks(
    source: Source, parts: Iterable[Section], spec_id: str, *, criteria: Sequence[str] = ()
) -> tuple[tuple[Task, ...], tuple[Fault, ...]]:
    """Every task of the sections, in order; of two with the same id the first. `criteria` are what `proves` may name."""
    reader = _Reader(source, spec_id, {_folded(name): name for name in reversed(criteria)})
    for block in (block for part in parts for block in part.blocks):
        if block.kind == "bullet_list":
            for item in block.children:
                reader.read_item(item)
        elif block.kind == "ordered_list":
            for item in block.children:
                reader.refuse(item)
    return tuple(reader.tasks.values()), tuple(reader.faults)


@dataclass(slots=True)
class _Reader:
    """Collects tasks by their local ids. A place is a line and a column, both from 0; criteria stand by their folded names."""

    source: Source
    spec_id: str
    criteria: Mapping[str, str]
    tasks: dict[str, Task] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def read_item(self, item: Block) -> None:
        text = _text(item)
        box = _BOX.fullmatch(text)
        if not box:
            self.refuse(item)
            return
        head, _, title = " ".join((box["rest"] or "").split()).partition(" ")
        local_id = head.rstrip(".:)")
        line, column = self._place(item)
        wrong = self._find_fault(local_id, title, item)
        if wrong:
            self._error((line, column + max(text.find(head, len("[ ]")), 0)), wrong)
        if LOCAL_ID.fullmatch(local_id) and local_id not in self.tasks:
            checkbox = Checkbox(self.source.offset(line, column + 1), self.source.lines[line])
            task = Task(TaskId(f"{self.spec_id}/{local_id}"), self.spec_id, title or local_id, Kind.FEATURE,
                        checkbox=checkbox, line=line + 1, done=box["mark"] != " ")  # fmt: skip
            self.tasks[local_id] = replace(self._with_settings(task, item), notes=self._notes(item))

    def refuse(self, item: Block) -> None:
        """Say that a list item is no task: an error where something is lost by it."""
        match = _entry(item)
        if match and match["key"].lower() in KEYS:
            what = Wrong(f"{match['key']} belongs to no task", "indent it by two spaces, below its task")
            self._error(self._place(item), what)
        elif _BOX.fullmatch(_text(item)) or any(_BOX.fullmatch(_text(inner)) for inner in _nested(item)):
            self._error(self._place(item), Wrong("a task stands where none is read", _HOW_TO_WRITE_A_TASK))
        else:
            self._warn(self._place(item), Wrong(f"{quoted(_text(item))} is not a task", _HOW_TO_WRITE_A_TASK))

    def _find_fault(self, local_id: str, title: str, item: Block) -> Wrong | None:
        if not LOCAL_ID.fullmatch(local_id):
            number = next(number for number in range(1, len(self.tasks) + 2) if str(number) not in self.tasks)
            rest = clean_line(_text(item)[len("[ ]") :], limit=60) or "What to do"
            return Wrong("this task has no id", f"write `- [ ] {number} {rest}`")
        if local_id in self.tasks:
            first = self.tasks[local_id].line
            return Wrong(
                f"there are two tasks {local_id}; the first is in line {first}", "give it an id of its own"
            )
        if not title:
            return Wrong(f"task {local_id} has no title", f"write `- [ ] {local_id} What to do`")
        return find_id_fault(local_id)

    def _with_settings(self, task: Task, item: Block) -> Task:
        if _LOOKS_LIKE_A_WORD.fullmatch(task.local_id):
            what = f"{quoted(task.local_id)} is taken as the id of this task"
            self._warn(self._place(item), Wrong(what, "if it is part of the title, put an id before it"))
        seen: set[str] = set()
        for entry in _nested(item):
            match = _entry(entry)
            if match:
                task = self._with_setting(task, entry, match, seen)
            elif _BOX.fullmatch(_text(entry)):
                what = f"{quoted(_text(entry))} is a note of task {task.local_id}, not a task"
                self._warn(self._place(entry), Wrong(what, _HOW_TO_WRITE_A_TASK))
        if "kind" not in seen:
            what = f"task {task.local_id} has no kind; feature is assumed"
            self._warn(self._place(item), Wrong(what, "write `- kind: feature` below it"))
        return task

    def _with_setting(self, task: Task, entry: Block, match: re.Match[str], seen: set[str]) -> Task:
        line, column = self._place(entry)
        key = match["key"].lower()
        wrong = _find_key_fault(key, entry, seen)
        seen.add(key)
        if wrong:
            self._error((line, column), wrong)
            return task
        beside_the_key = match["value"] and "\n" not in match["gap"]
        place = (line, column + match.start("value") if beside_the_key else column)
        changed = self._read(key, task, " ".join(match["value"].split("\n")).strip())
        if isinstance(changed, Wrong):
            self._error(place, changed)
            return task
        return _placed(changed, place) if key == "accept" else changed

    def _read(self, key: str, task: Task, text: str) -> Task | Wrong:
        if key != "proves" or not text:
            return KEYS[key](task, text)
        known = self.criteria.get(_folded(text))
        if known:
            return KEYS[key](task, known)
        near = difflib.get_close_matches(_folded(text), self.criteria, n=1)
        names = [self.criteria[name] for name in (near or sorted(self.criteria))]
        there = f"did you mean {quoted(names[0])}?" if near else suggest(text, names)
        how = "write `### Requirement: NAME`, and `#### Scenario: NAME` below it"
        return Wrong(f"the spec has no criterion {quoted(text)}", there or how)

    def _notes(self, item: Block) -> str:
        """Everything nested that is not a setting. What is written there is for the agent, code included."""
        passages = (self._passage(block) for block in item.children[1:])
        return "\n\n".join(passage for passage in passages if passage)

    def _passage(self, block: Block) -> str:
        pieces = block.children if block.kind == "bullet_list" else (block,)
        notes = (piece for piece in pieces if piece.kind != "list_item" or not _entry(piece))
        return "\n".join(self.source.passage(note.start, note.end) for note in notes)

    def _place(self, item: Block) -> tuple[int, int]:
        return item.start, self.source.column(item.start, _text(item))

    def _error(self, place: tuple[int, int], wrong: Wrong) -> None:
        line, column = place
        self.faults.append(Fault(line + 1, column + 1, wrong.message, wrong.suggestion))

    def _warn(self, place: tuple[int, int], wrong: Wrong) -> None:
        line, column = place
        self.faults.append(Fault(line + 1, column + 1, wrong.message, wrong.suggestion, is_error=False))


def _placed(task: Task, place: tuple[int, int]) -> Task:
    """The task with the place of its last acceptance noted."""
    *before, last = task.accept
    line, column = place
    return replace(task, accept=(*before, replace(last, line=line + 1, column=column + 1)))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _find_key_fault(key: str, entry: Block, seen: Collection[str]) -> Wrong | None:
    if key not in KEYS:
        known = f"write one of: {', '.join(KEYS)}; a note has no colon after its first word"
        return Wrong(f"unknown key {quoted(key)}", did_you_mean(key, KEYS) or known)
    if key in seen and key not in REPEATABLE:
        return Wrong(f"{key} is said twice", "say it once")
    if len(entry.children) > 1:
        return Wrong(f"nothing may stand below {key}", "put the whole value behind the colon")
    return None


def _text(item: Block) -> str:
    """The paragraph a list item starts with, or nothing."""
    first = item.children[0] if item.children else None
    return first.text if first and first.kind == "paragraph" else ""


def _nested(item: Block) -> Iterator[Block]:
    return (entry for child in item.children if child.kind == "bullet_list" for entry in child.children)


def _entry(item: Block) -> re.Match[str] | None:
    """The key and value of a setting. Only a key of Podium's may be bold or have no space after the colon."""
    match = _ENTRY.fullmatch(_text(item))
    if not match or match["key"].lower() in KEYS:
        return match
    return match if not match["bold"] and (match["gap"] or not match["value"]) else None
