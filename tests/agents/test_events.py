"""The transcript of an attempt: whole lines, bounded, harmless to read, and no secret in it."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from podium.agents.events import FILE, LIMIT_BYTES, AgentEvent, EventKind, Transcript, read_events
from podium.base.redaction import Redactor

SECRET = "s3cret-value"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "transcripts" / "one" / FILE


def transcript(path: Path, *, redact: Callable[[str], str] = lambda text: text) -> Transcript:
    ticks = itertools.count(1)
    return Transcript(path, clock=lambda: float(next(ticks)), redact=redact)


def blot(text: str) -> str:
    return text.replace(SECRET, "[secret]")


def events(path: Path) -> list[AgentEvent]:
    return [event for event, _offset in read_events(path)]


def test_what_was_said_is_read_back(path: Path) -> None:
    written = transcript(path)
    written.say(EventKind.STARTED, "it runs", protocol=1)
    written.say(EventKind.TURN_DONE, "ok")
    assert events(path) == [
        AgentEvent(1.0, EventKind.STARTED, "it runs", {"protocol": 1}),
        AgentEvent(2.0, EventKind.TURN_DONE, "ok"),
    ]


def test_crumbs_of_text_become_one_event_before_what_came_after_them(path: Path) -> None:
    written = transcript(path)
    for word in ("I ", "shall ", "see."):
        written.crumb(EventKind.TEXT, word)
    written.crumb(EventKind.THOUGHT, "Hm.")
    written.say(EventKind.TOOL, "Read")
    assert [(event.kind, event.text) for event in events(path)] == [
        (EventKind.TEXT, "I shall see."), (EventKind.THOUGHT, "Hm."), (EventKind.TOOL, "Read"),
    ]  # fmt: skip


def test_running_text_is_written_when_there_is_enough_of_it(path: Path) -> None:
    written = transcript(path)
    for _ in range(10_000):
        written.crumb(EventKind.TEXT, "word ")
    assert 5 < len(events(path)) < 100
    written.close()
    assert "".join(event.text for event in events(path)) == "word " * 10_000


@pytest.mark.parametrize("before", [0, 1985, 1990, 1995, 3985, 3990])
def test_a_secret_that_comes_in_crumbs_is_blotted_out(path: Path, before: int) -> None:
    written = transcript(path, redact=blot)
    for letter in "." * before + SECRET:
        written.crumb(EventKind.TEXT, letter)
    written.close()
    said = "".join(event.text for event in events(path))
    assert SECRET not in said
    assert SECRET[:8] not in said


def streamed(path: Path, text: str, *, by: int = 1, redact: Callable[[str], str] = blot) -> list[str]:
    """The events of a text that comes in crumbs of `by` letters, and is looked at after each of them."""
    written = Transcript(path, clock=lambda: 7.0, redact=redact)
    for start in range(0, len(text), by):
        written.crumb(EventKind.TEXT, text[start : start + by])
        written.flush()
    written.close()
    return [event.text for event in events(path)]


@pytest.mark.parametrize("before", [0, 395, 400, 3590, 3600])
def test_a_secret_is_blotted_out_though_the_text_is_written_as_it_streams(path: Path, before: int) -> None:
    said = streamed(path, "so " * (before // 3) + SECRET + " and on" * 200)
    assert len(said) > 1
    assert "".join(said) == "so " * (before // 3) + "[secret]" + " and on" * 200


@pytest.mark.parametrize("before", [0, 100, 5000])
def test_a_key_of_many_lines_is_blotted_out_as_it_streams(path: Path, before: int) -> None:
    lines = "MIIEvQIBADANBgkqhkiG9w\n" * 40
    key = f"-----BEGIN PRIVATE KEY-----\n{lines}-----END PRIVATE KEY-----"
    said = streamed(path, "so " * (before // 3) + key + " and on" * 200, by=9, redact=Redactor())
    assert "".join(said) == "so " * (before // 3) + "[secret]" + " and on" * 200


@pytest.mark.parametrize("before", [3580, 3595, 7580, 7595, 8000, 15_590])
def test_no_secret_is_cut_in_two_where_a_text_is_cut(path: Path, before: int) -> None:
    written = transcript(path, redact=blot)
    for piece in ("x" * before, SECRET, "y" * 20_000):
        for start in range(0, len(piece), 100):
            written.crumb(EventKind.TEXT, piece[start : start + 100])
    written.close()
    assert "".join(event.text for event in events(path)) == "x" * before + "[secret]" + "y" * 20_000


def test_a_text_without_any_space_is_not_held_back_for_ever(path: Path) -> None:
    written = transcript(path)
    for _ in range(50):
        written.crumb(EventKind.TEXT, "x" * 1000)
    assert sum(len(event.text) for event in events(path)) >= 30_000


def test_what_was_said_before_a_silence_is_there_to_be_read(path: Path) -> None:
    now = [10.0]
    written = Transcript(path, clock=lambda: now[0])
    written.crumb(EventKind.TEXT, "Let me think.")
    written.flush()
    assert events(path) == []
    now[0] += 3
    written.flush()
    assert [event.text for event in events(path)] == ["Let me think."]


def test_a_secret_among_codes_is_blotted_out(path: Path) -> None:
    written = transcript(path, redact=blot)
    written.say(EventKind.TEXT, f"{SECRET[:4]}\x1b[0m{SECRET[4:]}", at={SECRET: [SECRET]})
    assert SECRET not in path.read_text()


def test_a_secret_that_is_a_number_costs_no_event(path: Path) -> None:
    written = transcript(path, redact=lambda text: text.replace("31415926", "[secret]"))
    written.say(EventKind.USAGE, "31415926 tokens", tokens=31415926)
    [event] = events(path)
    assert event.text == "[secret] tokens"
    assert isinstance(event.data, dict)


@pytest.mark.parametrize("code", ["\x1b[2J", "\x07", "\x00", "\u202e", "\x9b", "\ud800", "\r"])
def test_no_code_reaches_whoever_reads_the_text(path: Path, code: str) -> None:
    transcript(path).say(EventKind.TEXT, f"a{code}b", raw=code)
    assert code not in events(path)[0].text
    assert code.encode(errors="replace") not in path.read_bytes().replace(b"?", b"")


def test_it_is_bounded_and_still_says_how_it_ended(path: Path) -> None:
    written = transcript(path)
    for _ in range(1000):
        written.say(EventKind.TOOL, "x" * 15_000)
    written.say(EventKind.TURN_DONE, "ok")
    assert len(events(path)) < 1000
    assert path.stat().st_size < LIMIT_BYTES * 1.1
    assert events(path)[-1].kind is EventKind.TURN_DONE


def test_even_a_flood_of_notes_leaves_room_for_how_it_ended(path: Path) -> None:
    written = transcript(path)
    for _ in range(2000):
        written.say(EventKind.NOTE, "x" * 15_000)
    written.say(EventKind.TURN_DONE, "ok")
    assert path.stat().st_size < LIMIT_BYTES * 1.1
    assert events(path)[-1].kind is EventKind.TURN_DONE


def test_a_large_thing_in_the_data_is_bounded_too(path: Path) -> None:
    written = transcript(path)
    written.say(EventKind.TOOL, "x" * 100_000, output="y" * (LIMIT_BYTES * 2))
    written.say(EventKind.TURN_DONE, "ok")
    assert path.stat().st_size < LIMIT_BYTES
    assert events(path)[-1].kind is EventKind.TURN_DONE


def test_whoever_takes_it_up_writes_on_and_within_the_same_bound(path: Path) -> None:
    for number in range(3):
        one = transcript(path)
        one.say(EventKind.NOTE, f"life {number}")
        one.close()
    assert [event.text for event in events(path)] == ["life 0", "life 1", "life 2"]


def test_a_line_that_a_killed_writer_left_half_costs_no_other(path: Path) -> None:
    first = transcript(path)
    first.say(EventKind.NOTE, "before")
    with path.open("ab") as file:
        file.write(b'{"at": 2, "kind": "no')
    transcript(path).say(EventKind.NOTE, "after")
    assert [event.text for event in events(path)] == ["before", "after"]


def test_whoever_reads_along_sees_each_event_once_and_whole(path: Path) -> None:
    assert list(read_events(path)) == []
    written = transcript(path)
    written.say(EventKind.NOTE, "one")
    [(_event, offset)] = read_events(path)
    with path.open("ab") as file:
        file.write(b'{"at": 2, "kind": "note", ')
        file.flush()
        assert list(read_events(path, offset=offset)) == []
        file.write(b'"text": "two"}\n')
    [(event, offset)] = read_events(path, offset=offset)
    assert event.text == "two"
    assert list(read_events(path, offset=offset)) == []


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b"7", b"\xff\xfe", b'{"at": 1, "kind": "dance", "text": ""}', b"[" * 100_000]
)
def test_a_line_that_is_no_event_is_passed_over(path: Path, line: bytes) -> None:
    written = transcript(path)
    written.say(EventKind.NOTE, "one")
    with path.open("ab") as file:
        file.write(line + b"\n")
    written.say(EventKind.NOTE, "two")
    assert [event.text for event in events(path)] == ["one", "two"]


def test_every_line_is_json(path: Path) -> None:
    written = transcript(path)
    for kind in EventKind:
        written.say(kind, "line one\nline two\u2028", data={"nested": [None, 1.5, "é"]})
    assert [json.loads(line)["kind"] for line in path.read_bytes().splitlines()] == [*map(str, EventKind)]
