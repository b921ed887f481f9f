"""Tests in JavaScript and TypeScript (vitest, jest, mocha with chai, node:test), read by regular expressions.

What is read: `test('title', …)` and `it('title', …)` with a plain title; `expect(…).toBe(…)` and its kin, chai's
`.to.equal(…)`, node's `assert.equal(…)` and its kin.
"""

import posixpath
import re
from collections.abc import Collection
from pathlib import PurePosixPath
from random import Random

from podium.gate.canary.base import Breakable, Newcomer, Outcome
from podium.gate.canary.textual import Swap, breakables, read_text
from podium.gate.canary.words import fresh_words

_FILE = re.compile(r"(?P<end>[-_.](?:test|spec)\.[cm]?[jt]sx?)$")
_SOURCE = re.compile(r"\.[cm]?[jt]sx?$")
_SPECIFIER = re.compile(
    r"""(?:\bfrom\s+|\bimport\s+|\bimport\(\s*|\brequire\(\s*)['"](\.{1,2}(?:/[^'"\n]{0,200})?)['"]"""
)
_HEAD = re.compile(r"(?<![\w.$])(?:test|it)\(\s*(?P<quote>['\"])(?P<name>[^'\"\\\n]{1,200})(?P=quote)\s*,")
_OPPOSITE = {
    "equal": "notEqual", "strictEqual": "notStrictEqual", "deepEqual": "notDeepEqual",
    "deepStrictEqual": "notDeepStrictEqual", "throws": "doesNotThrow", "rejects": "doesNotReject", "match": "doesNotMatch",
}  # fmt: skip
_SWAPS = (
    Swap("expected", re.compile(r"\.(?:toBe|toEqual|toStrictEqual|equal|eql)\((-?\d{1,9})\)"), r"\1.1875"),
    Swap("expected", re.compile(r"\.(?:toBe|toEqual|toStrictEqual|equal|eql)\(('|\")"), r"\1q7 "),
    Swap("expected", re.compile(r"assert\.\w*[eE]qual\([^;\n]*,\s*(-?\d{1,9})\s*\)"), r"\1.1875"),
    Swap("expected", re.compile(r"assert\.\w*[eE]qual\([^;\n]*,\s*('|\")[^'\"\n]*['\"]\s*\)"), r"\1q7 "),
    Swap("inverted", re.compile(r"(?<!\.not)(\.)to[A-Z]\w*\("), ".not."),
    Swap("inverted", re.compile(r"(\.not\.)to[A-Z]\w*\("), "."),
    Swap("inverted", re.compile(r"(\.to)\.(?:deep\.)?(?:equal|eql|include|be)\b"), ".to.not"),
    *(Swap("inverted", re.compile(rf"assert\.({one})\("), other) for one, other in _OPPOSITE.items()),
    Swap("raised", re.compile(r"\s*(?:async\s*)?(?:\(\w*\)|\w+)\s*=>\s*\{()"), " throw new RangeError('not valid');", at_head=True),
)  # fmt: skip
_FRAMEWORK = r"['\"](?:vitest|@jest/globals|chai|(?:node:)?test|(?:node:)?assert(?:/strict)?)['\"]"
_IMPORT = re.compile(
    rf"^(?:import\b[^;\n]*?from\s*{_FRAMEWORK}|(?:const|let|var)\b[^;\n]*?=\s*require\({_FRAMEWORK}\)(?:\.\w+)?);?[ \t]*$",
    re.MULTILINE,
)
_EXPECT = {True: "  expect({got}).toBe({wanted});\n", False: "  assert.strictEqual({got}, {wanted});\n"}


class JavaScript:
    """Files named `….test.js` or `….spec.ts`, and the like."""

    def knows(self, path: str) -> bool:
        return bool(_FILE.search(path)) and "node_modules/" not in path

    def provides(self, path: str) -> str:
        found = _SOURCE.search(path)
        return path[: found.start()].removesuffix("/index") if found and "node_modules/" not in path else ""

    def imports(self, path: str, source: bytes) -> frozenset[str]:
        """Those named by a path; a package's own name says nothing of its files."""
        folder = posixpath.dirname(path)
        named = _SPECIFIER.findall(source.decode(errors="replace"))
        found = {_SOURCE.sub("", posixpath.normpath(posixpath.join(folder, name))) for name in named}
        return frozenset("/" + name.removesuffix("/index") for name in found)

    def tests(self, source: bytes) -> tuple[Breakable, ...]:
        text = read_text(source)
        return breakables(text, _HEAD, _SWAPS) if text else ()

    def owns(self, path: str, name: str, case: str) -> bool:  # noqa: ARG002 - few reports name the file
        """By the title alone."""
        return case == name or case.endswith((f"::{name}", f" {name}", f">{name}"))

    def is_sound(self, source: bytes) -> bool:
        return bool(source)

    def newcomer(
        self, path: str, source: bytes, *, chance: Random, taken: Collection[str]
    ) -> Newcomer | None:
        text, end = read_text(source), _FILE.search(path)
        head = _HEAD.search(text) if text else None
        if text is None or head is None or end is None:
            return None
        folder = PurePosixPath(path).parent
        file = next(
            file
            for word in fresh_words(chance, 50)
            if (file := str(folder / f"{word.replace('_', '-')}{end['end']}")) not in taken
        )
        outcomes = [Outcome.FAILED, Outcome.FAILED, Outcome.PASSED, Outcome.PASSED]
        chance.shuffle(outcomes)
        names = [word.replace("_", " ") for word in fresh_words(chance, len(outcomes))]
        call = head[0].partition("(")[0]
        tests = [
            f"{call}('{name}', () => {{\n{_body(outcome, chance, expects='expect(' in text)}}});\n"
            for name, outcome in zip(names, outcomes, strict=True)
        ]
        imports = "\n".join(match[0] for match in _IMPORT.finditer(text))
        return Newcomer(file, "\n".join([imports, *tests]).encode(), dict(zip(names, outcomes, strict=True)))


def _body(outcome: Outcome, chance: Random, *, expects: bool) -> str:
    one, two = chance.randint(10, 400), chance.randint(10, 400)
    wanted = one + two + (0 if outcome is Outcome.PASSED else chance.randint(1, 90))
    return _EXPECT[expects].format(got=f"[{one}, {two}].reduce((sum, each) => sum + each, 0)", wanted=wanted)
