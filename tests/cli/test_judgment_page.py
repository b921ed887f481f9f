"""A checker's judgment on the screen: its word first, the gravest finding next, and nothing that harms a terminal."""

import io
from dataclasses import replace

from rich.console import Console

from podium.cli.render.judgment import judgment
from podium.cli.screen import show
from podium.model.checking import Judgment, Proposal, Remark, Severity, Trial, Word
from podium.model.ids import ChangeId
from podium.model.verdict import Verdict
from podium.project.judging import view

TRIAL = Trial(
    Proposal("it adds", "tests/add.sh", "exit 1\n", "sh tests/add.sh"), Verdict.FAILED, "exit code 1", Verdict.PASSED, "was \x1b[2J4"
)  # fmt: skip
FOUND = Judgment(
    ChangeId("s/1@1"), "codex", Word.SEND_BACK, "it is\x1b[31m wrong", 1.0,
    (Remark(Severity.NOTE, "a matter of taste"), Remark(Severity.BLOCKER, "it subtracts\x07", "calc.sh", 1)), (TRIAL,),
)  # fmt: skip


def page(found: Judgment | None, *, with_output: bool = True) -> list[str]:
    file = io.StringIO()
    parts = list(judgment(view(found), with_output=with_output))
    if parts:
        show(Console(file=file, width=200, highlight=False), *parts)
    return [line.strip() for line in file.getvalue().splitlines()]


def test_the_word_comes_first_then_findings_by_their_weight_then_tests() -> None:
    first, *rest = page(FOUND)
    assert first == "checker codex  send-back  it is wrong"
    assert [line.split()[0] for line in rest] == ["blocker", "note", "failed", "was"]
    assert "calc.sh:1" in rest[0]
    assert "it adds: exit code 1; it passes without the change: the change broke it" in rest[2]


def test_nothing_of_it_harms_a_terminal() -> None:
    text = "\n".join(page(FOUND))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_output_is_left_out_where_it_is_not_wanted_and_for_what_passed() -> None:
    assert "was" not in " ".join(page(FOUND, with_output=False))
    passed = replace(FOUND, tests=(replace(TRIAL, verdict=Verdict.PASSED),))
    assert "was" not in " ".join(page(passed))


def test_where_nobody_checked_there_is_nothing_to_show() -> None:
    assert page(None) == []
