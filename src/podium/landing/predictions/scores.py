"""How good probabilities were, once it is known what came: Brier's score, its skill, and a table of reliability."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Pair = tuple[float, float]
"""What was said (a probability), and what came (1 or 0)."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts that said about the same: how many, what they said on average, and how often it came."""

    count: int
    said: float
    came: float


def brier(pairs: Sequence[Pair]) -> float:
    """The mean squared error of the forecasts (Brier 1950): 0 is best; who always says 0.5 gets 0.25. Without forecasts 0."""
    return sum((said - came) ** 2 for said, came in pairs) / len(pairs) if pairs else 0.0


def skill(pairs: Sequence[Pair]) -> float:
    """By which share the score is better than that of the base rate said each time: at most 1, and below 0 if it is worse.

    0 where all outcomes are alike: there is nothing to win.
    """
    rate = sum(came for _said, came in pairs) / len(pairs) if pairs else 0.0
    base = brier([(rate, came) for _said, came in pairs])
    return 1 - brier(pairs) / base if base else 0.0


def reliability(pairs: Iterable[Pair], *, bins: int = 10) -> tuple[Bin, ...]:
    """The forecasts from the least to the greatest, in at most `bins` parts of about the same size.

    Of the same size, not of the same width: in a merge queue nearly every change passes, and all would be in one part.
    """
    # By what was said alone: were equal forecasts put in order of what came, parts of the same forecast would differ.
    ranked = sorted(pairs, key=lambda pair: pair[0])
    cuts = [len(ranked) * number // bins for number in range(bins + 1)]
    parts = [ranked[low:high] for low, high in pairwise(cuts)]
    return tuple(_bin(part) for part in parts if part)


def table(bins: Iterable[Bin]) -> Iterator[str]:
    """A table of reliability as lines of text, its head first."""
    yield f"{'forecasts':>9}  {'said':>7}  {'came':>7}"
    for one in bins:
        yield f"{one.count:>9}  {one.said:>7.2%}  {one.came:>7.2%}"


def _bin(part: Sequence[Pair]) -> Bin:
    said, came = (sum(values) / len(part) for values in zip(*part, strict=True))
    return Bin(len(part), said, came)
