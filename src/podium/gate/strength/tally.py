"""What the trials came to, in figures and in words. Pure.

What is read here was written where the tree's own code runs: advice, which who wants to can forge, and never a verdict.
A mutant that no test can see (an equivalent one) survives by right, so one survivor of many at a place is not worth a word.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podium.base.files import read_untrusted
from podium.base.text import clean_line, count
from podium.gate.strength.coverage import Cover
from podium.gate.strength.plan import Plan, Suite, Trial

LIMIT_BYTES = 4 * 1024 * 1024
ENDS = ("killed", "survived", "timeout")

_NAMED = 3
_MOST_ADVICE = 5
_MOST_LISTED = 100
_LONGEST_LINE = 120


@dataclass(frozen=True, slots=True)
class Outcome:
    """How trials ended, and how each command did without a mutant; both by their numbers in the plan."""

    ends: Mapping[int, str] = field(default_factory=dict)
    commands: Mapping[int, Sequence[str]] = field(default_factory=dict)


def read_outcome(path: Path) -> Outcome:
    """What `session.py` wrote, as far as it can be read."""
    try:
        text = read_untrusted(path, limit_bytes=LIMIT_BYTES).decode(errors="replace")
    except OSError:
        text = ""
    ends: dict[int, str] = {}
    commands: dict[int, list[str]] = defaultdict(list)
    for line in text.splitlines():
        match _read(line):
            case {"mutant": int(number), "end": str(end)} if end in ENDS:
                ends[number] = end
            case {"command": int(number), "end": str(end)}:
                commands[number].append(end)
    return Outcome(ends, commands)


def believable(plan: Plan, outcome: Outcome) -> dict[Trial, str]:
    """How the trials ended whose tests passed without a mutant before and after."""
    suites = plan.suites
    sound = {suites[number] for number, seen in outcome.commands.items() if _is_sound(seen, number, suites)}
    return {
        trial: outcome.ends[number]
        for number, trial in enumerate(plan.trials)
        if number in outcome.ends and trial.suite in sound
    }


def doubt(plan: Plan, outcome: Outcome) -> str:
    """Why less is known than was tried, or empty where all was tried or there was no time for more."""
    seen = [end for ends in outcome.commands.values() for end in ends]
    if "red" in seen:
        return "some tests that pass in the whole run failed without a mutant, alone or after one"
    if plan.trials and not believable(plan, outcome):
        return "the time was too short for one mutant" if seen else "no mutant could be tried"
    return ""


def coverage_details(covers: Sequence[Cover]) -> dict[str, Any]:
    changed = sum(len(each.tests) for each in covers)
    missed = sum(len(each.missed) for each in covers)
    listed = {clean_line(each.path): list(each.missed[:_MOST_LISTED]) for each in covers if each.missed}
    return {"changed": changed, "run": changed - missed, "missed": listed}


def mutant_details(plan: Plan, ends: Mapping[Trial, str]) -> dict[str, Any]:
    survivors = [trial for trial, end in ends.items() if end == "survived"]
    places = sorted({_where(trial) for trial in ends})
    numbers = {end: sum(each == end for each in ends.values()) for end in ENDS}
    return {
        "tried": len(ends), "killed": numbers["killed"], "survived": numbers["survived"], "timed_out": numbers["timeout"],
        "total": len(plan.trials), "uncovered": plan.uncovered,
        "survivors": [_survivor(trial) for trial in sorted(survivors, key=_position)[:_MOST_LISTED]],
        "places": [_place(place, ends) for place in places],
    }  # fmt: skip


def advice(details: Mapping[str, Any]) -> tuple[str, ...]:
    """What speaks for a closer look: changed lines that no test runs, places where at least half of the mutants survive."""
    return tuple(_advice(details))


def summary(details: Mapping[str, Any]) -> str:
    """The strength of the tests of a change, in one line; of the details of a result of this check.

    >>> mutants = {"tried": 4, "killed": 1, "survived": 3, "timed_out": 0, "total": 4, "uncovered": 0, "survivors": []}
    >>> summary({"coverage": {"changed": 9, "run": 9, "missed": {}}, "mutants": mutants})
    '9 of 9 changed lines are run by a test; 3 of 4 mutants survive'
    """
    parts = [*_coverage_words(details.get("coverage")), *_mutant_words(details.get("mutants"))]
    return "; ".join(parts) or "not measured"


def _advice(details: Mapping[str, Any]) -> Iterator[str]:
    found = details.get("coverage")
    if found and found["run"] < found["changed"]:
        missed, changed = found["changed"] - found["run"], found["changed"]
        verb = "is" if missed == 1 else "are"
        yield f"{missed} of {count(changed, 'changed line')} {verb} never run by a test"
    places = details.get("mutants", {}).get("places", [])
    weak = [each for each in places if each["survived"] and each["survived"] * 2 >= each["tried"]]
    for each in sorted(weak, key=lambda each: -int(each["survived"]))[:_MOST_ADVICE]:
        yield _survive(each["survived"], each["tried"], where=f" of {_lines(each)}")
    if len(weak) > _MOST_ADVICE:
        yield f"as weak at {count(len(weak) - _MOST_ADVICE, 'more place')}"


def _coverage_words(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found and found["changed"]:
        yield f"{found['run']} of {count(found['changed'], 'changed line')} are run by a test"


def _mutant_words(found: Mapping[str, Any] | None) -> Iterator[str]:
    if not found or not found["total"]:
        return
    tried, total = found["tried"], found["total"]
    if tried < total:
        yield f"{tried} of {count(total, 'mutant')} tried"
    if tried:
        named = ", ".join(_named(each) for each in found["survivors"][:_NAMED])
        more = f" and {found['survived'] - _NAMED} more" if found["survived"] > _NAMED else ""
        yield _survive(found["survived"], tried) + (f": {named}{more}" if named else "")


def _survive(survived: int, tried: int, *, where: str = "") -> str:
    verb = "survives" if survived == 1 else "survive"
    return f"{survived} of {count(tried, 'mutant')}{where} {verb}"


def _named(survivor: Mapping[str, Any]) -> str:
    return f"{survivor['path']}:{survivor['line']} ({survivor['operator']})"


def _lines(place: Mapping[str, Any]) -> str:
    first, last = place["first"], place["last"]
    return f"{place['path']}:{first}" + (f"-{last}" if last > first else "")


def _where(trial: Trial) -> tuple[str, int, int]:
    return trial.mutant.path, trial.place.start, trial.place.stop - 1


def _position(trial: Trial) -> tuple[str, int]:
    return trial.mutant.path, trial.mutant.line


def _place(where: tuple[str, int, int], ends: Mapping[Trial, str]) -> dict[str, Any]:
    path, first, last = where
    here = [end for trial, end in ends.items() if _where(trial) == where]
    return {
        "path": clean_line(path), "first": first, "last": last, "tried": len(here), "survived": here.count("survived"),
    }  # fmt: skip


def _survivor(trial: Trial) -> dict[str, Any]:
    mutant = trial.mutant
    return {
        "path": clean_line(mutant.path), "line": mutant.line, "operator": mutant.operator,
        "before": clean_line(mutant.before, limit=_LONGEST_LINE), "after": clean_line(mutant.after, limit=_LONGEST_LINE),
    }  # fmt: skip


def _is_sound(seen: Sequence[str], number: int, suites: Sequence[Suite]) -> bool:
    """Whether the tests of a command passed without a mutant, before the first and after the last."""
    return number in range(len(suites)) and len(seen) > 1 and set(seen) == {"green"}


def _read(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
