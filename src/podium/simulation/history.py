"""A workload from any git repository's own past: what its changes touched, and when they landed."""

from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path

from podium.base.errors import UsageError
from podium.git.positions import positions
from podium.git.repository import open_repository
from podium.simulation.trace import Arrival
from podium.simulation.workloads import Footprint, Impact, Workload, trace_from

_NEWEST = 5000
_DEPTH = 2


def from_history(
    repository: Path, workload: Workload, *, seed: int, revision: str = "HEAD", limit: int = _NEWEST
) -> list[Arrival]:
    """A workload whose changes touch what consecutive changes of a repository touched.

    A history shows only what landed. What failed alone, what broke what, what was given up, how old the bases were and how long
    the gates took is not in it: all that is drawn, as `workload` says. Its arrivals are those of the history where it says `real`,
    drawn together to `per_hour`; `workloads.pace` of `landings` keeps them as they were. A history that is too short gives
    fewer changes than asked for.

    Raises:
        UsageError: this is no repository, nothing is called `revision`, or no change of it touched a file.
    """
    return trace_from(
        landings(repository, workload.impact, revision=revision, limit=limit), workload, seed=seed
    )


def landings(
    repository: Path, impact: Impact, *, revision: str = "HEAD", limit: int = _NEWEST
) -> list[Footprint]:
    """The newest changes of a first-parent history, oldest first; those that touched no file are left out.

    A package is a folder no deeper than two levels; a file outside of any folder is one of its own. Times are the committers',
    seconds since the first; one that goes back is read as no later than its predecessor's.

    Raises:
        UsageError: this is no repository, nothing is called `revision`, or no change of it touched a file.
    """
    opened = open_repository(repository)
    found = positions(opened.plain, opened.resolve(revision), limit=limit)
    past = [one for one in reversed(found) if one.paths]
    if not past:
        raise UsageError(f"no change of {revision!r} touched a file", hint="name a branch with a history")
    numbers: dict[str, int] = {}
    times = accumulate((one.at_s for one in past), max)
    return [
        Footprint(at_s - past[0].at_s, _keys(one.paths, impact, numbers))
        for at_s, one in zip(times, past, strict=True)
    ]


def _keys(paths: Iterable[str], impact: Impact, numbers: dict[str, int]) -> frozenset[int]:
    """Names as numbers, in order of their first appearance."""
    names = paths if impact == "file" else (_package(path) for path in paths)
    return frozenset(numbers.setdefault(name, len(numbers)) for name in names)


def _package(path: str) -> str:
    *folders, name = path.split("/")
    return "/".join(folders[:_DEPTH]) or name
