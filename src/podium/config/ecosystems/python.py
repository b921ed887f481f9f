"""Python: ruff and mypy where configured, then the tests: pytest, unittest, or what tox or nox runs."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from podium.config.ecosystems.base import Found, Listing, Suggestion
from podium.config.settings import CheckSettings

_MANIFESTS = {"pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "tox.ini", "noxfile.py"}
_MANY = 40
"""Test files read to learn how they are written."""


def python(listing: Listing) -> Found | None:
    """Find a Python project."""
    modules = [file for file in listing.own() if file.endswith(".py")]
    if not modules and not _MANIFESTS & listing.files:
        return None
    tests = [file for file in modules if _is_test(PurePosixPath(file))]
    suggestions = (_ruff(listing), _mypy(listing), _tests(listing, modules, tests))
    return Found(
        "python",
        tuple(suggestion for suggestion in suggestions if suggestion),
        advice="no Python test was found: write test_*.py and a check with `pytest -q --junitxml={report}`",
    )


def _ruff(listing: Listing) -> Suggestion | None:
    for file in ("ruff.toml", ".ruff.toml"):
        if file in listing.files:
            return _suggest("lint", "ruff check .", because=f"{file} configures ruff")
    if "ruff" in _tool(listing):
        return _suggest("lint", "ruff check .", because="pyproject.toml configures ruff")
    return None


def _mypy(listing: Listing) -> Suggestion | None:
    for file, options in _mypy_options(listing):
        says_what = {"files", "packages", "modules"} & options.keys()
        return _suggest("types", "mypy" if says_what else "mypy .", because=f"{file} configures mypy")
    return None


def _mypy_options(listing: Listing) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Read mypy's configuration from wherever it is, in the order mypy looks for it."""
    for file in ("mypy.ini", ".mypy.ini"):
        if file in listing.files:
            yield file, _section(listing, file, "mypy")
    if "mypy" in _tool(listing):
        options = _tool(listing)["mypy"]
        yield "pyproject.toml", options if isinstance(options, dict) else {}
    if listing.ini("setup.cfg").has_section("mypy"):
        yield "setup.cfg", _section(listing, "setup.cfg", "mypy")


def _tests(listing: Listing, modules: list[str], tests: list[str]) -> Suggestion | None:
    """Prefer pytest, which reports every test, to unittest, and that to tox and nox, which build environments."""
    pytest_because = _pytest_because(listing, tests)
    if pytest_because:
        return _pytest(listing, modules, tests, because=pytest_because)
    if tests and listing.has_program("pytest"):
        return _pytest(listing, modules, tests, because=f"{tests[0]} is a test and pytest is installed")
    if tests:
        return _unittest(listing, tests)
    if "tox.ini" in listing.files or "tox" in _tool(listing):
        return _suggest(
            "tests", "tox", because="tox is configured; its environments must be built without network"
        )
    if "noxfile.py" in listing.files:
        because = "noxfile.py says how to test; its environments must be built without network"
        return _suggest("tests", "nox", because=because)
    return None


def _pytest_because(listing: Listing, tests: list[str]) -> str:
    """Say what shows that pytest is meant; empty when nothing does."""
    if _tool(listing).get("pytest"):
        return "pyproject.toml configures pytest"
    for file in ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"):
        if file in listing.files:
            return f"{file} configures pytest"
    for file, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        if listing.ini(file).has_section(section):
            return f"{file} configures pytest"
    for file in tests[:_MANY]:
        if PurePosixPath(file).name == "conftest.py" or _is_for_pytest(listing.text(file)):
            return f"{file} is written for pytest"
    if tests and re.search(r"(?<![\w-])pytest(?![\w-])", listing.text("pyproject.toml")):
        return "pyproject.toml depends on pytest"
    return ""


def _is_for_pytest(text: str) -> bool:
    return bool(re.search(r"^(import pytest|from pytest|(async )?def test_)", text, re.MULTILINE))


def _pytest(listing: Listing, modules: list[str], tests: list[str], *, because: str) -> Suggestion:
    program = "python3 -m pytest" if _needs_the_root_on_its_path(listing, modules, tests) else "pytest"
    check = CheckSettings(name="tests", run=f"{program} -q --junitxml={{report}}", report="junit")
    return Suggestion(check, because, "pytest")


def _needs_the_root_on_its_path(listing: Listing, modules: list[str], tests: list[str]) -> bool:
    """Whether tests in a folder of their own import modules of the root, which `pytest` alone does not find."""
    folders = {file.partition("/")[0] for file in tests if "/" in file}
    if (
        not folders
        or "conftest.py" in listing.files
        or any(f"{name}/__init__.py" in listing.files for name in folders)
    ):
        return False
    if "pythonpath" in str(_tool(listing).get("pytest", "")) or listing.ini("pytest.ini").has_option(
        "pytest", "pythonpath"
    ):
        return False
    at_root = {file.partition("/")[0] for file in modules if "/" not in file or file.endswith("/__init__.py")}
    return bool(at_root - folders - {"src", "setup.py", "noxfile.py"})


def _unittest(listing: Listing, tests: list[str]) -> Suggestion:
    """Discover from the root, or from the one folder that is no package and holds all tests."""
    folder = tests[0].partition("/")[0]
    loose = (
        all(file.startswith(f"{folder}/") for file in tests) and f"{folder}/__init__.py" not in listing.files
    )
    run = f"python3 -m unittest discover -s {folder}" if loose else "python3 -m unittest discover"
    return Suggestion(CheckSettings(name="tests", run=run), f"{tests[0]} is a unittest test", "python3")


def _is_test(path: PurePosixPath) -> bool:
    return path.name.startswith("test_") or path.stem.endswith("_test") or path.name == "conftest.py"


def _section(listing: Listing, file: str, name: str) -> Mapping[str, object]:
    sections = listing.ini(file)
    return dict(sections[name]) if sections.has_section(name) else {}


def _tool(listing: Listing) -> dict[str, object]:
    tool = listing.toml("pyproject.toml").get("tool", {})
    return tool if isinstance(tool, dict) else {}


def _suggest(name: str, run: str, *, because: str) -> Suggestion:
    return Suggestion(CheckSettings(name=name, run=run), because, run.partition(" ")[0])
