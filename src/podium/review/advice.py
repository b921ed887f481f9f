"""What the advice of a gate's checks adds to a risk: pure.

The numbers are judgment, not measurement (Podium's research on risk scores): 10 for changed lines that no test runs, 10 for
mutants that no test notices, 15 for a change without a test that fails without it, 5 for anything else. Advice comes out of
runs of the change's own code and may be forged to be absent; so it only ever adds.
"""

import re
from collections.abc import Sequence

from podium.base.text import clean_line
from podium.model.risk import Risk

MOST = 30
"""All advice together adds no more."""
_FREE_UNCOVERED = 0.2
_COUNTED = re.compile(r"\b(\d{1,9}) of (\d{1,9})\b")
_LINES = re.compile(r"\bchanged lines?\b")
_MUTANTS = re.compile(r"\bmutants?\b")
_NO_TEST = re.compile(r"\bno (?:new )?test\b|\bwithout (?:a|any) (?:new )?test\b|\bprove[sn]? nothing\b")
_UNCOVERED, _SURVIVED, _UNPROVEN, _ELSE = 10, 10, 15, 5


def advised(risk: Risk, advice: Sequence[str]) -> Risk:
    """The risk with what the advice adds, its reasons after the others; never lower than it was."""
    added: dict[int, list[str]] = {}
    for line in advice:
        points = _points(line)
        if points:
            added.setdefault(points, []).append(clean_line(line, limit=120))
    # Ten mutants are one reason to look, not ten.
    total = min(MOST, sum(points for points, lines in added.items() for _ in lines[:2]))
    reasons = [line for points in sorted(added, reverse=True) for line in added[points][:2]]
    return Risk(min(100, risk.score + total), (*risk.reasons, *reasons))


def _points(line: str) -> int:
    counted = _COUNTED.search(line)
    part = int(counted[1]) / max(1, int(counted[2])) if counted else 1.0
    if _MUTANTS.search(line):
        return _SURVIVED if part else 0
    if _LINES.search(line):
        return _UNCOVERED if part > _FREE_UNCOVERED else 0
    return _UNPROVEN if _NO_TEST.search(line) else _ELSE
