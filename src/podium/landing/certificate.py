"""A certificate: why a tree may land on which no gate ran.

For each target that its members affect, it names the evidence that showed the target to pass in the state it has in that tree.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium.base.digest import digest
from podium.base.text import count
from podium.landing.planner.states import Name
from podium.landing.reading import Reading
from podium.model.decision import Act
from podium.model.ids import ChangeId, Sha

_LISTED = 200
"""So many targets are named with their evidence; the digest is that of all."""
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Certificate:
    """`evidence` are the keys of the gate runs, by target."""

    evidence: Mapping[str, str]
    because: str

    def data(self) -> dict[str, Any]:
        """As JSON: `targets` is [target, evidence], `evidence` all that is named, `digest` that of all pairs in order."""
        pairs = sorted(self.evidence.items())
        return {
            "targets": [list(pair) for pair in pairs[:_LISTED]],
            "count": len(pairs),
            "digest": digest([list(pair) for pair in pairs]),
            "evidence": sorted(set(self.evidence.values())),
        }


def certify(reading: Reading, tip: Sha, members: Sequence[ChangeId]) -> Certificate:
    """What proves that `members` may land on the tip as one. Each of their targets is proven, or they were not to land."""
    affected = frozenset[Name]().union(*(reading.positions.keys(member) for member in members))
    states = reading.positions.states(tip, members)
    evidence = {str(target): reading.proven[target, states[target]] for target in affected}
    return Certificate(evidence, _because(evidence))


def _because(evidence: Mapping[str, str]) -> str:
    found = Counter(
        "in isolation" if key.startswith(f"{Act.GATE}:") else f"in {key.split(':')[1]}"
        for key in evidence.values()
    )
    said = [f"{number} {where}" for where, number in found.most_common(_NAMED)]
    rest = len(found) - len(said)
    more = f" and {count(rest, 'more gate run')}" if rest > 0 else ""
    targets = "its one target" if len(evidence) == 1 else f"all {len(evidence)} of its targets"
    return f"{targets} passed in this state: {', '.join(said)}{more}"
