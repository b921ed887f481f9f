"""How `podium agents` looks: a line for each agent, and one for each step of a proof."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from podium.cli.amounts import money
from podium.cli.screen import columns, indented, line, word, wrapped
from podium.project.views.agent import AgentView, StepView


def listing(views: Sequence[AgentView]) -> Iterator[RenderableType]:
    rows: list[list[RenderableType]] = [_row(view) for view in views]
    yield columns(rows) if rows else Text("no agent is configured, and Podium knows none")
    yield Text()
    yield Text("podium agents test NAME proves one on a small real task", "dim")


def _row(view: AgentView) -> list[RenderableType]:
    name = line(
        f"{view.name} (default)" if view.default else view.name, "bold" if not view.missing else "dim"
    )
    state = word("ok") if not view.missing else Text("missing", "yellow")
    what = " ".join(part for part in (view.protocol or view.kind, view.version, view.model) if part)
    fate = f"{view.landed} landed in {view.attempts} attempts" if view.attempts else "not tried yet"
    about = view.missing or f"{fate}; {_bounds(view)}; {view.sandbox}, reaches {view.reaches}"
    return [name, state, line(what), wrapped(about)]


def _bounds(view: AgentView) -> str:
    bounds = [f"{view.minutes:g} min"]
    bounds += [f"{view.tokens:,} tokens"] if view.tokens else []
    bounds += [money(view.cost_usd)] if view.cost_usd else []
    return " or ".join(bounds)


def step(view: StepView) -> Iterator[RenderableType]:
    yield Text.assemble(
        word("ok" if view.passed else "failed"), f"  {view.step:<16} ", line(view.because, limit=1000)
    )
    if view.hint and not view.passed:
        yield indented(view.hint, "yellow")
