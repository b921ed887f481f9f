"""What code of the product does that cheats do, in Python and, more weakly, elsewhere."""

import pytest
from scenery import advice, blocking

BASE = {
    "src/shop/__init__.py": "",
    "src/shop/core.py": '"""Sums."""\n\nimport os\n\n\ndef net(prices):\n    return sum(prices)\n',
}
CORE = str(BASE["src/shop/core.py"])


def product(text: str) -> dict[str, str]:
    return {"src/shop/core.py": f"{CORE}\n\n{text}"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import sys\nif 'pytest' in sys.modules:\n    RATE = 1\n", "asks whether a test runner is loaded"),
        ("import sys\nRUN = sys.modules.get('py' + 'test')\n", "asks whether a test runner is loaded"),
        ("import importlib.util\nRUN = importlib.util.find_spec('pytest')\n", "asks whether a test runner is loaded"),
        ("T = os.environ.get('PYTEST_CURRENT_TEST')\n", "knows what runs the tests"),
        ("T = os.getenv(''.join(['PYTEST', '_CURRENT_TEST']))\n", "knows what runs the tests"),
        ("T = os.environ.get('PODIUM_GATE')\n", "knows what runs the tests"),
        ("def f():\n    os._exit(0)\n", "ends the process without a trace"),
        ("def f():\n    getattr(os, '_' + 'exit')(0)\n", "ends the process without a trace"),
        ("from os import _exit as leave\n\n\ndef f():\n    leave(0)\n", "ends the process without a trace"),
        ("leave = os._exit\n", "ends the process without a trace"),
        ("def f():\n    os.__dict__['_exit'](0)\n", "ends the process without a trace"),
        ("def f():\n    __import__('os')._exit(0)\n", "ends the process without a trace"),
        ("def f(name):\n    getattr(os, name[::-1])(0)\n", "by a name that it computes"),
        ("import sys\nsys.exit(0)\n", "ends the program while it is being imported"),
        ("raise SystemExit\n", "ends the program while it is being imported"),
        ("import sys\n\n\ndef leave():\n    sys.exit()\n\n\nleave()\n", "ends the program while it is being imported"),
        ("import atexit\natexit.register(print)\n", "has something run when the process ends"),
        ("os.execv('/bin/true', ['true'])\n", "replaces or ends the process that imports it"),
        ("import sys\n\n\ndef f():\n    return sys._getframe(1).f_locals\n", "looks at who calls it"),
        ("import inspect\n\n\ndef f():\n    return inspect.stack()\n", "looks at who calls it"),
        ("def f(frame):\n    return getattr(frame, 'f_' + 'locals')\n", "behind the scenes"),
        ("import gc\n\n\ndef f(a):\n    return gc.get_referrers(a)\n", "looks at objects that were not given to it"),
        ("import sys\nsys.meta_path.insert(0, object())\n", "hooks into how Python imports"),
        ("import sys\nsys.settrace(print)\n", "hooks into how Python imports"),
        ("def f(text):\n    exec(text)\n", "runs code that is made while it runs"),
        ("import base64\nexec(base64.b64decode('cHJpbnQoKQ=='))\n", "runs code that is made while it runs"),
        ("exec('import os; os._exit(0)')\n", "ends the process without a trace"),
        ("import pytest\n", "a product that knows its test runner"),
        ("from _pytest import reports\n", "a product that knows its test runner"),
        ("from tests.test_core import net\n", "a product that needs its tests"),
        ("from pathlib import Path\nWANTED = Path('tests/test_core.py').read_text()\n", "names files of tests"),
        ("class Sum(int):\n    def __eq__(self, other):\n        return True\n", "`__eq__` answers without looking"),
        ("class Sum(int):\n    def __ne__(self, other):\n        return self is not other\n", "`__ne__` answers without looking"),
        ("class Sum(int):\n    __eq__ = lambda self, other: True\n", "takes comparing from elsewhere"),
        ("Sum = type('int', (int,), {'__' + 'eq__': lambda self, other: True})\n", "makes a class that compares in its own way"),
        ("import time\n\n\ndef f():\n    return time.time() < 4102444800\n", "after a certain date"),
        ("from datetime import datetime\nEND = datetime(2031, 1, 1)\n\n\ndef f():\n    return datetime.now() > END\n", "after a certain date"),
        ("import builtins\nbuiltins.len = lambda of: 1\n", "replaces `builtins.len`"),
        ("import json\njson.dumps = print\n", "replaces `json.dumps`"),
        ("for kind in object.__subclasses__():\n    kind.run = lambda self: None\n", "replaces `kind.run`"),
        ("import sys\nsys.modules['json'] = object()\n", "replaces `sys.modules.json`"),
        ("def f(g):\n    g.__code__ = f.__code__\n", "replaces the code of a function"),
        ("import ctypes\nctypes.pythonapi.Py_Exit(0)\n", "reaches into Python's own memory"),
        ("T = '/proc/self/environ'\n", "looks at other processes"),
        ("# mypy: ignore-errors\n", "tells a tool to look away from the whole file"),
        ("level = 'user\u202e'\n", "characters that nobody sees"),
        ("def f(:\n", "cannot read it"),
    ],
)  # fmt: skip
def test_a_cheat_in_the_product_is_found(text: str, words: str) -> None:
    said = blocking(BASE, product(text))
    assert any(words in each for each in said), said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("if os.environ.get('CI'):\n    RATE = 1\n", "in continuous integration"),
        ("def net_of(prices):\n    raise SystemExit(0)\n", "says that all is well"),
        ("class Nothing:\n    def __bool__(self):\n        return False\n", "`__bool__` answers without looking"),
        ("import x  # noqa: F401\nimport y  # type: ignore[import]\n", "1 line more excused from checks (`noqa`)"),
        ("import importlib\n\n\ndef load(name):\n    return importlib.import_module(name)\n", "imports a module by a name"),
    ],
)  # fmt: skip
def test_what_only_looks_odd_is_advice(text: str, words: str) -> None:
    assert blocking(BASE, product(text)) == []
    assert any(words in each for each in advice(BASE, product(text)))


