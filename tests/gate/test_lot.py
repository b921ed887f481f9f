"""The lot of the canary: tests near the change first, each kind of sabotage once, the same for the same question."""

import pytest

from podium.gate.canary.base import apply
from podium.gate.canary.golang import Go
from podium.gate.canary.javascript import JavaScript
from podium.gate.canary.lot import EXPECTED
from podium.gate.canary.nearness import Nearness, hops_to, words_of
from podium.gate.canary.python import Python
from podium.gate.canary.sabotage import Limits, Sabotage, pick_files, sabotage
from podium.gate.delta import FileDelta

SHOP = b"def net(prices):\n    return sum(prices)\n\n\nclass Till:\n    RATE = 2\n\n    def open(self):\n        # said\n        return True\n"
SOURCES = {
    "src/shop/__init__.py": b"from .sums import net\n",
    "src/shop/sums.py": SHOP,
    "src/shop/other.py": b"import os\n",
    "tests/conftest.py": b"from shop import sums\n",
    "tests/test_sums.py": b"from shop.sums import (\n    net,  # the sum\n    Till,\n)\n",
    "tests/test_shop.py": b"import shop as s\n",
    "unit/test_other.py": b"from shop.other import sums\n",
    "unit/test_alone.py": b"import os, re\n",
}
TESTS = [path for path in SOURCES if "/test_" in path]


def changed(path: str, text: bytes, *lines: range) -> FileDelta:
    return FileDelta(path, b"", text, lines=lines)


def test_the_imports_that_lead_to_a_change_are_counted() -> None:
    assert hops_to(["src/shop/sums.py"], TESTS, SOURCES) == {
        "tests/test_sums.py": 1,
        "tests/test_shop.py": 2,
        "unit/test_other.py": 2,  # importing `shop.other` runs `shop/__init__.py`
    }


def test_what_a_conftest_imports_is_imported_by_all_tests_below_it() -> None:
    sources = {**SOURCES, "tests/deep/test_deep.py": b""}
    assert hops_to(["tests/conftest.py"], sources, sources)["tests/deep/test_deep.py"] == 1
    assert hops_to(["src/shop/sums.py"], sources, sources)["tests/deep/test_deep.py"] == 2


@pytest.mark.parametrize(
    ("source", "reaches"),
    [
        (b"from ..shop import sums", True), (b"from ..shop.sums import *", True), (b"import a, pkg.shop.sums", True),
        (b"if x:\n    from pkg.shop import sums as s", True), (b"from . import sums", False), (b"# import pkg.shop.sums", False),
        (b"import sum", False), (b"from pkg.shop.sum import s", False), (b"\xff\xfe import", False),
    ],
)  # fmt: skip
def test_an_import_of_python_is_read(source: bytes, *, reaches: bool) -> None:
    found = hops_to(["pkg/shop/sums.py"], ["pkg/tests/test_a.py"], {"pkg/tests/test_a.py": source})
    assert bool(found) is reaches


def test_imports_in_javascript_and_go_are_read() -> None:
    script = b"import { add } from '../calc.js';\nconst b = require('./b');\nimport x from 'left-pad';\n"
    assert JavaScript().imports("src/test/a.test.ts", script) == {"/src/calc", "/src/test/b"}
    assert hops_to(["src/calc.ts"], ["src/test/a.test.ts"], {"src/test/a.test.ts": script})
    package = b'package calc\n\nimport (\n\t"testing"\n\tx "example.com/m/money"\n)\n'
    assert Go().imports("calc/a_test.go", package) == {"calc", "testing", "money"}
    assert hops_to(["calc/a.go"], ["calc/a_test.go"], {"calc/a_test.go": package})
    assert hops_to(["in/money/b.go"], ["calc/a_test.go"], {"calc/a_test.go": package})


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (range(2, 3), {"net"}), (range(1, 2), {"net"}), (range(10, 11), {"Till", "open"}), (range(6, 7), {"Till"}),
        (range(3, 6), {"Till"}), (range(4, 5), set()), (range(99, 100), set()),
    ],
)  # fmt: skip
def test_the_names_that_a_change_redefines_are_known(lines: range, words: set[str]) -> None:
    assert words_of([changed("src/shop/sums.py", SHOP, lines)]) == words
    assert words_of([changed("notes.txt", SHOP, lines)]) == set()


def test_values_and_functions_of_other_languages_are_known_too() -> None:
    text = b"LIMIT: int = 3\nexport async function add(a) {\n  return a;\n}\nfunc (t *Till) Open() {\n\treturn\n}\n"
    assert words_of([changed("a.ts", text, range(1, 2), range(3, 4))]) == {"LIMIT", "add"}
    assert words_of([changed("a.go", text, range(6, 7))]) == {"Open"}


def suite(*, tests: int, module: str = "os") -> bytes:
    body = "\n".join(
        f"def test_{n}():\n    value = f({n})\n    assert value == {n}\n    assert value\n"
        for n in range(tests)
    )
    return f"import {module}\n\n{body}\ndef test_net():\n    assert net(2) == 2\n    assert 1 == 1\n".encode()


FILES = {"tests/test_near.py": suite(tests=10), **{f"tests/test_{n}.py": suite(tests=12) for n in range(8)}}
PASSED = [
    f"tests.{path[6:-3]}::{test.name}" for path, source in FILES.items() for test in Python().tests(source)
]
NEAR = Nearness({"tests/test_near.py": 1}, frozenset({"net"}))


