"""Ticking changes one byte, or nothing."""

from hypothesis import given
from hypothesis import strategies as st

from podium.formats.registry import read
from podium.formats.tick import tick
from podium.model.task import Checkbox

DATA = "# Tä\n\n## Tasks\n- [ ] 1 a\n- [ ] 2 b\n".encode()


def _boxes(data: bytes) -> list[Checkbox]:
    spec = read(data, path="s.md", spec_id="s").spec
    return [task.checkbox for task in spec.tasks if task.checkbox] if spec else []


def test_a_ticked_task_is_read_as_done_and_the_others_are_not() -> None:
    ticked = tick(DATA, _boxes(DATA)[1])
    assert ticked is not None
    spec = read(ticked, path="s.md", spec_id="s").spec
    assert spec is not None
    assert [task.done for task in spec.tasks] == [False, True]


def test_boxes_are_ticked_one_after_the_other_without_reading_again() -> None:
    first, second = _boxes(DATA)
    once = tick(DATA, first)
    assert once is not None
    assert tick(once, second) == DATA.replace(b"[ ]", b"[x]")


def test_ticking_twice_changes_nothing_more() -> None:
    box = _boxes(DATA)[0]
    once = tick(DATA, box)
    assert once is not None
    assert tick(once, box) == once
    assert tick(once.replace(b"[x]", b"[X]"), box) == once.replace(b"[x]", b"[X]")


def test_a_line_that_moved_or_changed_is_refused() -> None:
    box = _boxes(DATA)[0]
    assert tick(b"\n" + DATA, box) is None
    assert tick(DATA.replace(b"1 a", b"1 b"), box) is None
    assert tick(DATA.replace(b"1 a\n", b"1 a \n"), box) is None
    assert tick(b"", box) is None
    assert tick(DATA, Checkbox(-5, box.line)) is None


def test_a_box_beside_the_one_meant_is_refused() -> None:
    data = b"- [ ] 1 [ ] a"
    assert tick(data, Checkbox(3, "- [ ] 1 [ ] a")) == b"- [x] 1 [ ] a"
    assert tick(data, Checkbox(5, "- [ ] 1 [ ] a")) is None


_end = st.sampled_from(["\n", "\r\n", "\r"])
_line = st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=12)


@given(
    before=st.lists(_line, max_size=3),
    title=_line,
    end=_end,
    mark=st.sampled_from(["", "\ufeff"]),
    after=_line,
)
def test_exactly_one_byte_differs(before: list[str], title: str, end: str, mark: str, after: str) -> None:
    lines = [
        "# é",
        *(f"> {line}" for line in before),
        "",
        "## Tasks",
        "",
        f"* [ ] 1 t{title}",
        "",
        f"> {after}",
    ]
    data = (mark + end.join(lines)).encode()
    (box,) = _boxes(data)
    ticked = tick(data, box)
    assert ticked is not None
    assert len(ticked) == len(data)
    assert [(was, now) for was, now in zip(data, ticked, strict=True) if was != now] == [(0x20, 0x78)]
    assert data[: box.offset].endswith(b"* [")


@given(st.binary(max_size=60), st.integers(-5, 70), st.text(max_size=20))
def test_whatever_the_file_became_at_most_that_byte_differs(data: bytes, offset: int, line: str) -> None:
    ticked = tick(data, Checkbox(offset, line))
    assert ticked is None or ticked == data or ticked == data[:offset] + b"x" + data[offset + 1 :]
