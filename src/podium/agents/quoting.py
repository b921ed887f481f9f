"""Foreign text in what agents are told: quoted so that it stays a quotation, and bounded, with what is missing said."""

import re
from collections.abc import Iterable, Sequence

from podium.base.text import clean, clean_line
from podium.model.task import Acceptance

_LONG_RUN = re.compile("`{10,}")
_LONGEST_RUN = "`" * 9


ANSWER_PLACE = "\x00"
"""Stands for the directory an answer is to be written into, in a text whose every other part is clean of it."""


def fenced(text: str) -> str:
    r"""Quote text so that nothing in it reads as Markdown of ours.

    >>> print(fenced("```\n# Not a heading"))
    ````
    ```
    # Not a heading
    ````
    """
    text = _LONG_RUN.sub(_LONGEST_RUN, text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def listed(items: Sequence[str], *, limit: int = 4000) -> str:
    """One line for each, in backticks, while `limit` characters last; then how many more there are."""
    lines: list[str] = []
    for item in items:
        line = f"- `{clean_line(item)}`"
        limit -= len(line) + 1
        if limit < 0:
            return "\n".join([*lines, f"- and {len(items) - len(lines)} more"])
        lines.append(line)
    return "\n".join(lines)


def shortened(text: str, limit: int) -> str:
    """Clean it; keep the first and the last half of what is too long, and say how much is missing."""
    text = clean(text).strip()
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half} characters left out …]\n{text[-half:]}"


def held_out(text: str, accept: Iterable[Acceptance]) -> str:
    """Clean it, and blot out acceptance commands, which what is known of an earlier attempt may quote."""
    text = clean(text)
    for acceptance in accept:
        command = re.escape(clean(acceptance.command))
        text = re.sub(rf"(?<!\w){command}(?!\w)", "[an acceptance check]", text)
    return text
