"""What the queues are given: changes, each on a stale base, with what is known of them in truth; and when each arrives."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Origin(StrEnum):
    REAL = "real"
    """A commit of the project's own history."""
    MADE = "made"
    """One of a pair that was made so that each passes alone and both together fail."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One change. `head` is a commit on top of `base`; `breaks` is the other one of its pair."""

    name: str
    origin: Origin
    base: str
    head: str
    arrives_s: float
    subject: str = ""
    breaks: str = ""
    judging: tuple[str, ...] = ()
    """The paths it changes that judge others, for which Podium wants a person's word."""


@dataclass(frozen=True, slots=True)
class Trace:
    """All of them in the order of their arrival. `start` is the commit the target branch stands on; `lost` says what was left out, and why."""

    start: str
    proposals: tuple[Proposal, ...]
    left_out: tuple[str, ...]
    flake: str
    flake_rate: float
    lost: dict[str, int]
    taken_from: str

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def load(cls, path: Path) -> "Trace":
        said = json.loads(path.read_text())
        proposals = tuple(
            Proposal(**one | {"origin": Origin(one["origin"]), "judging": tuple(one["judging"])})
            for one in said.pop("proposals")
        )
        return cls(**said | {"proposals": proposals, "left_out": tuple(said["left_out"])})
