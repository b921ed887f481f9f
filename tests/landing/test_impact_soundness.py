"""Impact against the truth: small projects are really run, before and after changes, alone and together."""

import importlib.util
import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from podium.base.digest import digest
from podium.config.settings import CheckSettings
from podium.landing.impact.impact import EVERYTHING, Impact, impact, overlaps
from podium.landing.impact.library import Library
from podium.landing.impact.trees import File

LIBRARY = Library()
"""One for all: that it makes nothing true or false is a test below."""
CHECKS = [CheckSettings(name="tests", run="pytest -q")]
MODULES = {
    "zshop": "zshop/__init__.py",
    "zshop.alpha": "zshop/alpha.py",
    "zshop.beta": "zshop/beta.py",
    "zshop.part": "zshop/part/__init__.py",
    "zshop.part.gamma": "zshop/part/gamma.py",
    "zshop.part.kappa": "zshop/part/kappa.py",
    "zdelta": "zdelta.py",
    "zlib2.epsilon": "src/zlib2/epsilon.py",
    "zlib2.nova": "src/zlib2/nova.py",
    "zomega": "src/zomega.py",
}
TESTS = ["tests/test_one.py", "tests/test_two.py", "tests/deep/test_three.py", "tests/deep/test_four.py"]
CONFTESTS = ["tests/conftest.py", "tests/deep/conftest.py"]
PATHS = [*MODULES.values(), *TESTS, *CONFTESTS]
STYLES = ["import", "from", "relative", "text"]
OURS = ("zshop", "zdelta", "zlib2", "zomega", "conftest", "test_")

_HEAD = """import importlib, sys
NUMBER = {number}
ACTIVE = False
def other(take):
    try:
        return take()
    except (ImportError, AttributeError):
        return 1000
def value():
    global ACTIVE
    if ACTIVE:
        return 0
    ACTIVE = True
    found = NUMBER + getattr(sys.modules.get(__package__), "NUMBER", 0)
"""


@dataclass(frozen=True)
class Body:
    """One file: a number, and whose numbers it adds, by their modules and the way of importing them."""

    number: int = 0
    edges: tuple[tuple[str, str], ...] = ()

    def text(self, path: str) -> str:
        adding = [f"    found += other(take{index})\n" for index in range(len(self.edges))]
        takes = [_take(index, path, *edge) for index, edge in enumerate(self.edges)]
        return "".join(
            [_HEAD.format(number=self.number), *adding, "    ACTIVE = False\n    return found\n", *takes]
        )


Bodies = Mapping[str, Body]
Edit = Mapping[str, Body | None]


def _take(index: int, path: str, name: str, style: str) -> str:
    """A function that imports a module and asks for its number."""
    package, _, last = name.rpartition(".")
    folder = path.rpartition("/")[0].removeprefix("src/").replace("/", ".")
    way = f"import {name}; it = sys.modules['{name}']"
    if style == "text":
        way = f"it = importlib.import_module('{name}')"
    elif style == "from" and package:
        way = f"from {package} import {last} as it"
    elif style == "relative" and package and f"{folder}.".startswith(f"{package}."):
        dots = "." * (folder.count(".") - package.count(".") + 1)
        way = f"from {dots} import {last} as it"
    return f"def take{index}():\n    {way}\n    return it.value()\n"


class Memory:
    """A tree that lies nowhere."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._blobs = {digest(text): text.encode() for text in files.values()}
        self.files = {path: File(digest(text)) for path, text in files.items()}
        self.name = digest(sorted(files.items()))

    def read(self, blobs: Sequence[str]) -> Sequence[bytes]:
        return [self._blobs[blob] for blob in blobs]


class Finder(MetaPathFinder, Loader):
    """Imports from a tree, with the root and `src` on the search path."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def find_spec(self, fullname: str, _path: Any, _target: Any = None) -> ModuleSpec | None:
        for root in ("", "src/"):
            stem = root + fullname.replace(".", "/")
            for path in (f"{stem}/__init__.py", f"{stem}.py"):
                if path in self.files:
                    package = path.endswith("__init__.py")
                    return ModuleSpec(fullname, self, origin=path, is_package=package)
            if any(path.startswith(f"{stem}/") for path in self.files):
                return ModuleSpec(fullname, None, is_package=True)
        return None

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        assert module.__spec__.origin is not None
        exec(self.files[module.__spec__.origin], vars(module))


@contextmanager
def importing(files: Mapping[str, str]) -> Iterator[Finder]:
    finder = Finder(files)
    others = _taken_out()
    sys.meta_path.insert(0, finder)
    try:
        yield finder
    finally:
        sys.meta_path.remove(finder)
        _taken_out()
        sys.modules.update(others)


