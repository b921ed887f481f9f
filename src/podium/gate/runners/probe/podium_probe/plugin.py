"""Our pytest plug-in. Runs inside the sandbox, in the process of the tests: standard library only, any Python from 3.8 on, pytest 7 to 9.

It is told by PODIUM_PROBE, a JSON object: `plugins` (modules to load; null: those installed), `tests` (only these files),
`shuffle` (a seed), `lines` and `watch` (see `Wanted`), `name` (what it is called in this run), `options` (what Podium put into
PYTEST_ADDOPTS). PODIUM_ROOT is where the command began.

pytest's own loading of plug-ins is off, as any `*.egg-info` that lies in the tree could name one. This loads those that are
installed outside it. Where `run` itself switched them off, none is. Before the first test starts, the environment is
again what it would be without us, so that programs that tests start, another pytest among them, behave as they always do.
"""

# ruff: noqa: PTH100, PTH113, PTH118, PTH119, PTH120, PTH123, PTH208, TID251 - no imports of ours, few of others: a tree could shadow them

import hashlib
import json
import os
import re
import sys
import threading
from collections.abc import Iterator, MutableMapping
from importlib import metadata
from typing import Any

import pytest

PLAN: Any = json.loads(os.environ.get("PODIUM_PROBE", "{}"))
ROOT = os.path.realpath(os.environ.get("PODIUM_ROOT", "."))
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OURS = "podium"  # the value of PYTEST_DISABLE_PLUGIN_AUTOLOAD when it is Podium who set it
TESTS = frozenset(os.path.join(ROOT, path) for path in PLAN.get("tests", ()))


# Plug-ins


def pytest_addhooks(pluginmanager: Any) -> None:
    """Called once, when this plug-in is registered, before any option is parsed."""

    def load(group: str, name: "str | None" = None) -> int:
        """As pluggy's own, but for what lies in the tree."""
        wanted = [found for found in installed(group) if name in (None, found.name)]
        return sum(register(pluginmanager, found) for found in wanted)

    pluginmanager.load_setuptools_entrypoints = (
        load  # by which pytest looks up names, those in conftest.py among them
    )
    if PLAN.get("plugins") is not None:
        for module in PLAN["plugins"]:
            pluginmanager.import_plugin(module)
    elif os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD") == OURS:
        load("pytest11")


def register(pluginmanager: Any, found: metadata.EntryPoint) -> bool:
    """Load a plug-in, unless it is there already or somebody does not want it."""
    if pluginmanager.has_plugin(found.name) or pluginmanager.is_blocked(found.name):
        return False
    module = found.value.partition(":")[0].strip()
    if module not in sys.modules:
        pluginmanager.rewrite_hook.mark_rewrite(module)
    pluginmanager.register(found.load(), name=found.name)
    return True


def installed(group: str) -> "Iterator[metadata.EntryPoint]":
    """The plug-ins that are installed on this machine, in the order pytest would find them."""
    for distribution in metadata.distributions():
        if trusted(str(distribution.locate_file(""))):
            for found in distribution.entry_points:
                if found.group == group:
                    yield found


def trusted(folder: str) -> bool:
    """Whether no maker could write there: it is mounted read-only, or lies outside the tree."""
    try:
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return True
    except OSError:
        return False
    real = os.path.realpath(folder)
    return real != ROOT and not real.startswith(ROOT + os.sep)


# The environment


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    if not hands_out(session.config):  # its workers have yet to start, by the same environment
        tidy(os.environ)


def hands_out(config: pytest.Config) -> bool:
    """Whether the tests run in other processes, those of xdist."""
    return bool(config.pluginmanager.has_plugin("dsession"))


def tidy(environment: "MutableMapping[str, str]") -> None:
    for name in ("PODIUM_PROBE", "PODIUM_ROOT"):
        environment.pop(name, None)
    if environment.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD") == OURS:
        del environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
    take_out(environment, "PYTHONPATH", HERE, os.pathsep)
    take_out(environment, "PYTEST_PLUGINS", PLAN.get("name", ""), ",")
    take_out(environment, "PYTEST_ADDOPTS", PLAN.get("options", ""), " ")


def take_out(environment: "MutableMapping[str, str]", name: str, ours: str, separator: str) -> None:
    """Remove what Podium put before the value that was there, or the variable where there was none."""
    value = environment.get(name, "")
    if ours and (value + separator).startswith(ours + separator):
        rest = value[len(ours) + 1 :]
        if rest:
            environment[name] = rest
        else:
            del environment[name]


# Which tests, in which order


