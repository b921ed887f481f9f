"""Tests in other languages than Python that were there before: a weaker scan, by patterns.

A file is cut into its tests, by name, and what lies around them. A test must say what it said, layout and comments aside; what
lies around must still be there, in its order. New tests may come, and more rows in a table of cases.
"""

import re
from collections import Counter
from collections.abc import Iterator

from podium.gate.delta import FileDelta
from podium.gate.static.base import Finding, Weight
from podium.gate.static.cutting import bare, parts
from podium.gate.static.languages import Language, language_of
from podium.gate.static.scene import Scene
from podium.policies.roles import Role, role_of

RULE = "existing tests"
_LONGEST = 400_000
_DATA = re.compile(
    r"[\s{}\[\]()]*|(?!.*(?:=>|\b(?:func|function|return|if|skip|only|todo|exit|panic|goto|defer|go|throw|async|await)\b)).*,"
)
_WORD = re.compile(r"[\w$]+")
_QUOTED = re.compile(r"['\"`][^'\"`]*['\"`]")
_WEAKER = ": it may be skipped, or its code replaced by stand-ins"
_RULES = {
    **dict.fromkeys(
        ("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"),
        re.compile(r"\b(?:test|it|describe|suite|context|specify)\.only\b|\bf(?:it|describe)\s*\("),
    ),
    "go": re.compile(r"^func TestMain\("),
}


def is_understood(path: str) -> bool:
    return language_of(path) is not None


def changed_tests(scene: Scene) -> Iterator[Finding]:
    """What was done to existing files of tests, and to tests of Rust that live in the source."""
    for file in scene.files():
        language = language_of(file.path)
        if (
            language is None
            or file.is_new
            or file.is_gone
            or (role_of(file.path) is not Role.TEST and not _tests_inside(file))
        ):
            continue
        if max(len(file.old), len(file.new)) > _LONGEST:
            yield Finding(RULE, file.path, 0, "is too large to be compared")
        else:
            yield from _compared(file, language)


def tests_that_rule(scene: Scene) -> Iterator[Finding]:
    """`.only`, which with some runners leaves out the tests of other files; Go's `TestMain`, which runs all of a package."""
    for file in scene.files():
        pattern = _RULES.get(file.path.rpartition(".")[2])
        if pattern is not None and role_of(file.path) is Role.TEST and not file.is_gone:
            known = Counter(map(bare, file.old.split("\n")))
            for number, line in enumerate(file.new.split("\n"), start=1):
                known[bare(line)] -= 1
                if known[bare(line)] < 0 and pattern.search(line):
                    yield Finding(RULE, file.path, number, f"`{bare(line)[:80]}` decides about other tests")


def _tests_inside(file: FileDelta) -> bool:
    return file.path.endswith(".rs") and "#[test]" in file.old


def _compared(file: FileDelta, language: Language) -> Iterator[Finding]:
    before, after = parts(file.old, language), parts(file.new, language)
    whole = role_of(file.path) is Role.TEST
    for name, texts in before.tests.items():
        if not whole and not any("#[test]" in text for text in texts):
            continue
        now = after.tests.get(name, [])
        if len(now) < len(texts):
            yield Finding(RULE, file.path, 0, f"the existing test or function {name} is gone")
        elif not all(_grew(old, new) for old, new in zip(texts, now, strict=False)):
            old, new = (len(language.weakens.findall(" ".join(each))) for each in (texts, now))
            message = f"the existing test or function {name} was changed{_WEAKER if new > old else ''}"
            yield Finding(RULE, file.path, _line_of(file.new, name), message)
        elif before.within.get(name) != after.within.get(name, [])[: len(texts)]:
            message = f"the existing test or function {name} stands under something else now"
            yield Finding(RULE, file.path, _line_of(file.new, name), message)
        elif len(now) > len(texts) and language.brackets == "{}":
            yield Finding(RULE, file.path, _line_of(file.new, name), f"{name} is there once more")
    if whole:
        yield from _around(file, language, before.around, after.around)


def _around(file: FileDelta, language: Language, before: list[str], after: list[str]) -> Iterator[Finding]:
    """What lies outside of tests: imports, set-up, helpers, groups."""
    old, new = ([line for line in lines if not language.imports.fullmatch(line)] for lines in (before, after))
    missing = Counter(map(bare, old)) - Counter(map(bare, new))
    gone = next((line for line in old if missing[bare(line)] > 0), None)
    if gone is not None:
        yield Finding(
            RULE, file.path, 0, f"`{bare(gone)}` is gone or was changed, which existing tests may use"
        )
    elif not _in_order([bare(line) for line in old], [bare(line) for line in new]):
        yield Finding(RULE, file.path, 0, "what lies around existing tests was put in another order")
    known = Counter(map(bare, before))
    for line in after:
        known[bare(line)] -= 1
        if known[bare(line)] < 0 and language.weakens.search(line):
            yield Finding(
                RULE,
                file.path,
                _line_of(file.new, line.strip()),
                f"`{bare(line)}` skips tests, or replaces their code by stand-ins",
            )
    yield from _imports(file, language, before, after)


def _imports(file: FileDelta, language: Language, before: list[str], after: list[str]) -> Iterator[Finding]:
    """An import may take in more names from where it took them; another place is another thing."""
    now = [line for line in after if language.imports.fullmatch(line)]
    for line in (line for line in before if language.imports.fullmatch(line)):
        kept = any(
            _QUOTED.findall(line) == _QUOTED.findall(other)
            and set(_WORD.findall(line)) <= set(_WORD.findall(other))
            for other in now
        )
        if not kept:
            used = [
                name
                for name in _WORD.findall(_QUOTED.sub("", line))
                if any(re.search(rf"\b{re.escape(name)}\b", text) for text in after)
            ]
            weight = Weight.BLOCKS if len(used) > 1 or language.brackets == "()" else Weight.ADVICE
            yield Finding(
                RULE,
                file.path,
                0,
                f"`{bare(line)}` is gone or was changed, which existing tests may use",
                weight,
            )


def _grew(before: str, after: str) -> bool:
    """Whether a test says what it said, but for the layout and for more rows in a table."""
    if bare(before) == bare(after):
        return True
    old, new = ([bare(line) for line in text.split("\n") if bare(line)] for text in (before, after))
    left = iter(new)
    inserted: list[str] = []
    for line in old:
        for other in left:
            if other == line:
                break
            inserted.append(other)
        else:
            return False
    inserted += left
    return all(_DATA.fullmatch(line) for line in inserted)


def _in_order(wanted: list[str], within: list[str]) -> bool:
    left = iter(within)
    return all(line in left for line in wanted)


def _line_of(text: str, wanted: str) -> int:
    place = text.find(wanted)
    return text.count("\n", 0, place) + 1 if place >= 0 else 0
