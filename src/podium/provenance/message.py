"""The commit message of a landing, and the change ids read back from one: pure.

Titles and reasons come from agents and specs. They get one line each, outside the last paragraph, so that none of them
can pose as a trailer.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote, unquote

from podium.base.text import clean_line, count
from podium.model.attempt import Change
from podium.model.ids import ChangeId

CHANGE = "Podium-Change"
TASK = "Podium-Task"
ASSISTED_BY = "Assisted-by"
REQUEST = "Prompt-Request"

_SUBJECT_LIMIT = 72
_LINE_LIMIT = 300


def landing_message(
    changes: Sequence[Change],
    *,
    why: Mapping[ChangeId, str],
    requests: Mapping[ChangeId, str] = MappingProxyType({}),
) -> str:
    """The message of the commit that lands `changes`: one by its title, several as one landing with its members.

    `why` gives each change's reason in a line, from its task or spec, `requests` the id of what was asked for; those without
    are left out.
    """
    body = _one(changes[0], why) if len(changes) == 1 else _several(changes)
    return f"{body}\n\n" + "\n".join(_trailers(changes, requests)) + "\n"


def changes_in(text: str) -> tuple[ChangeId, ...]:
    """The changes that a landing's message names, in order. Only the last paragraph is asked, never the subject."""
    _, blank, last = text.rstrip().rpartition("\n\n")
    lines = [line.partition(":") for line in last.split("\n")] if blank else []
    return tuple(_unquoted(value) for key, _, value in lines if key.lower() == CHANGE.lower())


def _one(change: Change, why: Mapping[ChangeId, str]) -> str:
    reason = _line(why.get(change.id, ""), _LINE_LIMIT)
    return f"{_subject(change)}\n\n{reason}" if reason else _subject(change)


def _several(changes: Sequence[Change]) -> str:
    names = ", ".join(change.task or change.id for change in changes)
    subject = _line(f"Land {count(len(changes), 'change')}: {names}", _SUBJECT_LIMIT)
    return "\n".join([subject, "", *(f"- {_subject(change)}" for change in changes)])


def _subject(change: Change) -> str:
    return _line(change.title, _SUBJECT_LIMIT) or _line(f"Land {change.id}", _SUBJECT_LIMIT)


def _trailers(changes: Sequence[Change], requests: Mapping[ChangeId, str]) -> Iterator[str]:
    for change in changes:
        yield f"{CHANGE}: {_name(change.id)}"
        if change.task:
            yield f"{TASK}: {_name(change.task)}"
        if change.id in requests:
            yield f"{REQUEST}: {_name(requests[change.id])}"
    helpers = (_line(change.assisted_by, _LINE_LIMIT) for change in changes)
    yield from (f"{ASSISTED_BY}: {helper}" for helper in dict.fromkeys(helpers) if helper)


def _line(text: str, limit: int) -> str:
    return clean_line(text, limit=limit).strip()


def _name(name: str) -> str:
    """An id as a trailer holds it: on one line, readable, and the very same again after `_unquoted`."""
    return "".join(character if _plain(character) else _quoted(character) for character in name)


def _plain(character: str) -> bool:
    return character.isprintable() and character not in " %"


def _quoted(character: str) -> str:
    return quote(character, safe="", errors="surrogateescape")


def _unquoted(value: str) -> ChangeId:
    return ChangeId(unquote(value.strip(), errors="surrogateescape"))
