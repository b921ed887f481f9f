"""How the list of what waits for a person's judgment looks, riskiest first."""

import shlex
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from podium.base.text import count
from podium.cli.amounts import since
from podium.cli.render.judgment import judgment
from podium.cli.screen import line, wrapped
from podium.model.review import Answer
from podium.project.views.review import ReviewItem

SAID = {Answer.APPROVE: "approved", Answer.RETURN: "returned to its maker", Answer.REJECT: "rejected"}
_RISKY, _SOME = 60, 30


def reviews(items: Sequence[ReviewItem], *, now: float) -> Iterator[RenderableType]:
    if not items:
        yield Text("nothing waits for a person's judgment", "green")
        return
    yield Text(
        f"{count(len(items), 'change')} {'waits' if len(items) == 1 else 'wait'} for a person, riskiest first",
        "bold",
    )
    for item in items:
        yield Text()
        yield from review(item, now=now)
    first = shlex.quote(items[0].change)
    yield Text()
    yield line(f"podium show {first} --diff", "dim")
    yield line(
        f"podium review approve {first} · return {first} --reason … · reject {first} --reason …",
        "dim",
        limit=1000,
    )


def review(item: ReviewItem, *, now: float) -> Iterator[RenderableType]:
    """One change: its risk with the reasons, why a person is asked, what the gate said."""
    risk = Text(
        f"risk {item.risk:>3}",
        "bold red" if item.risk >= _RISKY else "yellow" if item.risk >= _SOME else "green",
    )
    size = f"  {count(len(item.files), 'file')} +{item.added} -{item.deleted}, waits {since(item.since, now)}"
    yield Text.assemble(risk, "  ", line(item.change, "bold"), "  ", line(item.title), (size, "dim"))
    unsaid = [reason for reason in item.reasons if reason not in item.because]
    rows = (
        ("asked", item.because),
        ("reasons", "; ".join(unsaid)),
        ("gate", item.verdict),
        ("files", ", ".join(item.files)),
    )
    for name, text in rows:
        if text:
            yield Padding(Text.assemble((f"{name:<8}", "dim"), wrapped(text)), (0, 0, 0, 10), expand=False)
    for part in judgment(item.judgment, with_output=False):
        yield Padding(part, (0, 0, 0, 10), expand=False)
