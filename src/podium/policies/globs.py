"""Globs over repository paths: what one matches, and whether two can match the same path.

`*`, `?` and `[...]` stay within one segment, `**` stands for any number of segments. A glob is read from the
repository's root. One that ends in a name without stars, or in `/`, also covers everything below, as in .gitignore: `src`
is the file or the whole folder, `src/` only what is inside, `src/*` what lies directly inside, `src/**` all inside.
"""

import fnmatch
import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

_WILD = frozenset("*?[")
_STAR = object()
"""Within a segment: any characters, also none."""
_ANY = object()
"""Within a segment: one character. A class counts as this where two globs are compared."""
_CLASS = re.compile(r"\[!?+\]?+[^\]]*\]")
"""As fnmatch reads it: what looks like the end directly after the beginning is not."""

Part = TypeVar("Part")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a glob."""

    text: str

    @property
    def is_plain(self) -> bool:
        """Whether it matches just itself."""
        return _WILD.isdisjoint(self.text)

    def matches(self, name: str) -> bool:
        # Web frameworks name files `[id]`: a name with brackets stands for itself too.
        return self.text == name or (not self.is_plain and _pattern(self.text).match(name) is not None)

    def meets(self, other: "Segment") -> bool:
        """False only when no name matches both."""
        if other.matches(self.text) or self.matches(other.text):
            return True
        return not self.is_plain and not other.is_plain and _meet(self.text, other.text)


DEEP = Segment("**")
"""Any number of segments, also none."""
_ONE = Segment("*")


@dataclass(frozen=True, slots=True)
class Glob:
    """A glob, read."""

    segments: tuple[Segment, ...]

    root: tuple[str, ...]
    """The folders, or the file, that every match begins with."""

    def matches(self, path: str) -> bool:
        names = tuple(path.split("/"))
        begins_alike = names[: len(self.root)] == self.root
        return begins_alike and _walk(self.segments, names, anything=DEEP, fit=Segment.matches)

    def meets(self, other: "Glob") -> bool:
        """Whether some path can match both: says yes too often where classes are used, never no wrongly."""
        return _walk(self.segments, other.segments, anything=DEEP, fit=Segment.meets)


@functools.lru_cache(maxsize=65536)
def parse(glob: str) -> Glob:
    """Read a glob. Every text is one: what has no special meaning stands for itself."""
    names = [name for name in glob.split("/") if name not in {"", "."}]
    segments = [Segment(name) for name in names]
    root = tuple(segment.text for segment in itertools.takewhile(lambda segment: segment.is_plain, segments))
    if not names or glob.endswith(("/", "/.")) or segments[-1] == DEEP:
        return Glob((*segments, DEEP, _ONE), root)
    names_one = not {"*", "?"} & set(names[-1])
    return Glob((*segments, DEEP) if names_one else tuple(segments), root)


def _walk(
    one: Sequence[Part], other: Sequence[Other], *, anything: object, fit: Callable[[Part, Other], bool]
) -> bool:
    """Whether two sequences can be read as the same one, where `anything` stands for any number of parts.

    Follows both at once through every pair of places they can reach together: len(one) times len(other) at most.
    """
    end = (len(one), len(other))
    seen = {(0, 0)}
    waiting = [(0, 0)]
    while waiting and end not in seen:
        steps = _steps(one, other, waiting.pop(), anything=anything, fit=fit)
        fresh = [step for step in steps if step not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return end in seen


def _steps(
    one: Sequence[Part],
    other: Sequence[Other],
    places: tuple[int, int],
    *,
    anything: object,
    fit: Callable[[Part, Other], bool],
) -> Iterator[tuple[int, int]]:
    """The pairs of places reached when a wildcard ends, or when both take the same part."""
    here, there = places
    here_any = here < len(one) and one[here] == anything
    there_any = there < len(other) and other[there] == anything
    if here_any:
        yield here + 1, there
    if there_any:
        yield here, there + 1
    if here < len(one) and there < len(other) and (here_any or there_any or fit(one[here], other[there])):
        yield (here if here_any else here + 1), (there if there_any else there + 1)


@functools.lru_cache(maxsize=65536)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(text))


def _meet(one: str, other: str) -> bool:
    """Whether two segments with wildcards can match the same name."""
    if not _could_meet(_head(one), _head(other)) or not _could_meet(_tail(one), _tail(other)):
        return False
    return _walk(_symbols(one), _symbols(other), anything=_STAR, fit=_same_symbol)


def _head(text: str) -> str:
    return re.split(r"[*?\[]", text, maxsplit=1)[0]


def _tail(text: str) -> str:
    """The plain end of a segment, backwards."""
    return re.split(r"[*?\[\]]", text[::-1], maxsplit=1)[0]


def _could_meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


@functools.lru_cache(maxsize=65536)
def _symbols(text: str) -> tuple[object, ...]:
    found: list[object] = []
    place = 0
    while place < len(text):
        group = _CLASS.match(text, place)
        found.append(_ANY if group or text[place] == "?" else _STAR if text[place] == "*" else text[place])
        place = group.end() if group else place + 1
    return tuple(found)


def _same_symbol(one: object, other: object) -> bool:
    return one is _ANY or other is _ANY or one == other
