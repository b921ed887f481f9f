"""How a self-test of the gate looks: a line for each planted change as it is known, and what they come to."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from podium.cli.amounts import duration
from podium.cli.screen import line
from podium.project.selftest import SelfTestView, SpecimenView


def specimen(view: SpecimenView) -> Text:
    """One planted change: what became of it, by which check, in how long."""
    style = "green" if view.is_right else "bold red"
    by = Text.assemble("  by ", line(view.refused_by)) if view.refused_by else Text()
    why = Text() if view.is_right else Text.assemble("  ", line(view.because or view.does, "yellow"))
    took = f"  {duration(view.took_s)}"
    return Text.assemble((f"  {view.standing:<12}", style), line(view.id), (took, "dim"), by, why)


def selftest(view: SelfTestView) -> Iterator[RenderableType]:
    for note in view.notes:
        yield line(note, "dim")
    if view.without:
        yield line(f"without {', '.join(view.without)}", "yellow")
    if view.left_out:
        yield line(f"no place for them here: {', '.join(view.left_out)}", "dim", limit=2000)
    wrong = sum(not one.is_right for one in view.specimens)
    counts = ", ".join(f"{number} {standing}" for standing, number in sorted(view.counts.items()))
    word, style = ("every cheat refused, every honest change passed", "green") if view.ok else (
        f"{wrong} of {len(view.specimens)} came out wrong", "bold red",
    )  # fmt: skip
    yield Text.assemble(
        (word, style), "  ", line(counts or "nothing tried"), (f" in {duration(view.took_s)}", "dim")
    )
