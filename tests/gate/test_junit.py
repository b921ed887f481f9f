"""Reports that test runners write, and reports that somebody wrote to do harm."""

import os
from pathlib import Path
from random import Random
from xml.sax.saxutils import quoteattr

from hypothesis import given
from hypothesis import strategies as st

from podium.gate.junit import Unreadable, parse_report, read_report
from podium.model.evidence import Cases

_BODY = {
    "passed": "",
    "failed": "<failure message='no'>x</failure>",
    "skipped": "<skipped/>",
    "error": "<error/>",
}


def case(name: str, outcome: str = "passed", classname: str = "tests.test_a") -> str:
    return f"<testcase classname={quoteattr(classname)} name={quoteattr(name)}>{_BODY[outcome]}</testcase>"


def report(*cases: str) -> bytes:
    return f"<?xml version='1.0'?><testsuites><testsuite name='s'>{''.join(cases)}</testsuite></testsuites>".encode()


def read(data: bytes) -> Cases:
    found = parse_report(data)
    assert isinstance(found, Cases), found
    return found


def refused(data: bytes) -> str:
    found = parse_report(data)
    assert isinstance(found, Unreadable), found
    return found.because


def test_every_case_is_in_one_of_three_lists_and_an_error_counts_as_failed() -> None:
    found = read(report(case("a"), case("b", "failed"), case("c", "skipped"), case("d", "error")))
    assert found == Cases(("tests.test_a::a",), ("tests.test_a::b", "tests.test_a::d"), ("tests.test_a::c",))


def test_a_collection_error_is_a_failure() -> None:
    text = "<testcase classname='' name='tests.test_x'><error message='collection failure'>ImportError</error></testcase>"
    assert read(report(text)) == Cases(failed=("tests.test_x",))


def test_cases_outside_a_suite_are_read() -> None:
    text = f"<testsuites>{case('a')}<testsuite name='s'>{case('b', 'failed')}</testsuite></testsuites>"
    assert read(text.encode()) == Cases(("tests.test_a::a",), ("tests.test_a::b",))


def test_a_lone_suite_and_nested_suites_are_read() -> None:
    inner = f"<testsuite>{case('b')}</testsuite>"
    assert read(f"<testsuite>{case('a')}{inner}</testsuite>".encode()).passed == (
        "tests.test_a::a",
        "tests.test_a::b",
    )


def test_a_case_that_passed_and_then_failed_in_teardown_failed() -> None:
    assert read(report(case("a"), case("a", "error"))) == Cases(("tests.test_a::a",), ("tests.test_a::a #2",))


def test_an_id_that_looks_numbered_already_stays_apart() -> None:
    found = read(report(case("a"), case("a"), case("a #2")))
    assert set(found.passed) == {"tests.test_a::a", "tests.test_a::a #2", "tests.test_a::a #3"}


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "a #2"]), st.sampled_from(list(_BODY))), max_size=12),
    st.randoms(),
)
def test_the_order_of_the_cases_does_not_matter_and_none_is_lost(
    cases: list[tuple[str, str]], chance: Random
) -> None:
    shuffled = list(cases)
    chance.shuffle(shuffled)
    one, other = (read(report(*(case(*each) for each in some))) for some in (cases, shuffled))
    assert one == other
    every = [*one.passed, *one.failed, *one.skipped]
    assert len(set(every)) == len(every) == len(cases)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_report_or_unreadable(data: bytes) -> None:
    assert isinstance(parse_report(data), Cases | Unreadable)


@given(
    st.sampled_from(["utf-7", "utf-16", "idna", "rot13", "base64", "cp037", "no-such", "utf-32", "hex"]),
    st.text(max_size=20),
)
def test_a_strange_encoding_does_no_harm(encoding: str, text: str) -> None:
    data = f"<?xml version='1.0' encoding='{encoding}'?><testsuites>".encode() + text.encode()
    assert isinstance(parse_report(data), Cases | Unreadable)


