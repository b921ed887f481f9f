"""Where in a TOML text each setting stands, so that a fault can point at it.

Reads only texts that tomllib has already accepted: what is wrong with the syntax is tomllib's to say.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys, and numbers of array elements counted from 0, from the outside in."""

_TOKEN = re.compile(
    r"""
      (?P<comment> \#[^\n]* )
    | (?P<long>    \"{3} (?: \\. | [^\\] )*? \"{3,5} (?!\") | '{3} .*? '{3,5} (?!') )
    | (?P<short>   \" (?: \\. | [^\"\\\n] )* \" | '[^'\n]*' )
    | (?P<newline> \n )
    | (?P<space>   [^\S\n]+ )
    | (?P<mark>    [\[\]{}=,.] )
    | (?P<bare>    [A-Za-z0-9_-]+ )
    | (?P<other>   . )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Position:
    """`line` and `column` count from 1."""

    line: int
    column: int


def positions(text: str) -> Mapping[Path, Position]:
    """Where every table, array element and key of a valid TOML text stands first."""
    reader = _Reader(text, _tokens(text))
    reader.document()
    return reader.found


def nearest(found: Mapping[Path, Position], path: Path) -> Position | None:
    """Where `path` stands, or the innermost thing around it that stands anywhere."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int

    @property
    def key(self) -> str:
        """The key it spells."""
        return self.text[1:-1] if self.kind == "short" else self.text


def _tokens(text: str) -> list[_Token]:
    every = (_Token(match.lastgroup or "", match.group(), match.start()) for match in _TOKEN.finditer(text))
    return [token for token in every if token.kind not in {"comment", "space"}]


@dataclass
class _Reader:
    """Walks the tokens once; a valid text needs no look back."""

    text: str
    tokens: list[_Token]
    at: int = 0
    table: Path = ()
    elements: dict[Path, int] = field(default_factory=dict)
    """How many `[[…]]` of each array of tables were read."""
    found: dict[Path, Position] = field(default_factory=dict)

    def document(self) -> None:
        while self.at < len(self.tokens):
            if self._sees("[", "\n"):
                self._header() if self._sees("[") else self._skip()
            else:
                self._assignment(self.table)

    def _header(self) -> None:
        brackets = 2 if self.tokens[self.at + 1].text == "[" else 1
        self.at += brackets
        keys = self._keys("]")
        self.at += brackets
        path: Path = ()
        for token in keys:
            path = self._note(self._element(path), token)
        if brackets > 1:
            self.elements[path] = self.elements.get(path, 0) + 1
            self.found.setdefault(self._element(path), self._position(keys[0]))
        self.table = self._element(path)

    def _element(self, path: Path) -> Path:
        """Step into the last element of an array of tables; leave any other path as it is."""
        return (*path, self.elements[path] - 1) if path in self.elements else path

    def _assignment(self, path: Path) -> None:
        for token in self._keys("="):
            path = self._note(path, token)
        self.at += 1
        self._value(path)

    def _keys(self, end: str) -> list[_Token]:
        keys = []
        while not self._sees(end):
            if not self._sees("."):
                keys.append(self.tokens[self.at])
            self.at += 1
        return keys

    def _value(self, path: Path) -> None:
        if self._sees("{"):
            self._inline_table(path)
        elif self._sees("["):
            self._array(path)
        while not self._sees("\n", ",", "]", "}"):
            self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while not self._sees("}"):
            if self._sees(",", "\n"):
                self._skip()
            else:
                self._assignment(path)
        self.at += 1

    def _array(self, path: Path) -> None:
        self.at += 1
        number = 0
        while not self._sees("]"):
            if self._sees(",", "\n"):
                self._skip()
                continue
            self.found.setdefault((*path, number), self._position(self.tokens[self.at]))
            self._value((*path, number))
            number += 1
        self.at += 1

    def _note(self, path: Path, token: _Token) -> Path:
        path = (*path, token.key)
        self.found.setdefault(path, self._position(token))
        return path

    def _position(self, token: _Token) -> Position:
        start = self.text.rfind("\n", 0, token.offset)
        return Position(self.text.count("\n", 0, token.offset) + 1, token.offset - start)

    def _sees(self, *texts: str) -> bool:
        """Whether the next token is one of these marks; the end of the text counts as each of them."""
        if self.at >= len(self.tokens):
            return True
        token = self.tokens[self.at]
        return token.kind in {"mark", "newline"} and token.text in texts

    def _skip(self) -> None:
        self.at += 1
