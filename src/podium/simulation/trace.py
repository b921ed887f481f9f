"""A trace: changes as they come to a merge queue, with the truth about each; as JSON Lines, one change per line.

The truth (`good`, `breaks_with`, `flaky`) is for the one who runs the simulation. No policy sees it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podium.base.errors import UsageError


@dataclass(frozen=True, slots=True)
class Arrival:
    """One change. Times are seconds; `keys` name the targets it can affect.

    `good` says that it passes by itself. With those it `breaks_with` it fails, unless one was made in view of the other:
    it is in the other's base, which is the target branch as it stood `base_age_s` before the other arrived.
    `flaky` is the chance that a gate of it fails for no reason. `stale` says that what it proved in isolation holds no longer
    when it arrives, as the target branch was moved by others than those of this trace; a change that is not good always is.
    """

    id: int
    arrives_s: float
    base_age_s: float
    keys: frozenset[int]
    duration_s: float
    good: bool = True
    breaks_with: frozenset[int] = frozenset()
    flaky: float = 0.0
    stale: bool = False
    priority: int = 0
    after: tuple[int, ...] = field(default=())
    """Those it may only land after; it leaves with them."""


Trace = Sequence[Arrival]
HINT = "see docs/queue.md, Traces"


def read(path: Path) -> list[Arrival]:
    """The changes of a file, in order of arrival.

    Raises:
        UsageError: the file cannot be read, or a line of it is no change.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path}: {error}", hint="a trace is a file of JSON Lines") from error
    found = [_arrival(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    known: set[int] = set()
    for one in found:
        if one.id in known:
            raise UsageError(f"{path}: there are two changes {one.id}", hint=HINT)
        known.add(one.id)
    strangers = sorted({other for one in found for other in one.after} - known)
    if strangers:
        raise UsageError(f"{path}: a change comes after {strangers[0]}, which is not there", hint=HINT)
    return sorted(found, key=lambda one: (one.arrives_s, one.id))


def lines(trace: Iterable[Arrival]) -> Iterator[str]:
    """A trace as JSON Lines, without line ends."""
    for one in trace:
        body: dict[str, Any] = {
            "id": one.id, "arrives_s": one.arrives_s, "base_age_s": one.base_age_s, "keys": sorted(one.keys),
            "duration_s": one.duration_s, "good": one.good, "breaks_with": sorted(one.breaks_with), "flaky": one.flaky,
        }  # fmt: skip
        extra = {"stale": one.stale, "priority": one.priority, "after": list(one.after)}
        yield json.dumps(body | {name: value for name, value in extra.items() if value})


def _arrival(line: str, where: str) -> Arrival:
    try:
        body: Mapping[str, Any] = json.loads(line, parse_constant=_refuse)
        found = _read(body)
        _demand(bool(found.keys), "it touches nothing: keys is empty")
        _demand(
            found.duration_s > 0 and found.base_age_s >= 0, "a duration must be more than 0, an age not less"
        )
        _demand(0 <= found.flaky <= 1, "flaky is a probability: 0 to 1")
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise UsageError(f"{where}: this is no change: {error}", hint=HINT) from error
    return found


def _read(body: Mapping[str, Any]) -> Arrival:
    good = body.get("good", True)
    keys, breaks = body["keys"], body.get("breaks_with", ())
    _demand(isinstance(good, bool), "good is true or false")
    _demand(isinstance(keys, list), "keys is a list of numbers")
    return Arrival(
        int(body["id"]), float(body["arrives_s"]), float(body.get("base_age_s", 0.0)),
        frozenset(int(key) for key in keys), float(body["duration_s"]), good,
        frozenset(int(other) for other in breaks), float(body.get("flaky", 0.0)),
        bool(body.get("stale", not good)) or not good, int(body.get("priority", 0)), tuple(int(one) for one in body.get("after", ())),
    )  # fmt: skip


def _demand(fine: bool, what: str) -> None:  # noqa: FBT001 - an assertion with words
    if not fine:
        raise ValueError(what)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")
