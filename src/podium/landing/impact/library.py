"""What has been read once and need not be read again: files by their blob, graphs by their tree.

It makes nothing true or false, only fast: the answer with a new library is the same.
"""

from collections.abc import Collection, Mapping
from typing import Any

from podium.landing.impact.configuration import is_configuration
from podium.landing.impact.graph import Graph, with_files
from podium.landing.impact.source import Source, read_source
from podium.landing.impact.trees import TreeReader

_MOST_SOURCES = 100_000
_MOST_GRAPHS = 8


class Library:
    """Keeps at most so many files and graphs; the oldest go first. For one thread at a time."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}
        self._graphs: dict[str, Graph] = {}
        self._configurations: dict[str, tuple[bytes, ...]] = {}

    def graph(self, tree: TreeReader) -> Graph:
        """Who imports whom in `tree`, worked out from the tree that was asked for last."""
        found = self._graphs.pop(tree.name, None)
        if found is None:
            nearest = next(reversed(self._graphs.values()), Graph())
            found = with_files(nearest, tree.files, read=lambda blobs: self._read(tree, blobs))
        self._graphs[tree.name] = found
        _forget(self._graphs, _MOST_GRAPHS)
        return found

    def configuration(self, tree: TreeReader) -> tuple[bytes, ...]:
        """The texts of the files that are configuration."""
        found = self._configurations.get(tree.name)
        if found is None:
            files = ((path, file) for path, file in tree.files.items() if not file.leads_elsewhere)
            found = tuple(tree.read([file.blob for path, file in files if is_configuration(path)]))
            self._configurations[tree.name] = found
            _forget(self._configurations, _MOST_GRAPHS)
        return found

    def _read(self, tree: TreeReader, blobs: Collection[str]) -> Mapping[str, Source]:
        """What files of `tree` say, by blob."""
        unknown = sorted(blob for blob in blobs if blob not in self._sources)
        self._sources.update(
            (blob, read_source(data)) for blob, data in zip(unknown, tree.read(unknown), strict=True)
        )
        found = {blob: self._sources[blob] for blob in blobs}
        _forget(self._sources, _MOST_SOURCES)
        return found


def _forget(known: dict[str, Any], most: int) -> None:
    while len(known) > most:
        del known[next(iter(known))]
