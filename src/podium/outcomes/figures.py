"""Figures that say how much they rest on: shares and quantiles with their n, sums that know what they lack. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval (Wilson 1927), or None without any observation."""
        if not self.n:
            return None
        share, z2 = self.hits / self.n, _Z95**2
        middle = (share + z2 / (2 * self.n)) / (1 + z2 / self.n)
        half = _Z95 / (1 + z2 / self.n) * math.sqrt(share * (1 - share) / self.n + z2 / (4 * self.n**2))
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The median and the 85th percentile of `n` observations, each one that was really observed; None without any."""

    p50: float | None
    p85: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of what is known: `known` of `n` parts. `total` is None while any part is unknown."""

    of_known: float
    known: int
    n: int

    @property
    def total(self) -> float | None:
        return self.of_known if self.known == self.n else None

    def per(self, count: int) -> float | None:
        """The total shared among `count`, or None where either is unknown or nothing."""
        return self.total / count if self.total is not None and count else None


def quantiles(values: Iterable[float]) -> Quantiles:
    """Nearest rank: the smallest observation that at least 50 (85) % do not exceed."""
    found = sorted(values)
    return Quantiles(_rank(found, 50), _rank(found, 85), len(found))


def total(values: Iterable[float | None]) -> Sum:
    listed = list(values)
    known = [value for value in listed if value is not None]
    return Sum(math.fsum(known), len(known), len(listed))


def _rank(ordered: Sequence[float], percent: int) -> float | None:
    return ordered[-(-percent * len(ordered) // 100) - 1] if ordered else None
