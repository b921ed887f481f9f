"""Python tests that existed: additions are free, changes are found and said in words."""

import pytest
from scenery import advice, blocking

PATH = "tests/test_shop.py"
TESTS = '''\
"""Tests of the shop."""

import pytest

from shop import net

RATES = [1, 2]


@pytest.fixture
def basket() -> list[int]:
    return [100, 50]


def helper(value):
    return value * 2


@pytest.mark.parametrize("rate", [1, 2])
def test_rate(rate):
    assert net([rate]) == rate


def test_net(basket):
    expected = 150
    assert net(basket) == expected
    with pytest.raises(ValueError, match="no"):
        net([-1])


class TestBasket:
    size = 2

    def setup_method(self):
        self.basket = [1]

    def test_size(self):
        assert len(self.basket) == 1
'''


def changed(old: str, new: str) -> list[str]:
    assert old in TESTS
    return blocking({PATH: TESTS}, {PATH: TESTS.replace(old, new, 1)})


def added(text: str) -> list[str]:
    return blocking({PATH: TESTS}, {PATH: f"{TESTS}\n\n{text}"})


@pytest.mark.parametrize(
    "text",
    [
        "def test_more():\n    assert net([3]) == 3\n",
        "class TestMore:\n    def setup_method(self):\n        self.a = 1\n\n    def test_a(self):\n        assert self.a\n",
        "@pytest.fixture\ndef wares():\n    return [1]\n\n\ndef test_wares(wares):\n    assert net(wares) == 1\n",
        "@pytest.mark.skipif('sys.platform == \"win32\"')\ndef test_posix():\n    assert net([3]) == 3\n",
        "def test_patched(monkeypatch):\n    monkeypatch.setattr('shop.RATE', 2)\n    assert net([3]) == 6\n",
        "import json\nfrom shop import gross\n\n\ndef test_json():\n    assert json.dumps(gross([1])) == '1'\n",
        "RATES += [3]\n",
        "def test_inner():\n    def check():\n        return net([1])\n    assert check() == 1\n",
    ],
)  # fmt: skip
def test_what_is_added_is_free(text: str) -> None:
    assert added(text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"rate", [1, 2]', '"rate", [1, 2, 3]'),
        ("RATES = [1, 2]", "RATES = [1, 2, 3]"),
        ("        net([-1])\n", "        net([-1])\n    assert net([]) == 0\n"),
        ("    expected = 150\n    assert net(basket) == expected", "    expected = 150  # in cents\n\n    assert net( basket )==expected"),
        ("def test_rate(rate):", "def test_rate(rate: int) -> None:"),
        ('"""Tests of the shop."""', '"""All tests of the shop."""'),
        ("import pytest\n", "import json\n\nimport pytest\n"),
        ("from shop import net", "from shop import gross, net"),
        ("        assert len(self.basket) == 1\n", "        assert len(self.basket) == 1\n\n    def test_again(self):\n        assert self.basket\n"),
        ("def test_net(basket):\n", 'def test_net(basket):\n    """Sums."""\n'),
    ],
)  # fmt: skip
def test_what_weakens_nothing_is_free(old: str, new: str) -> None:
    assert changed(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    assert net(basket) == expected\n", "", "the existing test test_net was changed: it asserts less"),
        ("expected = 150", "expected = 160", "the existing test test_net was changed"),
        ("def test_net(", "@pytest.mark.skip\ndef test_net(", "it may be skipped or expected to fail"),
        ("def test_net(", "@pytest.mark.xfail\ndef test_net(", "it may be skipped or expected to fail"),
        ("    expected = 150\n", "    pytest.importorskip('nope')\n    expected = 150\n", "it may be skipped"),
        ("    expected = 150\n", "    return\n    expected = 150\n", "the existing test test_net was changed"),
        ("        net([-1])\n", "        net([-1])\n    yield\n", "the existing test test_net was changed"),
        ("    assert net(basket) == expected\n", "    try:\n        assert net(basket) == expected\n    except AssertionError:\n        pass\n", "it catches exceptions"),
        ("    expected = 150\n", "    expected = 150\n    net = Mock(return_value=150)\n", "it replaces code by stand-ins"),
        ("def test_net(", "def check_net(", "the existing test test_net is gone"),
        ("class TestBasket:", "class Basket:", "the existing class TestBasket is gone"),
        ("class TestBasket:\n", "class TestBasket:\n    __test__ = False\n", "TestBasket.__test__ is new and decides how existing tests are run"),
        ("class TestBasket:", "@pytest.mark.skip\nclass TestBasket:", "the bases or marks of the existing class TestBasket were changed"),
        ("        self.basket = [1]", "        self.basket = [1, 2]", "the existing helper TestBasket.setup_method was changed"),
        ("    size = 2", "    size = 3", "TestBasket.size, which existing tests may use, stands for something else"),
        ("return [100, 50]", "return []", "the existing fixture basket was changed"),
        ("return value * 2", "return value", "the existing helper helper was changed"),
        ('"rate", [1, 2]', '"rate", [1]', "the existing test test_rate was changed"),
        ("RATES = [1, 2]", "RATES = [2]", "RATES, which existing tests may use, stands for something else"),
        ("from shop import net", "from stub import net", "net, which existing tests may use, stands for something else"),
        ("from shop import net\n", "", "net is gone, which existing tests may use"),
        ("def test_rate(rate):", "def test_rate(rate=1):", "the existing test test_rate was changed"),
        ("def test_net(", "async def test_net(", "the existing test test_net was changed"),
    ],
)  # fmt: skip
def test_a_weaker_test_is_found(old: str, new: str, words: str) -> None:
    assert any(words in each for each in changed(old, new)), changed(old, new)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def test_net():\n    assert True\n", "test_net is bound once more"),
        ("test_net = None\n", "test_net is bound once more"),
        ("del test_net\n", "test_net is bound once more"),
        ("from stub import net\n", "net is bound once more"),
        ("from stub import *\n", "any name that existing tests use may be replaced"),
        ("def net(prices):\n    return 150\n", "net is bound once more"),
        ("def len(of):\n    return 1\n", "len is new and takes the place of what existing tests found"),
        ("pytestmark = pytest.mark.skip\n", "pytestmark is new and decides how existing tests are run"),
        ("def setup_module():\n    pass\n", "setup_module is new and decides"),
        ("def pytest_generate_tests(metafunc):\n    pass\n", "pytest_generate_tests is new and decides"),
        ("@pytest.fixture(autouse=True)\ndef _all():\n    pass\n", "the fixture _all is new and acts on existing tests"),
        ("pytest.skip('later', allow_module_level=True)\n", "keeps existing tests from being run"),
        ("if True:\n    raise SkipTest\n", "keeps existing tests from being run"),
        ("TestBasket.test_size = None\n", "changes something that existing tests may use"),
        ("RATES[0] = 5\n", "changes something that existing tests may use"),
        ("def test_new():\n    global net\n    net = None\n", "a function may now replace net"),
        ("import shop\nshop.net = lambda prices: 150\n", "replaces `shop.net`, which belongs to others"),
        ("import shop\nvars(shop)['net'] = lambda prices: 150\n", "replaces `shop.net`"),
        ("import shop\n\n\ndef heal():\n    setattr(shop, 'net', len)\n\n\nheal()\n", "replaces `shop.net`"),
        ("def test_new(request):\n    request.config.pluginmanager.register(object())\n", "reaches into the test runner"),
        ("class TestBasket:\n    pass\n", "TestBasket is bound once more"),
    ],
)  # fmt: skip
def test_what_comes_between_a_test_and_its_runner_is_found(text: str, words: str) -> None:
    assert any(words in each for each in added(text)), added(text)


