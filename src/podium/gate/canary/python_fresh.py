"""A new test file in Python: it needs nothing of the project, so how its tests end is known beforehand."""

from collections.abc import Collection
from pathlib import PurePosixPath
from random import Random

from podium.gate.canary.base import Newcomer, Outcome
from podium.gate.canary.words import fresh_words

_Body = tuple[Outcome, str]

_FAIL: tuple[_Body, ...] = (
    (Outcome.FAILED, "    values = [{a}, {b}]\n    assert sum(values) == {c}\n"),
    (Outcome.FAILED, "    text = '{a}-{b}'\n    assert text.split('-') == ['{a}', '{c}']\n"),
    (
        Outcome.FAILED,
        "    table = {{'size': {a}}}\n    table['width'] = {b}\n    assert table['height'] == {c}\n",
    ),
    (Outcome.FAILED, "    with pytest.raises(ValueError):\n        int('{a}')\n"),
    (Outcome.FAILED, "    assert max({a}, {b}) < {a}\n"),
)
_ERROR: _Body = (Outcome.FAILED, "    assert {fixture} == {a}\n")
_PASS: tuple[_Body, ...] = (
    (Outcome.PASSED, "    assert sorted([{c}, {a}]) == [{a}, {c}]\n"),
    (Outcome.PASSED, "    table = dict.fromkeys(['{a}', '{b}'], {c})\n    assert table['{b}'] == {c}\n"),
    (Outcome.PASSED, "    with pytest.raises(IndexError):\n        [{a}, {b}][2]\n"),
)
_SKIP: _Body = (Outcome.SKIPPED, "    pytest.skip('needs version {a}')\n")


def write_newcomer(beside: PurePosixPath, *, chance: Random, taken: Collection[str]) -> Newcomer:
    """Two tests that fail, one whose fixture does, two that pass and one that is skipped, in any order."""
    folder = beside.parent
    stems = {PurePosixPath(path).stem for path in taken}
    ends = beside.stem.endswith(("_test", "_tests"))
    stem = next(
        stem
        for word in fresh_words(chance, 50)
        if (stem := f"{word}_test" if ends else f"test_{word}") not in stems
    )
    bodies = [*chance.sample(_FAIL, 2), _ERROR, *chance.sample(_PASS, 2), _SKIP]
    chance.shuffle(bodies)
    fixture, *names = fresh_words(chance, len(bodies) + 1)
    parts = ["import pytest\n", f"@pytest.fixture\ndef {fixture}():\n    raise LookupError('{fixture}')\n"]
    parts += [_function(name, body, fixture, chance) for name, (_, body) in zip(names, bodies, strict=True)]
    outcomes = {f"test_{name}": outcome for name, (outcome, _) in zip(names, bodies, strict=True)}
    return Newcomer(str(folder / f"{stem}.py"), "\n\n".join(parts).encode(), outcomes)


def _function(name: str, body: str, fixture: str, chance: Random) -> str:
    a = chance.randint(10, 400)
    b = a + chance.randint(1, 90)
    c = b + chance.randint(91, 300) + a * 3
    needs = fixture if "{fixture}" in body else ""
    return f"def test_{name}({needs}):\n" + body.format(a=a, b=b, c=c, fixture=fixture)
