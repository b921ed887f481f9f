"""Untrusted text made harmless, on every way out.

Agents, repositories and specs may carry escape codes, bidirectional overrides and control characters. What a
person reads, and what goes into a commit message, passes through here.
"""

import re
import unicodedata

# Cc is control, Cf is format (bidirectional overrides, zero-width joiners), Cs lone surrogates,
# Zl and Zp line and paragraph separators; what Cn (not assigned yet) and Co (private) look like, nobody knows.
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def clean(text: str) -> str:
    """`text` with every control and format character but newline and tab shown as its code, ANSI codes dropped."""
    text = _ANSI.sub("", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(_show(character) for character in text)


def clean_line(text: str, *, limit: int = 300) -> str:
    """One line of at most `limit` characters, safe to print."""
    line = clean(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def tail(text: str, *, lines: int = 40, characters: int = 8000) -> str:
    """The last `lines` lines of `text`, at most `characters` characters, safe to print."""
    return clean("\n".join(text[-characters:].splitlines()[-lines:]))


def is_utf8(text: str) -> bool:
    """Whether text from the outside (a path, say) came in as UTF-8; other bytes are lone surrogates in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def count(number: int, noun: str) -> str:
    """`1 task`, `2 tasks`.

    >>> count(1, "task"), count(3, "change")
    ('1 task', '3 changes')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _show(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in _HARMFUL:
        return character
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"  # noqa: PLR2004 - one byte
