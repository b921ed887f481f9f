"""Scenarios tried one after the other, each on the tree as it was exported."""

import time
from dataclasses import dataclass
from datetime import timedelta

from podium.base.text import clean_line
from podium.gate.acceptance.children import Children
from podium.gate.acceptance.features import Feature, Scenario
from podium.gate.acceptance.steps import Unclear, World
from podium.gate.checks.base import Context
from podium.model.evidence import Cases

TIME_LIMIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of the scenarios. `said` has a line for each that did not hold; `trouble` is a reason to judge none."""

    cases: Cases
    said: str
    calls: int
    doubts: tuple[str, ...]
    trouble: str = ""


def try_feature(context: Context, feature: Feature, *, time_limit: timedelta = TIME_LIMIT) -> Trial:
    """Try every scenario.

    Raises:
        OSError: this machine is in trouble.
        PodiumError: as above (the sandbox), or Podium is to stop.
    """
    children = Children(context, context.scratch / "child")
    until = time.monotonic() + time_limit.total_seconds()
    passed, said = list[str](), dict[str, str]()
    trouble = ""
    try:
        for scenario in feature.scenarios:
            because = _try(scenario, children, until)
            if because:
                said[scenario.id] = because
            else:
                passed.append(scenario.id)
    except Unclear as error:
        trouble = clean_line(str(error))
    finally:
        children.close()
    lines = "\n".join(f"{name}: {because}" for name, because in said.items())
    return Trial(Cases(tuple(passed), tuple(said)), lines, children.calls, tuple(children.doubts), trouble)


def _try(scenario: Scenario, children: Children, until: float) -> str:
    """Why the scenario does not hold, or nothing."""
    children.renew()
    world = World(children)
    for step in scenario.steps:
        if time.monotonic() > until:
            raise Unclear("the scenarios did not end in time")
        try:
            because = step.act(world)
        except Unclear as error:
            raise Unclear(f"line {step.line}, {step.text}: {error}") from error
        if because:
            return f"line {step.line}, {clean_line(step.text, limit=80)}: {because}"
    return ""
