"""What languages share that are read by regular expressions: a weaker reading than by syntax, so a miss is always possible.

A miss costs a test that could have been broken; a change that breaks nothing, or the whole file, is found on the base.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from podium.gate.canary.base import LIMIT_BYTES, Breakable, Edit, Way


@dataclass(frozen=True, slots=True)
class Swap:
    """Where `pattern` is found, its first group gives way to `text`. `at_head` looks right behind a test's head only."""

    kind: str
    pattern: re.Pattern[str]
    text: str
    at_head: bool = False


def read_text(source: bytes) -> str | None:
    """The text of a file whose offsets are the same in characters and bytes, or None."""
    if len(source) > LIMIT_BYTES or not source.isascii():
        return None
    return source.decode()


def breakables(text: str, heads: re.Pattern[str], swaps: Sequence[Swap]) -> tuple[Breakable, ...]:
    """The tests that `heads` find, by the group `name`, each up to the next one; equal names are left alone."""
    found = list(heads.finditer(text))
    ends = [head.start() for head in found[1:]] + [len(text)]
    names = [head["name"] for head in found]
    return tuple(
        Breakable(
            head["name"], tuple(_ways(text, swaps, start=head.end(), end=end)), start=head.start(), end=end
        )
        for head, end in zip(found, ends, strict=True)
        if names.count(head["name"]) == 1
    )


def _ways(text: str, swaps: Sequence[Swap], *, start: int, end: int) -> Iterator[Way]:
    for swap in swaps:
        for match in _found(swap, text, start=start, end=end):
            yield Way(swap.kind, Edit(match.start(1), match.end(1), match.expand(swap.text).encode()))


def _found(swap: Swap, text: str, *, start: int, end: int) -> Iterator[re.Match[str]]:
    if not swap.at_head:
        yield from swap.pattern.finditer(text, start, end)
    elif match := swap.pattern.match(text, start, end):
        yield match
