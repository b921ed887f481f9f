"""How a transcript looks: who works, then a line for each thing done, and what was said as it was said."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from podium.cli.amounts import money
from podium.cli.screen import block, line
from podium.project.views.transcript import SaidView, TranscriptView

_STYLES = {
    "thought": "dim italic", "tool": "cyan", "permission": "magenta", "usage": "dim", "plan": "blue", "told": "yellow", "note": "yellow",
    "unknown": "dim", "turn-done": "bold", "started": "dim",
}  # fmt: skip
_OWN_WORDS = frozenset({"text"})
_COLUMNS = 12


def about(view: TranscriptView) -> Iterator[RenderableType]:
    """Whose transcript it is, and what came of it; what the agent says there proves nothing."""
    yield Text.assemble(
        line(view.id, "bold"),
        "  by ",
        line(view.agent),
        ("  (in the session before it)" if view.continued else ""),
    )
    if view.end:
        yield from ended(view)
    yield Text(f"kept in {view.directory}", "dim")
    yield Text()


def ended(view: TranscriptView) -> Iterator[RenderableType]:
    """How it ended, and what it used by its own account."""
    yield Text.assemble(line(view.end, "bold"), "  ", line(view.because, limit=1000))
    if view.input_tokens is not None or view.output_tokens is not None or view.cost_usd is not None:
        cached = f" ({view.cached_tokens:,} of them cached)" if view.cached_tokens else ""
        cost = "cost unknown" if view.cost_usd is None else money(view.cost_usd)
        yield Text(
            f"{view.input_tokens or 0:,} tokens in{cached}, {view.output_tokens or 0:,} out, {cost}", "dim"
        )


def said(one: SaidView, *, start: float) -> RenderableType:
    """One event: the agent's own words as they are, everything else under its name."""
    if one.kind in _OWN_WORDS:
        return Padding(block(one.text), (0, 0, 0, _COLUMNS + 10))
    when = f"{max(0.0, one.at - start):7.1f}s  "
    head, _newline, rest = one.text.partition("\n")
    title = Text.assemble(
        (when, "dim"), (f"{one.kind:<{_COLUMNS}}", _STYLES.get(one.kind, "")), line(head, limit=1000)
    )
    return Text("\n").join([title, block(rest, "dim")]) if rest.strip() and one.kind != "told" else title
