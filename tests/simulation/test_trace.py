"""Traces as files: what is written is read again, and a line that is no change is named."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.base.errors import UsageError
from podium.simulation.trace import Arrival, lines, read

SECONDS = st.floats(0, 1e9)
IDS = st.integers(0, 10**12)
LEAST = {"id": 1, "arrives_s": 5, "keys": [3], "duration_s": 60}


@st.composite
def arrivals(draw: st.DrawFn) -> Arrival:
    good = draw(st.booleans())
    return Arrival(
        id=draw(IDS), arrives_s=draw(SECONDS), base_age_s=draw(SECONDS), keys=draw(st.frozensets(IDS, min_size=1, max_size=4)),
        duration_s=draw(st.floats(1e-3, 1e9)), good=good, breaks_with=draw(st.frozensets(IDS, max_size=3)), flaky=draw(st.floats(0, 1)),
        stale=not good or draw(st.booleans()), priority=draw(st.integers(-5, 5)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trace") / "trace.jsonl"


def read_text(file: Path, text: str) -> list[Arrival]:
    file.write_text(text, encoding="utf-8")
    return read(file)


@given(st.lists(arrivals(), unique_by=lambda one: one.id, max_size=6))
@settings(max_examples=40)
def test_what_is_written_is_read_again_in_order_of_arrival(file: Path, trace: list[Arrival]) -> None:
    in_order = sorted(trace, key=lambda one: (one.arrives_s, one.id))
    assert read_text(file, "\n".join(lines(trace))) == in_order


@given(arrivals())
@settings(max_examples=40)
def test_one_change_is_one_line(file: Path, change: Arrival) -> None:
    (line,) = lines([change])
    assert len(line.splitlines()) == 1
    assert read_text(file, f"\n\n{line}\n  \n") == [change]


def test_what_is_left_out_is_harmless(file: Path) -> None:
    assert read_text(file, json.dumps(LEAST)) == [Arrival(1, 5.0, 0.0, frozenset({3}), 60.0)]


def test_what_is_unknown_is_passed_over(file: Path) -> None:
    assert read_text(file, json.dumps({**LEAST, "author": "ada"})) == read_text(file, json.dumps(LEAST))


def test_a_change_that_is_not_good_was_proven_on_what_has_moved(file: Path) -> None:
    (change,) = read_text(file, json.dumps({**LEAST, "good": False, "stale": False}))
    assert change.stale
    assert replace(change, good=True, stale=False) == read_text(file, json.dumps(LEAST))[0]


@pytest.mark.parametrize(
    "line",
    [
        "not json", '{"id": 1', "[]", "7", "null", '"id"', "{}",
        *(json.dumps({name: value for name, value in LEAST.items() if name != missing}) for missing in LEAST),
        json.dumps({**LEAST, "id": "one"}), json.dumps({**LEAST, "id": None}), json.dumps({**LEAST, "arrives_s": "soon"}),
        json.dumps({**LEAST, "keys": 3}), json.dumps({**LEAST, "keys": ["a.py"]}), json.dumps({**LEAST, "duration_s": []}),
        json.dumps({**LEAST, "keys": []}), json.dumps({**LEAST, "keys": "12"}), json.dumps({**LEAST, "good": "false"}),
        json.dumps({**LEAST, "duration_s": 0}), json.dumps({**LEAST, "base_age_s": -1}), json.dumps({**LEAST, "arrives_s": float("nan")}),
        json.dumps({**LEAST, "id": float("inf")}), json.dumps({**LEAST, "flaky": 3}), "[" * 100_000,
        json.dumps({**LEAST, "breaks_with": 7}), json.dumps({**LEAST, "flaky": None}), json.dumps({**LEAST, "after": [None]}),
    ],
)  # fmt: skip
def test_a_line_that_is_no_change_is_named(file: Path, line: str) -> None:
    with pytest.raises(UsageError, match=r"trace\.jsonl:3: this is no change"):
        read_text(file, f"{json.dumps(LEAST)}\n\n{line}\n")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing\.jsonl"):
        read(tmp_path / "missing.jsonl")
    (tmp_path / "odd.jsonl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(UsageError, match=r"odd\.jsonl"):
        read(tmp_path / "odd.jsonl")


def test_a_stack_is_read_and_one_that_comes_after_nobody_is_refused(file: Path) -> None:
    above = json.dumps({**LEAST, "id": 2, "after": [1]})
    assert read_text(file, f"{json.dumps(LEAST)}\n{above}")[1].after == (1,)
    with pytest.raises(UsageError, match="comes after 1, which is not there"):
        read_text(file, above)


def test_two_changes_of_one_name_are_refused(file: Path) -> None:
    with pytest.raises(UsageError, match="two changes 1"):
        read_text(file, "\n".join([json.dumps(LEAST)] * 2))
