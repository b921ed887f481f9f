"""A checker's answer is read like anything from outside: whole, bounded, harmless, or not at all."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_checking import CASE

from podium.model.checking import Opinion, Proposal, Remark, Severity, Word
from podium.review.checking import compose
from podium.review.verdict import LIMIT_BYTES, Invalid, fault, read_verdict

TEST = {
    "name": "adds",
    "path": "tests/test_a.py",
    "content": "assert True\n",
    "command": "python3 tests/test_a.py",
}


def answer(**changed: Any) -> bytes:
    return json.dumps({"verdict": "approve", "because": "it holds"} | changed).encode()


def opinion(data: bytes) -> Opinion:
    found = read_verdict(data)
    assert isinstance(found, Opinion), found
    return found


def test_the_least_that_can_be_said_is_a_verdict_and_a_reason() -> None:
    assert opinion(answer()) == Opinion(Word.APPROVE, "it holds")
    assert opinion(answer(verdict="send-back")).word is Word.SEND_BACK
    assert opinion(answer(verdict="unsure")).word is Word.UNSURE


def test_findings_and_tests_come_along() -> None:
    found = opinion(
        answer(findings=[{"severity": "major", "message": "slow", "path": "a.py", "line": 3}], tests=[TEST])
    )
    assert found.findings == (Remark(Severity.MAJOR, "slow", "a.py", 3),)
    assert found.tests == (Proposal(**TEST),)


def test_the_example_in_the_brief_is_a_valid_answer() -> None:
    example = compose(CASE).rpartition("```json\n")[2].partition("\n```")[0]
    assert opinion(example.encode()).word is Word.SEND_BACK


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "JSON"),
        (b"I approve!", "JSON"),
        (b"[]", "object"),
        (b"\xff\xfe", "JSON"),
        (b'{"verdict": "approve"}', "because"),
        (answer(verdict="none"), "verdict"),
        (answer(verdict="APPROVED"), "'approve'"),
        (answer(because="  \n"), "say something here"),
        (answer(because="x" * 4001), "4000"),
        (answer(confidence=0.9), "confidence"),
        (answer(finding=[]), "finding"),
        (answer(findings=[{"severity": "fatal", "message": "x"}]), "findings[0].severity"),
        (answer(findings=[{"severity": "note", "message": "x"}] * 51), "50"),
        (answer(findings=[{"severity": "note", "message": "x", "line": -1}]), "findings[0].line"),
        (answer(tests=[TEST] * 6), "5"),
        (answer(tests=[TEST | {"command": "true\0"}]), "tests[0].command"),
        (answer(tests=[TEST | {"path": "a\u202eb.py"}]), "tests[0].path"),
        (answer(tests=[TEST | {"name": ""}]), "tests[0].name"),
        (answer(tests=[TEST | {"content": "x" * 32_001}]), "tests[0].content"),
        (b"[" * 100_000, "JSON"),
        (b" " * (LIMIT_BYTES + 1), "256 KiB"),
    ],
)
def test_anything_else_is_none_and_says_what_is_wrong(data: bytes, says: str) -> None:
    found = read_verdict(data)
    assert isinstance(found, Invalid)
    assert says in found.because
    assert fault(data) == found.because
    assert len(fault(data)) < 4000


def test_a_valid_answer_has_no_fault() -> None:
    assert fault(answer(tests=[TEST])) == ""


def test_a_lone_surrogate_is_refused_before_it_can_be_stored() -> None:
    data = answer(tests=[TEST]).replace(b"assert True", b"\\ud800")
    assert isinstance(read_verdict(data), Invalid)


def test_what_people_read_is_harmless_and_a_tests_content_stays_as_it_is() -> None:
    found = opinion(
        answer(because="\x1b[31mfine\x07", findings=[{"severity": "note", "message": "a\nb\x1b[2J", "path": "\x07"}],
               tests=[TEST | {"content": "print('\\x1b[31m')\r\n\x07"}])
    )  # fmt: skip
    assert found.because == "fine\\x07"
    assert found.findings == (Remark(Severity.NOTE, "a b", "\\x07"),)
    assert found.tests[0].content.endswith("\r\n\x07")


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["verdict", "because", "findings", "tests", "path"]), inner, max_size=4),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_nothing_an_agent_writes_brings_the_reader_down(data: bytes) -> None:
    found = read_verdict(data)
    assert isinstance(found, Opinion | Invalid)
    assert bool(fault(data)) is isinstance(found, Invalid)
