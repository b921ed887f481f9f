"""The screen that is drawn over while work goes on: agents, gate, merge queue, what needs a person, what landed."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from podium.cli.amounts import duration, since
from podium.cli.render.overview import counts, holds, total, views_in
from podium.cli.screen import columns, heading, line, word
from podium.model.event import Event
from podium.project.views.overview import Overview, TaskView

_REFRESH_PER_S = 4
_LANDED_SHOWN = 5
_AROUND = 7
"""Lines that are no section: target, bar, why nothing runs, counts, advice, blanks."""
_AROUND_SECTION = 3
"""A blank, the heading, and how many more there are."""
_SECTIONS = (
    ("agents at work", ("running",)),
    ("gate", ("gating",)),
    ("merge queue", ("queued",)),
    ("needs you", ("review", "alarm")),
    ("will not land", ("refused", "blocked", "sent-back")),
)


class LiveScreen:
    """Redrawn four times a second from the last look, so clocks run between looks."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start = time.time()
        self._overview: Overview | None = None
        self._landed: deque[Event] = deque(maxlen=_LANDED_SHOWN)
        self._live = Live(
            console=console, refresh_per_second=_REFRESH_PER_S, transient=True, get_renderable=self._draw
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, events: Sequence[Event], look: Callable[[], Overview]) -> None:
        self._landed.extend(event for event in events if event.kind == "landed")
        self._overview = look()

    def _draw(self) -> RenderableType:
        if self._overview is None:
            return Text("starting …", "dim")
        return Group(
            *frame(
                self._overview,
                tuple(self._landed),
                start=self._start,
                now=time.time(),
                height=self._console.height,
            )
        )


def frame(
    overview: Overview, landed: Sequence[Event], *, start: float, now: float, height: int
) -> Iterator[RenderableType]:
    """One picture of the work, never taller than `height` where that is a dozen lines or more."""
    held = list(holds(overview))
    filled = [(title, views) for title, states in _SECTIONS if (views := views_in(overview, states))]
    rows, recent = _room(height - _AROUND - len(held), sections=len(filled), landed=len(landed))
    yield Text.assemble(
        line(overview.target, "bold"), f" at {overview.tip[:10]}", (f"  {duration(now - start)}", "dim")
    )
    yield _bar(overview)
    yield from map(_in_one_line, held)
    if not filled:
        yield from _why_nothing_runs(overview)
    for title, views in filled:
        yield from _section(title, views, rows=rows, now=now)
    if recent:
        yield Text()
        yield heading("landed")
        yield columns([[line(event.subject), line(event.text, "green")] for event in landed[-recent:]])
    yield Text()
    yield _in_one_line(Text(" · ", "dim").join(counts(overview)))
    yield Text("Ctrl-C stops; run again to continue", "dim")


def _room(left: int, *, sections: int, landed: int) -> tuple[int, int]:
    """How many rows each section gets, and how many landings are shown; a section with none is its heading alone."""
    for recent in (landed, 0):
        rows = (left - (recent + 2 if recent else 0)) // max(1, sections) - _AROUND_SECTION
        if rows > 0:
            return rows, recent
    return 0, 0


def _in_one_line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _why_nothing_runs(overview: Overview) -> Iterator[RenderableType]:
    """Why the first task that could start has not."""
    for view in views_in(overview, ("ready",))[:1]:
        yield Text()
        yield line(f"{view.id}: {view.because}", "dim")


def _bar(overview: Overview) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    everything = overview.landed + sum(overview.counts.values())
    grid.add_row(
        ProgressBar(total=max(1, everything), completed=overview.landed, width=40), Text(total(overview))
    )
    return grid


def _section(title: str, views: Sequence[TaskView], *, rows: int, now: float) -> Iterator[RenderableType]:
    head = Text.assemble((title, "bold"), (f"  {len(views):,}", "dim"))
    if not rows:
        yield head
        return
    yield Text()
    yield head
    yield columns([_row(view, now) for view in views[:rows]], give_way=(1, 4))
    if len(views) > rows:
        yield Text(f"  … and {len(views) - rows:,} more", "dim")


def _row(view: TaskView, now: float) -> list[RenderableType]:
    who = f"{view.agent} #{view.attempt}" if view.attempt else view.agent
    what = (
        word(view.state)
        if view.state in {"review", "alarm", "refused", "blocked", "sent-back"}
        else line(who, "cyan")
    )
    return [
        line(view.id),
        line(view.title),
        what,
        Text(since(view.since, now), "dim"),
        line(view.because, "dim"),
    ]
