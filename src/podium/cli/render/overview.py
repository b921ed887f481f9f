"""How `podium status` looks: counts, then what needs a person, what runs, what waits."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from podium.base.text import clean_line, count
from podium.cli.amounts import since
from podium.cli.next_steps import next_steps
from podium.cli.screen import STYLES, columns, heading, indented, line, word
from podium.project.views.overview import Overview, TaskView

_TABLE_ROWS = 200
"""Beyond this, fitting columns to the screen costs more than it gives."""
SECTIONS = (
    ("needs you", ("review", "alarm")),
    ("will not land", ("refused", "blocked", "sent-back")),
    ("at work", ("running", "gating", "queued")),
    ("waiting", ("ready", "waiting")),
    ("cancelled", ("cancelled",)),
)
_ORDER = (
    "review",
    "alarm",
    "refused",
    "blocked",
    "running",
    "gating",
    "queued",
    "ready",
    "waiting",
    "sent-back",
    "cancelled",
)


def status(
    overview: Overview, *, most: int | None, now: float, states: Sequence[str] = ()
) -> Iterator[RenderableType]:
    """The page, at most `most` rows in each section; nothing beyond what is shown is built."""
    yield headline(overview)
    yield from holds(overview)
    for title, wanted in SECTIONS:
        chosen = [state for state in wanted if not states or state in states]
        yield from section(title, views_in(overview, chosen), most=most, now=now)
    yield from advice(next_steps(overview))


def headline(overview: Overview) -> Text:
    """`main at 1a2b3c4d5e · 12 landed · 3 running`."""
    text = Text.assemble(line(overview.target, "bold"), " at ", overview.tip[:10])
    for part in counts(overview):
        text.append(" · ", "dim").append_text(part)
    return text


def counts(overview: Overview) -> Iterator[Text]:
    if overview.landed:
        yield Text(f"{overview.landed:,} landed", STYLES["landed"])
    for state in _ORDER:
        if number := overview.counts.get(state, 0):
            yield Text(f"{number:,} {state}", STYLES[state])
    if not overview.landed and not overview.counts:
        yield Text("nothing was asked for yet", "dim")


def holds(overview: Overview) -> Iterator[Text]:
    """What keeps everything from starting or landing."""
    if overview.trouble:
        yield Text.assemble(("nothing starts: ", "bold red"), line(overview.trouble, limit=600))
    if overview.checkout:
        yield Text.assemble(("nothing lands: ", "bold yellow"), line(overview.checkout, limit=600))


def views_in(overview: Overview, states: Sequence[str]) -> list[TaskView]:
    """Tasks and changes in these states, state by state."""
    views = (*overview.tasks, *overview.changes)
    return [view for state in states for view in views if view.state == state]


def section(
    title: str, views: Sequence[TaskView], *, most: int | None, now: float
) -> Iterator[RenderableType]:
    if not views:
        return
    shown = views[:most]
    yield Text()
    yield heading(title)
    yield (
        columns([_row(view, now) for view in shown], give_way=(2, 4))
        if len(shown) <= _TABLE_ROWS
        else _plain(shown)
    )
    if len(shown) < len(views):
        yield Text(f"  … and {len(views) - len(shown):,} more; --all shows them", "dim")


def advice(steps: Sequence[str]) -> Iterator[RenderableType]:
    """The exact commands to type next."""
    if steps:
        yield Text()
        yield heading("next")
        for step in steps:
            yield indented(step)


def total(overview: Overview) -> str:
    """`12 of 30 tasks landed`."""
    everything = overview.landed + sum(overview.counts.values())
    return f"{overview.landed:,} of {everything:,} landed" if everything else count(0, "task")


def _row(view: TaskView, now: float) -> list[RenderableType]:
    return [
        line(view.id),
        word(view.state),
        line(view.title),
        Text(since(view.since, now), "dim"),
        line(view.because, "dim"),
    ]


def _plain(views: Sequence[TaskView]) -> Text:
    width = max(len(view.id) for view in views)
    rows = (
        f"  {clean_line(view.id):<{width}}  {view.state:<9}  {clean_line(view.title)}  {clean_line(view.because)}"
        for view in views
    )
    return Text("\n".join(rows), no_wrap=True, overflow="ellipsis")
