"""Pictures: well-formed, harmless, and every run in its place."""

import math
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from podium.simulation.kernel import Decided, Outcome
from podium.simulation.measures import Spread
from podium.simulation.pictures.album import album, sweep
from podium.simulation.pictures.curves import Curve, against_load
from podium.simulation.pictures.slots import space_time
from podium.simulation.scene import Run
from podium.simulation.study import Cell, Job, play, run
from podium.simulation.trace import Arrival
from podium.simulation.workloads import Workload

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>&"\x1b[31m\u202e'


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def of_class(picture: ET.Element, name: str) -> list[ET.Element]:
    return [one for one in picture.iter() if one.get("class") == name]


def sure(value: float) -> Spread:
    return Spread(value, value * 0.9, value * 1.1, 0.96)


def curve(name: str, *values: float) -> Curve:
    return Curve(name, {60.0 * (place + 1): sure(value) for place, value in enumerate(values)})


def outcome() -> Outcome:
    """Two slots, four runs: passed, failed, stopped, and one that begins where another ended."""
    arrivals = tuple(Arrival(id_, 0.0, 0.0, frozenset({id_}), 600.0) for id_ in range(3))
    made = Outcome("two slots", 2, 0, arrivals)
    made.runs = [
        Run(0, (0,), (0,), 0, 0.0, "first", 600.0, passed=True),
        Run(1, (1, 2), (1,), 0, 0.0, HOSTILE, 300.0, passed=False),
        Run(2, (2,), (2,), 0, 300.0, "alone", 900.0, passed=None),
        Run(3, (2,), (2,), 1, 600.0, "anew", 1200.0, passed=True),
    ]
    made.decided = {
        0: Decided(600.0, landed=True),
        1: Decided(300.0, landed=False),
        2: Decided(1200.0, landed=True),
    }
    return made


def boxes(picture: ET.Element) -> Iterator[tuple[float, float, float]]:
    """Row, left and right of each run."""
    for box in of_class(picture, "run"):
        left = float(box.get("x", "nan"))
        yield float(box.get("y", "nan")), left, left + float(box.get("width", "nan"))


def test_every_run_has_one_box_that_says_what_it_gated() -> None:
    picture = drawn(space_time(outcome(), title="runs"))
    said = [box.findtext(f"{SVG}title") or "" for box in of_class(picture, "run")]
    assert len(said) == 4
    assert any(text.startswith("run 1 failed after 5.0 min, 2 changes: 1 2") for text in said)
    assert len({box.get("fill") for box in of_class(picture, "run")}) == 3


def test_every_decision_has_its_tick() -> None:
    ticks = of_class(drawn(space_time(outcome(), title="runs")), "decision")
    assert sorted(tick.findtext(f"{SVG}title") or "" for tick in ticks) == [
        "0 landed",
        "1 sent back",
        "2 landed",
    ]


def test_no_run_is_drawn_over_another_and_no_slot_is_made_up() -> None:
    cell = Cell("busy", Workload(changes=60), 5)
    picture = drawn(space_time(play(Job(cell, "submitqueue", 3)), title="busy"))
    placed = sorted(boxes(picture))
    assert len({row for row, _, _ in placed}) <= 5
    assert all(one[2] <= two[1] + 1 for one, two in pairwise(placed) if one[0] == two[0])


def test_a_simulation_of_nothing_can_be_drawn() -> None:
    assert not of_class(drawn(space_time(Outcome("none", 1, 0, ()), title="none")), "run")


def test_foreign_text_is_harmless() -> None:
    curves = [curve(HOSTILE, 1, 2)]
    for svg in (space_time(outcome(), title=HOSTILE), against_load(curves, title=HOSTILE, unit=HOSTILE)):
        assert not list(drawn(svg).iter(f"{SVG}script"))
        assert "\x1b" not in svg
        assert "\u202e" not in svg


def test_the_same_gives_the_same_picture() -> None:
    assert space_time(outcome(), title="runs") == space_time(outcome(), title="runs")


def test_each_policy_has_a_line_and_its_name() -> None:
    picture = drawn(against_load([curve("podium", 1, 2), curve("zuul", 3, 40)], title="t", unit="min"))
    assert len(list(picture.iter(f"{SVG}polyline"))) == 2
    assert {"podium", "zuul"} <= {text.text for text in picture.iter(f"{SVG}text")}


def test_less_is_drawn_lower_and_nothing_on_the_floor() -> None:
    picture = drawn(against_load([curve("a", 0.0), curve("b", 5.0), curve("c", 50.0)], title="t", unit="min"))
    heights = [float(dot.get("cy", "nan")) for dot in picture.iter(f"{SVG}circle")]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 3
    assert all(0 < height <= 480 for height in heights)


def test_what_has_no_figure_is_left_out() -> None:
    broken = Curve("broken", {60.0: sure(math.inf), 120.0: Spread(3, 2, math.inf, 0.96)})
    picture = drawn(against_load([curve("fine", 1, 2), broken], title="t", unit="min"))
    assert len(list(picture.iter(f"{SVG}circle"))) == 3


@pytest.mark.parametrize("count", [1, 12, 20])
def test_names_do_not_cover_each_other(count: int) -> None:
    picture = drawn(against_load([curve(f"policy{n}", 7, 7) for n in range(count)], title="t", unit="min"))
    places = [
        float(text.get("y", "nan"))
        for text in picture.iter(f"{SVG}text")
        if (text.text or "").startswith("policy")
    ]
    assert len(places) == count
    assert all(two - one >= 14.9 for one, two in pairwise(sorted(places)))
    assert all(0 < place < 480 for place in places)


def test_an_album_shows_the_sweep_and_each_simulation() -> None:
    cell = Cell("small", Workload(changes=6, per_hour=40), 2)
    found = run(sweep(cell), ["single"], range(2), workers=1)
    pictures = album(found, cell, [play(Job(cell, "single", 0))])
    assert sorted(pictures) == [
        "runs-per-landed.svg",
        "space-time-single.svg",
        "turnaround-p50.svg",
        "turnaround-p95.svg",
    ]
    assert {one.workload.per_hour for one in sweep(cell)} == {5, 10, 20, 30, 40, 50}
    for svg in pictures.values():
        assert drawn(svg).tag == f"{SVG}svg"
