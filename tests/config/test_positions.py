import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.config.positions import Path, Position, nearest, positions


def paths(value: Any, path: Path = ()) -> set[Path]:
    inner: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return {path} - {()} | {found for key, item in inner for found in paths(item, (*path, key))}


@pytest.mark.parametrize(
    ("text", "path", "line", "column"),
    [
        ("a = 1\nb = 2", ("b",), 2, 1),
        ("[a.b]\n  c = 1", ("a", "b", "c"), 2, 3),
        ("[a.b]\nc = 1", ("a", "b"), 1, 4),
        ("a.b.c = 1", ("a", "b", "c"), 1, 5),
        ("x = { y = 1, z = [1, { w = 2 }] }", ("x", "z", 1, "w"), 1, 24),
        ("[[a]]\nb = 1\n[[a]]\nb = 2", ("a", 1, "b"), 4, 1),
        ("[[a]]\n[[a.b]]\n[a.b.c]\nd = 1", ("a", 0, "b", 0, "c", "d"), 4, 1),
        ('a = """\nb = 1\n""""\nb = 2', ("b",), 4, 1),
        ("a = '''\nb = 1 # '''\nb = 2", ("b",), 3, 1),
        ("a = 1 # b = 2\nb = 3", ("b",), 2, 1),
        ("a = [ # one\n 1,\n 'b = 2', ]\nb = 3", ("b",), 4, 1),
        ('"a b" = 1', ("a b",), 1, 1),
        ("a = 1\r\nb = 0.5\r\nc = 1979-05-27T07:32:00Z\r\nd = 1", ("d",), 4, 1),
    ],
)  # fmt: skip
def test_a_key_is_found_where_it_stands(text: str, path: Path, line: int, column: int) -> None:
    tomllib.loads(text)
    assert positions(text)[path] == Position(line, column)


def test_what_stands_nowhere_is_placed_at_what_is_around_it() -> None:
    assert nearest(positions("\n[a]\nb = 1"), ("a", "c", 3)) == Position(2, 2)
    assert nearest(positions(""), ("a",)) is None


KEYS = st.text(alphabet="ab-_9. #=[]'", min_size=1, max_size=4)
SCALARS = st.one_of(
    st.integers(-5, 5), st.text(alphabet="ab\"'\\\n#=[]{},. ", max_size=8), st.booleans(), st.just(0.5)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + "".join(f"{written(item)}, # ] }}\n" for item in value) + "]"
    return json.dumps(value)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_everything_in_a_valid_text_has_a_position(data: dict[str, Any]) -> None:
    text = "".join(f"[[{json.dumps(key)}]] # [x]\nk = {written(value)}\n" for key, value in data.items())
    read = tomllib.loads(text)
    found = positions(text)
    assert paths(read) == set(found)
    assert len({found[path] for path in found if path[-1] == "k"}) >= len(data)