def _taken_out() -> dict[str, ModuleType]:
    """The modules of such names, no longer known: there are real tests, and a real conftest, that are called so."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(OURS)}


def run(files: Mapping[str, str]) -> dict[str, int]:
    """The outcome of each test: its number, and that of every conftest.py above it."""
    return {path: _outcome(files, path) for path in files if path.rpartition("/")[2].startswith("test_")}


def _outcome(files: Mapping[str, str], test: str) -> int:
    above = [
        path
        for path in files
        if path.endswith("conftest.py") and test.startswith(path[: -len("conftest.py")])
    ]
    with importing(files) as finder:
        return sum(_value(finder, path) for path in [*sorted(above), test])


def _value(finder: Finder, path: str) -> int:
    spec = ModuleSpec("test_itself", finder, origin=path)
    module = importlib.util.module_from_spec(spec)
    finder.exec_module(module)
    found: int = module.value()
    return found


def texts(bodies: Bodies) -> dict[str, str]:
    return {path: body.text(path) for path, body in bodies.items()}


def edited(bodies: Bodies, *edits: Edit) -> dict[str, Body]:
    changed = {**bodies, **{path: body for edit in edits for path, body in edit.items()}}
    return {path: body for path, body in changed.items() if body is not None}


def impact_of(before: Bodies, after: Bodies, library: Library) -> Impact:
    one, other = Memory(texts(before)), Memory(texts(after))
    return impact((), before=one, after=other, checks=CHECKS, library=library)


_edges = st.lists(st.tuples(st.sampled_from([*MODULES]), st.sampled_from(STYLES)), max_size=2).map(tuple)
_bodies = st.builds(Body, st.sampled_from([1, 20, 300]), _edges)
_projects = st.dictionaries(st.sampled_from(PATHS), _bodies, min_size=5)
_edits = st.dictionaries(st.sampled_from(PATHS), st.none() | _bodies, min_size=1, max_size=2)


@given(_projects, _edits)
@settings(max_examples=80)
def test_every_test_whose_outcome_changes_is_among_the_keys(project: Bodies, edit: Edit) -> None:
    after = edited(project, edit)
    keys = impact_of(project, after, LIBRARY).keys
    was, is_now = run(texts(project)), run(texts(after))
    moved = {test for test in {*was, *is_now} if was.get(test) != is_now.get(test)}
    event("everything" if EVERYTHING in keys else "some tests" if moved else "no test")
    assert EVERYTHING in keys or moved <= keys


@given(_projects, _edits, _edits)
@settings(max_examples=120)
def test_changes_that_do_not_overlap_leave_each_others_outcomes_alone(
    project: Bodies, one: Edit, two: Edit
) -> None:
    two = {path: body for path, body in two.items() if path not in one}
    first, second = edited(project, one), edited(project, two)
    meet = overlaps(impact_of(project, first, LIBRARY), impact_of(project, second, LIBRARY))
    event("they overlap" if meet else "they do not overlap")
    if meet:
        return
    base, alone, also = run(texts(project)), run(texts(first)), run(texts(second))
    for test, outcome in run(texts(edited(project, one, two))).items():
        moved = alone.get(test) != base.get(test)
        assert outcome == (alone if moved else also)[test], test
        assert not moved or also.get(test) == base.get(test), test


@given(_projects, st.lists(_edits, min_size=2, max_size=4))
@settings(max_examples=60)
def test_what_was_seen_of_a_change_holds_after_landings_that_do_not_overlap(
    project: Bodies, edits: Sequence[Edit]
) -> None:
    own, *landed = edits
    landed = [{path: body for path, body in edit.items() if path not in own} for edit in landed]
    mine = impact_of(project, edited(project, own), LIBRARY)
    tips = [edited(project, *landed[:number]) for number in range(len(landed) + 1)]
    steps = [impact_of(*pair, LIBRARY) for pair in itertools.pairwise(tips)]
    if any(overlaps(mine, step) for step in steps):
        return
    base, seen, merged = (run(texts(one)) for one in (project, edited(project, own), edited(tips[-1], own)))
    changed = {test for test in {*base, *seen} if base.get(test) != seen.get(test)}
    assert {test: merged.get(test) for test in changed} == {test: seen.get(test) for test in changed}
    tip = run(texts(tips[-1]))
    others = merged.keys() - changed
    assert {test: merged[test] for test in others} == {test: tip.get(test) for test in others}


@given(_projects, st.lists(_edits, min_size=1, max_size=4))
@settings(max_examples=25)
def test_a_library_that_knows_other_trees_gives_the_same_answer(
    project: Bodies, edits: Sequence[Edit]
) -> None:
    library, tip = Library(), dict(project)
    for edit in edits:
        after = edited(tip, edit)
        assert impact_of(tip, after, library) == impact_of(tip, after, Library())
        tip = after
