"""A figure against the load, one line for each policy, as SVG; the figure's axis is logarithmic."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from podium.simulation.measures import Spread
from podium.simulation.pictures.svg import element, line, picture, text, titled

_WIDTH, _HEIGHT = 860.0, 480.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 150.0, 64.0, 52.0
_LABEL_PX = 15.0
_BAR_PX = 1.5
"""How far the interval of one policy stands beside that of the one before."""
_COLOURS = (
    "#1f77e0", "#d1495b", "#e08e1b", "#7a9e1f", "#1f9e89", "#8e5bd0",
    "#c2559d", "#9c6b3f", "#4f93b8", "#b5a014", "#6b7d93", "#e0705a",
)  # fmt: skip
_DASHES = ("none", "7 3", "2 3", "9 3 2 3", "4 2", "12 4")
_GREY = "#8a939c"
_DECADE, _CLOSE = 10.0, 1.0001
_LOWEST = 0.1
"""What is less is drawn here: a logarithm has no place for nothing."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One policy's figure at each load, which is in changes per hour. A bound is drawn faintly: it knows what nobody knows."""

    name: str
    points: Mapping[float, Spread]
    is_ours: bool = False
    is_bound: bool = False


def against_load(curves: Sequence[Curve], *, title: str, unit: str, ruler: float | None = None) -> str:
    """A figure against the load, both axes with their names; the figure's axis is logarithmic.

    Bars are the intervals. What is below the smallest tick (nothing at all, where evidence is reused) is drawn on it.
    `ruler` draws one level across: one gate duration, say, or one run per change.
    """
    frame = _Frame(*_range(curves))
    drawn = [part for place, curve in enumerate(curves) for part in _curve(frame, curve, place)]
    return picture(
        _WIDTH,
        _HEIGHT,
        *_axes(frame, curves, unit),
        *_ruled(frame, ruler),
        *drawn,
        *_names(frame, curves),
        title=title,
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a load and a value are on the paper."""

    first: float
    last: float
    low: float
    high: float

    def x(self, load: float) -> float:
        share = (load - self.first) / (self.last - self.first) if self.last > self.first else 0.5
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        held = min(max(value, self.low), self.high)
        share = math.log(held / self.low) / math.log(self.high / self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _range(curves: Sequence[Curve]) -> tuple[float, float, float, float]:
    loads = [load for curve in curves for load in curve.points] or [0.0, 1.0]
    values = [
        value
        for curve in curves
        for one in curve.points.values()
        for value in (one.median, one.low, one.high)
        if _LOWEST <= value < math.inf
    ] or [1.0, 10.0]
    ticks = list(_ticks(min(values), max(values)))
    return min(loads), max(loads), ticks[0], ticks[-1]


def _ticks(low: float, high: float) -> Iterator[float]:
    """Round numbers from at most `low` to at least `high`, two at least; the closer those are, the more there are between."""
    leads = (1, 2, 5) if high / low > _DECADE else (1, 1.5, 2, 3, 4, 5, 7)
    power = math.floor(math.log10(low))
    every = [lead * 10.0**exponent for exponent in range(power, power + 12) for lead in leads]
    begin = max(place for place, tick in enumerate(every) if tick <= low * _CLOSE)
    for tick in every[begin:]:
        yield tick
        if tick * _CLOSE >= high and tick > every[begin]:
            return


def _axes(frame: _Frame, curves: Sequence[Curve], unit: str) -> Iterator[str]:
    right, floor = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    for tick in _ticks(frame.low, frame.high):
        y = frame.y(tick)
        yield line(_LEFT, y, right, y, class_="grid")
        yield text(_LEFT - 8, y + 4, f"{tick:g}", text_anchor="end", class_="quiet")
    for load in sorted({load for curve in curves for load in curve.points}):
        yield line(frame.x(load), floor, frame.x(load), floor + 4, class_="axis")
        yield text(frame.x(load), floor + 18, f"{load:g}", text_anchor="middle", class_="quiet")
    yield line(_LEFT, floor, right, floor, class_="axis")
    yield text((_LEFT + right) / 2, _HEIGHT - 12, "changes per hour", text_anchor="middle", class_="quiet")
    yield text(_LEFT - 8, _TOP - 16, unit, class_="quiet", text_anchor="end")


def _ruled(frame: _Frame, level: float | None) -> Iterator[str]:
    if level is not None and frame.low <= level <= frame.high:
        y = frame.y(level)
        yield line(_LEFT, y, _WIDTH - _RIGHT, y, class_="axis", stroke_dasharray="1 4")


def _curve(frame: _Frame, curve: Curve, place: int) -> Iterator[str]:
    colour = _colour(curve, place)
    known = [(load, one) for load, one in sorted(curve.points.items()) if math.isfinite(one.median)]
    dots = " ".join(f"{frame.x(load):.1f},{frame.y(one.median):.1f}" for load, one in known)
    yield element(
        "polyline", points=dots, fill="none", stroke=colour, stroke_width=3 if curve.is_ours else 1.5,
        stroke_dasharray="1 3" if curve.is_bound else "none" if curve.is_ours else _DASHES[place % len(_DASHES)],
    )  # fmt: skip
    for load, one in known:
        x = frame.x(load)
        bar = x + place * _BAR_PX
        yield line(bar, frame.y(one.low), bar, frame.y(one.high), stroke=colour, stroke_width=1, opacity=0.7)
        said = f"{curve.name} at {load:g}/h: {one.median:.3g} ({one.low:.3g} to {one.high:.3g})"
        yield element("circle", titled(said), cx=x, cy=frame.y(one.median), r=3, fill=colour)


def _names(frame: _Frame, curves: Sequence[Curve]) -> Iterator[str]:
    """The names at the ends of the lines, pushed apart where they would cover each other."""
    ends = []
    for place, curve in enumerate(curves):
        known = [(load, one.median) for load, one in curve.points.items() if math.isfinite(one.median)]
        if known:
            load, value = max(known)
            ends.append((frame.y(value), frame.x(load), curve, place))
    ends.sort(key=lambda end: end[0])
    spots = _apart([end[0] for end in ends], low=_TOP, high=_HEIGHT - _BOTTOM)
    for (y, x, curve, place), spot in zip(ends, spots, strict=True):
        edge, colour = _WIDTH - _RIGHT + 14, _colour(curve, place)
        yield line(x + 5, y, edge, spot, stroke=colour, stroke_width=0.7, opacity=0.6)
        yield text(
            edge + 4, spot + 4, curve.name, style=f"fill:{colour}", font_weight=700 if curve.is_ours else 400
        )


def _apart(wanted: Sequence[float], *, low: float, high: float) -> list[float]:
    """Places at least one label apart, near those wanted, in their order."""
    spots: list[float] = []
    for place in wanted:
        spots.append(max(place, spots[-1] + _LABEL_PX) if spots else max(place, low))
    beyond = high
    for number in reversed(range(len(spots))):
        spots[number] = min(spots[number], beyond)
        beyond = spots[number] - _LABEL_PX
    return spots


def _colour(curve: Curve, place: int) -> str:
    return _GREY if curve.is_bound else _COLOURS[place % len(_COLOURS)]
