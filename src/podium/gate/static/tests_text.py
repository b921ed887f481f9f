"""Tests in other languages than Python that were there before: a weaker scan, by patterns.

A file is cut into its tests, by name, and what lies around them. A test must say what it said, layout and comments aside; what
lies around must still be there, in its order. New tests may come, and more rows in a table of cases.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from podium.gate.delta import FileDelta
from podium.gate.static.base import Finding, Weight
from podium.gate.static.languages import Language, language_of
from podium.gate.static.scene import Scene
from podium.policies.roles import Role, role_of

RULE = "existing tests"
_LONGEST = 400_000
_MOST_TESTS = 5000
_DEEPEST = 100
_SPACE = re.compile(r"\s+")
_DATA = re.compile(r"[\s{}\[\]()]*|(?!.*(?:=>|\b(?:func|function|return|if|skip|only|todo|exit|panic|goto|defer|go|throw|async|await)\b)).*,")
_WORD = re.compile(r"[\w$]+")
_QUOTED = re.compile(r"['\"`][^'\"`]*['\"`]")
_PAIRS = {"(": ")", "{": "}", "[": "]"}
_QUOTES = "'\"`"
_COMMENTS = {"//": "\n", "/*": "*/"}
_OPENS, _CLOSES = re.compile(r"[({\[]"), re.compile(r"[)}\]]")
_MARK = "\0"
_RULES = {
    **dict.fromkeys(
        ("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"),
        re.compile(r"\b(?:test|it|describe|suite|context|specify)\.only\b|\bf(?:it|describe)\s*\("),
    ),
    "go": re.compile(r"^func TestMain\("),
}


@dataclass(frozen=True)
class Parts:
    """The tests of a file by their names, in order, and the lines around them."""

    tests: dict[str, list[str]]
    around: list[str]
    within: dict[str, list[tuple[str, ...]]]
    """For each test the lines with the brackets that are open around it."""


def is_understood(path: str) -> bool:
    return language_of(path) is not None


def changed_tests(scene: Scene) -> Iterator[Finding]:
    """What was done to existing files of tests, and to tests of Rust that live in the source."""
    for file in scene.files():
        language = language_of(file.path)
        if language is None or file.is_new or file.is_gone or (role_of(file.path) is not Role.TEST and not _tests_inside(file)):
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
            known = Counter(map(_bare, file.old.split("\n")))
            for number, line in enumerate(file.new.split("\n"), start=1):
                known[_bare(line)] -= 1
                if known[_bare(line)] < 0 and pattern.search(line):
                    yield Finding(RULE, file.path, number, f"`{_bare(line)[:80]}` decides about other tests")


def _tests_inside(file: FileDelta) -> bool:
    return file.path.endswith(".rs") and "#[test]" in file.old


def _compared(file: FileDelta, language: Language) -> Iterator[Finding]:
    before, after = _parts(file.old, language), _parts(file.new, language)
    whole = role_of(file.path) is Role.TEST
    for name, texts in before.tests.items():
        if not whole and not any("#[test]" in text for text in texts):
            continue
        now = after.tests.get(name, [])
        if len(now) < len(texts):
            yield Finding(RULE, file.path, 0, f"the existing test or function {name} is gone")
        elif not all(_grew(old, new) for old, new in zip(texts, now, strict=False)):
            weak = len(language.weakens.findall(" ".join(now))) > len(language.weakens.findall(" ".join(texts)))
            yield Finding(RULE, file.path, _line_of(file.new, name), f"the existing test or function {name} was changed{_WEAKER if weak else ''}")
        elif before.within.get(name) != after.within.get(name, [])[: len(texts)]:
            yield Finding(RULE, file.path, _line_of(file.new, name), f"the existing test or function {name} stands under something else now")
        elif len(now) > len(texts) and language.brackets == "{}":
            yield Finding(RULE, file.path, _line_of(file.new, name), f"{name} is there once more")
    if whole:
        yield from _around(file, language, before.around, after.around)


_WEAKER = ": it may be skipped, or its code replaced by stand-ins"


def _around(file: FileDelta, language: Language, before: list[str], after: list[str]) -> Iterator[Finding]:
    """What lies outside of tests: imports, set-up, helpers, groups."""
    old, new = ([line for line in lines if not language.imports.fullmatch(line)] for lines in (before, after))
    missing = Counter(map(_bare, old)) - Counter(map(_bare, new))
    gone = next((line for line in old if missing[_bare(line)] > 0), None)
    if gone is not None:
        yield Finding(RULE, file.path, 0, f"`{_bare(gone)}` is gone or was changed, which existing tests may use")
    elif not _in_order([_bare(line) for line in old], [_bare(line) for line in new]):
        yield Finding(RULE, file.path, 0, "what lies around existing tests was put in another order")
    known = Counter(map(_bare, before))
    for line in after:
        known[_bare(line)] -= 1
        if known[_bare(line)] < 0 and language.weakens.search(line):
            yield Finding(RULE, file.path, _line_of(file.new, line.strip()), f"`{_bare(line)}` skips tests, or replaces their code by stand-ins")
    yield from _imports(file, language, before, after)


def _imports(file: FileDelta, language: Language, before: list[str], after: list[str]) -> Iterator[Finding]:
    """An import may take in more names from where it took them; another place is another thing."""
    now = [line for line in after if language.imports.fullmatch(line)]
    for line in (line for line in before if language.imports.fullmatch(line)):
        kept = any(_QUOTED.findall(line) == _QUOTED.findall(other) and set(_WORD.findall(line)) <= set(_WORD.findall(other)) for other in now)
        if not kept:
            used = [name for name in _WORD.findall(_QUOTED.sub("", line)) if any(re.search(rf"\b{re.escape(name)}\b", text) for text in after)]
            weight = Weight.BLOCKS if len(used) > 1 or language.brackets == "()" else Weight.ADVICE
            yield Finding(RULE, file.path, 0, f"`{_bare(line)}` is gone or was changed, which existing tests may use", weight)


def _parts(text: str, language: Language) -> Parts:
    tests: dict[str, list[str]] = {}
    around, position = "", 0
    for match in language.test.finditer(text):
        if match.start() < position or len(tests) > _MOST_TESTS:
            continue  # inside the test before
        groups = match.groupdict()
        name = groups.get("name") or groups.get("method") or ""
        end = _end_by_indent(text, match) if language.by_indent else _end(text, match, language)
        name = _bare(name)
        tests.setdefault(name, []).append(_without_comments(text[match.start() : end], language))
        around += f"{text[position : match.start()]}\n{_MARK}{name}\n"
        position = end
    around += text[position:]
    lines = [line for line in _without_comments(around, language).split("\n") if _bare(line)]
    return Parts(tests, [line for line in lines if not line.startswith(_MARK)], _within(lines))


def _within(lines: list[str]) -> dict[str, list[tuple[str, ...]]]:
    """The lines around each test, by counting brackets: roughly, but in the same way before and after."""
    found: dict[str, list[tuple[str, ...]]] = {}
    opened: list[str] = []
    for line in lines:
        if line.startswith(_MARK):
            found.setdefault(line[1:], []).append(tuple(opened))
            continue
        more = len(_OPENS.findall(line)) - len(_CLOSES.findall(line))
        opened = opened + [_bare(line)] * more if more >= 0 else opened[:more]
        opened = opened[:_DEEPEST]
    return found


def _end(text: str, match: re.Match[str], language: Language) -> int:
    """Where the bracket closes that opens at the test's beginning; the end of the text where it never does."""
    position = _last_call(text, match) if language.brackets == "()" else match.end()
    stack: list[str] = []
    while position < len(text):
        character, after = text[position], _past_text(text, position)
        if after > position:
            position = after
            continue
        if character in _PAIRS:
            stack.append(_PAIRS[character])
        elif stack and character == stack[-1]:
            stack.pop()
            if not stack:
                return position + 1
        position += 1
    return len(text)


