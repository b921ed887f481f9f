"""Where specimens are planted, in layouts of every kind."""

from collections.abc import Mapping

import pytest

from podium.gate.selftest.ground import Ground, Victim
from podium.gate.selftest.survey import survey, victim

TEST = "from {name} import f\n\ndef test_f():\n    assert f() == 1\n"
NODE = "import test from 'node:test'\nimport {{ f }} from '{name}'\n"


def grounds(files: Mapping[str, str]) -> list[Ground]:
    data = {path: text.encode() for path, text in files.items()}
    *homes, anywhere = survey(list(data), data.get, token="ab12")
    assert anywhere.language == ""
    return homes


@pytest.mark.parametrize(
    ("files", "module", "tests", "imported", "root"),
    [
        ({"src/pkg/__init__.py": "", "tests/test_a.py": TEST.format(name="pkg")},
         "src/pkg/podium_specimen_ab12.py", "tests/test_podium_ab12.py", "pkg.podium_specimen_ab12", "src"),
        ({"pkg/__init__.py": "", "tests/test_a.py": TEST.format(name="pkg.sub")},
         "pkg/podium_specimen_ab12.py", "tests/test_podium_ab12.py", "pkg.podium_specimen_ab12", ""),
        ({"lib/pkg/__init__.py": "", "lib/pkg/tests/test_a.py": TEST.format(name="pkg")},
         "lib/pkg/podium_specimen_ab12.py", "lib/pkg/tests/test_podium_ab12.py", "pkg.podium_specimen_ab12", "lib"),
        ({"pkg/__init__.py": "", "pkg/tests/__init__.py": "", "pkg/tests/test_a.py": TEST.format(name="..core")},
         "pkg/podium_specimen_ab12.py", "pkg/tests/test_podium_ab12.py", "pkg.podium_specimen_ab12", ""),
        ({"one.py": "", "test_one.py": TEST.format(name="one")},
         "podium_specimen_ab12.py", "test_podium_ab12.py", "podium_specimen_ab12", ""),
        ({"one.py": "", "one_test.py": TEST.format(name="one")},
         "podium_specimen_ab12.py", "podium_ab12_test.py", "podium_specimen_ab12", ""),
    ],
    ids=["src", "flat package", "lib with tests inside", "relative imports", "module", "suffixed"],
)  # fmt: skip
def test_python_is_planted_beside_what_its_tests_import(
    files: dict[str, str], module: str, tests: str, imported: str, root: str
) -> None:
    (ground,) = grounds(files)
    assert (ground.language, ground.module, ground.tests, ground.imported, ground.root) == (
        "python",
        module,
        tests,
        imported,
        root,
    )
    assert set(ground.planted) == {module, tests, tests.replace(".py", ".txt")}
    for path, data in ground.planted.items():
        if path.endswith(".py"):
            compile(data, path, "exec")


@pytest.mark.parametrize(
    ("files", "module", "tests", "imported", "first"),
    [
        ({"src/a.js": "", "test/a.test.js": NODE.format(name="../src/a.js"), "package.json": '{"type": "module"}'},
         "src/podium-specimen-ab12.js", "test/podium-specimen-ab12.test.js", "../src/podium-specimen-ab12.js", "import test"),
        ({"a.cjs": "", "a.test.cjs": "const test = require('node:test'); require('./a')", "package.json": "{}"},
         "podium-specimen-ab12.cjs", "podium-specimen-ab12.test.cjs", "./podium-specimen-ab12.cjs", "const test"),
        ({"lib/index.js": "", "test/a.js": "require('node:test'); require('../lib')", "package.json": "[[["},
         "lib/podium-specimen-ab12.js", "test/podium-specimen-ab12.js", "../lib/podium-specimen-ab12.js", "const test"),
    ],
    ids=["modules", "common", "plain names"],
)  # fmt: skip
def test_javascript_is_planted_beside_what_its_tests_import(
    files: dict[str, str], module: str, tests: str, imported: str, first: str
) -> None:
    (ground,) = grounds(files)
    assert (ground.language, ground.module, ground.tests, ground.imported) == (
        "javascript",
        module,
        tests,
        imported,
    )
    assert ground.planted[tests].decode().startswith(first)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"README.md": "x"},
        {"tests/test_a.py": "import os\n"},
        {"tests/test_a.py": "def broken(:\n"},
        {"test/a.test.js": "import { test } from 'vitest'"},
        {"tests/test_a.py": "(" * 5000},
    ],
)
def test_a_layout_that_is_not_understood_has_no_ground(files: dict[str, str]) -> None:
    assert grounds(files) == []


def test_a_repository_of_two_languages_has_two_grounds() -> None:
    files = {
        "pkg/__init__.py": "", "tests/test_a.py": TEST.format(name="pkg"),
        "web/a.mjs": "", "web/a.test.mjs": NODE.format(name="./a.mjs"),
    }  # fmt: skip
    assert [ground.language for ground in grounds(files)] == ["python", "javascript"]


def test_the_victim_is_a_plain_test_that_is_known_to_pass() -> None:
    files = {
        "tests/test_a.py": b"import pytest\n\n@pytest.mark.slow\ndef test_marked():\n    assert 1\n\ndef test_idle():\n    pass\n",
        "tests/test_b.py": b"def test_red():\n    assert 0\n\ndef test_good():\n    assert 1\n    assert 2\n",
    }
    known = ["tests.test_a::test_marked", "tests.test_a::test_idle", "tests.test_b::test_good"]
    assert victim(files, files.get, known) == Victim("tests/test_b.py", "test_good", 4, 6)
    assert victim(files, files.get, ["test_b::test_good"]) == Victim("tests/test_b.py", "test_good", 4, 6)
    assert victim(files, files.get, []) is None
