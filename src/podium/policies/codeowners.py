"""CODEOWNERS: whose approval counts for which paths. Pure; whoever calls reads the file from the protected base.

Read as GitHub reads it: the last line that matches a path holds, one without owners clears what stood before, and a line
that GitHub cannot use (`!`, `[`, a backslash before anything but a blank) is left out and named among the faults.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from podium.base.digest import digest_bytes
from podium.base.text import clean_line
from podium.policies.globs import Glob, parse

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where it is looked for; the first that is there holds."""
MOST_BYTES = 3 * 1024 * 1024
"""GitHub reads no larger one."""

_WORD = re.compile(r"(?:\\.|[^\s\\])+|\\$")
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[^\s@<>]+@[^\s@<>]+")
_UNREADABLE = re.compile(r"^!|[\[\]]|\\(?! )")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that says who owns what; no owners: nobody does."""

    number: int
    pattern: str
    owners: tuple[str, ...]
    glob: Glob


@dataclass(frozen=True, slots=True)
class Codeowners:
    """A CODEOWNERS file as it was read. `faults` are lines that hold nothing, each with the reason."""

    path: str = ""
    lines: tuple[Line, ...] = ()
    faults: tuple[str, ...] = ()
    digest: str = ""
    """SHA-256 of its bytes; empty where there is none."""

    def line_of(self, path: str) -> Line | None:
        """The line that says who owns a file, or None where no line is about it."""
        return next((line for line in reversed(self.lines) if line.glob.matches(path)), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody it names, in order."""
        return tuple(dict.fromkeys(owner for line in self.lines for owner in line.owners))


NOBODY = Codeowners()
"""There is no CODEOWNERS."""


@dataclass(frozen=True, slots=True)
class Owners:
    """Who a line's owners are: their mails in lower case, and the names nobody has said anything about."""

    mails: frozenset[str]
    unknown: tuple[str, ...]


def read_codeowners(path: str, data: bytes) -> Codeowners:
    """Read a file; never raises for what it holds."""
    if len(data) > MOST_BYTES:
        return Codeowners(path, faults=(f"it is larger than {MOST_BYTES} bytes",), digest=digest_bytes(data))
    read = [_read(number, text) for number, text in enumerate(_texts(data), start=1)]
    return Codeowners(
        path,
        tuple(line for line in read if isinstance(line, Line)),
        tuple(fault for fault in read if isinstance(fault, str)),
        digest_bytes(data),
    )


def who(owners: Collection[str], people: Mapping[str, tuple[str, ...]]) -> Owners:
    """The mails behind names of CODEOWNERS, as `[policy.people]` tells them; a mail stands for itself."""
    known = {name.casefold(): mails for name, mails in people.items()}
    mails: set[str] = set()
    unknown: list[str] = []
    for owner in owners:
        found = known.get(owner.casefold(), () if owner.startswith("@") else (owner,))
        mails.update(mail.casefold() for mail in found)
        if not found:
            unknown.append(owner)
    return Owners(frozenset(mails), tuple(unknown))


def _texts(data: bytes) -> list[str]:
    return data.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").split("\n")


def _read(number: int, text: str) -> Line | str | None:
    """A line; why it holds nothing; or None where it says nothing."""
    words = _words(text)
    if not words:
        return None
    pattern, *owners = words
    strange = next((owner for owner in owners if not _OWNER.fullmatch(owner)), "")
    if _UNREADABLE.search(pattern):
        return f"line {number}: {clean_line(pattern, limit=80)} is no pattern that CODEOWNERS knows"
    if strange:
        return f"line {number}: {clean_line(strange, limit=80)} is neither @name, @group/team nor a mail"
    return Line(number, pattern, tuple(owners), _glob(pattern.replace("\\ ", " ")))


def _words(text: str) -> list[str]:
    """The words before a comment; a blank after a backslash belongs to its word."""
    words: list[str] = []
    for word in _WORD.findall(text):
        if word.startswith("#"):
            break
        words.append(word)
    return words


def _glob(pattern: str) -> Glob:
    """As .gitignore has it: without a slash before its end, a pattern may begin in any folder."""
    anchored = "/" in pattern.rstrip("/")
    return parse(pattern if anchored else f"**/{pattern}")
