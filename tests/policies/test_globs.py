"""Globs: what they match, and that two globs which match one path are always seen to meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.policies.globs import parse


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("a.py", "a.py", True),
        ("a.py", "b.py", False),
        ("src", "src/a/b.py", True),
        ("src/a", "src/ab", False),
        ("src/*.py", "src/*.txt", False),
        ("src/a*", "src/*b", True),
        ("src/a*", "src/b*", False),
        ("src/*/x.py", "src/y/*", True),
        ("src/*", "src/a/b.py", False),
        ("src/**", "src", True),
        ("**/test_*.py", "src/a/**", True),
        ("**/a*.py", "**/b*.py", False),
        ("**/a.py", "**/b.py", True),  # a.py/b.py,
        ("**/a.py", "src/*", True),
        ("**", "x", True),
        ("a?c", "abc", True),
        ("a?c", "ac*", True),
        ("a??", "ab", False),
        ("[ab].py", "c.py", False),
        ("[ab].py", "[cd].py", True),
        ("app/[id]/page.tsx", "app/[id]", True),
        ("app/[id]/page.tsx", "app/[id]/layout.tsx", False),
        ("/src/", "./src/a", True),
    ],
)
def test_globs_meet_when_some_path_matches_both(one: str, other: str, meet: bool) -> None:
    assert parse(one).meets(parse(other)) is meet
    assert parse(other).meets(parse(one)) is meet


_glob = st.text("ab*?[]!/.", max_size=12) | st.lists(
    st.sampled_from(
        ["a", "b", "*", "**", "a*", "*b", "?", "[ab]", "[!a]", "[]", "[!]", "[!]a]", "[]b]", "[a-"]
    ),
    max_size=5,
).map("/".join)
_path = st.lists(st.text("ab[]!-", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


@given(_glob, _glob, _path)
def test_two_globs_that_match_one_path_always_meet(one: str, other: str, path: str) -> None:
    read, against = parse(one), parse(other)
    if read.matches(path) and against.matches(path):
        assert read.meets(against)
        assert read.root[: len(against.root)] == against.root[: len(read.root)]


@given(_glob, _glob)
def test_meeting_is_mutual(one: str, other: str) -> None:
    assert parse(one).meets(parse(other)) == parse(other).meets(parse(one))


@given(_path)
def test_a_plain_path_meets_exactly_what_matches_it(path: str) -> None:
    assert parse(path).matches(path)
    assert parse("**").matches(path)


def test_many_stars_take_no_exponential_time() -> None:
    assert not parse("*a" * 200 + "b").matches("a" * 2000)
    assert not parse("/".join(["**", "a"] * 50) + "/b").matches("/".join(["a"] * 500))
    assert parse("*a" * 60 + "*").meets(parse("*b" * 60 + "*"))
