"""Gherkin features: read into scenarios, each a list of steps of our own vocabulary. Pure.

`gherkin-official` parses; its compiler works out backgrounds and the rows of outlines. What a step does is written in
`steps.py`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gherkin.errors import CompositeParserException, ParserError
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from podium.base.text import clean_line
from podium.gate.acceptance.steps import Step, read_step

_MOST_SCENARIOS = 500


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario, or one row of an outline, ready to be tried. `number` tells the rows of an outline apart, from 1."""

    name: str
    number: int
    line: int
    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        return self.name if self.number == 1 else f"{self.name} #{self.number}"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What keeps a feature from being tried, and the line it stands in, from 1."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Feature:
    """What a file says. With any flaw it must not be tried."""

    scenarios: tuple[Scenario, ...]
    flaws: tuple[Flaw, ...] = ()


def read_feature(source: str, *, only: str = "") -> Feature:
    """The scenarios of a feature, or just the one called `only` with all its rows. Never raises, whatever the text is."""
    try:
        document: Any = {**Parser().parse(source), "uri": ""}
        pickles: Any = Compiler().compile(document)
    except CompositeParserException as error:
        return Feature((), tuple(_syntax(each) for each in error.errors[:5]))
    except (ParserError, RecursionError, KeyError, ValueError) as error:
        return Feature((), (Flaw(1, clean_line(str(error))),))
    if len(pickles) > _MOST_SCENARIOS:
        return Feature((), (Flaw(1, f"it has more than {_MOST_SCENARIOS} scenarios"),))
    return _chosen(pickles, dict(_nodes(document)), only=only)


def _syntax(error: Any) -> Flaw:
    place = getattr(error, "location", None) or {}
    return Flaw(int(place.get("line", 1)), clean_line(str(error)))


def _nodes(part: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every part of a document that has an id, by it."""
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _nodes(value)
    if isinstance(part, dict) and "id" in part:
        yield part["id"], part


def _chosen(pickles: Sequence[Any], nodes: Mapping[str, Mapping[str, Any]], *, only: str) -> Feature:
    scenarios: list[Scenario] = []
    flaws: list[Flaw] = []
    rows = Counter[str]()
    for pickle in pickles:
        name = _plain(nodes[pickle["astNodeIds"][0]]["name"])
        rows[name] += 1
        if not only or name.casefold() == _plain(only).casefold():
            scenario, found = _scenario(pickle, nodes, name=name, number=rows[name])
            scenarios.append(scenario)
            flaws += found
    if not scenarios:
        known = clean_line(", ".join(rows))
        flaws.append(
            Flaw(
                1,
                f"no scenario is called {clean_line(only)}; there is: {known}"
                if rows
                else "it has no scenario",
            )
        )
    return Feature(tuple(scenarios), tuple(dict.fromkeys(flaws)))


def _plain(name: str) -> str:
    return " ".join(name.split())


def _scenario(
    pickle: Any, nodes: Mapping[str, Mapping[str, Any]], *, name: str, number: int
) -> tuple[Scenario, list[Flaw]]:
    steps: list[Step] = []
    flaws: list[Flaw] = []
    for each in pickle["steps"]:
        line = int(nodes[each["astNodeIds"][0]]["location"]["line"])
        step = read_step(line, each["text"], _block(each))
        if isinstance(step, Step):
            steps.append(step)
        else:
            flaws.append(Flaw(line, f"{clean_line(each['text'], limit=80)}: {step}"))
    line = int(nodes[pickle["astNodeIds"][0]]["location"]["line"])
    scenario = Scenario(name or f"line {line}", number, line, tuple(steps))
    return scenario, flaws or [Flaw(line, why) for why in _lacking(scenario)]


def _block(step: Any) -> str | None:
    """The text below a step; of a table, its cells."""
    argument = step.get("argument", {})
    if "dataTable" in argument:
        return "\n".join(
            " | ".join(cell["value"] for cell in row["cells"]) for row in argument["dataTable"]["rows"]
        )
    return str(argument["docString"]["content"]) if "docString" in argument else None


def _lacking(scenario: Scenario) -> Iterator[str]:
    """What a scenario needs to prove anything: something is run, and after that something is expected."""
    runs = next((place for place, step in enumerate(scenario.steps) if step.runs), None)
    if runs is None:
        yield f"scenario {clean_line(scenario.name)} runs nothing"
    elif not any(step.expects for step in scenario.steps[runs:]):
        yield f"scenario {clean_line(scenario.name)} expects nothing of what it runs"
