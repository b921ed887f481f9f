"""The files that a spec's acceptance names, read from the person's checkout when the spec is taken in.

From then on their text is Podium's: makers never see it, and what becomes of the file changes nothing until the spec is
taken in again. A file is looked for from the repository's root, then beside the spec. A draft of a spec may come from an
agent: no path leads out of these folders, not by a link either.
"""

import ast
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from podium.base.digest import digest
from podium.base.files import read_untrusted
from podium.base.text import clean_line
from podium.formats.suggestion import quoted
from podium.gate.acceptance.features import read_feature
from podium.gate.acceptance.steps import VOCABULARY
from podium.model.spec import Fault, Spec
from podium.model.task import Acceptance, Means, Task

LIMIT_BYTES = 256 * 1024
_MOST_FLAWS = 5


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where acceptance files are looked for, in this order; the first folder is the repository's root.

    `is_public` tells of a path below the root whether makers can read it.
    """

    folders: tuple[Path, ...]
    is_public: Callable[[str], bool]


def hold(spec: Spec, shelves: Shelves) -> tuple[Spec, tuple[Fault, ...]]:
    """The spec with the text of its acceptance files, its digest naming them too, and what is wrong with them.

    Of a task that is done nothing is asked any more.
    """
    faults: list[Fault] = []
    tasks = tuple(_hold_task(task, spec, shelves, faults) for task in spec.tasks)
    held = [one.source for task in tasks for one in task.accept if one.source]
    named = digest([spec.digest, *held]) if held else spec.digest
    return replace(spec, tasks=tasks, digest=named), tuple(faults)


def _hold_task(task: Task, spec: Spec, shelves: Shelves, faults: list[Fault]) -> Task:
    accept = []
    for one in task.accept:
        held, found = (one, ()) if one.kind is Means.COMMAND else _hold_one(one, spec, shelves)
        accept.append(held)
        faults += () if task.done else found
    return replace(task, accept=tuple(accept))


def _hold_one(one: Acceptance, spec: Spec, shelves: Shelves) -> tuple[Acceptance, tuple[Fault, ...]]:
    source = _read(one.command, shelves.folders)
    if isinstance(source, _Lacking):
        return one, (Fault(one.line, one.column, source.message, source.suggestion),)
    held = replace(one, source=source)
    faults = [*_flaws(held)]
    if (shelves.folders[0] / one.command).is_file() and shelves.is_public(one.command):
        faults.append(_public(one))
    return (_linked(held, spec) if one.kind is Means.GHERKIN else held), tuple(faults)


@dataclass(frozen=True, slots=True)
class _Lacking:
    """Why a file cannot be held, and what to do."""

    message: str
    suggestion: str


def _read(path: str, folders: Sequence[Path]) -> str | _Lacking:
    place = next((folder / path for folder in folders if (folder / path).exists()), None)
    if place is None:
        looked = clean_line(" or ".join(map(str, dict.fromkeys(folders))), limit=200)
        return _Lacking(f"there is no file {quoted(path)}", f"put it into {looked}")
    if not any(place.resolve().is_relative_to(folder.resolve()) for folder in folders):
        return _Lacking(
            f"the file {quoted(path)} is a link that leads elsewhere", "put the file itself there"
        )
    try:
        data = read_untrusted(place, limit_bytes=LIMIT_BYTES + 1)
        text = data.decode()
    except OSError as error:
        return _Lacking(f"the file {quoted(path)} cannot be read: {error.strerror}", "put a plain file there")
    except UnicodeDecodeError:
        return _Lacking(f"the file {quoted(path)} is not UTF-8 text", "save it as UTF-8")
    if len(data) > LIMIT_BYTES or not text.strip():
        size = "is empty" if not text.strip() else f"is larger than {LIMIT_BYTES // 1024} KiB"
        return _Lacking(f"the file {quoted(path)} {size}", "name a file that holds acceptance tests")
    return text


def _flaws(held: Acceptance) -> Iterator[Fault]:
    if held.kind is Means.GHERKIN:
        for flaw in read_feature(held.source, only=held.only).flaws[:_MOST_FLAWS]:
            message = f"{clean_line(held.command)}:{flaw.line}: {flaw.message}"
            yield Fault(held.line, held.column, message, f"a step says one of: {'; '.join(VOCABULARY)}")
    else:
        yield from _syntax(held)


def _syntax(held: Acceptance) -> Iterator[Fault]:
    """Say what this Python thinks of the file; the one that runs it may be another, so it is no error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(held.source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        message = f"{clean_line(held.command)}:{line}: {clean_line(getattr(error, 'msg', '') or str(error))}"
        yield Fault(held.line, held.column, message, "the gate could not run it", is_error=False)


def _public(one: Acceptance) -> Fault:
    message = f"whoever makes the change can read {quoted(one.command)}: it is part of the repository"
    return Fault(
        one.line, one.column, message, "keep it untracked, or beside a spec elsewhere", is_error=False
    )


def _linked(held: Acceptance, spec: Spec) -> Acceptance:
    """Link each scenario to the one of the spec that has the same name, where just one has."""
    tried = {one.name.casefold() for one in read_feature(held.source, only=held.only).scenarios}
    named = [
        (scenario.name.casefold(), f"{requirement.name} / {scenario.name}")
        for requirement in spec.requirements
        for scenario in requirement.scenarios
        if requirement.name and scenario.name
    ]
    times = Counter(name for name, _criterion in named)
    meant = [criterion for name, criterion in named if name in tried and times[name] == 1]
    return replace(held, proves=tuple(dict.fromkeys((*held.proves, *meant))))
