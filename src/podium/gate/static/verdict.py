"""From findings to the result of a check: what blocks, what was approved, what is mere advice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from podium.base.text import clean_line
from podium.gate.static.base import Finding, Rule, Weight
from podium.gate.static.scene import Scene
from podium.gate.terms import Terms
from podium.model.verdict import Verdict

_NAMED = 5
_MOST_ADVICE = 10
_MOST_KEPT = 200
_MOST_FOUND = 5000


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules together say of a change. Of `advice` and `details` only so many are kept."""

    verdict: Verdict
    because: str
    output: str = ""
    advice: tuple[str, ...] = ()
    details: dict[str, Any] | None = None


def rule_on(scene: Scene, rules: Sequence[Rule], terms: Terms, *, well: str) -> Ruling:
    """Ask each rule; `well` is said where nothing blocks."""
    found = _bounded(finding for rule in rules for finding in rule(scene))
    blocking = [each for each in found if each.weight is Weight.BLOCKS]
    refused = [each for each in blocking if not terms.approves(each.path)]
    advice = [each for each in found if each.weight is Weight.ADVICE]
    output = [each.shown for each in refused]
    output += [f"advice: {each.shown}" for each in advice]
    output += [f"approved: {each.shown}" for each in blocking if terms.approves(each.path)]
    return Ruling(
        Verdict.FAILED if refused else Verdict.PASSED,
        _because(refused) if refused else well,
        "\n".join(output[:_MOST_KEPT]),
        tuple(each.shown for each in advice[:_MOST_ADVICE]),
        {
            "findings": [each.as_json() for each in (*refused, *advice)][:_MOST_KEPT],
            "refused": len(refused),
            "advised": len(advice),
        },
    )


def _because(refused: Sequence[Finding]) -> str:
    """The first few, one of each file before a second of any, and what to do."""
    first = list({each.path: each for each in reversed(refused)}.values())[::-1]
    named = [*first, *(each for each in refused if each not in first)][:_NAMED]
    more = f"; and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
    glob = clean_line(named[0].path, limit=120)
    return (
        f"{'; '.join(each.shown for each in named)}{more}. Take it back, or have it approved: "
        f"`approves: {glob}` at the task, or `podium policy grant`"
    )


def _bounded(found: Iterable[Finding]) -> list[Finding]:
    """Each finding once, and no more than anybody could want to see."""
    kept: dict[Finding, None] = {}
    for each in found:
        kept[each] = None
        if len(kept) >= _MOST_FOUND:
            break
    return list(kept)