def _past_text(text: str, position: int) -> int:
    """The place after a text in quotes or a comment that begins here; `position` itself where none does."""
    if text[position] in _QUOTES:
        return _after_quote(text, position)
    opening = text[position : position + 2]
    if opening not in _COMMENTS:
        return position
    closing = text.find(_COMMENTS[opening], position + 2)
    return len(text) if closing < 0 else closing + len(_COMMENTS[opening])


def _last_call(text: str, match: re.Match[str]) -> int:
    """The bracket that the test's name follows: `test.each(table)('name', …)` has two."""
    return text.rindex("(", match.start(), match.start("name"))


def _after_quote(text: str, start: int) -> int:
    """The place after a text in quotes; a lone quote (a lifetime of Rust, an apostrophe) is passed over."""
    quote, position = text[start], start + 1
    while position < len(text) and text[position] != quote:
        if text[position] == "\n" and quote != "`":
            return start + 1
        position += 2 if text[position] == "\\" else 1
    return position + 1


def _end_by_indent(text: str, match: re.Match[str]) -> int:
    """After the `end` that stands as far in as the test's beginning; after the line where there is none."""
    indent = re.match(r"\s*", text[match.start() : match.end()])
    spaces = (indent[0] if indent else "").replace("\n", "")
    closing = re.compile(rf"^{re.escape(spaces)}(?:end|\}})[ \t]*$", re.MULTILINE).search(text, match.end())
    return closing.end() if closing else text.find("\n", match.end()) + 1 or len(text)


def _without_comments(text: str, language: Language) -> str:
    """Without lines that are comments; a comment behind code stays, which finds a change where there is none."""
    return "\n".join(line for line in text.split("\n") if not line.strip().startswith(language.comment) or "go:build" in line)


def _grew(before: str, after: str) -> bool:
    """Whether a test says what it said, but for the layout and for more rows in a table."""
    if _bare(before) == _bare(after):
        return True
    old, new = ([_bare(line) for line in text.split("\n") if _bare(line)] for text in (before, after))
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


def _bare(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _line_of(text: str, wanted: str) -> int:
    place = text.find(wanted)
    return text.count("\n", 0, place) + 1 if place >= 0 else 0
