"""Who made which lines of a landing, as Agent Trace 0.1.0 says it: pure.

The format: https://github.com/cursor/agent-trace. A conversation there has a URL where it can be looked up; Podium publishes none, so
conversations here name the prompt request they answer instead. Where the makers of a file differ and its lines cannot be
told apart, the contributor is `unknown`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from podium import __version__
from podium.base.text import is_utf8
from podium.model.ids import ChangeId, Sha
from podium.provenance.git_ai import MadeBy, MadeLines, Maker, made_lines, makers

VERSION = "0.1.0"
_MODEL_LIMIT = 250


def traces(
    record: Mapping[str, Any], commit: Sha, *, lines: Mapping[str, Sequence[range]], requests: Mapping[ChangeId, str],
    at: float,
) -> list[dict[str, Any]]:  # fmt: skip
    """The trace records of a landing, one for its commit; the arguments are those of `git_ai.note`, `at` when it landed."""
    return [
        {
            "version": VERSION,
            "id": str(uuid5(NAMESPACE_URL, f"urn:podium:landing:{commit}")),
            "timestamp": datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "vcs": {"type": "git", "revision": commit},
            "tool": {"name": "podium", "version": __version__},
            # JSON has no other bytes than those of UTF-8 text.
            "files": [_file(made, requests) for made in made_lines(record, lines) if is_utf8(made.path)],
            "metadata": {"podium": {"changes": [_change(maker, requests) for maker in makers(record)]}},
        }
    ]


def json_lines(records: Iterable[Mapping[str, Any]]) -> str:
    """Records as JSON Lines, in ASCII, so that nothing in a path reaches a terminal."""
    return "".join(f"{json.dumps(record)}\n" for record in records)


def _change(maker: Maker, requests: Mapping[ChangeId, str]) -> dict[str, str | None]:
    return {"change": maker.change, "prompt_request": requests.get(maker.change)}


def _file(made: MadeLines, requests: Mapping[ChangeId, str]) -> dict[str, Any]:
    asked = dict.fromkeys(requests[maker.change] for maker in made.makers if maker.change in requests)
    related = [{"type": "prompt-request", "url": _urn(request)} for request in asked]
    conversation = {
        "contributor": _contributor(made.makers),
        "ranges": [{"start_line": lines.start, "end_line": lines.stop - 1} for lines in made.ranges],
        **({"related": related} if related else {}),
    }
    return {"path": made.path, "conversations": [conversation]}


def _contributor(made_by: Sequence[Maker]) -> dict[str, str]:
    kinds, models = {maker.kind for maker in made_by}, {maker.model for maker in made_by}
    kind = kinds.pop() if len(kinds) == 1 else MadeBy.UNKNOWN
    model = models.pop() if kind is MadeBy.AI and len(models) == 1 else ""
    return {"type": kind.value, **({"model_id": model} if 0 < len(model) <= _MODEL_LIMIT else {})}


def _urn(request: str) -> str:
    return f"urn:podium:prompt-request:{quote(request, safe='')}"
