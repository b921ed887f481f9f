"""Podium's own spec format: a Markdown file that reads well on a forge.

    # Title, and below it why
    ### Requirement: NAME          what SHALL or MUST hold
    #### Scenario: NAME            - **WHEN** ... - **THEN** ...
    ## Tasks                       - [ ] ID Title, and nested `- key: value` items

This file puts the parts together; `requirements` and `tasks` read theirs, `keys` what a task may say.
"""

import itertools
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from podium.base.digest import digest_bytes
from podium.formats.base import Reading
from podium.formats.outline import PROSE, Section, sections
from podium.formats.requirements import is_requirement, read_requirements
from podium.formats.source import Source, open_source
from podium.formats.suggestion import quoted
from podium.formats.tasks import read_tasks
from podium.model.spec import Fault, Spec, criteria

_TASKS_LEVEL = 2
_ALMOST_TASKS = re.compile(r"(?:\W|\d)*tasks?\W*", re.IGNORECASE)
_HOW_TO_WRITE_TASKS = "write `## Tasks` and below it `- [ ] 1 What to do`"


@dataclass(frozen=True, slots=True)
class Markdown:
    """Reads every file, as the format of last resort."""

    name: str = "markdown"

    def recognises(self, data: bytes, *, path: str) -> bool:  # noqa: ARG002 - the last resort looks at nothing
        return True

    def read(self, data: bytes, *, path: str, spec_id: str) -> Reading:
        """Read a spec. Never raises, whatever the bytes are."""
        source = open_source(data)
        if isinstance(source, Fault):
            return Reading(None, (source,))
        parts = sections(source.text)
        title, title_faults = _title(parts, path)
        requirements, requirement_faults = read_requirements(source, parts)
        named = criteria(requirements)
        tasks, task_faults = read_tasks(source, task_sections(parts), spec_id, criteria=named)
        spec = Spec(spec_id, path, digest_bytes(data), title, _why(source, parts), requirements, tasks)
        faults = (
            *title_faults,
            *requirement_faults,
            *task_faults,
            *_no_tasks(source, parts, spec, task_faults),
        )
        return Reading(spec, tuple(sorted(faults, key=lambda fault: (fault.line, fault.column))))


def _title(parts: tuple[Section, ...], path: str) -> tuple[str, tuple[Fault, ...]]:
    found = next((part.title for part in parts if part.level == 1 and part.title), "")
    if found:
        return " ".join(found.split()), ()
    fault = Fault(1, 1, "the spec has no title", "start it with `# What should exist`", is_error=False)
    return PurePosixPath(path).stem, (fault,)


def _why(source: Source, parts: tuple[Section, ...]) -> str:
    """The prose before the first `##`; where there is none, that of a `## Why` or `## Purpose`."""
    opening = list(itertools.takewhile(lambda part: part.level <= 1, parts))
    named = [
        part for part in parts if part.level == _TASKS_LEVEL and part.title.lower() in {"why", "purpose"}
    ]
    return _prose(source, opening) or _prose(source, named)


def _prose(source: Source, parts: list[Section]) -> str:
    blocks = (block for part in parts for block in part.blocks if block.kind in PROSE)
    return "\n\n".join(source.passage(block.start, block.end) for block in blocks)


def task_sections(parts: tuple[Section, ...]) -> tuple[Section, ...]:
    """`## Tasks` and the headings below it, which may group tasks."""
    found, inside = [], False
    for part in parts:
        if part.level <= _TASKS_LEVEL:
            inside = _is_tasks(part)
        if inside and not is_requirement(part):
            found.append(part)
    return tuple(found)


def _is_tasks(part: Section) -> bool:
    return part.level == _TASKS_LEVEL and part.title.rstrip(":").strip().lower() == "tasks"


def _no_tasks(
    source: Source, parts: tuple[Section, ...], spec: Spec, known: tuple[Fault, ...]
) -> tuple[Fault, ...]:
    """What to write where no task was found, and no error says why yet."""
    if spec.tasks or any(fault.is_error for fault in known):
        return ()
    heading = next((part for part in parts if _is_tasks(part)), None)
    if heading:
        return (
            Fault(heading.line + 1, 1, "there is no task below `## Tasks`", "write `- [ ] 1 What to do`"),
        )
    almost = next((part for part in parts if part.level and _ALMOST_TASKS.fullmatch(part.title)), None)
    if almost:
        written = quoted(source.lines[almost.line])
        return (Fault(almost.line + 1, 1, f"{written} is not the heading of tasks", "write `## Tasks`"),)
    return (Fault(len(source.lines), 1, "the spec has no `## Tasks`", _HOW_TO_WRITE_TASKS),)
