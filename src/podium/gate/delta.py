"""What a change did to each file: its bytes before and after. Reading them is all that happens here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from podium.git.objects import Entry, Objects

LIMIT_BYTES = 2 * 1024 * 1024
"""A longer file is looked at no further than this; no source file is."""


@dataclass(frozen=True, slots=True)
class FileDelta:
    """One file. `before` is None where it is new, `after` where it is gone; modes are git's, empty where there is none.

    `lines` are those of `after` that were added or changed, counted from 1.
    """

    path: str
    before: bytes | None
    after: bytes | None
    mode_before: str = ""
    mode_after: str = ""
    lines: tuple[range, ...] = ()

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_gone(self) -> bool:
        return self.after is None

    @property
    def old(self) -> str:
        return (self.before or b"").decode(errors="replace")

    @property
    def new(self) -> str:
        return (self.after or b"").decode(errors="replace")

    def added(self) -> Iterator[tuple[int, str]]:
        """The lines that were added or changed, with their numbers."""
        text = self.new.split("\n")
        for run in self.lines:
            yield from ((number, text[number - 1]) for number in run if number <= len(text))


@dataclass(frozen=True, slots=True)
class Delta:
    """All files that differ, by path and in its order. `names` are all paths of the tree before and of the tree after."""

    files: Mapping[str, FileDelta] = field(default_factory=dict)
    names_before: frozenset[str] = frozenset()
    names_after: frozenset[str] = frozenset()


def read_delta(objects: Objects, base: str, tree: str) -> Delta:
    """What became of `base` in `tree`; both name a commit or a tree."""
    before, after = ({entry.path: entry for entry in objects.entries(name)} for name in (base, tree))
    changed = sorted(change.path for change in objects.changed(base, tree))
    lines = objects.changed_lines(base, tree) if changed else {}
    files = {
        path: FileDelta(
            path, _bytes(objects, before.get(path)), _bytes(objects, after.get(path)),
            _mode(before.get(path)), _mode(after.get(path)), lines.get(path, ()),
        )
        for path in changed
    }  # fmt: skip
    return Delta(files, frozenset(before), frozenset(after))


def _bytes(objects: Objects, entry: Entry | None) -> bytes | None:
    if entry is None:
        return None
    return objects.blob(entry.object)[:LIMIT_BYTES] if entry.kind == "blob" else b""


def _mode(entry: Entry | None) -> str:
    return entry.mode if entry else ""
