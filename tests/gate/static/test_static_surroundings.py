"""Files that judge, or that run unasked, told from their names, and manifests by their sections."""

import pytest
from scenery import advice, blocking, scene

from podium.gate.static.registry import TAMPER_RULES

BASE = {
    "src/shop/__init__.py": "", "tests/test_a.py": "def test_a():\n    assert True\n", "tests/conftest.py": "",
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["a"]\n[tool.pytest.ini_options]\naddopts = "-q"\n[tool.bumpversion]\ncurrent = "1"\n',
    "package.json": '{"name": "shop", "version": "1.0.0", "scripts": {"test": "node --test"}, "dependencies": {}}',
    "setup.cfg": "[metadata]\nname = shop\n[options]\ninstall_requires = a\n[tool:pytest]\naddopts = -q\n", "Makefile": "all:\n\ttrue\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("sitecustomize.py", "", "is run whenever Python starts"),
        ("src/a.pth", "import os\n", "is run whenever Python starts"),
        ("src/shop/__pycache__/a.cpython-311.pyc", "x", "compiled code"),
        ("src/shop/a.so", "x", "compiled code"),
        ("src/a.egg-info/entry_points.txt", "[pytest11]\na = b\n", "looks like an installed package"),
        ("a-1.dist-info/entry_points.txt", "[pytest11]\na = b\n", "looks like an installed package"),
        ("pytest.py", "", "may be imported in the place of `pytest`"),
        ("src/random.py", "", "may be imported in the place of `random`"),
        ("tests/xml/__init__.py", "", "may be imported in the place of `xml`"),
        ("junitparser/__init__.py", "", "may be imported in the place of `junitparser`"),
        ("pytest.ini", "[pytest]\n", "is new; it configures the tools that judge"),
        (".pytest.ini", "[pytest]\n", "is new; it configures the tools that judge"),
        ("tests/pytest.ini", "[pytest]\n", "is new; it configures the tools that judge"),
        ("Makefile", "all:\n", "was changed; it configures the tools that judge"),
        (".github/workflows/a.yml", "on: push\n", "configures continuous integration"),
        (".gitattributes", "* export-ignore\n", "says who reviews and how git treats files"),
        ("requirements.txt", "a==2\n", "says what is installed"),
        ("tests/conftest.py", "def pytest_runtest_makereport(item):\n    pass\n", "a hook into the test runner"),
        ("tests/conftest.py", "collect_ignore = ['test_a.py']\n", "decides which tests and plug-ins there are"),
        ("conftest.py", "pytest_plugins = ['evil']\n", "decides which tests and plug-ins there are"),
        ("conftest.py", "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef _a():\n    pass\n", "acts on existing tests"),
        ("conftest.py", "import pytest\n\n\n@pytest.fixture\ndef tmp_path():\n    pass\n", "takes the place of another"),
        ("conftest.py", "import pytest\n\n\n@pytest.fixture(name='capsys')\ndef mine():\n    pass\n", "takes the place of another"),
        ("tests/new/conftest.py", "def pytest_collection_modifyitems(items):\n    items.clear()\n", "a hook into the test runner"),
        ("tests/plugin.py", "def pytest_configure(config):\n    pass\n", "a hook into the test runner"),
    ],
)  # fmt: skip
def test_a_file_that_steers_the_runner_is_found(path: str, text: str, words: str) -> None:
    said = blocking(BASE, {path: text})
    assert any(words in each for each in said), said


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/shop/random.py", "x = 1\n"),
        ("src/shop/types.py", "x = 1\n"),
        (
            "tests/new/conftest.py",
            "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef _here():\n    pass\n",
        ),
        ("tests/conftest.py", "import pytest\n\n\n@pytest.fixture\ndef wares():\n    return []\n"),
        ("tests/data/a.txt", "x"),
        ("docs/a.md", "x"),
        ("test/__init__.py", ""),
    ],
)
def test_a_harmless_new_file_is_free(path: str, text: str) -> None:
    assert blocking(BASE, {path: text}) == []


def test_a_fixture_of_a_folder_may_not_replace_the_one_above() -> None:
    fixture = "import pytest\n\n\n@pytest.fixture\ndef client():\n    return {}\n"
    before = {
        "tests/conftest.py": fixture.format(1),
        "tests/web/test_w.py": "def test_w(client):\n    assert client\n",
    }
    assert (
        "the fixture client takes the place of another"
        in blocking(before, {"tests/web/conftest.py": fixture.format(2)})[0]
    )


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        ("pyproject.toml", '"-q"', '"-k a"', "`tool.pytest` was changed; it configures"),
        ("pyproject.toml", '["a"]', '["a", "b"]', "`project.dependencies` was changed; it says what is installed"),
        ("pyproject.toml", "[tool.bump", '[project.entry-points.pytest11]\na = "b"\n[tool.bump', "`project.entry-points`"),
        ("pyproject.toml", "[tool.bump", '[project.scripts]\npytest = "b:c"\n[tool.bump', "`project.scripts.pytest`"),
        ("pyproject.toml", "[tool.bump", '[build-system]\nbuild-backend = "b"\n[tool.bump', "`build-system.build-backend`"),
        ("pyproject.toml", "[project]", "[project", "cannot be read"),
        ("package.json", "node --test", "true", "`scripts` was changed"),
        ("package.json", '"dependencies": {}', '"dependencies": {"a": "1"}', "`dependencies` was changed"),
        ("setup.cfg", "-q", "-k a", "`tool:pytest.addopts` was changed"),
        ("setup.cfg", "= a", "= b", "`options.install_requires` was changed"),
    ],
)  # fmt: skip
def test_a_section_that_judges_is_found(path: str, old: str, new: str, words: str) -> None:
    said = blocking(BASE, {path: BASE[path].replace(old, new, 1)})
    assert any(words in each for each in said), said


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("pyproject.toml", 'version = "1"', 'version = "2"\ndescription = "a shop"\nclassifiers = ["x"]'),
        ("pyproject.toml", "[tool.bump", '[project.scripts]\nshop = "shop:main"\n[tool.bump'),
        ("pyproject.toml", 'current = "1"', 'current = "2"'),
        ("pyproject.toml", '["a"]', '[\n  "a",  # why\n]'),
        ("package.json", "1.0.0", "1.0.1"),
        ("setup.cfg", "name = shop", "name = shop\ndescription = sums"),
    ],
)  # fmt: skip
def test_a_section_that_judges_nothing_is_free(path: str, old: str, new: str) -> None:
    assert blocking(BASE, {path: BASE[path].replace(old, new, 1)}) == []


def test_a_link_in_the_place_of_a_test_is_found() -> None:
    made = scene(BASE, {"tests/test_a.py": "test_b.py"}, modes={"tests/test_a.py": "120000"})
    assert any(
        "a link takes the place of a file" in each.message for rule in TAMPER_RULES for each in rule(made)
    )


def test_a_mode_of_a_script_that_judges_is_found() -> None:
    made = scene(BASE, {"Makefile": BASE["Makefile"]}, modes={"Makefile": "100755"})
    assert any("its mode was changed" in each.message for rule in TAMPER_RULES for each in rule(made))


def test_a_name_that_may_hide_another_is_advice_where_imports_do_not_start() -> None:
    assert blocking(BASE, {"examples/secrets.py": ""}) == []
    assert "in the place of `secrets`" in advice(BASE, {"examples/secrets.py": ""})[0]
