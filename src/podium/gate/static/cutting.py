"""Cuts a file of tests in another language than Python into its tests, by name, and the lines around them.

By patterns and by counting brackets: roughly, but before and after in the same way.
"""

import re
from dataclasses import dataclass

from podium.gate.static.languages import Language

_MOST_TESTS = 5000
_DEEPEST = 100
_SPACE = re.compile(r"\s+")
_PAIRS = {"(": ")", "{": "}", "[": "]"}
_QUOTES = "'\"`"
_COMMENTS = {"//": "\n", "/*": "*/"}
_TEXT_OR_COMMENT = re.compile(
    r"(?P<kept>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|//\s*(?:go:build|\+build)[^\n]*)|//[^\n]*|/\*.*?(?:\*/|\Z)",
    re.DOTALL,
)
_OPENS, _CLOSES = re.compile(r"[({\[]"), re.compile(r"[)}\]]")
_MARK = "\0"


@dataclass(frozen=True)
class Parts:
    """The tests of a file by their names, in order, and the lines around them."""

    tests: dict[str, list[str]]
    around: list[str]
    within: dict[str, list[tuple[str, ...]]]
    """For each test the lines with the brackets that are open around it."""


def parts(text: str, language: Language) -> Parts:
    text = _without_comments(text.replace(_MARK, ""), language)
    tests: dict[str, list[str]] = {}
    around, position = "", 0
    for match in language.test.finditer(text):
        if match.start() < position or len(tests) > _MOST_TESTS:
            continue  # inside the test before
        groups = match.groupdict()
        name = groups.get("name") or groups.get("method") or ""
        end = _end_by_indent(text, match) if language.by_indent else _end(text, match, language)
        name = bare(name)
        tests.setdefault(name, []).append(text[match.start() : end])
        around += f"{text[position : match.start()]}\n{_MARK}{name}\n"
        position = end
    around += text[position:]
    lines = [line for line in around.split("\n") if bare(line)]
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
        opened = opened + [bare(line)] * more if more >= 0 else opened[:more]
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
    """Without comments, so that a test within one is no test; what tells Go whether to build a file stays."""
    if language.comment != "//":
        return "\n".join(line for line in text.split("\n") if not line.strip().startswith(language.comment))
    return _TEXT_OR_COMMENT.sub(lambda match: match[0] if match["kept"] else " ", text)


def bare(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
