"""What a scripted model answers, in no dialect, and the wire format that all dialects stream it in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from model_script import TYPICAL, Asked, Used
from model_tools import Call


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: a text, a call, or both. `name` tells it from every other answer in its conversation."""

    name: str
    model: str
    text: str
    call: Call | None = None
    used: Used = TYPICAL


class Dialect(Protocol):
    """One provider's API, as a module that has these four."""

    NAME: str

    def asked(self, body: Mapping[str, Any]) -> Asked:
        """What a request asks."""
        ...

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The answer to a request that wants no stream."""
        ...

    def frames(self, reply: Reply) -> list[str]:
        """The answer as a stream of server-sent events."""
        ...


def event(data: Mapping[str, Any] | str, name: str = "") -> str:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {data if isinstance(data, str) else json.dumps(data)}\n\n"


def text_of(content: Any) -> str:
    """The text in a message's content: plain, or in parts that carry it; what is called back has its own turn."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(str(part["text"]) for part in parts if isinstance(part, dict) and "text" in part)
