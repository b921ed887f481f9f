"""The signature of a failure: what failed, apart from when, where and how long, so that the same one is known again."""

import re
from collections.abc import Iterable

from podium.base.digest import digest

_LENGTH = 16
_PASSING = re.compile(
    r"""
      /(?:tmp|var/tmp|dev/shm)/[^\s:'")\]]+                                            # a temporary file
    | \d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d[\d:.,]*)?(?:Z|[+-]\d\d:?\d\d)?                   # a time
    | \b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b                  # a UUID
    | \b0x[0-9a-f]+\b                                                                  # an address
    | \b(?=[a-f]*[0-9])[0-9a-f]{7,64}\b                                                # a hash
    | (?<![a-z_0-9])(?:\d+(?:\.\d+)?(?:ms|us|µs|ns|h|m|s))+\b                          # a duration
    | (?<![a-z_0-9])\d+(?:[.,:]\d+)*                                                   # a number, a line and column
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What differs between two runs that fail alike. A number that is part of a name (`test_2`, `E501`) is not."""
_NAMES_A_FAILURE = re.compile(r"error|fail|panic|exception", re.IGNORECASE)


def signature(parts: Iterable[Iterable[str]]) -> str:
    """The same for the same failures, in whatever order they were found."""
    return digest(sorted(list(part) for part in parts))[:_LENGTH]


def normalised(text: str) -> str:
    """One line without what differs between two runs that fail alike.

    >>> normalised("src/sum.py:12:5: error: 3 is not 4 (0.31s)"), normalised("test_2 at 0x7f00 failed")
    ('src/sum.py:#: error: # is not # (#)', 'test_2 at # failed')
    """
    return " ".join(_PASSING.sub("#", text).split())


def failing_lines(output: str) -> list[str]:
    """The lines that name a failure, each once, normalised."""
    return sorted({normalised(line) for line in output.splitlines() if _NAMES_A_FAILURE.search(line)})
