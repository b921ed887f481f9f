"""How the findings of `podium doctor` and `podium audit` look: one line each, the remedy below what is wrong."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from podium.base.text import count
from podium.cli.screen import line, word, wrapped
from podium.project.views.finding import FindingView

_MARKS = {"ok": "✓", "warning": "!", "broken": "✗"}


def findings(found: Iterable[FindingView]) -> Iterator[RenderableType]:
    rows = list(found)
    width = min(40, max((len(one.subject) for one in rows), default=0))
    for one in rows:
        mark = Text(_MARKS.get(one.state, "?"), word(one.state).style)
        subject = line(one.subject)
        subject.pad_right(max(0, width - subject.cell_len))
        yield Text.assemble("  ", mark, " ", subject, "  ", wrapped(one.because))
        if one.hint:
            yield Text.assemble("    " + " " * width + "  → ", wrapped(one.hint, "bold"))


def summary(found: Sequence[FindingView], *, all_well: str) -> Text:
    """`all_well`, or how much is broken and how much deserves a look."""
    broken, warned = (sum(1 for one in found if one.state == state) for state in ("broken", "warning"))
    if broken:
        return Text(f"{broken} broken, {count(warned, 'warning')}", "bold red")
    return Text(
        f"{all_well}, {count(warned, 'warning')}" if warned else all_well, "yellow" if warned else "green"
    )


def sound(found: Iterable[FindingView]) -> bool:
    return not any(one.state == "broken" for one in found)
