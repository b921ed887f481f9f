from collections.abc import Mapping

import pytest

from podium.config.detect import Detected, detect

EVERYTHING = (
    "pytest",
    "ruff",
    "mypy",
    "python3",
    "npm",
    "pnpm",
    "yarn",
    "bun",
    "go",
    "cargo",
    "make",
    "tox",
    "nox",
)


def look(files: Mapping[str, str], programs: tuple[str, ...] = EVERYTHING) -> Detected:
    contents = {name: text.encode() for name, text in files.items()}
    return detect(contents.keys(), contents.get, programs.__contains__)


def commands(found: Detected) -> dict[str, str]:
    assert len(found.checks) == len(found.reasons) or not found.checks
    return {check.name: check.run for check in found.checks}


PYTEST = "pytest -q --junitxml={report}"
UNITTEST = "import unittest\nclass T(unittest.TestCase):\n    def test_x(self): ...\n"


@pytest.mark.parametrize(
    ("files", "run"),
    [
        ({"calc.py": "", "test_calc.py": "def test_it(): ...\n"}, PYTEST),
        ({"pyproject.toml": "[tool.pytest.ini_options]\ntestpaths=['t']\n"}, PYTEST),
        ({"pytest.ini": "[pytest]\n", "a.py": ""}, PYTEST),
        ({"tox.ini": "[tox]\n[pytest]\n"}, PYTEST),
        ({"setup.cfg": "[tool:pytest]\n"}, PYTEST),
        ({"test_a.py": UNITTEST}, PYTEST),
        ({"src/p/__init__.py": "", "tests/test_p.py": "import pytest\n"}, PYTEST),
        ({"p/__init__.py": "", "tests/test_p.py": "import pytest\n"}, f"python3 -m {PYTEST}"),
        ({"p.py": "", "tests/test_p.py": "import pytest\n", "tests/__init__.py": ""}, PYTEST),
        ({"p.py": "", "tests/test_p.py": "import pytest\n", "conftest.py": ""}, PYTEST),
        ({"p.py": "", "tests/test_p.py": "import pytest\n", "pytest.ini": "[pytest]\npythonpath=.\n"}, PYTEST),
        ({"tox.ini": "[tox]\nenvlist=py\n", "a.py": ""}, "tox"),
        ({"noxfile.py": "", "a.py": ""}, "nox"),
        ({"a.py": ""}, None),
    ],
)  # fmt: skip
def test_python_tests_are_recognised(files: dict[str, str], run: str | None) -> None:
    found = look(files)
    assert found.kinds == ("python",)
    assert commands(found).get("tests") == run


@pytest.mark.parametrize(
    ("files", "run"),
    [
        (("test_a.py",), "python3 -m unittest discover"),
        (("tests/test_a.py",), "python3 -m unittest discover -s tests"),
        (("tests/test_a.py", "tests/__init__.py"), "python3 -m unittest discover"),
        (("tests/test_a.py", "more/test_b.py"), "python3 -m unittest discover"),
    ],
)
def test_plain_unittest_serves_where_pytest_is_not_installed(files: tuple[str, ...], run: str) -> None:
    found = look(dict.fromkeys(files, UNITTEST), programs=("python3",))
    assert commands(found) == {"tests": run}
    assert found.missing == ()


def test_python_linters_are_checks_where_configured_and_come_first() -> None:
    found = look(
        {"pyproject.toml": "[tool.ruff]\n[tool.mypy]\nfiles=['src']\n", "test_a.py": "import pytest\n"}
    )
    assert commands(found) == {"lint": "ruff check .", "types": "mypy", "tests": PYTEST}
    assert found.reasons[0] == "pyproject.toml configures ruff"
    assert commands(look({"mypy.ini": "[mypy]\n", "a.py": "", "ruff.toml": ""})) == {
        "lint": "ruff check .",
        "types": "mypy .",
    }


def test_missing_programs_are_named() -> None:
    found = look({"ruff.toml": "", "test_a.py": "import pytest\n"}, programs=("python3",))
    assert found.missing == ("ruff", "pytest")


NODE_REPORTS = "--test-reporter=junit --test-reporter-destination={report} --test-reporter=spec --test-reporter-destination=stdout"


