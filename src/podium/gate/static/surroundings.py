"""Files that decide how others are judged, told from their names and kinds: no look inside.

What is in `pyproject.toml`, `setup.cfg` and `package.json` is for `manifests.py`, Python files of tests for `tests_python.py`,
those in other languages for `tests_text.py`.
"""

import re
import sys
from collections.abc import Iterator

from podium.gate.delta import FileDelta
from podium.gate.static.base import Finding, Weight
from podium.gate.static.manifests import MANIFESTS
from podium.gate.static.scene import Scene, folder_of, is_cut
from podium.gate.static.tests_text import is_understood
from podium.policies.roles import Role, judges, role_of

RULE = "what judges"
_LINK = "120000"
_STARTS = frozenset({"sitecustomize.py", "usercustomize.py"})
_COMPILED = re.compile(r".*\.(?:py[cod]|so|dll|dylib|abi3\.so)|.*/__pycache__/.*")
_INSTALLED = re.compile(r"(?:.*/)?[^/]+\.(?:egg-info|dist-info|egg-link)(?:/.*)?|(?:.*/)?node_modules/.*")
_TOOLS = frozenset(
    [
        "pytest",
        "_pytest",
        "py",
        "pluggy",
        "iniconfig",
        "packaging",
        "xdist",
        "execnet",
        "coverage",
        "junitparser",
        "nose",
        "nose2",
        "hypothesis",
        "mock",
        "unittest2",
        "attr",
        "attrs",
        "pytest_asyncio",
        "pytest_cov",
        "pytest_mock",
        "pytest_timeout",
        "pytest_randomly",
        "anyio",
        "tox",
        "nox",
        "setuptools",
        "pip",
        "pkg_resources",
        "hatchling",
        "ruff",
        "mypy",
        "flake8",
        "pylint",
        "conftest",
    ]
)
_NOT_SHADOWED = frozenset(
    {"test", "this", "antigravity", "idlelib", "turtledemo", "lib2to3", "__main__", "__future__"}
)
_SOURCE_ROOTS = frozenset({"", "src", "lib", "python", "tests", "test"})
_AT_ROOTS = frozenset({"conftest.py", "pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini"})
_TEST_MODULE = re.compile(r"test_.*\.py|.*_test\.py")
_README = re.compile(r"(?:.*/)?readme[^/]*", re.IGNORECASE)
_WORDS = {
    Role.CI: "configures continuous integration", Role.POLICY: "says who reviews and how git treats files",
    Role.RUNNER: "configures the tools that judge", Role.DEPENDENCIES: "says what is installed",
}  # fmt: skip


def files_that_judge(scene: Scene) -> Iterator[Finding]:
    """Files of a role in judging, whatever was done to them."""
    for file in scene.files():
        role = role_of(file.path)
        if role in _WORDS and file.path.rpartition("/")[2] not in MANIFESTS:
            yield Finding(RULE, file.path, 0, f"{_done(file)}; it {_WORDS[role]}")
        elif role in _WORDS and file.is_gone:
            yield Finding(RULE, file.path, 0, f"is gone; it {_WORDS[role]}")
        elif role is Role.TEST:
            yield from _of_tests(scene, file)


def kinds_of_files(scene: Scene) -> Iterator[Finding]:
    """Links and modes: a file that becomes a link is another file."""
    for file in scene.files():
        if not file.mode_after or file.mode_after == file.mode_before:
            continue
        if file.mode_before and _LINK in {file.mode_before, file.mode_after}:
            yield Finding(RULE, file.path, 0, "a link takes the place of a file, or a file that of a link")
        elif file.mode_before and judges(file.path):
            yield Finding(
                RULE, file.path, 0, f"its mode was changed from {file.mode_before} to {file.mode_after}"
            )
        elif file.mode_after == _LINK and judges(file.path):
            yield Finding(RULE, file.path, 0, "a link where tests or configuration are looked for")


def files_that_run_unasked(scene: Scene) -> Iterator[Finding]:
    """Files that Python or a runner takes up by their names alone."""
    for file in scene.files():
        path, name = file.path, file.path.rpartition("/")[2]
        if file.is_gone:
            continue
        if name in _STARTS or name.endswith(".pth"):
            yield Finding(RULE, path, 0, "is run whenever Python starts")
        elif _COMPILED.fullmatch(path):
            yield Finding(
                RULE,
                path,
                0,
                "compiled code, which nobody can read and which may be run instead of its source",
            )
        elif _INSTALLED.fullmatch(path):
            yield Finding(RULE, path, 0, "looks like an installed package, whose plug-ins are loaded unasked")
        elif file.is_new and (shadowed := _shadows(scene, path)):
            weight = Weight.BLOCKS if _imports_start(scene, path) else Weight.ADVICE
            yield Finding(RULE, path, 0, f"may be imported in the place of `{shadowed}`", weight)


def _of_tests(scene: Scene, file: FileDelta) -> Iterator[Finding]:
    if file.is_gone:
        moved = next(
            (other.path for other in scene.files() if other.is_new and other.after == file.before), ""
        )
        yield Finding(
            RULE,
            file.path,
            0,
            f"existing tests were moved to {moved}" if moved else "existing tests are gone",
        )
    elif file.is_new or file.path.endswith((".py", ".pyi", ".pyw")) or file.before == file.after:
        return
    elif is_cut(file.after) or is_cut(file.before):
        yield Finding(RULE, file.path, 0, "is too large to be compared")
    elif not is_understood(file.path) and not _README.fullmatch(file.path):
        yield Finding(RULE, file.path, 0, "what existing tests compare with was changed")


def _shadows(scene: Scene, path: str) -> str:
    """The module that a new one hides, if it lies where imports may start from."""
    folder, _, name = path.rpartition("/")
    if name == "__init__.py":
        folder, _, name = folder.rpartition("/")
        module = name
    elif name.endswith(".py"):
        module = name.removesuffix(".py")
    else:
        return ""
    inside = f"{folder}/__init__.py" if folder else "__init__.py"
    hidden = module in _TOOLS or (
        module in sys.stdlib_module_names and module not in _NOT_SHADOWED and not module.startswith("_")
    )
    return module if hidden and inside not in scene.delta.names_after and module != "conftest" else ""


def _imports_start(scene: Scene, path: str) -> bool:
    """Whether Python or a runner is known to look for modules in the folder: it holds tests, or a project."""
    folder = folder_of(path.removesuffix("/__init__.py"))
    beside = (
        name.rpartition("/")[2]
        for name in scene.delta.names_after
        if folder_of(name) == folder and name != path
    )
    return folder in _SOURCE_ROOTS or any(
        name in _AT_ROOTS or _TEST_MODULE.fullmatch(name) for name in beside
    )


def _done(file: FileDelta) -> str:
    return "is new" if file.is_new else "is gone" if file.is_gone else "was changed"
