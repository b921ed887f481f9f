"""Which targets a change can affect: what the queue asks before it lands two changes that were never tried together.

**What is promised.** Let two changes be made on the same tree, each pass the checks on its own, and `overlaps` say no. Then no check
gives another verdict on both together. The same holds for a change and everything that has landed since its base, if it overlaps with
none of the landed changes, each taken against the tree it landed on.

**On what that rests.** A test's outcome depends on its own file, on what that imports (however indirectly, in functions too), on
every conftest.py and package above it, on modules and documents that these name in a text, and on global inputs. For all else
the answer is `EVERYTHING`: see `doubts.py`. A file that may import anything counts as an importer of every Python file, but for
modules of tests (`test_*.py`, `*_test.py`) that no file names; unless a scope says how far it reaches.

**What is not seen**, and must be declared as a scope or judged by a check whose reach is the tree:

- a Python file that another reads as data by a computed path, or finds by listing a folder;
- a program that source files (not tests) start, where they do not do it by `sys.executable`; text that `eval` evaluates;
- a folder outside the tree, and what is installed there, but for what lock files and build configuration say;
- a test that passes only after, or only without, another one; what tests share at run time: a port, a file, a data base, a clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from podium.base.text import clean_line, count
from podium.config.settings import CheckSettings, ScopeSettings
from podium.gate.runners.registry import runner_for
from podium.landing.impact.closure import (
    Surroundings,
    computing,
    is_leaf,
    made_names,
    newly_read,
    reached,
    readers,
)
from podium.landing.impact.comparison import Comparison
from podium.landing.impact.configuration import configured
from podium.landing.impact.coverage import Coverage
from podium.landing.impact.doubts import doubt, global_input
from podium.landing.impact.graph import Graph
from podium.landing.impact.library import Library
from podium.landing.impact.names import ANY, is_python
from podium.landing.impact.prose import is_prose
from podium.landing.impact.scopes import Scopes, target
from podium.landing.impact.trees import File, TreeReader

EVERYTHING = ANY
_SAID = 3
"""How many files are named in a reason."""


@dataclass(frozen=True, slots=True)
class Impact:
    """`keys` are the targets a change can affect: paths, `scope:NAME`, names it takes (`module:NAME`), or `EVERYTHING`.

    `reads` is what it newly depends on, and affects not: it is in the way of those that affect it, not of others that read it too.
    """

    keys: frozenset[str]
    because: tuple[str, ...]
    reads: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """For those who can only compare plain sets: sound, and coarser than `overlaps`."""
        return self.keys | self.reads


def overlaps(one: Impact, other: Impact) -> bool:
    """Whether two changes can affect each other's verdict; a change of nothing affects nothing."""
    if not one.keys or not other.keys:
        return False
    if EVERYTHING in one.all or EVERYTHING in other.all:
        return True
    return not (
        one.keys.isdisjoint(other.keys)
        and one.keys.isdisjoint(other.reads)
        and one.reads.isdisjoint(other.keys)
    )


def impact(
    files: Iterable[str],
    *,
    before: TreeReader,
    after: TreeReader,
    checks: Sequence[CheckSettings],
    scopes: Sequence[ScopeSettings] = (),
    library: Library | None = None,
    coverage: Coverage | None = None,
) -> Impact:
    """What the change from `before` to `after` can affect, in the verdict of any of `checks`.

    Files that differ and are not in `files` count all the same. `library` keeps what was read for the next question.
    """
    changed = frozenset(files) | _differing(before.files, after.files)
    if not changed:
        return Impact(frozenset(), ("it changes no file",))
    reach = frozenset(map(_reach, checks))
    why = judged_whole(checks) or global_input(changed)
    if why:
        return _everything(why)
    declared = Scopes(scopes)
    if reach <= {"files"}:
        return Impact(changed | _scoped(changed, declared), (f"it changes {_listed(changed)}",))
    library = library or Library()
    change = Comparison(changed, before, after, library.graph(before), library.graph(after))
    texts = (*library.configuration(before), *library.configuration(after))
    configuration = configured(texts, (check.run for check in checks))
    why = doubt(change, declared, configuration)
    if why:
        return _everything(why)
    typed = "imports" in reach
    tests_only = not typed and not configuration.finds_other_tests
    return _by_imports(
        change, Surroundings(declared, coverage or Coverage(), typed=typed, tests_only=tests_only)
    )


def _differing(before: Mapping[str, File], after: Mapping[str, File]) -> frozenset[str]:
    moved = {path for path, file in after.items() if before.get(path) != file}
    return frozenset(moved | (before.keys() - after.keys()))


def _reach(check: CheckSettings) -> str:
    """`runtime` is what `auto` gives to a runner of tests: imports, but for those that only type checkers see."""
    if check.reach != "auto":
        return check.reach
    return "tree" if runner_for(check) is None else "runtime"


def judged_whole(checks: Sequence[CheckSettings]) -> str:
    """Why the tree has to be judged as a whole, or nothing."""
    if not checks:
        return "no check says how far a change reaches"
    return next(
        (f"check {check.name} judges the whole tree" for check in checks if _reach(check) == "tree"), ""
    )


def _everything(because: str) -> Impact:
    return Impact(frozenset({EVERYTHING}), (clean_line(because),))


def _by_imports(change: Comparison, around: Surroundings) -> Impact:
    python = {path for path in change.changed if is_python(path)}
    found = set(change.changed)
    for graph in (change.old, change.new):
        found |= reached(graph, _starts(graph, python, change.changed - python, around), around)
    reads = newly_read(change.old, change.new, python, change.after.files, typed=around.typed)
    taken = {name for path in change.changed if change.is_made_or_gone(path) for name in _taken(change, path)}
    keys = found | taken | _scoped(found, around.scopes)
    return Impact(frozenset(keys), _because(change, around, found), frozenset(reads - keys))


def _starts(
    graph: Graph, python: AbstractSet[str], others: AbstractSet[str], around: Surroundings
) -> set[str]:
    """The Python files that a change moves by itself, before it is asked who imports them."""
    scopes = around.scopes
    reach_on = any(not is_leaf(graph, path) for path in python)
    anything = computing(graph, around) if reach_on else frozenset()
    held = (
        one
        for path in others
        for name in scopes.touched_by(path)
        for one in scopes.members(name, graph.files)
    )
    reading = (one for path in others if is_prose(path) for one in readers(graph, path))
    return {*python, *anything, *held, *reading}


def _taken(change: Comparison, path: str) -> set[str]:
    graph = change.new if path in change.after.files else change.old
    return made_names(graph, path)


def _scoped(paths: Iterable[str], scopes: Scopes) -> frozenset[str]:
    return frozenset(target(name) for path in paths for name in scopes.touched_by(path))


def _because(change: Comparison, around: Surroundings, found: AbstractSet[str]) -> tuple[str, ...]:
    others = found - change.changed
    said = [f"it changes {_listed(change.changed)}", f"{count(len(others), 'other file')} may depend on that"]
    loose = others & (computing(change.old, around) | computing(change.new, around))
    if loose:
        said.append(f"what these import cannot be told: {_listed(loose)}")
    return tuple(said)


def _listed(paths: AbstractSet[str]) -> str:
    """A few paths by name, and how many more there are."""
    shown = ", ".join(clean_line(path, limit=100) for path in sorted(paths)[:_SAID])
    return shown if len(paths) <= _SAID else f"{shown} and {len(paths) - _SAID} more"
