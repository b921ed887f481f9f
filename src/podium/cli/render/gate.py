"""How a gate looks: each check with its verdict, how long it took, why; then the verdict of all."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from podium.base.text import tail
from podium.cli.amounts import duration
from podium.cli.screen import block, columns, line, word, wrapped
from podium.project.views import CheckView, GateView

_TAIL_LINES = 25


def gate(view: GateView, *, with_output: bool) -> Iterator[RenderableType]:
    """The checks, the last lines of those that did not pass (if wanted), the verdict."""
    if view.checks:
        yield columns([_row(check) for check in view.checks], give_way=(3,))
    if with_output:
        for check in view.checks:
            yield from _output(check)
    yield verdict(view)


def verdict(view: GateView) -> Text:
    how = " (evidence reused)" if view.reused else f" in {duration(view.duration_s)}"
    what = f"  {view.commit[:10]}" if view.commit else ""
    return Text.assemble(word(view.verdict), (what + how, "dim"), "  ", line(view.because))


def _row(check: CheckView) -> list[RenderableType]:
    return [
        word(check.verdict),
        line(check.check),
        Text(duration(check.duration_s), "dim"),
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
