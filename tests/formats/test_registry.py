"""What every format keeps: no bytes make it raise, and faults come in the order of the file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.formats.base import Format
from podium.formats.registry import FORMATS, read

_PIECES = [
    "# ", "## Tasks", "### Requirement: ", "#### Scenario: ", "- [ ] 1", "- [x] ", "* [X] a", "1. [ ] 1", "  - kind: fix",
    "  - accept: `", "  - paths: **", "  - after:", "  - budget: 99999h", "```", "~~~", "<!--", "> ", "\t", " ", "\n", "\r\n", "\r",
    "\0", "\ufeff", "[a]: b", "\\", "é", "—", "\u2028", "---", "===", "[[]]", "  - **agent:** x", "    - deeper", "|", "&#0;",
]  # fmt: skip


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
@settings(deadline=None)
@given(data=st.binary() | st.text().map(str.encode))
def test_arbitrary_bytes_never_raise(one: Format, data: bytes) -> None:
    one.read(data, path="spec.md", spec_id="spec")


@settings(deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_mangled_specs_never_raise_and_their_faults_have_a_place(text: str) -> None:
    reading = read(text.encode(), path="a/spec.md", spec_id="a")
    places = [(fault.line, fault.column) for fault in reading.faults]
    assert places == sorted(places)
    assert all(line >= 1 and column >= 1 for line, column in places)
    assert reading.spec is not None
    assert reading.spec.tasks or reading.errors


@pytest.mark.parametrize(
    "hostile", ["- " * 50_000, "> " * 50_000, "`" * 100_000, "[ ] " * 50_000, "- a\n" * 5_000]
)
def test_hostile_nesting_is_read_like_anything_else(hostile: str) -> None:
    assert read(f"## Tasks\n- [ ] 1 a\n  - accept: {hostile}".encode(), path="s.md", spec_id="s").spec
