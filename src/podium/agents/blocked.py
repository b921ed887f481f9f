"""What an agent says it is blocked by, where it was offered a tool to say so.

It excuses nothing: it is told beside what became of the work, for people to read.
"""

import json
from contextlib import suppress

from podium.agents.base import Bench
from podium.base.files import read_untrusted
from podium.base.text import clean_line

_FILE = "blocked.json"
_LONGEST_BYTES = 64 * 1024


def excuse(bench: Bench) -> str:
    """Its reason in one line, or nothing."""
    try:
        said = json.loads(read_untrusted(bench.answer / _FILE, limit_bytes=_LONGEST_BYTES))
    except (OSError, ValueError, RecursionError):
        return ""
    reason = said.get("reason") if isinstance(said, dict) else None
    return f"it is blocked: {clean_line(reason)}" if isinstance(reason, str) and reason.strip() else ""


def forget(bench: Bench) -> None:
    """Another attempt at this bench says it anew."""
    with suppress(OSError):
        (bench.answer / _FILE).unlink()
