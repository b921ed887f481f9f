"""How near a test is to a change: by the imports that lead from its file to what changed, and by the names it mentions.

A lie about a change shows where the change is used: a result that equals everything shows in no other test. So these tests are
broken before any other. Told from text alone, so a miss is possible: it costs the test its precedence, no more.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from podium.gate.canary.base import Breakable
from podium.gate.canary.registry import LANGUAGES
from podium.gate.delta import FileDelta

MENTIONS, IMPORTS, REACHES, FAR = range(4)
"""How near: its file imports what changed, over others or not, and it names it; its file imports it; over others; not at all."""
_MOST_HOPS = 4
_WORD = re.compile(r"[^\W\d]\w*")
_DEFINITION = re.compile(
    r"^(?P<indent>[ \t]*)(?:(?:export|default|public|static|async|pub)\s+)*"
    r"(?:def|class|function\*?|func(?:\s+\([^)\n]*\))?|fn|const|let|var|type)\s+(?P<name>[^\W\d]\w*)"
)
_VALUE = re.compile(r"^(?P<name>[^\W\d]\w*)[ \t]*(?::[^=\n]*)?=(?!=)")


@dataclass(frozen=True, slots=True)
class Nearness:
    """`hops` says over how many imports a test file comes to what changed, `words` what the change defines or redefines."""

    hops: Mapping[str, int] = field(default_factory=dict)
    words: frozenset[str] = frozenset()

    def of_file(self, path: str) -> int:
        """Hops; more than any for a file that is not near."""
        return self.hops.get(path, _MOST_HOPS + 1)

    def of_test(self, path: str, source: bytes, test: Breakable) -> int:
        hops = self.hops.get(path)
        if hops is None:
            return FAR
        if self.mentioned(source[test.start : test.end]):
            return MENTIONS
        return IMPORTS if hops == 1 else REACHES

    def mentioned(self, text: bytes) -> bool:
        return not self.words.isdisjoint(_WORD.findall(text.decode(errors="replace")))


NOT_NEAR = Nearness()


def hops_to(changed: Collection[str], tests: Collection[str], sources: Mapping[str, bytes]) -> dict[str, int]:
    """Over how many imports, one at least, each of `tests` comes to one of `changed`; those that never do are left out.

    `sources` are the files that imports are read in, the tests among them.
    """
    users = _users(sources, {*sources, *changed})
    known, edge = dict.fromkeys(changed, 0), set(changed)
    for hop in range(1, _MOST_HOPS + 1):
        edge = {user for path in edge for user in users.get(path, ())} - known.keys()
        known |= dict.fromkeys(edge, hop)
    return {path: known[path] for path in tests if known.get(path)}


def words_of(files: Collection[FileDelta]) -> frozenset[str]:
    """The names of the functions, classes and values whose text changed."""
    sources = [file for file in files if any(language.provides(file.path) for language in LANGUAGES)]
    return frozenset(word for file in sources for word in _redefined(file))


def _users(sources: Mapping[str, bytes], paths: Collection[str]) -> dict[str, set[str]]:
    """Who imports each of `paths`."""
    users: dict[str, set[str]] = {}
    for language in LANGUAGES:
        provided: dict[str, list[tuple[str, str]]] = {}
        for path in paths:
            if name := language.provides(path):
                provided.setdefault(name.rpartition("/")[2], []).append((name, path))
        for user, source in sources.items():
            for wanted in language.imports(user, source) if language.provides(user) else ():
                for name, path in provided.get(wanted.rpartition("/")[2], ()):
                    if path != user and _is_meant(name, wanted):
                        users.setdefault(path, set()).add(user)
    return users


def _is_meant(name: str, wanted: str) -> bool:
    return f"/{name}" == wanted if wanted.startswith("/") else f"/{name}".endswith(f"/{wanted}")


def _redefined(file: FileDelta) -> Iterator[str]:
    """The definitions on the changed lines and those around them."""
    text = file.new.split("\n")
    for run in file.lines:
        changed = [(number - 1, text[number - 1]) for number in run if number <= len(text)]
        for _index, line in changed:
            if match := _DEFINITION.match(line) or _VALUE.match(line):
                yield match["name"]
        first = next(((index, line) for index, line in changed if line.strip()), None)
        yield from _around(text[: first[0]], _depth(first[1])) if first else ()


def _around(above: list[str], depth: int) -> Iterator[str]:
    """The definitions that a line of this depth lies in: each further up and further out."""
    for line in reversed(above):
        if not depth:
            return
        match = _DEFINITION.match(line)
        if match and len(match["indent"]) < depth:
            depth = len(match["indent"])
            yield match["name"]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
