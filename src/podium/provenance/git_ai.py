"""Who made which lines of a landing, as a note of the Git AI Standard v3.0.0 says it: pure.

The standard: https://github.com/git-ai-project/git-ai/blob/main/specs/git_ai_standard_v3.0.0.md. A note names files, makers and
lines, and nothing that anybody said. What cannot be told is left out, which the standard calls untracked. Attaching the
note is `git/notes.py`'s business.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from podium.base.digest import digest_bytes
from podium.base.text import clean, clean_line
from podium.model.ids import ChangeId, Sha

SCHEMA = "authorship/3.0.0"
_RANGES = 50_000
"""Ranges told of one landing; what a larger one has beyond them is untracked."""
_HEX = 14


class MadeBy(StrEnum):
    """What kind of maker a change has, in the words of Agent Trace."""

    AI = "ai"
    HUMAN = "human"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made one landed change. `person` directed the agent, or submitted the change; the rest is an agent's."""

    change: ChangeId
    kind: MadeBy
    person: str = ""
    attempt: str = ""
    tool: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class MadeLines:
    """Lines that a landing added to a file, and the makers of every change in it that touches the file."""

    path: str
    ranges: tuple[range, ...]
    makers: tuple[Maker, ...]


def note(
    commit: Sha, record: Mapping[str, Any], *, lines: Mapping[str, Sequence[range]], requests: Mapping[ChangeId, str]
) -> str:  # fmt: skip
    """The text of the note on a landed commit; the same arguments always give the same text.

    `record` is the landing's (`provenance/record.py`), `lines` are those the commit has and its first parent had not,
    `requests` the ids of the prompt requests of its changes, as far as they are known.
    """
    attested = "".join(_attestation(made, commit) for made in made_lines(record, lines))
    metadata = _metadata(commit, makers(record), requests)
    return f"{attested}---\n{json.dumps(metadata, indent=2, ensure_ascii=False)}\n"


def makers(record: Mapping[str, Any]) -> tuple[Maker, ...]:
    """The maker of each change of a landing, in landing order."""
    return tuple(_maker(change) for change in record["changes"])


def made_lines(record: Mapping[str, Any], lines: Mapping[str, Sequence[range]]) -> Iterator[MadeLines]:
    """The added lines of each file, by path, with those who may have made them; bounded."""
    touching: dict[str, list[Maker]] = {}
    for change, maker in zip(record["changes"], makers(record), strict=True):
        for path in change["files"]:
            touching.setdefault(path, []).append(maker)
    left = _RANGES
    for path in sorted(lines):
        ranges = tuple(sorted(filter(None, lines[path]), key=lambda found: found.start)[:left])
        left -= len(ranges)
        if ranges:
            yield MadeLines(path, ranges, tuple(touching.get(path, ())))


def _maker(change: Mapping[str, Any]) -> Maker:
    """An agent's change carries the name of its attempt and credits the agent; one that credits nobody was submitted."""
    person, credited = clean_line(change["author"]), clean_line(change["assisted_by"])
    if not credited:
        return Maker(change["id"], MadeBy.HUMAN if person else MadeBy.UNKNOWN, person)
    tried = next((one for one in change["attempts"] if one["id"] == change["id"]), None)
    if tried is None:
        return Maker(change["id"], MadeBy.UNKNOWN, person)
    name, _, model = (part.strip() for part in credited.partition(":"))
    tool = name or clean_line(tried["agent"])
    return Maker(change["id"], MadeBy.AI, person, clean_line(tried["id"]), tool, model)


def _attestation(made: MadeLines, commit: Sha) -> str:
    """The lines about one file; nothing where no one maker can be named, or the file cannot be."""
    keys = {_key(maker, commit) for maker in made.makers}
    name = _file_name(made.path)
    if len(keys) != 1 or "" in keys or not name:
        return ""
    return f"{name}\n  {keys.pop()} {','.join(map(_span, made.ranges))}\n"


def _file_name(path: str) -> str:
    """A path as the standard writes it, or nothing for one that could pose as another line or reach a terminal."""
    if '"' in path or "\n" in path or clean(path) != path:
        return ""
    # The divider is no path, so a file of that name is quoted too: readers take the quotes off before anything else.
    quoted = path == "---" or any(character.isspace() for character in path)
    return f'"{path}"' if quoted else path


def _span(lines: range) -> str:
    return str(lines.start) if len(lines) == 1 else f"{lines.start}-{lines.stop - 1}"


def _key(maker: Maker, commit: Sha) -> str:
    if maker.kind is MadeBy.AI:
        # The standard draws the trace id at random. Ours is as unique, and a landing told twice is told the same.
        return f"{_session_id(maker)}::t_{_short(f'{commit}:{maker.attempt}')}"
    return _human_id(maker) if maker.kind is MadeBy.HUMAN else ""


def _session_id(maker: Maker) -> str:
    return f"s_{_short(f'{maker.tool}:{maker.attempt}')}"


def _human_id(maker: Maker) -> str:
    return f"h_{_short(maker.person)}"


def _short(text: str) -> str:
    return digest_bytes(text.encode())[:_HEX]


def _metadata(commit: Sha, made_by: Sequence[Maker], requests: Mapping[ChangeId, str]) -> dict[str, Any]:
    humans = {_human_id(one): {"author": one.person} for one in made_by if one.kind is MadeBy.HUMAN}
    sessions = {_session_id(one): _session(one, requests) for one in made_by if one.kind is MadeBy.AI}
    return {
        "schema_version": SCHEMA,
        "base_commit_sha": commit,
        "prompts": {},
        **({"humans": humans} if humans else {}),
        **({"sessions": sessions} if sessions else {}),
    }


def _session(maker: Maker, requests: Mapping[ChangeId, str]) -> dict[str, Any]:
    request = clean_line(requests.get(maker.change, ""))
    asked = {"prompt_request": request} if request else {}
    return {
        "agent_id": {"tool": maker.tool, "id": maker.attempt, "model": maker.model or "unknown"},
        **({"human_author": maker.person} if maker.person else {}),
        "custom_attributes": {**asked, "podium_change": clean_line(maker.change)},
    }
