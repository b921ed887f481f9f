"""The cases of a report, found by what a test file calls them."""

import re
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from podium.gate.canary.registry import language_of

_WORD = re.compile(r"\w+")


class Index:
    """Cases by the words in them: a report may have many thousands."""

    def __init__(self, cases: Collection[str]) -> None:
        self._found: dict[str, list[str]] = {}
        for case in cases:
            for word in set(_WORD.findall(case)):
                self._found.setdefault(word, []).append(case)

    def of(self, path: str, name: str) -> Iterator[str]:
        """The cases of the test `name` of the file at `path`."""
        language = language_of(path)
        if language:
            yield from (
                case for case in self._found.get(_last_word(name), ()) if language.owns(path, name, case)
            )

    def mentions(self, path: str) -> bool:
        """Whether any case may come from the file at `path`, told by its name."""
        return _last_word(PurePosixPath(path).stem) in self._found


def likely_run(paths: Collection[str], cases: Collection[str]) -> list[str]:
    """Those test files whose names a report mentions; all of them where it mentions none."""
    index = Index(cases)
    return sorted(filter(index.mentions, paths)) or sorted(paths)


def _last_word(text: str) -> str:
    return next(reversed(_WORD.findall(text)), "")
