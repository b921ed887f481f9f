"""Manifests that play several parts: `pyproject.toml`, `setup.cfg`, `package.json`, compared section by section.

A description or a version is free; what configures a runner or another tool that judges, and what says what is installed, is not.
"""

import configparser
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from podium.base.text import clean_line
from podium.gate.delta import FileDelta
from podium.gate.static.base import Finding
from podium.gate.static.scene import Scene

RULE = "manifests"
Table: TypeAlias = Mapping[str, Any]
_LIMIT_BYTES = 256 * 1024
_RUNNER = "configures tests, builds or other tools that judge"
_DEPENDENCIES = "says what is installed, and how it is built"
_TOLD = frozenset(
    [
        "name",
        "version",
        "description",
        "readme",
        "authors",
        "maintainers",
        "keywords",
        "classifiers",
        "urls",
        "license",
        "license-files",
        "homepage",
        "repository",
        "author",
        "contributors",
        "bugs",
        "funding",
        "documentation",
    ]
)
_QUIET_TOOLS = frozenset(
    ["bumpversion", "bumpver", "commitizen", "towncrier", "semantic_release", "git-cliff", "codespell"]
)
_TOOL_NAMES = frozenset(
    [
        "python",
        "python3",
        "pytest",
        "py.test",
        "coverage",
        "ruff",
        "mypy",
        "pylint",
        "flake8",
        "tox",
        "nox",
        "pip",
        "make",
        "node",
        "npm",
        "sh",
    ]
)
_PACKAGE_FREE = _TOLD | frozenset(
    [
        "private",
        "bin",
        "files",
        "main",
        "module",
        "types",
        "typings",
        "browser",
        "sideEffects",
        "publishConfig",
        "displayName",
    ]
)
_PACKAGE_DEPENDENCIES = frozenset(
    [
        "dependencies",
        "devDependencies",
        "peerDependencies",
        "optionalDependencies",
        "bundledDependencies",
        "peerDependenciesMeta",
        "overrides",
        "resolutions",
        "engines",
        "type",
        "exports",
        "imports",
        "workspaces",
        "packageManager",
    ]
)


def manifests(scene: Scene) -> Iterator[Finding]:
    """The sections of manifests that were changed and may not be without an approval."""
    for file in scene.files():
        read = MANIFESTS.get(file.path.rpartition("/")[2])
        if read is None or file.is_gone:
            continue
        before, after = _tables(file, read)
        if before is None or after is None:
            yield Finding(RULE, file.path, 0, "cannot be read, before or after")
            continue
        for section in sorted({*before, *after}):
            if before.get(section) != after.get(section) and (part := _part(file.path, section)):
                yield Finding(RULE, file.path, 0, f"`{clean_line(section, limit=80)}` was changed; it {part}")


def _tables(file: FileDelta, read: "Callable[[str], Table]") -> tuple[Table | None, Table | None]:
    """The values before and after by their sections; None where they cannot be read."""
    found: list[Table | None] = []
    for data in (file.before, file.after):
        try:
            text = (data or b"").decode()
            found.append(read(text) if len(text) <= _LIMIT_BYTES else None)
        except (ValueError, TypeError, RecursionError, configparser.Error):
            found.append(None)
    return found[0], found[1]


def _part(path: str, section: str) -> str:
    """What a section is for; empty where it judges nothing."""
    return _of_package(section) if path.endswith("package.json") else _of_python(section)


def _of_python(section: str) -> str:
    table, _, key = section.partition(".")
    if table in {"project", "metadata"}:
        return "" if _is_told(key) or _is_command(key) else _DEPENDENCIES
    if table == "tool" and key:
        return _of_tool(key)
    installs = table in {"build-system", "dependency-groups"} or table.startswith("options")
    return _DEPENDENCIES if installs else _RUNNER


def _is_told(key: str) -> bool:
    """Whether it is there for people to read."""
    words = {"long", "author", "maintainer", "url", "download", "project"}
    return not key or key in _TOLD or key.partition("_")[0] in words


def _is_command(key: str) -> bool:
    """Whether it gives people a command, whose name is not that of a tool."""
    group, _, name = key.partition(".")
    return group in {"scripts", "gui-scripts"} and name not in _TOOL_NAMES


def _of_tool(key: str) -> str:
    tool, _, rest = key.partition(".")
    if tool == "poetry":
        return "" if rest in _TOLD else _DEPENDENCIES
    return "" if tool in _QUIET_TOOLS else _RUNNER


def _of_package(section: str) -> str:
    if section in _PACKAGE_FREE:
        return ""
    return _DEPENDENCIES if section in _PACKAGE_DEPENDENCIES else _RUNNER


def _pyproject(text: str) -> Table:
    """Values by their sections: two levels deep, three for tools and scripts."""
    found: dict[str, Any] = {}
    for table, value in tomllib.loads(text).items():
        for key, inner in value.items() if isinstance(value, dict) else [("", value)]:
            deep = isinstance(inner, dict) and (key in {"scripts", "gui-scripts", "poetry"})
            for name, each in inner.items() if deep else [("", inner)]:
                found[".".join(filter(None, (table, key, name)))] = each
    return found


def _setup_cfg(text: str) -> Table:
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    return {
        f"{section}.{key}": value for section in parser.sections() for key, value in parser.items(section)
    }


def _package(text: str) -> Table:
    value = json.loads(text) if text else {}
    if not isinstance(value, dict):
        raise TypeError("not a table")
    return value


MANIFESTS: Mapping[str, Callable[[str], Table]] = {
    "pyproject.toml": _pyproject, "setup.cfg": _setup_cfg, "package.json": _package,
}  # fmt: skip
