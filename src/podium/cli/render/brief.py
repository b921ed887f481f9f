"""How `podium brief` tells of a brief: its parts with their sizes and reasons, and what all of it comes to."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from podium.cli.screen import columns, heading, line, wrapped
from podium.project.views.brief import BriefView


def parts(view: BriefView) -> Iterator[RenderableType]:
    yield heading(f"what {view.agent} is told in attempt {view.attempt.rpartition('@')[2]} at {view.task}")
    yield line(view.because, "dim", limit=1000)
    rows: list[list[RenderableType]] = [
        _row(part.name, part.characters, part.tokens, part.because) for part in view.parts
    ]
    yield columns([*rows, _row("in all", view.characters, view.tokens, "tokens are estimated")])
    if view.session:
        size = f"{len(view.feedback):,} characters"
        yield line(
            f"where the session of {view.session} still lives, it is only told what was wrong: {size}", "dim"
        )


def _row(name: str, characters: int, tokens: int, because: str) -> list[RenderableType]:
    return [
        line(name),
        Text(f"{characters:,} characters", "dim", justify="right"),
        Text(f"≈ {tokens:,} tokens", "dim", justify="right"),
        wrapped(because),
    ]
