"""The planted module and its tests in Python, written so that common linters and type checkers are content with them."""

from podium.gate.selftest.wares import Wares

MARK = "from __future__ import annotations\n"
NET = "    return sum(prices) * (100 - discount) // 100\n"
WRONG = "    return sum(prices) * (100 + discount) // 100\n"
MIDDLE = "    raise NotImplementedError\n"
RIGHT_MIDDLE = """\
    ordered = sorted(numbers)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return float(ordered[half])
    return (ordered[half - 1] + ordered[half]) / 2
"""
DISCOUNT = "    expected = 150\n    assert net([100, 100], discount=25) == expected\n"
RECORD = "jug 12.34\n"
PENCE = "{cents / 100:.2f}"
TEAPOT = '    assert label("tea", 250) == "tea 2.50"\n'

_MODULE = f'''\
"""Sums of a small shop: planted by Podium in a copy of this repository, to try its gate on."""

{MARK}

def net(prices: list[int], discount: int = 0) -> int:
    """Return the sum of the prices less a discount in percent, rounded down."""
{NET}

def label(name: str, cents: int) -> str:
    """Return a line of a bill."""
    return f"{{_short(name)}} {PENCE}"


def cheapest(prices: list[int]) -> int:
    """Return the lowest price, 0 where there is none."""
    return min(prices)


def middle(numbers: list[int]) -> float:
    """Return the median of the numbers."""
{MIDDLE}

def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "."


def _unused(text: str) -> str:
    return text.upper()


_LONGEST = 12
'''
_TESTS = '''\
"""Tests of the module that Podium planted."""

from pathlib import Path

from {imported} import cheapest, label, net


def test_{token}_adds_up() -> None:
    assert net([120, 80]) == 200


def test_{token}_takes_the_discount_off() -> None:
{discount}

def test_{token}_writes_a_line() -> None:
{teapot}

def test_{token}_finds_the_cheapest() -> None:
    assert cheapest([3, 2, 5]) == 2


def test_{token}_agrees_with_the_record() -> None:
    record = Path(__file__).with_name("{record}").read_text(encoding="utf-8")
    assert label("jug", 1234) == record.strip()
'''


def wares(*, token: str, imported: str, record: str) -> Wares:
    """The Python files, where tests import the module as `imported` and `record` is the name of the data beside them."""
    tests = _TESTS.format(token=token, imported=imported, record=record, discount=DISCOUNT, teapot=TEAPOT)
    return Wares(_MODULE, _MODULE.replace(NET, WRONG), tests, RECORD, MARK)
