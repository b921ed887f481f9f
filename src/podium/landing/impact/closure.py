"""Whom a change of Python files reaches, and what it newly depends on.

Why both: let one change make a module import another, and a second change alter that other. No importer of the second's file is
touched by both on their own, but merged they meet. So what a change *newly* refers to is kept too. What lies behind that needs no
keeping: whoever alters it reaches what was newly referred to, as its importer. Nor does what the change referred to before: whoever
alters that reaches the change's own files.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from podium.landing.impact.coverage import Coverage
from podium.landing.impact.graph import Graph
from podium.landing.impact.names import ANY, SHARED, is_python, own_names
from podium.landing.impact.prose import is_one, is_prose, names_of_prose
from podium.landing.impact.scopes import Scopes
from podium.policies.roles import Role, role_of

DOCUMENT = "document:"
MODULE = "module:"
_KINDS = "?~!"
_MARKED = ("!", DOCUMENT)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else leads from file to file, besides imports."""

    scopes: Scopes
    coverage: Coverage
    typed: bool
    """Whether imports for type checkers count."""
    tests_only: bool = False
    """Whether nothing but tests, told by their names and folders, is ever judged."""


def reached(graph: Graph, starts: Iterable[str], around: Surroundings) -> set[str]:
    """The files in `starts` and all whose outcome depends on one of them, however indirectly."""
    bound = _bound(graph, around.scopes)
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting.extend(graph.importers(path, typed=around.typed))
        waiting.extend(around.coverage.tests(path))
        if bound:
            waiting.extend(one for name in around.scopes.touched_by(path) for one in bound.get(name, ()))
    return found if SHARED in graph.files else found - {SHARED}


def computing(graph: Graph, around: Surroundings) -> frozenset[str]:
    """The files that may import anything, and of which no scope says how far that goes; not those that no test depends on."""
    free = (path for path in graph.computing if not around.scopes.holding(path))
    return frozenset(path for path in free if not around.tests_only or _is_judged(graph, path, around))


def _is_judged(graph: Graph, path: str, around: Surroundings) -> bool:
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        one = waiting.pop()
        if role_of(one) is Role.TEST:
            return True
        if one not in seen:
            seen.add(one)
            waiting.extend(graph.importers(one, typed=around.typed))
            waiting.extend(around.coverage.tests(one))
    return False


def is_leaf(graph: Graph, path: str) -> bool:
    """Whether a file is a module of tests that no other names: nothing else depends on it."""
    name = path.rpartition("/")[2]
    named = name.startswith("test_") or name.endswith("_test.py")
    return named and not any(one != path for one in graph.importers(path, typed=True))


def _bound(graph: Graph, scopes: Scopes) -> dict[str, list[str]]:
    """By scope, the files that may import anything in it."""
    found: dict[str, list[str]] = {}
    for path in graph.computing:
        for name in scopes.holding(path):
            found.setdefault(name, []).append(path)
    return found


def readers(graph: Graph, document: str) -> set[str]:
    """The Python files that may read a document."""
    return {
        path
        for name in names_of_prose(document)
        for path in graph.referring.get(f"{DOCUMENT}{name}", frozenset())
    }


def made_names(graph: Graph, path: str) -> set[str]:
    """What a file takes for itself by being there: two that take the same name are in each other's way."""
    if not is_python(path):
        return {DOCUMENT + path.lower().rpartition("/")[2]}
    place = next(graph.names(path))
    return {
        MODULE + place,
        *(MODULE + name for name in own_names(path, is_package=graph.is_package)),
    }


def newly_read(
    before: Graph, after: Graph, changed: Iterable[str], files: Iterable[str], *, typed: bool
) -> set[str]:
    """What the changed files depend on in `after` and did not in `before`: some of `files`, and names that nothing has yet."""
    names = {
        name
        for path in changed
        for name in after.refers.get(path, frozenset()) - before.refers.get(path, frozenset())
        if typed or not name.startswith("?")
    }
    imported = {name for name in names if not name.startswith(_MARKED) and name != ANY}
    found = {path for name in imported for path in after.meant(name)}
    found.update(MODULE + name.lstrip(_KINDS) for name in imported)
    documents = {name.removeprefix(DOCUMENT) for name in names if name.startswith(DOCUMENT)}
    texts = filter(is_prose, files) if documents else ()
    found.update(path for path in texts if not documents.isdisjoint(names_of_prose(path)))
    found.update(DOCUMENT + name if is_one(name) else ANY for name in documents)
    return found
