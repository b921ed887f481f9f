"""Tests in Go, read by regular expressions: functions `TestXxx(t *testing.T)`, their `if … { t.Error… }`, and testify.

Reports name a package and a function, so a test belongs to every file of its folder.
"""

import re
from collections.abc import Collection
from pathlib import PurePosixPath
from random import Random

from podium.gate.canary.base import Breakable, Newcomer, Outcome
from podium.gate.canary.textual import Swap, breakables, read_text
from podium.gate.canary.words import camel, fresh_words

_HEAD = re.compile(r"^func (?P<name>Test[A-Z0-9_]\w*)\((?P<t>\w+) \*testing\.T\) \{[ \t]*\n", re.MULTILINE)
_PACKAGE = re.compile(r"^package (?P<name>\w+)[ \t]*$", re.MULTILINE)
_IMPORT = re.compile(r"^import\s+(\([^)]*\)|[^\n]*)", re.MULTILINE)
_QUOTED = re.compile(r'"([^"\n]+)"')
_FAULT = r"[^\n{]*\{[ \t]*\n\s*\w+\.(?:Error|Fatal)f?\("
_SWAPS = (
    Swap("inverted", re.compile(rf"\bif [^\n{{|&]*?(!=){_FAULT}"), "=="),
    Swap("inverted", re.compile(rf"\bif [^\n{{|&]*?(==){_FAULT}"), "!="),
    Swap("expected", re.compile(rf"\bif [^\n{{|&]*?!= (-?\d{{1,6}}){_FAULT}"), r"\g<1>1875"),
    Swap("expected", re.compile(rf"\bif [^\n{{|&]*?!= (\"){_FAULT}"), r"\1q7 "),
    Swap("inverted", re.compile(r"\b(?:assert|require)\.(Equal)f?\("), "NotEqual"),
    Swap("inverted", re.compile(r"\b(?:assert|require)\.(NoError)f?\("), "Error"),
    Swap("inverted", re.compile(r"\b(?:assert|require)\.(True)f?\("), "False"),
)
_WRONG = '\tgot := {one} + len(t.Name())*0\n\tif got != {two} {{\n\t\tt.Errorf("got %d", got)\n\t}}\n'


class Go:
    """Files named `…_test.go`."""

    def knows(self, path: str) -> bool:
        return path.endswith("_test.go")

    def provides(self, path: str) -> str:
        """Its package: all files of a folder are one."""
        return str(PurePosixPath(path).parent) if path.endswith(".go") else ""

    def imports(self, path: str, source: bytes) -> frozenset[str]:
        """By the last word of an import path: what is before it names the module, not a folder."""
        blocks = _IMPORT.findall(source.decode(errors="replace"))
        named = {found.rpartition("/")[2] for block in blocks for found in _QUOTED.findall(block)}
        return frozenset({*named, self.provides(path)})

    def tests(self, source: bytes) -> tuple[Breakable, ...]:
        text = read_text(source)
        return breakables(text, _HEAD, _SWAPS) if text else ()

    def owns(self, path: str, name: str, case: str) -> bool:
        package, _, title = case.partition("::")
        folder = PurePosixPath(path).parent.name
        return title.partition("/")[0] == name and folder in ("", package.rpartition("/")[2])

    def is_sound(self, source: bytes) -> bool:
        return bool(source)

    def newcomer(
        self, path: str, source: bytes, *, chance: Random, taken: Collection[str]
    ) -> Newcomer | None:
        text = read_text(source)
        package = _PACKAGE.search(text) if text else None
        if package is None:
            return None
        folder = PurePosixPath(path).parent
        file = next(
            file for word in fresh_words(chance, 50) if (file := str(folder / f"{word}_test.go")) not in taken
        )
        outcomes = [Outcome.FAILED, Outcome.FAILED, Outcome.PASSED]
        chance.shuffle(outcomes)
        names = [f"Test{camel(word)}" for word in fresh_words(chance, len(outcomes))]
        tests = [_function(name, outcome, chance) for name, outcome in zip(names, outcomes, strict=True)]
        parts = [package[0] + "\n", 'import "testing"\n', *tests]
        return Newcomer(file, "\n".join(parts).encode(), dict(zip(names, outcomes, strict=True)))


def _function(name: str, outcome: Outcome, chance: Random) -> str:
    one = chance.randint(10, 400)
    two = one + (0 if outcome is Outcome.PASSED else chance.randint(1, 90))
    return f"func {name}(t *testing.T) {{\n{_WRONG.format(one=one, two=two)}}}\n"
