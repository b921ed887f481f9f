"""How evidence looks: criteria with what proves them, the gate run, how to repeat it; and what holds of a signed statement."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from podium.cli.render.gate import gate, where_time_went
from podium.cli.screen import columns, indented, line, word, wrapped
from podium.project.views.evidence import EvidenceView, VerificationView

_HOLDS = {"yes": "green", "no": "bold red", "not checked": "yellow"}


def evidence(view: EvidenceView) -> Iterator[RenderableType]:
    signed = ("signed", "green") if view.signed else ("not signed", "yellow")
    yield Text.assemble(line(view.id, "bold"), "  ", signed)
    if view.criteria:
        yield Text("criteria", "bold")
        yield columns(
            [[word(one.standing), line(one.name), line(", ".join(one.by), "dim"), wrapped(one.because)] for one in view.criteria],
            give_way=(3,),
        )  # fmt: skip
    yield Text("checks", "bold")
    yield from gate(view.gate, with_output=False)
    yield from (indented(strength) for strength in view.strength)
    yield from where_time_went(view.gate)
    yield Text("the same again", "bold")
    yield from (indented(command, "dim") for command in view.repeat)


def verification(view: VerificationView) -> Iterator[RenderableType]:
    yield columns(
        [[Text(point.holds, _HOLDS[point.holds]), line(point.what), wrapped(point.because)] for point in view.points],
        give_way=(2,),
    )  # fmt: skip
    word_, style = ("it holds", "green") if view.ok else ("it does not hold", "bold red")
    if not view.ok and not any(point.holds == "no" for point in view.points):
        word_, style = "nothing shows that it holds", "yellow"
    yield Text.assemble((word_, style), "  ", line(view.evidence, "dim"))