def drawn(seed: int, *, near: Nearness, hollow: bool = False) -> list[Sabotage]:
    return [
        sabotage(FILES, str(seed), half=half, passed=PASSED, limits=Limits(hollow=hollow), near=near)
        for half in (0, 1)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_the_tests_near_a_change_are_always_drawn_and_others_too(seed: int) -> None:
    marks = [mark for each in drawn(seed, near=NEAR) for mark in each.broken]
    near = {mark.name for mark in marks if mark.path == "tests/test_near.py"}
    assert near == {"test_net", *(f"test_{n}" for n in range(10))}
    assert len(marks) == 2 * Limits().cases
    assert len({mark.path for mark in marks}) > 3


@pytest.mark.parametrize("seed", range(6))
def test_a_test_that_mentions_what_changed_compares_it_with_another_value(seed: int) -> None:
    done = next(
        each for each in drawn(seed, near=NEAR) if any(m.path == "tests/test_near.py" for m in each.broken if m.name == "test_net")
    )  # fmt: skip
    (mark,) = [m for m in done.broken if (m.path, m.name) == ("tests/test_near.py", "test_net")]
    assert mark.kind == EXPECTED
    text = done.files[mark.path].decode().partition("def test_net")[2]
    assert "assert net(2) == 2\n" not in text
    assert "assert 1 == 1\n" in text


def test_of_a_slow_suite_one_round_has_all_that_is_near() -> None:
    for done in drawn(1, near=NEAR, hollow=True):
        assert len([mark for mark in done.broken if mark.path == "tests/test_near.py"]) == 11
        assert {mark.path for mark in done.broken} != {"tests/test_near.py"}


def test_what_is_near_leaves_a_share_to_the_rest() -> None:
    everywhere = Nearness(dict.fromkeys([path for path in FILES if path != "tests/test_7.py"], 1))
    far = [
        [mark for mark in done.broken if mark.path == "tests/test_7.py"]
        for seed in range(5) for done in drawn(seed, near=everywhere)
    ]  # fmt: skip
    assert all(far)
    paths = [f"test_{n}.py" for n in range(100)]
    picked = pick_files(paths, "seed", Nearness(dict.fromkeys(paths[:90], 1)), most=40)
    assert len(picked) == len(set(picked)) == 40
    assert len(set(picked[:30]) & set(paths[:90])) == 30


def test_changes_near_nothing_share_one_draw() -> None:
    assert drawn(3, near=Nearness()) == drawn(3, near=Nearness({"tests/test_x.py": 1}, frozenset({"net"})))


MIXED = b"""\
import pytest

def test_a():
    made = f()
    assert made == 1

def test_b():
    made = f()
    assert made

def test_c():
    made = f()
    assert made == 1

def test_d():
    made = f()
    with pytest.raises(ValueError):
        int("x")

def test_e():
    made = f()
    assert made == 2
"""
NAMES = [f"tests.test_mixed::test_{letter}" for letter in "abcde"]
EVERY = {"expected", "inverted", "raised", "unrelated"}


@pytest.mark.parametrize("near", [Nearness(), Nearness({"tests/test_mixed.py": 1}, frozenset({"f"}))])
@pytest.mark.parametrize("seed", range(20))
def test_each_kind_of_sabotage_is_drawn_once_at_least(seed: int, near: Nearness) -> None:
    files = {f"{folder}/test_mixed.py": MIXED for folder in ("tests", "unit")}
    passed = [*NAMES, *(name.replace("tests.", "unit.") for name in NAMES)]
    both = [sabotage(files, str(seed), half=half, passed=passed, near=near) for half in (0, 1)]
    for done in both:
        can = {
            way.kind
            for mark in done.broken
            for test in Python().tests(MIXED)
            if test.name == mark.name
            for way in test.ways
        }
        assert {mark.kind for mark in done.broken} == can
    assert {mark.kind for done in both for mark in done.broken} == EVERY


@pytest.mark.parametrize("seed", range(5))
def test_a_rare_kind_is_drawn_from_a_suite_with_no_room_for_all(seed: int) -> None:
    files = {"tests/test_mixed.py": MIXED, "tests/test_many.py": suite(tests=60)}
    passed = [*NAMES, *(f"tests.test_many::test_{n}" for n in range(60))]
    both = [sabotage(files, str(seed), half=half, passed=passed, limits=Limits(cases=6)) for half in (0, 1)]
    assert all(len(done.broken) == 6 for done in both)
    assert "unrelated" in {mark.kind for done in both for mark in done.broken}


EVERYTHING = "type('E', (int,), {'__eq__': lambda a, b: True, '__hash__': None})"


@pytest.mark.parametrize(
    "check",
    [
        "assert f() == expected", "assert expected == f()", "assert (f()) == (expected + 0)", "assert f() == max(expected, 2)",
        "self.assertEqual(f(), expected)", "self.assertEqual(expected, f(), 'a message')", "assert f() == expected, 'a message'",
    ],
)  # fmt: skip
def test_an_equation_without_a_constant_shows_what_equals_everything(check: str) -> None:
    source = f"import unittest\n\nclass Test(unittest.TestCase):\n    def test_a(self):\n        expected = 3\n        {check}\n".encode()
    (test,) = Python().tests(source)
    ways = [way for way in test.ways if way.kind == EXPECTED]
    assert ways
    shown = []
    for way in ways:
        run(apply(source, [way.edit]), made="3", passes=False)
        shown.append(run(apply(source, [way.edit]), made=f"{EVERYTHING}(9)", passes=None))
    assert any(shown)


def run(source: bytes, *, made: str, passes: bool | None) -> bool:
    """Whether the test passes where `f` returns what `made` says."""
    module = {"f": eval(f"lambda: {made}")}
    exec(compile(source, "sample.py", "exec"), module)
    try:
        module["Test"]("test_a").test_a()
    except AssertionError:
        assert passes is not True
        return False
    assert passes is not False
    return True
