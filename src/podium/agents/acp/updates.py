"""Reads what an agent reports while it works, and writes it down in the vocabulary of transcripts.

Nothing here can fail: what has an unexpected shape is kept as `unknown`.
"""

import json
from collections.abc import Callable
from typing import Any

from podium.agents.acp.meter import Meter
from podium.agents.events import EventKind, Transcript
from podium.base.text import clean_line

_LONGEST_MESSAGE = 8000
_LONGEST_UNKNOWN = 2000
_MOST_DIFFS = 20
_MOST_CALLS = 1000
_OF_NO_INTEREST = frozenset(
    {"user_message_chunk", "available_commands_update", "current_mode_update", "config_option_update"}
)  # fmt: skip


class Reader:
    """Reads the updates of one session.

    `last_message` is what it said since it last did something, its end where long; `trouble` why the turn has failed
    although the agent may call it ended, or empty.
    """

    def __init__(self, transcript: Transcript, meter: Meter) -> None:
        self.transcript = transcript
        self.meter = meter
        self.last_message = ""
        self.trouble = ""
        self.calls: dict[str, tuple[str, str]] = {}

    def begin(self) -> None:
        """A turn begins."""
        self.last_message, self.trouble = "", ""

    def take(self, update: dict[str, Any]) -> None:
        """Take in one `session/update`."""
        kind = str(update.get("sessionUpdate", ""))
        read = _READERS.get(kind, _unknown)
        try:
            if kind not in _OF_NO_INTEREST:
                read(self, update)
        except Exception:  # noqa: BLE001 - whatever an agent sends, the conversation goes on
            _unknown(self, update)


def _message(reader: Reader, update: dict[str, Any]) -> None:
    text = _text(update)
    reader.last_message = (reader.last_message + text)[-_LONGEST_MESSAGE:]
    reader.transcript.crumb(EventKind.TEXT, text)


def _thought(reader: Reader, update: dict[str, Any]) -> None:
    reader.transcript.crumb(EventKind.THOUGHT, _text(update))


def _tool(reader: Reader, update: dict[str, Any]) -> None:
    """A call is reported many times; it is told when it gets a name, a state or a diff that it had not."""
    reader.last_message = ""
    name = clean_line(str(update.get("toolCallId") or "")[:_LONGEST_UNKNOWN], limit=100)
    before = reader.calls.get(name, ("", ""))
    title = clean_line(str(update.get("title") or before[0] or "a tool")[:_LONGEST_UNKNOWN], limit=500)
    status = clean_line(str(update.get("status") or before[1])[:_LONGEST_UNKNOWN], limit=100)
    parts = tables(update.get("content"))
    changed = [clean_line(str(part.get("path"))) for part in parts if part.get("type") == "diff"][
        :_MOST_DIFFS
    ]
    if (title, status) == before and not changed:
        return
    if len(reader.calls) < _MOST_CALLS or name in reader.calls:
        reader.calls[name] = (title, status)
    facts = {
        "id": name,
        "kind": clean_line(str(update.get("kind") or ""), limit=100),
        "status": status,
        "diffs": changed,
    }
    text = f"{title}: {status}" if status else title
    reader.transcript.say(EventKind.TOOL, text, **{key: value for key, value in facts.items() if value})


def _plan(reader: Reader, update: dict[str, Any]) -> None:
    steps = [
        f"[{step.get('status', '')}] {step.get('content', '')}" for step in tables(update.get("entries"))
    ]
    reader.transcript.say(EventKind.PLAN, "\n".join(steps))


def _usage(reader: Reader, update: dict[str, Any]) -> None:
    before = (reader.meter.usage(), reader.meter.at_least_tokens())
    reader.meter.updated(update)
    usage, tokens = reader.meter.usage(), reader.meter.at_least_tokens()
    if before != (usage, tokens):
        cost = "" if usage.cost_usd is None else f", ${usage.cost_usd:.4f}"
        reader.transcript.say(
            EventKind.USAGE, f"{tokens} tokens{cost}", tokens=tokens, cost_usd=usage.cost_usd
        )


def _session_info(reader: Reader, update: dict[str, Any]) -> None:
    """Codex ends a turn in which its model failed as any other, and says here alone that it broke."""
    meta = update.get("_meta")
    for told in meta.values() if isinstance(meta, dict) else ():
        if isinstance(told, dict):
            _codex_thread(reader, told)


def _codex_thread(reader: Reader, told: dict[str, Any]) -> None:
    status, error = told.get("threadStatus"), told.get("error")
    if isinstance(error, dict) and error.get("message"):
        reader.transcript.say(EventKind.NOTE, clean_line(str(error["message"])))
    kind = status.get("type") if isinstance(status, dict) else None
    if kind == "active":
        reader.trouble = ""
    elif kind == "systemError":
        reader.trouble = "its model failed"


def _unknown(reader: Reader, update: dict[str, Any]) -> None:
    kind = clean_line(str(update.get("sessionUpdate", ""))[:_LONGEST_UNKNOWN], limit=100)
    text = json.dumps(update)[:_LONGEST_UNKNOWN]
    reader.transcript.say(EventKind.UNKNOWN, f"{kind or 'an update without a name'}: {text}")


def _text(update: dict[str, Any]) -> str:
    content = update.get("content")
    if not isinstance(content, dict):
        return ""
    text = content.get("text")
    return text if isinstance(text, str) else f"[{content.get('type')}]"


def tables(value: object) -> list[dict[str, Any]]:
    """The objects in what should be a list of them; whatever else was sent is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


_READERS: dict[str, Callable[[Reader, dict[str, Any]], None]] = {
    "agent_message_chunk": _message,
    "agent_thought_chunk": _thought,
    "tool_call": _tool,
    "tool_call_update": _tool,
    "plan": _plan,
    "usage_update": _usage,
    "session_info_update": _session_info,
}
