"""pytest: our own plug-in is brought in by the environment, so that the command line stays as the project wrote it.

The cache plug-in is left as it is: every run starts on a fresh copy of the tree, and what a tree brings along in
`.pytest_cache` could at most deselect tests, which are then missing.
"""

import json
import re
import secrets
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from podium.base.digest import digest, digest_bytes
from podium.gate.runners.base import PROBE, Wanted

_VERSION = 1
_PLUGIN = PROBE / "podium_probe" / "plugin.py"
_PROGRAMS = frozenset({"pytest", "py.test"})
_LAUNCHERS = frozenset(
    {("uv", "run"), ("poetry", "run"), ("pipenv", "run"), ("pdm", "run"), ("hatch", "run")}
)
_PYTHON = re.compile(r"python(\d+(\.\d+)?)?")
_HARMLESS = re.compile(r"(-(u|B|bb?|[XW] ?[\w:.=]+) )*")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_DOUBTFUL = re.compile(r"[;|&<>()`\n]|\$\(|(^|\s)#")
_OWN_REPORT = ("--junitxml", "--junit-xml")


class Pytest:
    """A command that runs pytest, once."""

    @property
    def name(self) -> str:
        return "pytest"

    @property
    def digest(self) -> str:
        return digest([_VERSION, digest_bytes(_PLUGIN.read_bytes())])

    def order(self, run: str, wanted: Wanted) -> str:
        options = "" if "{report}" in run else shlex.join([f"--junitxml={wanted.report}"])
        name = f"podium_probe.{secrets.token_hex(8)}"  # see there why
        run = run.replace("{report}", shlex.quote(wanted.report))
        ours = {
            "PYTHONPATH": (wanted.probe, ":"),
            "PYTEST_PLUGINS": (name, ","),
            "PYTEST_ADDOPTS": (options, " "),
        }
        for variable, (value, separator) in ours.items():
            run = _put_before(run, variable, value, separator)
        exports = " ".join(_exported(variable, *ours[variable]) for variable in ours if ours[variable][0])
        plan = shlex.quote(json.dumps({**_plan(wanted), "name": name, "options": options}))
        autoload = 'PYTEST_DISABLE_PLUGIN_AUTOLOAD="${PYTEST_DISABLE_PLUGIN_AUTOLOAD:-podium}"'
        return f'export PODIUM_PROBE={plan} PODIUM_ROOT="$PWD" {autoload} {exports}\n{run}'

    def files(self, tests: Iterable[str], names: Collection[str]) -> frozenset[str] | None:
        index = _by_dotted_name(names)
        found = [_file(test, index) for test in tests]
        return frozenset(path for paths in found for path in paths) if all(found) else None


def recognises(run: str) -> bool:
    """Whether `run` plainly is one run of pytest.

    >>> recognises("pytest -q"), recognises("A=b python3 -m pytest tests"), recognises("pytest | tee log")
    (True, True, False)
    """
    if _DOUBTFUL.search(run):
        return False
    try:
        words = shlex.split(run)
    except ValueError:
        return False
    options = _after_program(_without_launcher(words))
    return options is not None and not _reports_elsewhere(run, options)


def _without_launcher(words: list[str]) -> list[str]:
    if words[:1] == ["env"]:
        words = words[1:]
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    return words[2:] if tuple(words[:2]) in _LAUNCHERS else words


def _after_program(words: list[str]) -> list[str] | None:
    """The words after the program, or None where it is not pytest."""
    if not words:
        return None
    program, *rest = words
    name = program.rpartition("/")[2]
    if name in _PROGRAMS:
        return rest
    if not _PYTHON.fullmatch(name) or "-m" not in rest:
        return None
    begin = rest.index("-m")
    harmless = _HARMLESS.fullmatch("".join(f"{option} " for option in rest[:begin]))
    return rest[begin + 2 :] if harmless and rest[begin + 1 : begin + 2] == ["pytest"] else None


def _reports_elsewhere(run: str, options: list[str]) -> bool:
    return "{report}" not in run and any(
        option.startswith(_OWN_REPORT) or "no:junitxml" in option for option in options
    )


def _plan(wanted: Wanted) -> Mapping[str, Any]:
    return {
        "plugins": wanted.plugins, "tests": wanted.tests, "shuffle": wanted.shuffle,
        "lines": wanted.lines, "watch": wanted.watch,
    }  # fmt: skip


def _put_before(run: str, name: str, value: str, separator: str) -> str:
    """`run`, where it sets that variable itself, with our value put before its own."""
    ours = shlex.quote(value + separator) if value else ""
    run = re.sub(rf"(^|(?<=\s)){name}=(?=\S)", lambda _: f"{name}={ours}", run)
    return re.sub(rf"(^|(?<=\s)){name}=(?=\s)", lambda _: f"{name}={shlex.quote(value)}", run)


def _exported(name: str, value: str, separator: str) -> str:
    return f'{name}={shlex.quote(value)}"${{{name}:+{separator}${name}}}"'


def _by_dotted_name(names: Collection[str]) -> Mapping[str, set[str]]:
    """Test files by what a report may call them: pytest names them from its root, which may lie below the tree's."""
    index: dict[str, set[str]] = {}
    for path in names:
        if path.endswith(".py"):
            parts = path[: -len(".py")].split("/")
            for start in range(len(parts)):
                index.setdefault(".".join(parts[start:]), set()).add(path)
    return index


def _file(test: str, index: Mapping[str, set[str]]) -> set[str]:
    return next((index[name] for name in _prefixes(test.partition("::")[0]) if name in index), set())


def _prefixes(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]
