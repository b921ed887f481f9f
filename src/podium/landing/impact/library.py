"""What has been read once and need not be read again: files by their blob, graphs by their tree.

It makes nothing true or false, only fast: the answer with a new library is the same.
"""

from collections.abc import Callable, Mapping

from podium.landing.impact.graph import Graph, with_files
from podium.landing.impact.names import is_python
from podium.landing.impact.source import Source, read_source
from podium.landing.impact.trees import File, TreeReader

_MOST_SOURCES = 100_000
_MOST_GRAPHS = 8
_MOST_TEXTS = 200


class Library:
    """Keeps at most so many files and graphs; the oldest go first. For one thread at a time."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}
        self._graphs: dict[str, Graph] = {}
        self._texts: dict[str, bytes] = {}

    def graph(self, tree: TreeReader) -> Graph:
        """Who imports whom in `tree`, worked out from the tree that was asked for last."""
        found = self._graphs.pop(tree.name, None)
        if found is None:
            nearest = next(reversed(self._graphs.values()), Graph())
            read = self._read(tree, nearest)
            found = with_files(nearest, tree.files, source=lambda file: read[file.blob])
        self._graphs[tree.name] = found
        while len(self._graphs) > _MOST_GRAPHS:
            del self._graphs[next(iter(self._graphs))]
        return found

    def texts(self, *trees: TreeReader, which: Callable[[str], bool]) -> list[bytes]:
        """The files of the trees whose paths `which` says yes to, each once."""
        blobs = {
            file.blob: tree
            for tree in trees
            for path, file in tree.files.items()
            if not (file.is_link or file.is_repository) and which(path)
        }
        for tree in trees:
            unknown = [blob for blob, holder in blobs.items() if holder is tree and blob not in self._texts]
            self._texts.update(zip(unknown, tree.read(unknown), strict=True))
        found = [self._texts[blob] for blob in blobs]
        while len(self._texts) > _MOST_TEXTS:
            del self._texts[next(iter(self._texts))]
        return found

    def _read(self, tree: TreeReader, nearest: Graph) -> Mapping[str, Source]:
        """What the files of `tree` say that are not alike in `nearest`, by blob."""
        fresh = {file.blob for path, file in tree.files.items() if _is_fresh(path, file, nearest)}
        unknown = sorted(fresh - self._sources.keys())
        self._sources.update(
            (blob, read_source(data)) for blob, data in zip(unknown, tree.read(unknown), strict=True)
        )
        read = {blob: self._sources[blob] for blob in fresh}
        while len(self._sources) > _MOST_SOURCES:
            del self._sources[next(iter(self._sources))]
        return read


def _is_fresh(path: str, file: File, nearest: Graph) -> bool:
    return is_python(path) and not file.is_link and nearest.files.get(path) != file
