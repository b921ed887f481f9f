"""Durations and numbers as people read them."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(seconds: float | None) -> str:
    """A length of time in at most seven characters.

    >>> duration(0.42), duration(12.34), duration(125), duration(4320), duration(180000)
    ('0.4s', '12.3s', '2m05s', '1h12m', '2d02h')
    """
    if seconds is None:
        return "-"
    seconds = max(0.0, seconds)
    if seconds < _MINUTE - 0.05:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE}m{whole % _MINUTE:02}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02}m"
    return f"{whole // _DAY}d{whole % _DAY // _HOUR:02}h"


def since(moment: float, now: float) -> str:
    """How long ago, or nothing where that is not known."""
    return duration(now - moment) if moment else ""


def money(usd: float | None) -> str:
    return "unknown" if usd is None else f"${usd:,.2f}"


def share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0%}"
