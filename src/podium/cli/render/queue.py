"""How the merge queue looks: who lands when and why not sooner, what is being gated, and all that is known of one change."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from podium.base.text import count
from podium.cli.amounts import duration, share, since
from podium.cli.screen import columns, heading, indented, line, word, wrapped
from podium.project.views.queue import (
    CandidateView,
    DoubtView,
    ExplanationView,
    LandedView,
    QueueItem,
    QueueView,
    TargetView,
)

_MOST = 100
_ENDED = 10
_ROOMY = 30
"""A screen of so many lines has room for what has been."""
_AROUND = 13
"""Lines that are no rows: target, headings, blanks, what the times mean."""


def queue(view: QueueView, *, now: float, height: int | None = None) -> Iterator[RenderableType]:
    """The queue, its gate runs and the latest landings; on a screen of some `height`, as much of it as fits."""
    going = [one for one in view.candidates if one.under_way]
    ended = [one for one in view.candidates if not one.under_way][-_ENDED:]
    landed: Sequence[LandedView] = view.landed
    most = _MOST
    if height is not None:
        going = going[: height // 6]
        ended, landed = (ended[-2:], landed[-3:]) if height >= _ROOMY else ([], ())
        most = max(1, height - _AROUND - len(going) - len(ended) - len(landed))
    yield _head(view)
    if view.checkout:
        yield Text.assemble(("nothing lands: ", "bold yellow"), line(view.checkout, limit=600))
    if view.items:
        yield from _order(view, now, most)
    yield from _runs("being gated", [_candidate(one, now) for one in going])
    yield from _runs("gated", [_candidate(one, now) for one in ended])
    yield from _runs("landed of late", [_landing(one, now) for one in landed])


def standing(item: QueueItem, now: float) -> tuple[str, str]:
    """The probability that it lands, and when that is expected; empty where the first is not known, "unknown" for the second."""
    if item.chance is None:
        return "", ""
    when = "unknown" if item.lands_at is None else _in(item.lands_at - now)
    return share(item.chance), when


def explanation(view: ExplanationView, *, now: float) -> Iterator[RenderableType]:
    """All that is known of one change; what is not proven comes before what is."""
    item = view.item
    chance, when = standing(item, now)
    yield Text.assemble(line(item.change, "bold"), "  ", line(item.title))
    yield indented(f"place {item.position} in the queue, for {since(item.since, now)}: {item.because}")
    expected = f"expected in {when}" if when.startswith("~") else f"expected: {when}"
    yield indented(f"lands with a probability of {chance}, {expected}")
    if marks := _marks(item):
        yield indented(marks, "yellow")
    yield Text.assemble("  next: ", line(view.next, "bold"))
    yield from _targets(view)
    yield from _runs(
        "overlaps with", [[line(one.change), Text(count(one.shared, "target"))] for one in view.neighbours]
    )
    yield from _more(view.neighbour_count - len(view.neighbours))
    yield from _runs("failures it was part of", [_doubt(one) for one in view.failures])
    yield from _runs(
        "decisions",
        [
            [line(one.act), Text(since(one.at, now), "dim"), line(one.because, limit=600)]
            for one in view.decisions
        ],
    )


def _head(view: QueueView) -> Text:
    running = sum(one.under_way for one in view.candidates)
    slots = f" · {running} of {count(view.slots, 'gate slot')} in use" if view.slots else ""
    gate = f" · a gate takes {duration(view.gate_s)}" if view.gate_s is not None else ""
    changes = count(len(view.items), "change")
    return Text.assemble(
        line(view.target, "bold"),
        f" at {view.tip[:10]} · {changes} in the merge queue",
        (slots + gate, "dim"),
    )


def _order(view: QueueView, now: float, most: int) -> Iterator[RenderableType]:
    yield Text()
    yield heading("order")
    titles = ["", "change", "title", "waits", "chance", "lands in", ""]
    rows: list[list[RenderableType]] = [[Text(title, "dim") for title in titles]]
    yield columns(rows + [_item(item, now) for item in view.items[:most]], give_way=(2, 6))
    if len(view.items) > most:
        yield Text(f"  … and {len(view.items) - most:,} more; --json has them all", "dim")
    if view.gate_s is None:
        yield Text("  nobody knows yet how long a gate takes here: no landing time is known", "dim")
    if view.forecasts and view.forecasts.brier is not None:
        scores = f"Brier score {view.forecasts.brier:.3f}, {view.forecasts.base:.3f} for the base rate"
        yield Text(
            f"  chances are learned from {count(view.forecasts.changes, 'change')} here: {scores}", "dim"
        )


def _item(item: QueueItem, now: float) -> list[RenderableType]:
    chance, when = standing(item, now)
    marks = _marks(item)
    because = (
        Text.assemble((f"{marks}: ", "yellow"), line(item.because, "dim"))
        if marks
        else line(item.because, "dim")
    )
    because.no_wrap, because.overflow = True, "ellipsis"
    return [
        Text(f"{item.position:>3}"),
        line(item.change),
        line(item.title),
        Text(since(item.since, now), "dim"),
        Text(chance),
        Text(when),
        because,
    ]


def _marks(item: QueueItem) -> str:
    """`urgent, priority 2`; a hold is said by its reason."""
    urgent, priority = "urgent" if item.urgent else "", f"priority {item.priority}" if item.priority else ""
    return ", ".join(filter(None, (urgent, priority)))


def _in(seconds: float) -> str:
    return f"~{duration(seconds)}" if seconds > 1 else "now"


def _runs(title: str, rows: list[list[RenderableType]]) -> Iterator[RenderableType]:
    if rows:
        yield Text()
        yield heading(title)
        yield columns(rows)


def _candidate(candidate: CandidateView, now: float) -> list[RenderableType]:
    heads = ", ".join(candidate.heads or candidate.members)
    assumed = f" on top of {', '.join(candidate.assumed)}" if candidate.assumed else ""
    return [
        word(candidate.state),
        line(candidate.id),
        line(f"{heads}{assumed} onto {candidate.onto[:10]}"),
        Text(since(candidate.since, now), "dim"),
        line(candidate.because, "dim"),
    ]


def _landing(landed: LandedView, now: float) -> list[RenderableType]:
    return [
        line(landed.change),
        line(landed.commit[:10], "green"),
        Text(f"{since(landed.at, now)} ago", "dim"),
    ]


def _targets(view: ExplanationView) -> Iterator[RenderableType]:
    title = (
        f"{view.proven_count:,} of {count(view.target_count, 'target')} proven in the state it would land in"
    )
    yield from _runs(title, [_target(one) for one in view.targets])
    yield from _more(view.target_count - len(view.targets))


def _target(target: TargetView) -> list[RenderableType]:
    because = target.because + (f" ({target.evidence})" if target.evidence else "")
    shared = f"shared with {', '.join(target.others[:3])}" if target.others else ""
    more = f" and {len(target.others) - 3} more" if len(target.others) > 3 else ""  # noqa: PLR2004 - as many as are named
    return [word(target.standing), line(target.name), line(because, limit=600), line(shared + more, "dim")]


def _doubt(doubt: DoubtView) -> list[RenderableType]:
    return [
        line("suspect" if doubt.suspect else "cleared", "yellow" if doubt.suspect else "green"),
        line(doubt.target or "before its tests"),
        wrapped(doubt.because),
    ]


def _more(left: int) -> Iterator[RenderableType]:
    if left > 0:
        yield Text(f"  … and {left:,} more", "dim")