def test_a_doctype_is_refused_before_any_entity_expands() -> None:
    bomb = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(20)
    )
    assert "DOCTYPE" in refused(bomb + b"]><testsuites><testsuite name='&u;'/></testsuites>")
    assert "DOCTYPE" in refused(b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><testsuites/>")


def test_what_is_no_report_says_so() -> None:
    for data in (b"", b"hello", b"<html/>", b"<testsuites>", b"\0\0", b"<testsuites>&x;</testsuites>"):
        assert "not JUnit XML" in refused(data)


def test_depth_and_length_are_bounded() -> None:
    assert "too deep" in refused(b"<testsuites>" + b"<testsuite>" * 100_000)
    assert "too long" in refused(report("<testcase/>" * 200_001))


def test_a_long_id_stays_distinct_and_short() -> None:
    found = read(report(case("x" * 100_000 + "1"), case("x" * 100_000 + "2")))
    assert len(set(found.passed)) == 2
    assert all(len(name) < 600 for name in found.passed)


def test_a_missing_file_a_link_a_pipe_a_directory_and_a_huge_file_are_unreadable(tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.write_bytes(report(case("a")))
    (tmp_path / "link").symlink_to(good)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    with (tmp_path / "huge").open("wb") as huge:
        huge.truncate(10 * 1024**3)
    assert read_report(tmp_path / "missing") == Unreadable("it wrote no report")
    assert read_report(tmp_path / "directory") == Unreadable("its report is a folder without an XML file")
    for name in ("link", "pipe"):
        found = read_report(tmp_path / name)
        assert isinstance(found, Unreadable)
        assert "cannot be opened" in found.because
    assert read_report(tmp_path / "huge") == Unreadable("its report is larger than 64 MiB")
    assert read_report(good) == Cases(("tests.test_a::a",))


def test_a_folder_of_reports_is_one_report(tmp_path: Path) -> None:
    folder = tmp_path / "report.xml"
    (folder / "module").mkdir(parents=True)
    (folder / "TEST-a.xml").write_bytes(report(case("a"), case("b", "failed")))
    (folder / "module" / "TEST-b.xml").write_bytes(report(case("a"), case("c", "skipped")))
    (folder / "a.txt").write_text("no report")
    assert read_report(folder) == Cases(
        ("tests.test_a::a", "tests.test_a::a #2"), ("tests.test_a::b",), ("tests.test_a::c",)
    )
    (folder / "broken.xml").write_text("<testsuites>")
    assert isinstance(read_report(folder), Unreadable)


def test_a_folder_of_reports_is_bounded_and_leads_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(report(case("a")))
    for name in ("linked", "many", "large", "linked-folder"):
        (tmp_path / name).mkdir()
    (tmp_path / "linked" / "a.xml").symlink_to(secret)
    (tmp_path / "linked-folder" / "a").symlink_to(tmp_path)
    for number in range(5001):
        (tmp_path / "many" / f"{number}.xml").touch()
    for number in range(2):
        with (tmp_path / "large" / f"{number}.xml").open("wb") as large:
            large.truncate(40 * 1024**2)
    reasons = {}
    for name in ("linked", "many", "large", "linked-folder"):
        found = read_report(tmp_path / name)
        assert isinstance(found, Unreadable), name
        reasons[name] = found.because
    assert "cannot be opened" in reasons["linked"]
    assert reasons["many"] == "its report is of more than 5000 files"
    assert reasons["large"] == "its report is larger than 64 MiB"
    assert reasons["linked-folder"] == "its report is a folder without an XML file"


def test_a_suite_that_counts_failures_and_shows_none_is_a_failed_case() -> None:
    hidden = "<testsuites failures='1'><testsuite name='src/a.test.js' errors='1' failures='0' tests='0'/></testsuites>"
    assert read(hidden.encode()) == Cases(failed=("src/a.test.js::a failure that is counted and not shown",))
    shown = f"<testsuites failures='1'><testsuite name='a' failures='1'>{case('a', 'failed')}</testsuite></testsuites>"
    assert read(shown.encode()) == Cases(failed=("tests.test_a::a",))
    beside = f"<testsuites><testsuite name='a' failures='2'>{case('a')}</testsuite><testsuite>{case('b', 'failed')}</testsuite></testsuites>"
    assert len(read(beside.encode()).failed) == 2
