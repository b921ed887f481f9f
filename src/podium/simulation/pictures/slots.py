"""The runs of one simulation in their slots, as SVG: what each gated, how it ended, and what came of it."""

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from podium.base.text import count
from podium.simulation.kernel import Outcome
from podium.simulation.pictures.svg import element, line, picture, text, titled
from podium.simulation.scene import Run

_MINUTE_S = 60.0
_TOP, _MARGIN_PX, _LEGEND_PX = 48.0, 56.0, 82.0
_ROW_PX, _ROW_GAP_PX = 18.0, 3.0
_NARROWEST_PX, _WIDEST_PX, _MINUTE_PX = 700.0, 2600.0, 7.0


def space_time(outcome: Outcome, *, title: str) -> str:
    """The runs of one simulation, slots down, time to the right: what each gated and how it ended; below it landings and rejections."""
    hours = _Hours.of(outcome)
    rows = max(outcome.slots, 1) * (_ROW_PX + _ROW_GAP_PX)
    floor = _TOP + rows
    boxes = [part for run, slot in _placed(outcome.runs) for part in _box(hours, run, slot)]
    return picture(
        hours.width + 2 * _MARGIN_PX, floor + _LEGEND_PX + 24, _PATTERNS, *_clock(hours, floor), *_slots(outcome.slots),
        *boxes, *_decisions(hours, outcome, floor), *_legend(floor + _LEGEND_PX), title=title,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Hours:
    """Where a moment is on the paper."""

    first_s: float
    last_s: float
    width: float

    @classmethod
    def of(cls, outcome: Outcome) -> "_Hours":
        moments = [run.ended_s for run in outcome.runs if run.ended_s is not None]
        moments += [one.at_s for one in outcome.decided.values()]
        first = min((one.arrives_s for one in outcome.arrivals), default=0.0)
        last = max([*moments, first + _MINUTE_S])
        wanted = (last - first) / _MINUTE_S * _MINUTE_PX
        return cls(first, last, min(max(wanted, _NARROWEST_PX), _WIDEST_PX))

    def x(self, moment_s: float) -> float:
        return _MARGIN_PX + (moment_s - self.first_s) / (self.last_s - self.first_s) * self.width


def _placed(runs: Iterable[Run]) -> Iterator[tuple[Run, int]]:
    """Each run with its slot: the lowest that was free when it started."""
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    made = 0
    for run in sorted(runs, key=lambda one: (one.started_s, one.id)):
        while busy and busy[0][0] <= run.started_s:
            heapq.heappush(free, heapq.heappop(busy)[1])
        slot = heapq.heappop(free) if free else made
        made += slot == made
        heapq.heappush(busy, (math.inf if run.ended_s is None else run.ended_s, slot))
        yield run, slot


_STATES = {True: "passed", False: "failed", None: "stopped"}
_FILLS = {"passed": "#2da44e", "failed": "url(#failed)", "stopped": "url(#stopped)"}
_EDGES = {"passed": "#1a7f37", "failed": "#cf222e", "stopped": "#8a939c"}
_PATTERNS = element(
    "defs",
    element(
        "pattern", element("rect", width=6, height=6, fill="#e5534b"), line(0, 0, 0, 6, stroke="#ffffff", stroke_width=2),
        id="failed", width=6, height=6, patternUnits="userSpaceOnUse", patternTransform="rotate(45)",
    ),
    element(
        "pattern", element("circle", cx=2, cy=2, r=1, fill="#8a939c"),
        id="stopped", width=4, height=4, patternUnits="userSpaceOnUse",
    ),
)  # fmt: skip


def _box(hours: _Hours, run: Run, slot: int) -> Iterator[str]:
    state = _STATES[run.passed]
    begin = hours.x(run.started_s)
    wide = max(hours.x(hours.last_s if run.ended_s is None else run.ended_s) - begin, 1.0)
    y = _row_y(slot)
    yield element(
        "rect", titled(_said(run, state)), class_="run", x=begin, y=y, width=max(wide - 1, 1.0), height=_ROW_PX, rx=2,
        fill=_FILLS[state], stroke=_EDGES[state], stroke_width=1,
    )  # fmt: skip
    if wide >= _ROW_PX and len(run.members) > 1:
        yield text(
            begin + wide / 2, y + _ROW_PX - 5, len(run.members), class_="small label", text_anchor="middle"
        )


def _said(run: Run, state: str) -> str:
    members = " ".join(str(one) for one in run.members)
    minutes = ((run.ended_s if run.ended_s is not None else run.started_s) - run.started_s) / _MINUTE_S
    return f"run {run.id} {state} after {minutes:.1f} min, {count(len(run.members), 'change')}: {members} · {run.because}"


def _row_y(slot: int) -> float:
    return _TOP + slot * (_ROW_PX + _ROW_GAP_PX)


def _slots(number: int) -> Iterator[str]:
    for slot in range(number):
        yield text(
            _MARGIN_PX - 8, _row_y(slot) + _ROW_PX - 5, slot + 1, class_="small quiet", text_anchor="end"
        )


def _clock(hours: _Hours, floor: float) -> Iterator[str]:
    for minute in _even(0.0, (hours.last_s - hours.first_s) / _MINUTE_S):
        x = hours.x(hours.first_s + minute * _MINUTE_S)
        yield line(x, _TOP - 4, x, floor + 30, class_="grid")
        yield text(x, floor + 44, f"{minute:g} min", class_="small quiet", text_anchor="middle")


def _decisions(hours: _Hours, outcome: Outcome, floor: float) -> Iterator[str]:
    """A tick for each change that landed, and a lower one in red for each that was sent back."""
    yield text(_MARGIN_PX - 8, floor + 13, "landed", class_="small quiet", text_anchor="end")
    yield text(_MARGIN_PX - 8, floor + 27, "back", class_="small quiet", text_anchor="end")
    for change, one in outcome.decided.items():
        x, top = hours.x(one.at_s), floor + (4 if one.landed else 18)
        fate = "landed" if one.landed else "sent back"
        yield element(
            "path", titled(f"{change} {fate}"), class_="decision", d=f"M{x:.1f} {top:.1f}v10",
            stroke=_EDGES["passed" if one.landed else "failed"], stroke_width=1.5,
        )  # fmt: skip


def _legend(y: float) -> Iterator[str]:
    for place, state in enumerate(_FILLS):
        x = _MARGIN_PX + place * 100
        yield element(
            "rect", x=x, y=y - 12, width=26, height=14, rx=2, fill=_FILLS[state], stroke=_EDGES[state]
        )
        yield text(x + 32, y, state)
    yield text(_MARGIN_PX + 310, y, "the number is how many changes were gated together", class_="quiet")


def _even(first: float, last: float) -> list[float]:
    """Round numbers between two, six at most."""
    wide = max(last - first, 1.0) / 5
    lead = 10.0 ** math.floor(math.log10(wide))
    step = next(lead * times for times in (1, 2, 5, 10) if lead * times >= wide)
    return [step * number for number in range(math.ceil(first / step), math.floor(last / step) + 1)]
