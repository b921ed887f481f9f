"""Requirements and their scenarios, as OpenSpec writes them. Nothing here keeps a spec from running."""

import re
from collections.abc import Iterator

from podium.formats.outline import Block, Section
from podium.formats.source import Source
from podium.formats.suggestion import quoted
from podium.model.spec import Fault, Requirement, Scenario

_HEADING = re.compile(r"(?P<what>requirement|scenario)\s*:\s*(?P<name>.*)", re.IGNORECASE | re.DOTALL)
_OBLIGATION = re.compile(r"\b(?:SHALL|MUST)\b")
_STEP = re.compile(r"\W*(?P<word>WHEN|THEN)\b")
_LEVELS = {"requirement": 3, "scenario": 4}


def is_requirement(part: Section) -> bool:
    """Whether the section is a requirement or a scenario, at the level where it counts."""
    return _read_heading(part) is not None


def read_requirements(
    source: Source, parts: tuple[Section, ...]
) -> tuple[tuple[Requirement, ...], tuple[Fault, ...]]:
    """Every requirement of a spec, with warnings about what they lack."""
    found: list[Requirement] = []
    faults = [fault for part in parts for fault in _misplaced(part)]
    for position, part in enumerate(parts):
        if not _is(part, "requirement"):
            continue
        below = list(_below(parts, position))
        scenarios = [scenario for scenario in below if _is(scenario, "scenario")]
        requirement = Requirement(
            _name(part), _text(source, part), tuple(Scenario(_name(one), _steps(one)) for one in scenarios)
        )
        found.append(requirement)
        faults.extend(_lacking(requirement, part))
        faults.extend(fault for one in scenarios for fault in _lacking_steps(one))
    return tuple(found), tuple(faults)


def _read_heading(part: Section) -> re.Match[str] | None:
    match = _HEADING.fullmatch(part.title)
    return match if match and part.level == _LEVELS[match["what"].lower()] else None


def _is(part: Section, what: str) -> bool:
    match = _read_heading(part)
    return match is not None and match["what"].lower() == what


def _name(part: Section) -> str:
    match = _read_heading(part)
    return " ".join(match["name"].split()) if match else ""


def _below(parts: tuple[Section, ...], position: int) -> Iterator[Section]:
    """The sections that belong to the one at `position`."""
    for part in parts[position + 1 :]:
        if part.level <= parts[position].level:
            return
        yield part


def _text(source: Source, part: Section) -> str:
    blocks = [block for block in part.blocks if block.kind not in {"fence", "code_block", "html_block"}]
    return "\n\n".join(source.passage(block.start, block.end) for block in blocks)


def _steps(part: Section) -> tuple[str, ...]:
    """Each item of the scenario's lists, as written."""
    lists = (block for block in part.blocks if block.kind in {"bullet_list", "ordered_list"})
    items = (item for block in lists for item in block.children)
    return tuple(text for item in items if (text := _first_text(item)))


def _first_text(item: Block) -> str:
    return " ".join(item.children[0].text.split()) if item.children else ""


def _misplaced(part: Section) -> Iterator[Fault]:
    match = _HEADING.fullmatch(part.title)
    if match and not _read_heading(part):
        what = match["what"].lower()
        right = "#" * _LEVELS[what]
        yield _warning(part, f"this {what} is not read: its heading has {part.level} `#`", f"write {right}")


def _lacking(requirement: Requirement, part: Section) -> Iterator[Fault]:
    called = f"requirement {quoted(requirement.name)}"
    if not requirement.name:
        yield _warning(part, "a requirement has no name", "write `### Requirement: NAME`")
    if not _OBLIGATION.search(requirement.text):
        yield _warning(
            part, f"{called} does not say SHALL or MUST", "write what SHALL hold below its heading"
        )
    if not requirement.scenarios:
        yield _warning(part, f"{called} has no scenario", "write `#### Scenario: NAME` below it")


def _lacking_steps(part: Section) -> Iterator[Fault]:
    said = {match["word"] for step in _steps(part) if (match := _STEP.match(step))}
    for word in ("WHEN", "THEN"):
        if word not in said:
            yield _warning(
                part, f"scenario {quoted(_name(part))} has no {word}", f"write `- **{word}** ...` below it"
            )


def _warning(part: Section, message: str, suggestion: str) -> Fault:
    return Fault(part.line + 1, 1, message, suggestion, is_error=False)
