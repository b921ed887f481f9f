"""Where specimens are planted: the planted module and its tests, and what of the repository lies around them.

Finding the place is for `survey.py`. Nothing here runs anything; all text comes from the repository and is only read.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from podium.gate.selftest.wares import Wares


@dataclass(frozen=True, slots=True)
class Victim:
    """A test of the repository's own that passes: a function of the module `path` from `first` to `last`, counted from 1."""

    path: str
    function: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Ground:
    """One language's place in a repository. `language` is `python`, `javascript`, or empty where neither is at home.

    `module` and `tests` are the paths of the planted files, `record` that of data beside the tests; `imported` is how tests
    name the module. `root` is the folder that imports start from. `token` is drawn for this self-test alone. `names`
    are all paths, `read` gives a file's bytes; both know the planted files. `known` are the ids of all tests that pass.
    """

    token: str
    language: str = ""
    module: str = ""
    tests: str = ""
    record: str = ""
    imported: str = ""
    root: str = ""
    wares: Wares | None = None
    names: frozenset[str] = frozenset()
    read: Callable[[str], bytes | None] = lambda _path: None
    known: tuple[str, ...] = ()
    victim: Victim | None = None
    spec: str = "podium-specimen-spec.md"

    @property
    def planted(self) -> dict[str, bytes]:
        """The files of the language's own that stand on the base before any specimen."""
        wares = self.wares
        if wares is None:
            return {}
        made = {self.module: wares.module, self.tests: wares.tests, self.record: wares.record}
        return {path: text.encode() for path, text in made.items() if path}

    @property
    def scope(self) -> str:
        """A folder that a task may well be bound to, as a glob."""
        folder = folder_of(self.module)
        return f"{folder}/**" if folder else self.module

    @property
    def beside_tests(self) -> str:
        """What the path of a file in the folder of the tests begins with."""
        folder = folder_of(self.tests)
        return f"{folder}/" if folder else ""

    def text(self, path: str) -> str:
        """The text of a file; empty where there is none."""
        return (self.read(path) or b"").decode(errors="replace")

    def new_test(self, word: str) -> str:
        """The path of one more file of tests, named as the planted one is."""
        return self.tests.replace(self.token, f"{self.token}_{word}")

    def new_module(self, word: str) -> str:
        return self.module.replace(self.token, f"{self.token}_{word}")

    def with_module(
        self, *, head: str = "", tail: str = "", wrong: bool = True, old: str = "", new: str = ""
    ) -> dict[str, bytes]:
        """The planted module with lines of code before and after its functions, wrong or right, a text in it replaced."""
        assert self.wares
        text = self.wares.wrong if wrong else self.wares.module
        assert old in text, old
        text = text.replace(old, new, 1) if old else text
        return {self.module: self.wares.around(text, head=head, tail=tail).encode()}

    def with_tests(self, old: str, new: str) -> dict[str, bytes]:
        """The planted tests with a text replaced, which must be there."""
        assert self.wares
        assert old in self.wares.tests, old
        return {self.tests: self.wares.tests.replace(old, new, 1).encode()}

    def appended(self, path: str, text: str) -> dict[str, bytes]:
        """A file with text after its end; new where there was none."""
        before = self.text(path)
        return {path: (f"{before.rstrip()}\n\n\n{text}" if before else text).encode()}

    def known_literal(self) -> str:
        """The ids of all tests as a list that Python and JavaScript can read."""
        return json.dumps(self.known)


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]
