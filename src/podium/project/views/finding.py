"""What `podium audit` and `podium doctor` found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindingView:
    """One line of `podium audit` or `podium doctor`. `state` is ok, warning or broken; `hint` says what to do."""

    subject: str
    state: str
    because: str
    hint: str = ""
