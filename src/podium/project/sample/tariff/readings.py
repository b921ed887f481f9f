"""Meter readings: one line each, when it was read and what the meter showed, as `2024-01-31T18:00,1234.5`."""

import csv
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Reading:
    at: datetime
    kwh: Decimal


def parse(text):
    """The readings of a file, oldest first."""
    rows = list(csv.reader(text.splitlines()))
    readings = [Reading(datetime.fromisoformat(at), Decimal(kwh)) for at, kwh in rows]
    return sorted(readings, key=lambda reading: reading.at)
