"""How the merge queue looks: its order, and the candidates that are being built."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from podium.base.text import count
from podium.cli.amounts import since
from podium.cli.screen import columns, heading, line, word
from podium.project.views import CandidateView, QueueItem, QueueView

_MOST = 100


def queue(view: QueueView, *, now: float) -> Iterator[RenderableType]:
    yield Text.assemble(
        line(view.target, "bold"),
        f" at {view.tip[:10]} · ",
        f"{count(len(view.items), 'change')} in the merge queue",
    )
    if view.checkout:
        yield Text.assemble(("nothing lands: ", "bold yellow"), line(view.checkout, limit=600))
    if view.items:
        yield Text()
        yield heading("order")
        yield columns([_item(item, now) for item in view.items[:_MOST]], give_way=(2, 4))
    if len(view.items) > _MOST:
        yield Text(f"  … and {len(view.items) - _MOST:,} more; --json has them all", "dim")
    if view.candidates:
        yield Text()
        yield heading("candidates")
        yield columns([_candidate(candidate) for candidate in view.candidates[-_MOST:]])


def _item(item: QueueItem, now: float) -> list[RenderableType]:
    return [
        Text(f"{item.position:>3}"),
        line(item.change),
        line(item.title),
        Text(since(item.since, now), "dim"),
        line(item.because, "dim"),
    ]


def _candidate(candidate: CandidateView) -> list[RenderableType]:
    return [
        word(candidate.state),
        line(f"{', '.join(candidate.members)} onto {candidate.onto[:10]}"),
        line(candidate.because, "dim"),
    ]
