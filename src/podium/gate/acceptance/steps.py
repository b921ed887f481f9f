"""The vocabulary of scenarios: what each step says, does and expects.

Steps run on the host and touch the program only through `Children`: no code of the tree's runs here, and what the program
printed is compared as bytes or text. A pattern is tried in a process of its own, because the text it meets is hostile.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from podium.base.errors import Unavailable
from podium.base.processes import run
from podium.base.text import clean_line
from podium.gate.acceptance.children import Call, Children, Ran

VOCABULARY = (
    'a file "PATH" with (text below)', 'a file "PATH" with "TEXT"', "I run `COMMAND`", "I run `COMMAND` within N seconds",
    "I run `COMMAND` with input (text below)", "it succeeds", "it fails", "it exits with N", 'it prints "TEXT"',
    "it prints nothing", "it prints exactly (text below)", 'the output contains "TEXT"', 'the output matches "PATTERN"',
    'the error output contains "TEXT"', 'the error output matches "PATTERN"', 'the file "PATH" contains "TEXT"',
    'the file "PATH" contains exactly (text below)', 'the file "PATH" exists', 'the file "PATH" does not exist',
)  # fmt: skip
"""All that a step can say, after Given, When, Then, And or But."""

_TIMEOUT_S = 10.0
_PATTERN_LIMIT = timedelta(seconds=5)
_SEARCH = "import json,re,sys; p,t=json.load(sys.stdin); sys.exit(0 if re.search(p,t,re.M) else 3)"
_FOUND, _NOT_FOUND = 0, 3
_ESCAPE = re.compile(r'\\([nt"\\])')
_PARTS = {"T": r'"((?:[^"\\]|\\.)*)"', "C": r"`([^`]+)`", "N": r"(\d{1,4})"}


class Unclear(Exception):
    """A step cannot be tried as it is written: whoever wrote it has to mend it."""


@dataclass
class World:
    """What the steps of one scenario share."""

    children: Children
    last: Ran | None = None

    def ran(self) -> Ran:
        if self.last is None:
            raise Unclear("nothing was run before it")
        return self.last


Act = Callable[[World], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `act` does it, and says what is not as it should be, or nothing."""

    line: int
    text: str
    act: Act
    runs: bool = False
    expects: bool = False


def read_step(line: int, text: str, below: str | None) -> Step | str:
    """The step that a line means, with the text block below it; or why there is none."""
    for pattern, makes in _TABLE.items():
        match = re.fullmatch(pattern, text.strip())
        if not match:
            continue
        takes_block = makes in _WITH_BLOCK
        if takes_block != (below is not None):
            return "a text block is missing below it" if takes_block else "no text block may stand below it"
        words = [_unescaped(word) if word is not None else "" for word in match.groups()]
        if below is not None:
            words.append(below)
        trouble = _trouble(makes, words)
        runs = makes in (_run, _run_with_input)
        return trouble or Step(
            line, text, makes(*words), runs=runs, expects=not runs and makes not in (_put, _put_text)
        )
    return "no step says this"


def _trouble(makes: Callable[..., Act], words: list[str]) -> str:
    if makes in (_output_matches, _errors_match):
        try:
            re.compile(words[0])
        except (re.error, RecursionError, OverflowError) as error:
            return f"this is not a pattern: {error}"
    return ""


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text)


def _put(path: str, below: str) -> Act:
    return lambda world: _write(world, path, f"{below}\n".encode())


def _put_text(path: str, text: str) -> Act:
    return lambda world: _write(world, path, text.encode())


def _write(world: World, path: str, data: bytes) -> str:
    try:
        world.children.write(path, data)
    except ValueError as error:
        raise Unclear(str(error)) from error
    return ""


def _run(command: str, seconds: str = "") -> Act:
    return lambda world: _start(world, command, b"", seconds)


def _run_with_input(command: str, seconds: str, below: str) -> Act:
    return lambda world: _start(world, command, f"{below}\n".encode(), seconds)


def _start(world: World, command: str, stdin: bytes, seconds: str) -> str:
    timeout_s = float(seconds or _TIMEOUT_S)
    world.last = world.children.run(Call(("sh", "-c", command), stdin, timeout_s=timeout_s))
    if world.last.hung:
        return f"it did not end within {timeout_s:g} s"
    return "it printed more than is kept" if world.last.flooded else ""