@pytest.mark.parametrize(
    ("package", "extra", "run", "report"),
    [
        ('{"scripts": {"test": "mocha"}}', {}, "npm run test", None),
        ('{"scripts": {"test": "mocha"}}', {"pnpm-lock.yaml": ""}, "pnpm run test", None),
        ('{"scripts": {"test": "mocha"}}', {"yarn.lock": ""}, "yarn run test", None),
        ('{"scripts": {"test": "node --test && x"}}', {}, "npm run test", None),
        (
            '{"scripts": {"test": "node --test unit/"}}', {},
            f"node --test {NODE_REPORTS} unit/", "junit",
        ),
        ('{"packageManager": "yarn@4.1.0", "scripts": {"test": "x"}}', {}, "yarn run test", None),
        (
            '{"scripts": {"test": "vitest"}}', {},
            "npm run test -- --run --reporter=junit --outputFile={report}", "junit",
        ),
        (
            '{"scripts": {"test": "vitest run"}}', {"pnpm-lock.yaml": ""},
            "pnpm run test --run --reporter=junit --outputFile={report}", "junit",
        ),
        ('{"scripts": {"test": "tsc && vitest"}}', {}, "npm run test", None),
        ('{"scripts": {"test": "jest"}}', {}, "npm run test", None),
        (
            '{"scripts": {"test": "jest"}, "devDependencies": {"jest-junit": "1"}}', {},
            "JEST_JUNIT_OUTPUT_FILE={report} npm run test -- --reporters=default --reporters=jest-junit", "junit",
        ),
    ],
)  # fmt: skip
def test_node_tests_are_recognised(package: str, extra: dict[str, str], run: str, report: str | None) -> None:
    found = look({"package.json": package, **extra})
    assert found.kinds == ("node",)
    assert [(check.run, check.report) for check in found.checks] == [(run, report)]


def test_node_scripts_are_checks_and_the_default_test_script_is_none() -> None:
    package = '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1", "lint": "eslint", "build": "tsc"}}'
    assert commands(look({"package.json": package})) == {"lint": "npm run lint", "build": "npm run build"}


def test_go_and_rust_are_recognised() -> None:
    go = {"go.mod": "module m\n", "m_test.go": ""}
    assert commands(look(go)) == {"lint": "go vet ./...", "tests": "go test ./..."}
    assert commands(look({"go.mod": ""})) == {"lint": "go vet ./...", "build": "go build ./..."}
    assert look(go, programs=("go", "gotestsum")).checks[1].report == "junit"
    assert commands(look({"Cargo.toml": ""})) == {"tests": "cargo test --quiet"}
    assert "lint" in commands(look({"Cargo.toml": ""}, programs=("cargo", "cargo-clippy")))


def test_make_is_the_last_resort() -> None:
    makefile = {"Makefile": "CC := gcc\ncheck: all\n\ttrue\n"}
    assert commands(look(makefile)) == {"tests": "make check"}
    assert look({**makefile, "go.mod": ""}).kinds == ("go", "make")
    assert look({**makefile, "Cargo.toml": ""}).kinds == ("rust",)
    assert look({"Makefile": "test := 3\n"}).kinds == ()


def test_checks_of_two_kinds_have_names_of_their_own() -> None:
    found = look({"test_a.py": "import pytest\n", "package.json": '{"scripts": {"test": "x", "lint": "y"}}'})
    assert list(commands(found)) == ["python-tests", "lint", "node-tests"]


def test_nothing_found_says_what_to_write() -> None:
    found = look({"README.md": ""})
    assert (found.kinds, found.checks) == ((), ())
    assert "[[gate.check]]" in found.reasons[0]
    assert "write test_*.py" in look({"a.py": ""}).reasons[0]


def test_what_was_brought_along_is_not_looked_at() -> None:
    assert look({"node_modules/x/test_a.py": "", "vendor/b.py": "", "docs/x.md": ""}).kinds == ()


def test_broken_files_of_a_repository_do_not_matter() -> None:
    found = look({"pyproject.toml": "[[", "package.json": "[", "tox.ini": "x", "setup.cfg": "\0", "a.py": ""})
    assert found.kinds == ("python", "node")


def test_scopes_divide_the_code() -> None:
    files = dict.fromkeys(
        ["src/a/x.py", "src/b/y.py", "src/z.py", "tests/t.py", "setup.py", ".ci/x.py", "docs/a.md"], ""
    )
    assert look(files).scopes == ("src/**", "src/a/**", "src/b/**", "tests/**")
