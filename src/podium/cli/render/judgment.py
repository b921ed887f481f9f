"""How a checker's judgment looks: its word and why, what it found, how its tests went."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from podium.base.text import tail
from podium.cli.screen import block, columns, line, word, wrapped
from podium.project.views.judgment import JudgmentView, RemarkView, TrialView

_GRAVE = frozenset({"blocker", "major"})
_TAIL_LINES = 15


def judgment(view: JudgmentView | None, *, with_output: bool) -> Iterator[RenderableType]:
    """Nothing, where nobody checked."""
    if view is None:
        return
    yield Text.assemble(
        ("checker ", "bold"),
        line(view.by, "bold"),
        "  ",
        word(view.verdict),
        "  ",
        line(view.because, limit=1000),
    )
    rows = [_finding(found) for found in view.findings] + [_test(test) for test in view.tests]
    if rows:
        yield Padding(columns(rows, give_way=(2,)), (0, 0, 0, 2), expand=False)
    for test in view.tests:
        if with_output and test.verdict != "passed" and test.output.strip():
            yield Padding(block(tail(test.output, lines=_TAIL_LINES)), (0, 0, 0, 4), expand=False)


def _finding(found: RemarkView) -> list[RenderableType]:
    place = f"{found.path}:{found.line}" if found.path and found.line else found.path
    return [
        Text(found.severity, "red" if found.severity in _GRAVE else "dim"),
        line(place),
        wrapped(found.message),
    ]


def _test(test: TrialView) -> list[RenderableType]:
    return [word(test.verdict), line(test.path), wrapped(f"{test.name}: {test.because}; {test.meaning}")]
