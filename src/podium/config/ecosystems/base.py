"""What an ecosystem is: it looks at the names of a repository's files, reads a few, and suggests checks."""

import configparser
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from podium.config.settings import CheckSettings

_FOREIGN = tuple(
    f"/{folder}/" for folder in ("node_modules", "vendor", "third_party", ".venv", "venv", "target")
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A repository as detection sees it: paths relative to its root, their bytes, and the programs at hand."""

    files: frozenset[str]
    read: Callable[[str], bytes | None]
    has_program: Callable[[str], bool]

    def own(self) -> list[str]:
        """List the files that were written here, not brought along."""
        return sorted(file for file in self.files if not any(folder in f"/{file}" for folder in _FOREIGN))

    def text(self, path: str) -> str:
        """Read `path`; nothing when it is not there."""
        return (self.read(path) or b"").decode(errors="replace") if path in self.files else ""

    def toml(self, path: str) -> dict[str, Any]:
        """Read the tables in `path`; none when it is not there or not TOML."""
        try:
            return tomllib.loads(self.text(path))
        except tomllib.TOMLDecodeError:
            return {}

    def json(self, path: str) -> dict[str, Any]:
        """Read the object in `path`; an empty one when it is not there or not JSON."""
        try:
            value = json.loads(self.text(path) or "{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def ini(self, path: str) -> configparser.RawConfigParser:
        """Read the sections in `path`; none when it is not there or not readable."""
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(self.text(path))
        except configparser.Error:
            return configparser.RawConfigParser()
        return parser


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A check that fits, the reason in one line, and the program it needs."""

    check: CheckSettings
    because: str
    program: str


@dataclass(frozen=True, slots=True)
class Found:
    """What an ecosystem found. Without a suggestion `advice` says what a person may write."""

    kind: str
    suggestions: tuple[Suggestion, ...]
    advice: str = ""


class Ecosystem(Protocol):
    """Looks for one way of building software; None when the repository is of another kind."""

    def __call__(self, listing: Listing, /) -> Found | None: ...
