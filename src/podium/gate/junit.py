"""Reads the JUnit XML report that a test runner left: which cases passed, failed, were skipped.

The file was written where the tree under judgment runs, so it may be anything: a pipe, a link, a bomb. What the cases
mean for a verdict is `judgment.py`'s to say.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError, TreeBuilder, XMLParser, parse

from junitparser import Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestCase

from podium.base.digest import digest
from podium.base.files import read_untrusted
from podium.base.text import clean_line
from podium.model.evidence import Cases

LIMIT_BYTES = 64 * 1024 * 1024
_MOST_CASES = 200_000
_MOST_ELEMENTS = 1_000_000
_DEEPEST = 64
_LONGEST_ID = 500
_PASSED, _FAILED, _SKIPPED = range(3)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a report could not be read."""

    because: str


def read_report(path: Path) -> Cases | Unreadable:
    """The cases of the report at `path`, or why there are none to be had."""
    try:
        data = read_untrusted(path, limit_bytes=LIMIT_BYTES + 1)
    except FileNotFoundError:
        return Unreadable("it wrote no report")
    except OSError as error:
        return Unreadable(f"its report cannot be opened: {error.strerror}")
    if len(data) > LIMIT_BYTES:
        return Unreadable(f"its report is larger than {LIMIT_BYTES // 1024 // 1024} MiB")
    return parse_report(data)


def parse_report(data: bytes) -> Cases | Unreadable:
    """The cases in a report. An id is `classname::name`; of equal ids the second is `… #2`, passed before failed."""
    try:
        report = JUnitXml.fromfile(BytesIO(data), parse_func=_parse)
        named = sorted((_id(case), _outcome(case)) for case in _cases(report))
    except (ParseError, JUnitXmlError, ValueError, LookupError) as error:
        return Unreadable(f"its report is not JUnit XML: {clean_line(str(error), limit=120)}")
    return _sorted_by_outcome(named)


def _cases(report: JUnitXml) -> Iterator[TestCase]:
    for suite in report:
        yield from suite


def _id(case: TestCase) -> str:
    name = "::".join(part for part in (case.classname, case.name) if part) or "unnamed"
    return name if len(name) <= _LONGEST_ID else f"{name[:_LONGEST_ID]}…{digest(name)[:16]}"


def _outcome(case: TestCase) -> int:
    kinds = {type(result) for result in case.result}
    if kinds & {Failure, Error}:
        return _FAILED
    return _SKIPPED if Skipped in kinds else _PASSED


def _sorted_by_outcome(named: Sequence[tuple[str, int]]) -> Cases:
    found: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name, outcome in _distinct(named):
        found[outcome].append(name)
    return Cases(*(tuple(names) for names in found))


def _distinct(named: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """`named`, which is sorted, with equal ids numbered: the same cases in any order give the same ids."""
    taken = {name for name, _outcome in named}
    seen: Counter[str] = Counter()
    for name, outcome in named:
        seen[name] += 1
        if seen[name] == 1:
            yield name, outcome
            continue
        while f"{name} #{seen[name]}" in taken:
            seen[name] += 1
        yield f"{name} #{seen[name]}", outcome


def _parse(file: BytesIO) -> Any:
    parser = XMLParser(target=_Pruned())  # noqa: S314 - refuses a DOCTYPE, depth and number are bounded
    return parse(file, parser)  # noqa: S314 - as above


class _Pruned(TreeBuilder):
    """Builds the tree without its text, and gives up on what no test runner writes."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0
        self._cases = 0

    def doctype(self, *_declared: str | None) -> None:
        raise JUnitXmlError("it has a DOCTYPE")

    def start(self, tag: str, attrs: dict[str, str], /) -> Any:
        self._depth += 1
        self._elements += 1
        self._cases += tag == "testcase"
        if self._depth > _DEEPEST or self._elements > _MOST_ELEMENTS or self._cases > _MOST_CASES:
            raise JUnitXmlError("it is too deep or too long")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Any:
        self._depth -= 1
        return super().end(tag)

    def data(self, data: str, /) -> None:
        """Drop it: what a test printed is in no verdict."""
