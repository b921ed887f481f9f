"""How `podium show` looks: what is wanted, what was tried, what the gate found, what was decided and why."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from podium.base.text import clean, count
from podium.cli.amounts import duration, money, since
from podium.cli.render.diff import diff
from podium.cli.render.gate import gate
from podium.cli.render.judgment import judgment
from podium.cli.screen import columns, heading, line, word, wrapped
from podium.project.views.detail import AttemptView, ChangeView, DecisionView, Detail


def detail(
    view: Detail, *, now: float, with_diff: bool, with_brief: bool = False
) -> Iterator[RenderableType]:
    yield Text.assemble(line(view.id, "bold"), "  ", line(view.title))
    yield Text.assemble(word(view.state), "  ", line(view.because, limit=1000))
    yield from _wanted(view)
    for attempt in view.attempts:
        yield from _attempt(attempt, now)
        if with_brief and attempt.brief:
            yield Padding(Text(clean(attempt.brief)), (1, 0, 0, 4))
    for change in view.changes:
        yield from _change(change, with_diff=with_diff)
    yield from _decisions(view.decisions, now)


def _wanted(view: Detail) -> Iterator[RenderableType]:
    facts = (
        ("spec", view.spec), ("kind", view.kind), ("paths", " ".join(view.paths)), ("after", ", ".join(view.after)),
        ("agent", view.agent), *(("accept", accept) for accept in view.acceptance), ("notes", view.notes),
    )  # fmt: skip
    rows: list[list[RenderableType]] = [[Text(name, "dim"), wrapped(value)] for name, value in facts if value]
    if rows:
        yield columns(rows)


def _attempt(attempt: AttemptView, now: float) -> Iterator[RenderableType]:
    yield Text()
    title = Text.assemble(
        (f"attempt {attempt.number}", "bold"),
        " by ",
        line(attempt.agent),
        ("  " + since(attempt.started, now), "dim"),
    )
    yield title.append(" ago", "dim")
    facts = [f"because {attempt.because}"]
    if attempt.end:
        cost = f", {money(attempt.cost_usd)}" if attempt.cost_usd is not None else ""
        code = f", exit {attempt.exit_code}" if attempt.exit_code is not None else ""
        sandbox = f", sandbox {attempt.sandbox}" if attempt.sandbox else ""
        facts.append(
            f"{attempt.end}: {attempt.end_because} ({duration(attempt.duration_s)}{code}{sandbox}{cost})"
        )
    for fact in facts:
        yield Padding(wrapped(fact), (0, 0, 0, 2), expand=False)


def _change(change: ChangeView, *, with_diff: bool) -> Iterator[RenderableType]:
    yield Text()
    yield Text.assemble(
        ("change ", "bold"),
        line(change.id, "bold"),
        "  ",
        word(change.state),
        "  ",
        line(change.because, limit=1000),
    )
    rows: list[list[RenderableType]] = [
        [Text("commit", "dim"), Text(f"{change.head[:10]} on {change.base[:10]}")],
        [
            Text("files", "dim"),
            line(
                f"{count(len(change.files), 'file')}, +{change.added} -{change.deleted}: {', '.join(change.files)}"
            ),
        ],
    ]
    if change.risk is not None:
        rows.append(
            [
                Text("risk", "dim"),
                wrapped(f"{change.risk}: {'; '.join(change.risk_reasons) or 'nothing stands out'}"),
            ]
        )
    if change.landed_as:
        rows.append([Text("landed", "dim"), Text(change.landed_as[:10])])
    yield columns(rows)
    for found in change.gates:
        yield Text("  gate", "bold")
        for part in gate(found, with_output=found.verdict != "passed"):
            yield Padding(part, (0, 0, 0, 2), expand=False)
    for part in judgment(change.judgment, with_output=True):
        yield Padding(part, (0, 0, 0, 2), expand=False)
    if with_diff:
        yield Text()
        yield diff(change.diff)


def _decisions(decisions: tuple[DecisionView, ...], now: float) -> Iterator[RenderableType]:
    if not decisions:
        return
    yield Text()
    yield heading("decisions")
    rows: list[list[RenderableType]] = [
        [line(one.act), line(one.subject, "dim"), Text(since(one.at, now), "dim"), wrapped(one.because)]
        for one in decisions
    ]
    yield columns(rows)
