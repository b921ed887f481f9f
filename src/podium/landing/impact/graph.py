"""Who imports whom in one tree. A graph is never changed; a tree that differs in a few files gets one that shares the rest.

It is kept by names rather than by files: who asks for `shop.cart` is known also where no such file exists yet.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from podium.landing.impact.names import ANY, SHARED, is_python, names_of, parts_of, references
from podium.landing.impact.source import Source
from podium.landing.impact.trees import File

Value = TypeVar("Value")

_NOBODY: frozenset[str] = frozenset()
_ELSEWHERE = Source(computed="is a link or a submodule")


@dataclass(frozen=True, slots=True)
class Graph:
    """The Python files of a tree, and the links and submodules, which may lead to some."""

    files: Mapping[str, File] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    refers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The names that each file refers to."""
    referring: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The files that refer to each name."""
    called: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The files by the last part of their name."""

    def importers(self, path: str, *, typed: bool) -> Iterator[str]:
        """The files that import `path`, or would if it existed."""
        for name in self.names(path):
            yield from self.referring.get(name, _NOBODY)
            if typed:
                yield from self.referring.get(f"?{name}", _NOBODY)
            if f"!{name}" in self.referring:
                yield SHARED

    def meant(self, name: str) -> Iterator[str]:
        """The files that are called so."""
        name = name.removeprefix("?")
        last = name.lstrip("~").rpartition("/" if name.startswith("/") else ".")[2]
        return (path for path in self.called.get(last, _NOBODY) if name in self.names(path))

    def names(self, path: str) -> Iterator[str]:
        return names_of(path, is_package=self.is_package)

    def is_package(self, folder: str) -> bool:
        return f"{folder}/__init__.py" in self.files

    @property
    def computing(self) -> frozenset[str]:
        """The files that may import anything."""
        return self.referring.get(ANY, _NOBODY)


def with_files(
    graph: Graph, files: Mapping[str, File], *, read: Callable[[Collection[str]], Mapping[str, Source]]
) -> Graph:
    """The graph of a tree with `files`. Those which `graph` holds alike are not looked at again; `read` is asked for blobs."""
    wanted = {path: file for path, file in files.items() if is_python(path) or file.leads_elsewhere}
    gone = [path for path, file in graph.files.items() if wanted.get(path) != file]
    fresh = [path for path, file in wanted.items() if graph.files.get(path) != file]
    if not gone and not fresh:
        return graph
    found = read({wanted[path].blob for path in fresh if not wanted[path].leads_elsewhere})
    sources = {path: _source(wanted[path], found) for path in fresh}
    refers = {path: references(path, sources[path]) for path in fresh}
    return Graph(
        files=wanted,
        sources=_patched(graph.sources, gone, sources),
        refers=_patched(graph.refers, gone, refers),
        referring=_indexed(
            graph.referring,
            gone=((name, path) for path in gone for name in graph.refers[path]),
            fresh=((name, path) for path in fresh for name in refers[path]),
        ),
        called=_indexed(
            graph.called,
            gone=((_last_part(path), path) for path in gone),
            fresh=((_last_part(path), path) for path in fresh),
        ),
    )


def _source(file: File, found: Mapping[str, Source]) -> Source:
    return _ELSEWHERE if file.leads_elsewhere else found[file.blob]


def _last_part(path: str) -> str:
    return "".join(parts_of(path)[-1:])


def _patched(old: Mapping[str, Value], gone: Iterable[str], fresh: Mapping[str, Value]) -> dict[str, Value]:
    found = dict(old)
    for path in gone:
        del found[path]
    found.update(fresh)
    return found


def _indexed(
    old: Mapping[str, frozenset[str]], *, gone: Iterable[tuple[str, str]], fresh: Iterable[tuple[str, str]]
) -> dict[str, frozenset[str]]:
    """`old` with pairs taken out and put in; each set that changes is made once."""
    changing: dict[str, set[str]] = {}
    for name, path in gone:
        changing.setdefault(name, set(old[name])).discard(path)
    for name, path in fresh:
        changing.setdefault(name, set(old.get(name, ()))).add(path)
    found = dict(old)
    for name, paths in changing.items():
        found[name] = frozenset(paths)
    return {name: paths for name, paths in found.items() if paths} if changing else found