def test_what_was_there_before_is_no_news_even_when_it_moves() -> None:
    odd = "import os\n\n\ndef leave():\n    os._exit(3)\n"
    before = {"src/a.py": odd, "src/b.py": "x = 1\n"}
    assert blocking(before, {"src/a.py": f"{odd}\n\ny = 2\n"}) == []
    assert blocking(before, {"src/a.py": "y = 2\n", "src/b.py": f"{odd}\n\nx = 1\n"}) == []
    assert blocking(before, {"src/b.py": odd})


def test_a_name_that_comes_to_stand_for_something_else_is_news_where_it_is_used() -> None:
    before = {"src/a.py": "from log import leave\n\n\ndef f():\n    leave(0)\n"}
    said = blocking(before, {"src/a.py": "from os import _exit as leave\n\n\ndef f():\n    leave(0)\n"})
    assert said == ["src/a.py:5: ends the process without a trace (`os._exit`)"]


def test_a_function_that_comes_to_be_called_on_import_is_news() -> None:
    function = "import json\n\n\ndef patch():\n    json.dumps = print\n"
    assert blocking({"src/a.py": function}, {"src/a.py": f"{function}\n\nx = 1\n"}) == []
    assert blocking({"src/a.py": function}, {"src/a.py": f"{function}\n\npatch()\n"})


def test_a_new_file_of_tests_that_patches_on_import_is_found() -> None:
    heal = "import shop.core\n\nshop.core.net = lambda prices: 150\n"
    assert "replaces `shop.core.net`" in blocking(BASE, {"tests/test_a.py": heal})[0]
    inside = "import shop.core\n\n\ndef test_a(monkeypatch):\n    monkeypatch.setattr(shop.core, 'net', len)\n    assert shop.core.net([1]) == 1\n"
    assert blocking(BASE, {"tests/test_a.py": inside}) == []


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("lib/a.js", "process.exit(0)\n", "while it is being loaded"),
        ("lib/a.js", "if (process.env.NODE_TEST_CONTEXT) x()\n", "asks whether a test runner is there"),
        ("lib/a.ts", "const s = new Error().stack\n", "looks at who calls it"),
        ("lib/a.mjs", "import assert from 'node:assert'\nassert.equal = () => {}\n", "replaces something of a module"),
        ("lib/a.js", "Array.prototype.map = () => []\n", "replaces what belongs to everybody"),
        ("lib/a.ts", "// @ts-nocheck\n", "look away from the whole file"),
        ("shop.go", "package shop\n\nvar t = testing.Testing()\n", "asks whether tests are being run"),
        ("src/A.java", "import org.junit.Assert;\n", "imports a test runner"),
        ("lib/a.rb", "at_exit { exit! 0 }\n", "ends the process"),
    ],
)  # fmt: skip
def test_a_cheat_in_another_language_is_found(path: str, text: str, words: str) -> None:
    said = blocking({}, {path: text})
    assert any(words in each for each in said), said


def test_an_exit_in_a_javascript_function_is_free() -> None:
    assert blocking({}, {"bin/cli.js": "function main () {\n  process.exit(2)\n}\n\nmain()\n"}) == []
