"""How the policy looks: its rules, and the ruling on a change with what satisfies each requirement."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from podium.cli.amounts import duration
from podium.cli.screen import columns, heading, indented, line, word, wrapped
from podium.project.views.policy import PolicyView, QuarantineView, RequirementView, RuleView, RulingView

_STYLES = {"allow": "green", "require": "yellow", "forbid": "red"}


def policy(view: PolicyView, *, now: float) -> Iterator[RenderableType]:
    """The rules in order, CODEOWNERS with what is wrong with it, the quarantines."""
    yield Text.assemble(
        heading(f"review {view.review}, threshold {view.threshold}"), (f"  {view.digest[:12]}", "dim")
    )
    yield from _rules("Podium's own rules", [rule for rule in view.rules if rule.built_in])
    yield from _rules("rules of this project", [rule for rule in view.rules if not rule.built_in])
    if view.codeowners:
        yield Text()
        yield line(f"{view.codeowners}: {view.owned} lines", "bold")
        for name in view.unknown:
            yield indented(f'{name}: who that is must be said: [policy.people] "{name}" = ["mail"]', "yellow")
        for fault in view.faults:
            yield indented(fault, "yellow")
    yield from _quarantines(view.quarantines, now)


def ruling(view: RulingView) -> Iterator[RenderableType]:
    """Each requirement with who or what satisfies it, and the verdict of all."""
    state = "passed" if view.satisfied else "failed"
    yield Text.assemble(line(view.change, "bold"), ("  made by ", "dim"), line(", ".join(view.actors)))
    for refusal in view.refused:
        yield _pair("forbidden", "red", refusal.rule, refusal.because)
    for one in view.requires:
        yield from _requirement(one)
    for grant in view.grants:
        yield _pair("grant", "green", ", ".join(grant.paths), f"{grant.by}: {grant.reason}")
    if view.decided:
        yield _pair("decided", "dim", view.decided.act, view.decided.because)
    said = "satisfied" if view.satisfied else "not satisfied"
    yield Text.assemble(
        word(state), "  ", said, (f"  policy {view.policy[:12]}", "dim"), "  ", line(view.because, limit=1000)
    )


def _rules(title: str, rules: Sequence[RuleView]) -> Iterator[RenderableType]:
    if not rules:
        return
    yield Text()
    yield Text(title, "bold")
    yield columns([_row(rule) for rule in rules], give_way=(3,))


def _row(rule: RuleView) -> list[RenderableType]:
    about = [*rule.paths, *(f"by {actor}" for actor in rule.actors), *rule.requires]
    because = f" ({rule.because})" if rule.because else ""
    return [
        line(rule.effect, _STYLES.get(rule.effect, "")),
        line(rule.action),
        line(rule.name, "bold"),
        wrapped(f"{'; '.join(about)}{because}".strip()),
    ]


def _requirement(one: RequirementView) -> Iterator[RenderableType]:
    yield _pair("missing" if one.missing else "has", "red" if one.missing else "green", one.rule, one.what)
    text = f"{one.missing or one.satisfied_by}; because {one.because}"
    yield Padding(wrapped(text, "dim"), (0, 0, 0, 13), expand=False)


def _pair(name: str, style: str, subject: str, text: str) -> RenderableType:
    body = Text.assemble((f"{name:<11}", style), line(subject, "bold"), "  ", wrapped(text))
    return Padding(body, (0, 0, 0, 2), expand=False)


def _quarantines(quarantines: Sequence[QuarantineView], now: float) -> Iterator[RenderableType]:
    if quarantines:
        yield Text()
        yield Text("tests that decide nothing", "bold")
    for one in quarantines:
        left = duration(max(0.0, one.until - now))
        yield indented(f"{one.check}: {one.test}: for {left} more, by {one.by}: {one.reason}")
