"""Plausible names that nobody can foresee, for tests and files that nobody has seen before."""

import re
from collections.abc import Collection
from random import Random

_FIRST = tuple(
    re.findall(
        r"\w+",
        """
account address batch buffer cache client column config context cursor default detail document empty entry error event field
filter format header history index input invoice item label layout limit line list locale message method missing model name
nested number offset option order output page parser partial path pattern payload period plain price profile query quota range
record region report request response result route schema scope section session setting single source state status stored
stream summary table tag target template term token total unit update upload user value vector version view window
""",
    )
)
_SECOND = tuple(
    re.findall(
        r"\w+",
        """
access bounds changes checks conversion copies counts defaults digits edges encoding fallback grouping handling keys lengths
limits links loading lookup mapping matching merging names order pages parts prefixes ranges reading rounding rules sizes
sorting spacing steps suffixes times totals trimming types units updates values width writing zeros
""",
    )
)


def two_words(chance: Random) -> str:
    return f"{chance.choice(_FIRST)}_{chance.choice(_SECOND)}"


def fresh_words(chance: Random, number: int, *, taken: Collection[str] = ()) -> list[str]:
    """`number` different names, such as `header_limits`, none of them `taken`."""
    found: list[str] = []
    while len(found) < number:
        word = two_words(chance)
        if word not in found and word not in taken:
            found.append(word)
    return found


def camel(words: str) -> str:
    """In the manner of Go.

    >>> camel("header_limits")
    'HeaderLimits'
    """
    return "".join(word.capitalize() for word in words.split("_"))