def _succeeds() -> Act:
    return lambda world: "" if world.ran().code == 0 else f"it exited with {world.ran().code}"


def _fails() -> Act:
    return lambda world: "" if world.ran().code else "it exited with 0"


def _exits(code: str) -> Act:
    return lambda world: "" if world.ran().code == int(code) else f"it exited with {world.ran().code}"


def _prints(text: str) -> Act:
    return lambda world: _unlike(world.ran().out.strip(), text.strip().encode())


def _prints_nothing() -> Act:
    return lambda world: _unlike(world.ran().out, b"")


def _prints_exactly(below: str) -> Act:
    return lambda world: _unlike(world.ran().out.removesuffix(b"\n"), below.encode())


def _output_contains(text: str) -> Act:
    return lambda world: _lacks(world.ran().out, text)


def _errors_contain(text: str) -> Act:
    return lambda world: _lacks(world.ran().err, text)


def _output_matches(pattern: str) -> Act:
    return lambda world: _mismatch(world.ran().out, pattern)


def _errors_match(pattern: str) -> Act:
    return lambda world: _mismatch(world.ran().err, pattern)


def _file_contains(path: str, text: str) -> Act:
    def act(world: World) -> str:
        data = _read(world, path)
        return "it is not there" if data is None else _lacks(data, text)

    return act


def _file_contains_exactly(path: str, below: str) -> Act:
    def act(world: World) -> str:
        data = _read(world, path)
        return "it is not there" if data is None else _unlike(data.removesuffix(b"\n"), below.encode())

    return act


def _file_exists(path: str) -> Act:
    return lambda world: "it is not there" if _read(world, path) is None else ""


def _file_is_missing(path: str) -> Act:
    return lambda world: "" if _read(world, path) is None else "it is there"


def _read(world: World, path: str) -> bytes | None:
    try:
        return world.children.read(path)
    except ValueError as error:
        raise Unclear(str(error)) from error


def _unlike(got: bytes, wanted: bytes) -> str:
    return "" if got == wanted else f"expected {_shown(wanted)}, got {_shown(got)}"


def _lacks(got: bytes, wanted: str) -> str:
    return "" if wanted.encode() in got else f"{_shown(wanted.encode())} is not in {_shown(got)}"


def _mismatch(got: bytes, pattern: str) -> str:
    asked = json.dumps([pattern, got.decode(errors="replace")]).encode()
    try:
        done = run(
            [sys.executable, "-I", "-S", "-c", _SEARCH], env={}, stdin=asked, time_limit=_PATTERN_LIMIT
        )
    except Unavailable as error:
        raise Unclear("the pattern takes too long on what was printed") from error
    if done.code not in (_FOUND, _NOT_FOUND):
        raise Unclear("the pattern cannot be tried on what was printed")
    return "" if done.code == _FOUND else f"{_shown(got)} does not match"


def _shown(data: bytes) -> str:
    return clean_line(data.decode(errors="replace"), limit=100) or "nothing"


def _spelled(text: str) -> str:
    """A pattern from its spelling: `T` is a quoted text, `C` a command in backticks, `N` a number."""
    return re.sub(r"\b[TCN]\b", lambda match: _PARTS[match[0]], text)


_SPELLINGS: Mapping[str, Callable[..., Act]] = {
    "a file T with": _put, "a file T with T": _put_text,
    "I run C(?: within N seconds)?": _run, "I run C(?: within N seconds)? with input": _run_with_input,
    "it succeeds": _succeeds, "it fails": _fails, "it exits with N": _exits,
    "it prints T": _prints, "it prints nothing": _prints_nothing, "it prints exactly": _prints_exactly,
    "the output contains T": _output_contains, "the output matches T": _output_matches,
    "the error output contains T": _errors_contain, "the error output matches T": _errors_match,
    "the file T contains T": _file_contains, "the file T contains exactly": _file_contains_exactly,
    "the file T exists": _file_exists, "the file T does not exist": _file_is_missing,
}  # fmt: skip
_TABLE = {_spelled(spelling): makes for spelling, makes in _SPELLINGS.items()}
_WITH_BLOCK = frozenset({_put, _run_with_input, _prints_exactly, _file_contains_exactly})
