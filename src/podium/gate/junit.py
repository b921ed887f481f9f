"""Reads the JUnit XML report that a test runner left: which cases passed, failed, were skipped.

A report is a file, or a folder of files as Maven and Gradle write them. It was written where the tree under judgment runs,
so it may be anything: a pipe, a link, a bomb. What the cases mean for a verdict is `judgment.py`'s to say.
"""

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
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
_MOST_FILES = 5000
_SUITES, _FAILURES = frozenset({"testsuites", "testsuite"}), frozenset({"failure", "error"})
_PASSED, _FAILED, _SKIPPED = range(3)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a report could not be read."""

    because: str


def read_report(path: Path) -> Cases | Unreadable:
    """The cases of the report at `path`, or why there are none to be had."""
    try:
        if not stat.S_ISDIR(path.lstat().st_mode):
            return _read([path])
        files = sorted(islice(_reports(path), _MOST_FILES + 1))
    except FileNotFoundError:
        return Unreadable("it wrote no report")
    except OSError as error:
        return _cannot_open(error)
    if len(files) > _MOST_FILES:
        return Unreadable(f"its report is of more than {_MOST_FILES} files")
    return _read(files) if files else Unreadable("its report is a folder without an XML file")


def _reports(folder: Path) -> Iterator[Path]:
    """The XML files in a folder and one level below, a folder for each module; no link is followed."""
    with os.scandir(folder) as found:
        entries = list(islice(found, _MOST_FILES + 1))
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            with os.scandir(path) as found:
                below = list(islice(found, _MOST_FILES + 1))
            yield from (Path(each.path) for each in below if _is_report(each))
        elif _is_report(entry):
            yield path


def _is_report(entry: "os.DirEntry[str]") -> bool:
    return entry.name.endswith(".xml") and not entry.is_dir(follow_symlinks=False)


def _read(files: Sequence[Path]) -> Cases | Unreadable:
    left, read = LIMIT_BYTES, []
    for file in files:
        try:
            data = read_untrusted(file, limit_bytes=left + 1)
        except FileNotFoundError:
            return Unreadable("it wrote no report")
        except OSError as error:
            return _cannot_open(error)
        left -= len(data)
        if left < 0:
            return Unreadable(f"its report is larger than {LIMIT_BYTES // 1024 // 1024} MiB")
        read.append(data)
    return parse_report(*read)


def _cannot_open(error: OSError) -> Unreadable:
    return Unreadable(f"its report cannot be opened: {error.strerror}")


def parse_report(*files: bytes) -> Cases | Unreadable:
    """The cases in a report. An id is `classname::name`; of equal ids the second is `… #2`, passed before failed.

    Where a suite counts failures and shows none (it broke down before its first case), that is one more failed case.
    """
    pruned = _Pruned()
    try:
        named = [(_id(case), _outcome(case)) for data in files for case in _cases(data, pruned)]
    except (ParseError, JUnitXmlError, ValueError, LookupError) as error:
        return Unreadable(f"its report is not JUnit XML: {clean_line(str(error), limit=120)}")
    return _sorted_by_outcome(sorted([*named, *((_bounded(name), _FAILED) for name in pruned.unshown)]))


def _cases(data: bytes, pruned: "_Pruned") -> Iterator[TestCase]:
    """Every case, at any depth: node's own runner puts those outside a suite right below the root."""
    parser = XMLParser(target=pruned.another())  # noqa: S314 - refuses a DOCTYPE, depth and number are bounded
    root: Any = parse(BytesIO(data), parser).getroot()  # noqa: S314 - as above
    JUnitXml.fromroot(root)  # refuses what is no report
    read: Any = TestCase.fromelem  # which has no types
    return (read(case) for case in root.iter("testcase"))


def _id(case: TestCase) -> str:
    return _bounded("::".join(part for part in (case.classname, case.name) if part) or "unnamed")


def _bounded(name: str) -> str:
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


class _Pruned:
    """Builds trees without their text, and gives up on what no test runner writes. The bounds are those of all together."""

    def __init__(self) -> None:
        self.unshown: list[str] = []
        """The suites that count failures and show none."""
        self.elements = 0
        self.cases = 0

    def another(self) -> "_Builder":
        return _Builder(self)

    def count(self, tag: str) -> None:
        self.elements += 1
        self.cases += tag == "testcase"
        if self.elements > _MOST_ELEMENTS or self.cases > _MOST_CASES:
            raise JUnitXmlError("it is too deep or too long")


class _Builder(TreeBuilder):
    """Builds one tree. Of each suite that is open it keeps its name, where it counts failures, until one is shown."""

    def __init__(self, pruned: _Pruned) -> None:
        super().__init__()
        self._pruned = pruned
        self._depth = 0
        self._suites: list[str] = []

    def doctype(self, *_declared: str | None) -> None:
        raise JUnitXmlError("it has a DOCTYPE")

    def start(self, tag: str, attrs: dict[str, str], /) -> Any:
        self._depth += 1
        self._pruned.count(tag)
        if self._depth > _DEEPEST:
            raise JUnitXmlError("it is too deep or too long")
        if tag in _SUITES:
            self._suites.append(attrs.get("name", tag) if _counts_failures(attrs) else "")
        elif tag in _FAILURES:
            self._show()
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Any:
        self._depth -= 1
        if tag in _SUITES and (name := self._suites.pop()):
            self._pruned.unshown.append(f"{name}::a failure that is counted and not shown")
            self._show()
        return super().end(tag)

    def data(self, data: str, /) -> None:
        """Drop it: what a test printed is in no verdict."""

    def _show(self) -> None:
        self._suites = [""] * len(self._suites)


def _counts_failures(attrs: dict[str, str]) -> bool:
    return any(attrs.get(name, "0").strip() not in ("", "0") for name in ("failures", "errors"))