def test_a_test_under_a_condition_is_no_longer_there() -> None:
    assert changed(
        "def helper(value):\n    return value * 2\n",
        "if net is None:\n\n    def helper(value):\n        return value * 2\n",
    )


def test_a_file_that_can_no_longer_be_read_is_found() -> None:
    assert "can no longer be read" in changed("def test_net(basket):", "def test_net(basket:")[0]


def test_a_file_in_an_odd_encoding_is_not_taken_for_what_it_looks_like() -> None:
    assert blocking({PATH: TESTS}, {PATH: f"# coding: utf-7\n{TESTS}"})


def test_a_gone_or_renamed_file_is_found() -> None:
    assert "existing tests are gone" in blocking({PATH: TESTS}, {PATH: None})[0]
    moved = blocking({PATH: TESTS}, {PATH: None, "tests/test_store.py": TESTS})
    assert "existing tests were moved to tests/test_store.py" in moved[0]


def test_data_beside_tests_may_be_added_but_not_changed() -> None:
    data = {"tests/data/bill.json": "{}"}
    assert "what existing tests compare with was changed" in blocking(data, {"tests/data/bill.json": "[]"})[0]
    assert blocking(data, {"tests/data/more.json": "[]"}) == []


def test_an_import_that_nothing_uses_may_go_with_a_word() -> None:
    text = f"import json\n{TESTS}"
    assert blocking({PATH: text}, {PATH: TESTS}) == []
    assert "json is gone" in advice({PATH: text}, {PATH: TESTS})[0]
