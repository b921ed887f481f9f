"""What the merge queue believes of the changes in it: learned from what became of those before them, as that becomes known.

What can be seen of a change is written into the decision that ends its way through the queue, and read from there: so what
is believed is a matter of record, and comes out the same in every process that has read as far.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from podium.landing.predictions.beliefs import Beliefs
from podium.landing.predictions.chance import bounded
from podium.landing.predictions.experience import Fared, Fate, Features, Meeting
from podium.landing.predictions.scores import Pair

_NOBODY = Features()
_STRANGER = Meeting(_NOBODY, shared=())
_BLAMED = Meeting(_NOBODY, shared=(), blamed=True)
_MET = 50
"""So many meetings of one change are learned from: where everything affects everything, a change meets all that landed."""


class Memory:
    """Learns in rounds, each when it was told of a twentieth more; between them the same question has the same answer."""

    def __init__(self) -> None:
        self._beliefs = Beliefs()
        self._waiting: list[Fared] = []
        self._learned = 0
        self._lands: dict[Features, float] = {}
        self._breaks = self._beliefs.breaks(_NOBODY, _STRANGER)

    def lands(self, features: Features) -> float:
        """The probability that a change passes on the target branch as it stands, with the landings since its base."""
        found = self._lands.get(features)
        if found is None:
            keeps = (1 - self._breaks) ** features.landings_since
            found = self._lands[features] = bounded(self._beliefs.passes(features) * keeps)
        return found

    @property
    def breaks(self) -> float:
        """The probability that two changes which share a target fail together though each passes alone."""
        return self._breaks

    @property
    def said(self) -> Sequence[Pair]:
        """The chance that each change was given to land before its fate was learned, and whether it landed: for `brier`."""
        return tuple(self._beliefs.said)

    def take_in(self, fates: Iterable[Fared]) -> None:
        """Take in what became of changes, in the order in which it became known."""
        for fared in fates:
            self._waiting.append(fared)
            if len(self._waiting) > self._learned / 20:
                self._learn()

    def _learn(self) -> None:
        for fared in self._waiting:
            self._beliefs.learn(fared)
        self._learned += len(self._waiting)
        self._waiting.clear()
        self._lands.clear()
        self._breaks = self._beliefs.breaks(_NOBODY, _STRANGER)


def told(features: Features, *, blamed: int = 0) -> dict[str, Any]:
    """What could be seen of a change, as JSON; of one that goes back, also how many may have broken it."""
    seen = {
        "maker": features.maker, "kind": features.kind, "files": features.files, "lines": features.lines,
        "attempts": features.attempts, "gate_s": features.gate_s, "met": features.landings_since,
    }  # fmt: skip
    return {**seen, "blamed": blamed} if blamed else seen


def fared(seen: Mapping[str, Any], *, at: float, landed: bool) -> Fared:
    """What became of a change, from what was told of it."""
    met, blamed = seen.get("met", 0), seen.get("blamed", 0)
    features = Features(
        maker=seen.get("maker", ""), kind=seen.get("kind", ""), files=seen.get("files"), lines=seen.get("lines"),
        attempts=seen.get("attempts", 1), gate_s=seen.get("gate_s"), landings_since=met, proven=met == 0,
    )  # fmt: skip
    fate = Fate.LANDED if landed else Fate.UNEXPLAINED if blamed else Fate.FAILED
    strangers = max(0, min(met, _MET) - min(blamed, _MET))
    return Fared(at, features, fate, (_BLAMED,) * min(blamed, _MET) + (_STRANGER,) * strangers)
