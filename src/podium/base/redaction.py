"""Blots secrets out of text before it is kept or shown.

Known values are found wherever they stand, also as JSON and URLs write them; beyond those, the shapes of the keys that
model providers and forges hand out. A secret that was cut in two or encoded otherwise is not found: the better defence is
not to hand it out, which is what routes are for.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

MARK = "[secret]"
_SHORTEST = 6
"""A shorter value would blot out half of every text."""
_SHAPES = re.compile(
    r"""
    (?:\b|(?<=\\[nrtbf])|(?<=\\x[0-9a-f]{2})|(?<=\\u[0-9a-f]{4}))   # a word begins here, be it behind an escape
    (?: sk-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{16,}            # OpenAI, Anthropic, OpenRouter
      | AIza[0-9A-Za-z_-]{30,} | ya29\.[0-9A-Za-z_-]{20,}   # Google
      | gh[pousr]_[A-Za-z0-9]{30,} | github_pat_[A-Za-z0-9_]{40,} | glpat-[A-Za-z0-9_-]{18,}
      | xox[abprs]-[A-Za-z0-9-]{10,} | AKIA[0-9A-Z]{16}\b )
    | (?:(?<![A-Za-z0-9_-])|(?<=\\[nrtbf]))eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}   # JSON web token
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)


class Redactor:
    """Knows what must not be kept."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def __call__(self, text: str) -> str:
        """The text with a mark in place of every secret."""
        if self._known:
            text = self._known.sub(MARK, text)
        return _SHAPES.sub(MARK, text)


def _forms(secret: str) -> set[str]:
    return {secret, secret.strip(), json.dumps(secret)[1:-1], quote(secret, safe="")} - {""}
