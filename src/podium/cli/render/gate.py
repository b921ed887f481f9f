"""How a gate looks: each check with its verdict, how long it took, why; then the verdict of all."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from podium.base.text import tail
from podium.cli.amounts import duration
from podium.cli.screen import block, columns, line, word, wrapped
from podium.project.views.gate import CheckView, GateView

_TAIL_LINES = 25
_TOLD_S = 0.05


def gate(view: GateView, *, with_output: bool) -> Iterator[RenderableType]:
    """The checks, the last lines of those that did not pass (if wanted), the verdict."""
    for note in view.notes:
        yield line(note, "dim")
    if view.checks:
        yield columns([_row(check) for check in view.checks], give_way=(3,))
    for check in view.checks:
        yield from (line(f"  {check.check}: {advice}", "yellow") for advice in check.advice)
        if with_output:
            yield from _output(check)
    yield verdict(view)


def where_time_went(view: GateView) -> Iterator[RenderableType]:
    """Each second of the checks that took any, by what it was spent on."""
    spent = [
        (check.check, part, seconds)
        for check in view.checks
        for part, seconds in check.details.get("seconds", {}).items()
    ]
    told = [(name, part, seconds) for name, part, seconds in spent if seconds >= _TOLD_S]
    if told:
        yield Text("where the time went", "bold")
        yield columns(
            [[line(duration(seconds)), line(name), line(part, "dim")] for name, part, seconds in told]
        )


def verdict(view: GateView) -> Text:
    how = " (evidence reused)" if view.reused else f" in {duration(view.took_s or view.duration_s)}"
    how += f", grade {view.grade}" if view.grade else ""
    what = f"  {view.commit[:10]}" if view.commit else ""
    return Text.assemble(word(view.verdict), (what + how, "dim"), "  ", line(view.because))


def _row(check: CheckView) -> list[RenderableType]:
    return [
        word(check.verdict),
        line(check.check),
        Text(duration(check.took_s or check.duration_s), "dim"),
        wrapped(check.because),
    ]


def _output(check: CheckView) -> Iterator[RenderableType]:
    text = tail(check.output, lines=_TAIL_LINES)
    if check.verdict == "passed" or not text.strip():
        return
    yield Text()
    yield Text.assemble(line(check.check, "bold"), ("  $ ", "dim"), line(check.command, "dim"))
    yield block("\n".join(f"  {one}" for one in text.splitlines()))
    yield Text()