def pytest_ignore_collect(collection_path: Any) -> "bool | None":
    """Spare what is not wanted, so that it is not even imported. A file named on the command line is not asked about."""
    path = str(collection_path)
    if not TESTS or os.path.basename(path) == "__init__.py" or not os.path.isfile(path):
        return None
    return None if os.path.realpath(path) in TESTS else True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: "list[pytest.Item]") -> None:
    if TESTS:
        left_out = [item for item in items if os.path.realpath(str(item.path)) not in TESTS]
        items[:] = [item for item in items if os.path.realpath(str(item.path)) in TESTS]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
    seed = PLAN.get("shuffle")
    if seed is not None:
        items.sort(key=lambda item: place(seed, item.nodeid))


def place(seed: int, nodeid: str) -> "list[bytes]":
    """A random place that is the same in every process. What shares a file or a class stays together, as do its fixtures."""
    address, _, parameters = nodeid.partition("[")
    parts = address.split("::")
    wholes = ["::".join(parts[: depth + 1]) for depth in range(len(parts))]
    return [digest(seed, whole) for whole in wholes] + [digest(seed, parameters)]


def digest(seed: int, text: str) -> bytes:
    return hashlib.sha256("{}\0{}".format(seed, text).encode("utf-8", "replace")).digest()  # noqa: UP032 - a surrogate in it must not matter


# Which lines each test ran


class Lines:
    """Records lines by tracing. A debugger or a coverage tool that traces as well is displaced."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}  # a code object's file name -> the watched path it is, or None
        self.paths = {os.path.realpath(os.path.join(ROOT, path)): path for path in PLAN.get("watch", ())}
        self.tests: dict[str, dict[str, set[int]]] = {}
        self.now = self.of("")

    def of(self, test: str) -> "dict[str, set[int]]":
        return self.tests.setdefault(test, {})

    def start(self) -> None:
        threading.settrace(self.enter)
        sys.settrace(self.enter)

    def stop(self) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def enter(self, frame: Any, event: str, argument: Any) -> Any:  # noqa: ARG002 - what sys.settrace calls
        name = frame.f_code.co_filename
        try:
            path = self.known[name]
        except KeyError:
            path = self.known[name] = self.paths.get(os.path.realpath(os.path.join(ROOT, name)))
        return self.line if path is not None else None

    def line(self, frame: Any, event: str, argument: Any) -> Any:  # noqa: ARG002 - what sys.settrace calls
        if event == "line":
            self.now.setdefault(self.known[frame.f_code.co_filename], set()).add(frame.f_lineno)
        return self.line

    def write(self, file: str) -> None:
        found = {
            test: {path: sorted(lines) for path, lines in files.items()}
            for test, files in self.tests.items()
            if files
        }
        with open(file, "w", encoding="utf-8") as out:
            json.dump({"lines": found}, out)

    def add(self, file: str) -> None:
        """What another process recorded."""
        with open(file, encoding="utf-8") as recorded:
            for test, files in json.load(recorded)["lines"].items():
                for path, lines in files.items():
                    self.of(test).setdefault(path, set()).update(lines)


LINES = Lines() if PLAN.get("lines") else None
if LINES:
    LINES.start()  # what is imported while tests are collected counts as run


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> "Iterator[None]":
    if LINES:
        LINES.now = LINES.of(reported_as(item))
        LINES.start()  # a test before may have left another tracer, or none
    yield
    if LINES:
        LINES.now = LINES.of("")


def reported_as(item: pytest.Item) -> str:
    """The id of a test in the JUnit report: `classname::name`."""
    address, bracket, parameters = item.nodeid.partition("[")
    names = address.split("::")
    names[0] = re.sub(r"\.py$", "", names[0].replace("/", "."))
    names[-1] += bracket + parameters
    prefix = item.config.getoption("junitprefix", None)
    return "::".join(
        part for part in (".".join(([prefix] if prefix else []) + names[:-1]), xml(names[-1])) if part
    )


def xml(name: str) -> str:
    """`name` as pytest writes it where it holds characters that XML cannot."""
    bad = "[^\t\n\r -~\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    return re.sub(bad, lambda found: ("#x%02X" if ord(found[0]) <= 255 else "#x%04X") % ord(found[0]), name)  # noqa: PLR2004 - one byte


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if not LINES:
        return
    LINES.stop()
    file = PLAN["lines"]
    if hasattr(config, "workerinput"):
        LINES.write(file + "." + config.workerinput["workerid"])
        return
    folder, name = os.path.split(file)
    for other in os.listdir(folder):
        if other.startswith(name + "."):
            LINES.add(os.path.join(folder, other))
    LINES.write(file)
