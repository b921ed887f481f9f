"""How simulations of the merge queue look: a table for each cell, ours first, and whether the goals hold."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from podium.base.text import count
from podium.cli.amounts import duration
from podium.cli.screen import columns, heading, line
from podium.project.benching import BenchView, CellView, PolicyView, SpreadView
from podium.simulation.goals import Check

_WIDE = 200
"""Columns of a terminal that holds all figures side by side; on a narrower one they stand in three tables."""
_ORDER = {"podium": 0, "baseline": 1, "bound": 2}


def bench(view: BenchView) -> Iterator[RenderableType]:
    for cell in view.cells:
        yield from _cell(cell)
    yield _legend(view)
    yield from _goals(view.goals)
    for path in view.pictures:
        yield Text.assemble(("drawn  ", "dim"), line(path, limit=1000))


def _cell(cell: CellView) -> Iterator[RenderableType]:
    yield heading(cell.cell)
    yield Text(f"  {_setting(cell)}", "dim")
    yield _Sheet(tuple(sorted(cell.policies, key=_place)))
    yield Text()


def _setting(cell: CellView) -> str:
    parts = [
        f"{cell.per_hour:.3g} changes/h", count(cell.slots, "slot"), f"gate {cell.gate_minutes:.3g} min",
        f"{cell.breaks:.2%} of pairs break", f"{cell.bad:.2%} bad", f"{cell.flaky:.1%} flaky",
        f"attribution {cell.attribution:.0%}", f"predictor {cell.predictor}",
        f"one gate for each change would be {cell.capacity_per_hour:.3g}/h",
    ]  # fmt: skip
    return " · ".join(parts if cell.reuse else [*parts, "no reuse"])


def _place(one: PolicyView) -> tuple[int, float]:
    median = one.figures["p50"].median
    return _ORDER[one.kind], float("inf") if median is None else median


Column = tuple[str, Callable[[PolicyView], str]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The figures of one cell, in one table where the screen is wide enough."""

    policies: tuple[PolicyView, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        compares = any(one.against for one in self.policies)
        parts = (_SURE, _PLAIN, _COMPARED) if compares else (_SURE, _PLAIN)
        if options.max_width >= _WIDE:
            yield self._table(tuple(column for part in parts for column in part))
        else:
            yield from map(self._table, parts)

    def _table(self, wanted: Sequence[Column]) -> RenderableType:
        head: list[RenderableType] = [Text(name, "dim") for name in ("policy", *(name for name, _ in wanted))]
        return columns([head, *(_row(one, wanted) for one in self.policies)], give_way=(0,))


def _row(one: PolicyView, wanted: Sequence[Column]) -> list[RenderableType]:
    style = {"podium": "bold", "bound": "dim"}.get(one.kind, "")
    name = f"{one.policy}*" if one.kind == "bound" else one.policy
    return [line(name, style), *(line(said(one), _style(head, one, style)) for head, said in wanted)]


def _style(head: str, one: PolicyView, style: str) -> str:
    return "bold red" if head == "red" and one.red else style


def _short(found: SpreadView) -> str:
    return "-" if found.median is None else _number(found.median)


def _wide(found: SpreadView) -> str:
    """A median with its interval, where there is one."""
    if found.median is None or found.low is None:
        return "-"
    if found.low == found.high:
        return _number(found.median)
    high = "∞" if found.high is None else _number(found.high)
    return f"{_number(found.median)} ({_number(found.low)}-{high})"


def _share(found: SpreadView) -> str:
    return "-" if found.median is None else f"{found.median:.0%}"


def _number(value: float) -> str:
    """Two or three digits that matter.

    >>> _number(0.0), _number(0.417), _number(7.26), _number(123.4)
    ('0', '0.42', '7.3', '123')
    """
    if not value:
        return "0"
    return f"{value:.2f}" if abs(value) < 2 else f"{value:.1f}" if abs(value) < 10 else f"{value:.0f}"  # noqa: PLR2004


def _legend(view: BenchView) -> RenderableType:
    said = (
        f"medians of {count(view.seeds, 'seed')} and their {view.coverage:.0%} intervals (order statistics); a ratio is Podium's figure over this "
        f"policy's, seed by seed; victims and red are of all seeds together; * knows the truth: a bound; in {duration(view.took_s)}"
    )
    return Text(said, "dim")


def _goals(checks: tuple[Check, ...]) -> Iterator[RenderableType]:
    if not checks:
        return
    yield Text()
    yield heading("goals")
    yield columns([_goal(check) for check in checks], give_way=(2,))
    open_ones = sum(not check.holds for check in checks)
    word = f"{open_ones} of {len(checks)} do not hold" if open_ones else f"all {len(checks)} hold"
    yield Text(word, "bold red" if open_ones else "green")


def _goal(check: Check) -> list[RenderableType]:
    word = Text("holds", "green") if check.holds else Text("does not hold", "bold red")
    return [word, line(check.cell), line(check.sentence), line(check.figure)]


def _figure(name: str) -> Callable[[PolicyView], str]:
    return lambda one: _short(one.figures[name])


def _sure(name: str) -> Callable[[PolicyView], str]:
    return lambda one: _wide(one.figures[name])


def _against(name: str) -> Callable[[PolicyView], str]:
    return lambda one: _wide(one.against[name]) if name in one.against else ""


_SURE: tuple[Column, ...] = (
    ("P50 min", _sure("p50")), ("P95 min", _sure("p95")), ("lands/h", _sure("per_hour")), ("runs/landed", _sure("runs_per_landed")),
)  # fmt: skip
_PLAIN: tuple[Column, ...] = (
    ("P99 min", _figure("p99")), ("gates/landed", _figure("gates_per_landed")), ("aborted", lambda one: _share(one.figures["aborted"])),
    ("sent back", _figure("rejected")), ("victims", lambda one: str(one.victims)), ("red", lambda one: str(one.red)),
    ("ms/event", _figure("thinking_ms")),
)  # fmt: skip
_COMPARED: tuple[Column, ...] = (
    ("P50 ratio", _against("p50")), ("P95 ratio", _against("p95")), ("lands ratio", _against("per_hour")),
)  # fmt: skip
