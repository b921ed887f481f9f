"""How a plan looks: the groups that may run side by side, in order, and the faults of the spec."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from podium.base.text import count
from podium.cli.screen import columns, heading, line
from podium.project.views.plan import FaultView, PlannedTask, PlanView


def plan(view: PlanView) -> Iterator[RenderableType]:
    named = {task.id: task for task in view.tasks}
    yield Text.assemble(line(view.title or view.path, "bold"), ("  " + _size(view), "dim"))
    for number, level in enumerate(view.levels, start=1):
        yield Text()
        yield heading(f"step {number}" + (f", {len(level)} side by side" if len(level) > 1 else ""))
        yield columns([_row(named[name]) for name in level if name in named], give_way=(1, 2, 3))
    if len(view.critical_path) > 1:
        yield Text()
        yield Text.assemble(("longest chain  ", "bold"), line(" → ".join(view.critical_path)))


def faults(path: str | Path, found: Iterable[FaultView]) -> Iterator[RenderableType]:
    """`path:line:column: message (suggestion)`, as editors understand it."""
    for fault in found:
        suggestion = f" ({fault.suggestion})" if fault.suggestion else ""
        mark = "" if fault.is_error else "warning: "
        place = f"{path}:{fault.line}:{fault.column}:"
        yield Text.assemble(
            line(place), " ", (mark, "yellow"), line(f"{fault.message}{suggestion}", limit=1000)
        )


def _size(view: PlanView) -> str:
    done = sum(1 for task in view.tasks if task.done)
    parts = [count(len(view.requirements), "requirement"), count(len(view.tasks), "task")]
    return " · ".join([*parts, f"{done} done already"] if done else parts)


def _row(task: PlannedTask) -> list[RenderableType]:
    proof = (
        "done already" if task.done else f"{task.acceptance} accept" if task.acceptance else "no acceptance"
    )
    after = f"after {', '.join(task.after)}" if task.after else ""
    facts = " · ".join(part for part in (task.kind, task.agent, proof, after) if part)
    return [line(task.id), line(task.title), line(facts, "dim"), line(" ".join(task.paths), "dim")]
