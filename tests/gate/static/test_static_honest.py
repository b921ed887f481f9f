"""Honest changes: what people and agents do every day must not be refused."""

import pytest
from scenery import Text, blocking, secrets

BASE: dict[str, str] = {
    "src/shop/__init__.py": '"""A shop."""\n\nfrom shop.core import net\n\n__all__ = ["net"]\n',
    "src/shop/core.py": '"""Sums."""\n\nimport logging\n\nlog = logging.getLogger(__name__)\n\n\ndef net(prices, rate=1):\n    total = sum(prices)\n    return total * rate\n',
    "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef basket():\n    return [1, 2]\n",
    "tests/test_core.py": "from shop import net\n\n\ndef test_net(basket):\n    assert net(basket) == 3\n",
    "README.md": "# Shop\n",
}


def core(text: str) -> dict[str, Text]:
    return {"src/shop/core.py": f"{BASE['src/shop/core.py']}\n\n{text}"}


HONEST: dict[str, dict[str, Text]] = {
    "refactor": {"src/shop/core.py": str(BASE["src/shop/core.py"]).replace("    total = sum(prices)\n    return total * rate\n", "    return sum(prices) * rate\n")},
    "feature with tests": {**core("def gross(prices):\n    return net(prices) * 1.2\n"), "tests/test_gross.py": "from shop.core import gross\n\n\ndef test_gross(basket):\n    assert gross(basket) > 3\n"},
    "fix with a test in an existing file": {**core(""), "tests/test_core.py": f"{BASE['tests/test_core.py']}\n\ndef test_nothing():\n    assert net([]) == 0\n"},
    "docs": {"README.md": "# Shop\n\nRun `pytest`; `# noqa` and os._exit are words here.\n", "docs/a.md": "tests/test_core.py\n"},
    "a new conftest in a folder of its own": {"tests/web/conftest.py": "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef client(monkeypatch):\n    monkeypatch.setenv('A', '1')\n", "tests/web/test_web.py": "def test_web(client):\n    assert True\n"},
    "a command line": {"src/shop/cli.py": "import argparse\nimport sys\n\n\ndef main(words=None):\n    parser = argparse.ArgumentParser()\n    if not parser.parse_args(words):\n        sys.exit(2)\n    return 0\n\n\nif __name__ == '__main__':\n    sys.exit(main())\n", "src/shop/__main__.py": "import sys\n\nfrom shop.cli import main\n\nsys.exit(main())\n"},
    "signatures": core("import inspect\n\n\ndef wants(function):\n    return list(inspect.signature(function).parameters)\n"),
    "an attribute by its name": core("def field(order, name):\n    return getattr(order, name, None)\n"),
    "a dataclass that compares": core("class Order:\n    def __init__(self, number):\n        self.number = number\n\n    def __eq__(self, other):\n        if not isinstance(other, Order):\n            return NotImplemented\n        return self.number == other.number\n\n    def __hash__(self):\n        return hash(self.number)\n"),
    "not comparable": core("class Order:\n    __eq__ = None\n    __hash__ = None\n"),
    "times": core("import time\n\n\ndef wait(seconds):\n    end = time.time() + seconds\n    while time.time() < end:\n        time.sleep(0.1)\n\n\nclass Cache:\n    def stale(self):\n        return time.time() - self.since > 3600\n"),
    "an environment variable": core("import os\n\nRATE = float(os.environ.get('SHOP_RATE', '1'))\n"),
    "a lazy import": core("def table():\n    import importlib\n\n    return importlib.import_module('shop.tables')\n"),
    "a registry of subclasses": core("class Plugin:\n    @classmethod\n    def all(cls):\n        return list(cls.__subclasses__())\n"),
    "a traceback in a log": core("import traceback\n\n\ndef tell(error):\n    log.error('%s', ''.join(traceback.format_exception(error)))\n    raise error.with_traceback(error.__traceback__)\n"),
    "a process": core("import os\nimport signal\nimport subprocess\n\n\ndef run(words):\n    process = subprocess.Popen(words)\n    os.kill(process.pid, signal.SIGTERM)\n"),
    "objects configured on import": core("class App:\n    pass\n\n\napp = App()\napp.name = 'shop'\napp.handler = net\nnet.__doc__ = 'Sums.'\n"),
    "operators made in a loop": core("class Money:\n    pass\n\n\nfor _name in ('add', 'sub'):\n    setattr(Money, _name, lambda self, other: self)\n"),
    "an abstract syntax tree": core("import ast\nimport re\n\n\ndef value(text):\n    re.compile('a')\n    return ast.literal_eval(text)\n"),
    "a method called eval": core("def predict(model):\n    model.eval()\n    return model.exec('x')\n"),
    "a version": {"src/shop/__init__.py": str(BASE["src/shop/__init__.py"]) + '__version__ = "2"\n'},
    "types only": core("from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from unittest.mock import Mock\n"),
    "a testing module of the product": {"src/shop/testing/__init__.py": "def basket():\n    return [1]\n"},
    "a module named as the library's, in a package": {"src/shop/types.py": "Price = int\n", "src/shop/secrets.py": "x = 1\n"},
    "mocks in new tests": {"tests/test_mail.py": "from unittest import mock\n\nimport shop\n\n\ndef test_mail():\n    with mock.patch('shop.core.log') as log:\n        shop.net([1])\n    assert not log.error.called\n"},
    "new tests that exit and fork": {"tests/test_exit.py": "import os\nimport sys\n\nimport pytest\n\n\ndef test_exit():\n    with pytest.raises(SystemExit):\n        sys.exit(3)\n    if os.fork() == 0:\n        os._exit(0)\n"},
    "a helper and data for new tests": {"tests/wares.py": "def wares():\n    return [1]\n", "tests/data/wares.json": "[1]\n"},
    "a format": {"src/shop/core.py": str(BASE["src/shop/core.py"]).replace("rate=1", "rate = 1"), "tests/test_core.py": str(BASE["tests/test_core.py"]).replace("\n\n\n", "\n\n")},
    "a deleted module": {"src/shop/core.py": None, "src/shop/sums.py": BASE["src/shop/core.py"]},
    "a script": {"scripts/release.py": "import sys\n\n\ndef main():\n    print('tag', sys.argv[1:])\n\n\nif __name__ == '__main__':\n    main()\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_change_is_free(name: str) -> None:
    assert blocking(BASE, HONEST[name]) == []
    assert secrets(BASE, HONEST[name]) == []
