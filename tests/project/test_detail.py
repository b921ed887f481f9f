"""Everything about one thing, as `podium show` says it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from deskwork import Desk, at_desk

from podium.base.errors import UsageError


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_desk(tmp_path) as desk:
        yield desk


def test_a_task_is_shown_with_attempts_changes_evidence_and_reasons(desk: Desk) -> None:
    change = desk.to_review()
    for name in ("1", "spec/1", "spec/1@1"):
        found = desk.project.detail(name)
        assert (found.id, found.state, found.paths, found.acceptance) == (
            "spec/1",
            "review",
            ("calc.py",),
            ("true",),
        )
    [attempt] = found.attempts
    assert (attempt.agent, attempt.end, attempt.output) == ("sed", "produced", "done\n")
    [view] = found.changes
    assert (view.id, view.added, view.deleted, view.gates[0].verdict) == (change, 1, 1, "passed")
    assert "+    return a + b" in view.diff
    assert view.risk is not None
    assert {decision.act for decision in found.decisions} >= {"attempt", "gate", "ask"}
    assert all(decision.because for decision in found.decisions)


def test_a_task_nobody_began_is_shown_too(desk: Desk) -> None:
    found = desk.project.detail("2")
    assert (found.state, found.after, found.attempts) == ("waiting", ("spec/1",), ())


def test_a_name_nobody_has_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no task or change is called 7"):
        desk.project.detail("7")
