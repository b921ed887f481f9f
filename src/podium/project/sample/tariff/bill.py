"""A bill: what was used between readings, by price band, and what it costs."""

from dataclasses import dataclass
from decimal import Decimal

from tariff.hours import DAY, NIGHT, band
from tariff.rates import price


@dataclass(frozen=True)
class Line:
    label: str
    euros: Decimal


@dataclass(frozen=True)
class Bill:
    lines: tuple

    @property
    def total(self):
        return sum((line.euros for line in self.lines), Decimal(0))


def make(readings):
    """The bill for everything between the first reading and the last."""
    used = {DAY: Decimal(0), NIGHT: Decimal(0)}
    for earlier, later in zip(readings, readings[1:]):
        used[band(earlier.at)] += later.kwh - earlier.kwh
    return Bill(tuple(_line(name, kwh) for name, kwh in used.items() if kwh))


def _line(name, kwh):
    return Line(f"{name}, {kwh} kWh", price(kwh, name))
