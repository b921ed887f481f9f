"""What no queue can exceed: the gate runs that its slots can do."""

_HOUR_S = 3600.0


def capacity_per_hour(slots: int, gate_s: float, runs_per_change: float = 1.0) -> float:
    """How many changes can be decided in an hour: lambda_max = W * 3600 / (D * g).

    `gate_s` is the mean duration D of a run in seconds, `runs_per_change` is g. With g = 1, the least of every queue that gates each
    change by itself, it bounds all of those; a queue that packs or reuses evidence has a g under one.

    >>> capacity_per_hour(8, 600.0)
    48.0
    """
    return slots * _HOUR_S / (gate_s * runs_per_change)
