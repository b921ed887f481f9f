"""What the rules on a change's text are made of: a scene to look at, findings to come back with.

A rule is a pure function over one scene. It runs nothing: whatever it reads was written by the maker.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from podium.base.text import clean_line
from podium.gate.static.scene import Scene

_LONGEST_PATH = 200


class Weight(StrEnum):
    """What a finding does to the verdict."""

    BLOCKS = "blocks"
    """The change is refused unless people approved that it touches this file."""
    ADVICE = "advice"
    """The verdict stands, but somebody should look more closely."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule saw. `line` counts from 1; 0 is the file as such."""

    rule: str
    path: str
    line: int
    message: str
    weight: Weight = Weight.BLOCKS

    @property
    def shown(self) -> str:
        """On one line, safe to print: `path:line: message`."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{clean_line(place, limit=_LONGEST_PATH)}: {clean_line(self.message)}"

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule, "path": clean_line(self.path, limit=_LONGEST_PATH), "line": self.line,
            "message": clean_line(self.message), "weight": self.weight.value,
        }  # fmt: skip


Rule: TypeAlias = Callable[[Scene], Iterable[Finding]]
"""Says what is wrong with the change on a scene; the same scene, the same findings."""
