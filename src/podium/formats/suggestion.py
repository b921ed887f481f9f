"""How a fault quotes what it found, and what it proposes instead."""

import difflib
from collections.abc import Iterable

from podium.base.text import clean_line


def quoted(text: str) -> str:
    """Text from a file, on one line, safe to print, in quotes.

    >>> quoted("a  b")
    '"a b"'
    """
    return f'"{clean_line(text, limit=60)}"'


def suggest(name: str, choices: Iterable[str]) -> str:
    """The near match for a misspelt name, or all there is to choose from.

    >>> suggest("fxi", ["feature", "fix"]), suggest("zzz", ["feature", "fix"])
    ('did you mean "fix"?', 'write one of: feature, fix')
    """
    known = list(choices)
    near = did_you_mean(name, known)
    return near or (clean_line(f"write one of: {', '.join(known)}") if known else "")


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """The near match for a misspelt name, or nothing when no choice comes near."""
    near = difflib.get_close_matches(name.lower(), choices, n=1)
    return f"did you mean {quoted(near[0])}?" if near else ""
