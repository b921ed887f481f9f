"""The terminal: where answers are printed, and how foreign text is made harmless on the way.

No markup is ever read from a string: what agents, repositories and specs say is wrapped by `line` or `block`.
"""

import dataclasses
import json
import sys
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from podium.base.text import clean, clean_line

_PIPE_COLUMNS = 4000
"""What is not a terminal gets every line whole."""

STYLES = {
    "landed": "green", "running": "cyan", "gating": "blue", "queued": "magenta", "review": "bold yellow", "alarm": "bold red",
    "refused": "red", "blocked": "red", "sent-back": "yellow", "cancelled": "dim", "waiting": "dim", "ready": "",
    "passed": "green", "failed": "red", "could-not-run": "bold yellow", "ran-nothing": "bold yellow",
    "ok": "green", "warning": "yellow", "broken": "bold red",
    "passing": "green", "failing": "red", "stale": "yellow", "linked": "yellow",
    "approve": "green", "send-back": "yellow", "unsure": "bold yellow", "none": "bold yellow",
}  # fmt: skip


def stdout() -> Console:
    """Standard output; plain text, as wide as it needs, when that is no terminal."""
    console = Console(highlight=False, markup=False, emoji=False)
    return (
        console
        if console.is_terminal
        else Console(highlight=False, markup=False, emoji=False, width=_PIPE_COLUMNS)
    )


def is_live(console: Console) -> bool:
    """Whether the screen can be drawn over."""
    return console.is_terminal and not console.is_dumb_terminal


def line(text: object, style: str = "", *, limit: int = 300) -> Text:
    """Foreign text as one harmless line."""
    return Text(clean_line(str(text), limit=limit), style=style, no_wrap=True, overflow="ellipsis")


def indented(text: object, style: str = "") -> Text:
    """Foreign text as one harmless line, two blanks in."""
    return Text.assemble("  ", line(text, style, limit=1000))


def wrapped(text: object, style: str = "") -> Text:
    """Foreign text as one harmless paragraph."""
    return Text(clean_line(str(text), limit=2000), style=style)


def block(text: str, style: str = "") -> Text:
    """Foreign text of many lines, harmless."""
    return Text(clean(text), style=style)


def word(state: str) -> Text:
    """A state or verdict in its colour."""
    return line(state, STYLES.get(state, ""))


def heading(text: str, style: str = "bold") -> Text:
    return Text(text, style=style)


def columns(
    rows: list[list[RenderableType]], *, give_way: tuple[int, ...] = (-1,), indent: int = 2
) -> RenderableType:
    """Rows in columns, without lines; those that `give_way` are cut first where the screen is narrow."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    width = len(rows[0]) if rows else 0
    for number in range(width):
        grid.add_column(no_wrap=number not in {place % width for place in give_way}, overflow="ellipsis")
    for row in rows:
        grid.add_row(*row)
    return Padding(grid, (0, 0, 0, indent), expand=False)


def show(console: Console, *parts: RenderableType) -> None:
    """Print; what goes into a pipe or a file ends its lines without blanks."""
    if console.is_terminal:
        console.print(*parts, sep="\n")
        return
    with console.capture() as captured:
        console.print(*parts, sep="\n")
    console.file.write("".join(f"{text.rstrip()}\n" for text in captured.get().splitlines()))


def print_json(value: object) -> None:
    """One JSON document; views become objects by their field names, escape codes become harmless."""
    json.dump(value, sys.stdout, default=_as_json, indent=2)
    sys.stdout.write("\n")


def _as_json(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return str(value)
