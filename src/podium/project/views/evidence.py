"""What proves something, and whether it holds."""

from dataclasses import dataclass

from podium.project.views.gate import GateView


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One acceptance criterion: `none`, `linked`, `failing`, `passing` or `stale`, by which checks, and why."""

    name: str
    standing: str
    by: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """`podium evidence ID`: the latest gate run about something, whether it is signed, and how to see the same again."""

    id: str
    signed: bool
    gate: GateView
    repeat: tuple[str, ...] = ()
    criteria: tuple[CriterionView, ...] = ()
    strength: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PointView:
    """One thing that signed evidence claims: `yes`, `no` or `not checked`."""

    what: str
    holds: str
    because: str


@dataclass(frozen=True, slots=True)
class VerificationView:
    """`podium verify`: `ok` where the signature holds and nothing that could be checked speaks against it."""

    evidence: str
    ok: bool
    keyid: str
    points: tuple[PointView, ...]
