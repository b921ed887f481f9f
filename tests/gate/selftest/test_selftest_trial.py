"""The trial of a gate: real repositories, real bubblewrap, real pytest, the gate's own registry."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import Repo
from podium.config.settings import CheckSettings, GateSettings, Settings
from podium.gate.gate import Surroundings
from podium.gate.selftest.copy import copied
from podium.gate.selftest.registry import SPECIMENS
from podium.gate.selftest.trial import Bed, Outcome, Standing, Trial, prepare
from podium.model.ids import Sha
from podium.model.verdict import Verdict
from podium.workspaces.sandboxes.registry import choose

PYTEST = CheckSettings(
    name="tests", run="python -m pytest -q --junitxml={report}", report="junit", plugins=()
)
PROJECT = {
    "shop/__init__.py": "",
    "shop/core.py": "def twice(n):\n    return 2 * n\n",
    "tests/test_core.py": "from shop.core import twice\n\n\ndef test_twice():\n    assert twice(2) == 4\n",
}


class Ground:
    """A trial over a small project."""

    def __init__(self, repo: Repo, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.repo, self.scratch = repo, scratch
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin")
        self.sandbox = choose("bubblewrap")

    def outcomes(
        self, base: Sha, only: Sequence[str], *, without: tuple[str, ...] = (), checks: tuple[CheckSettings, ...] = (PYTEST,),
    ) -> tuple[Bed, list[Outcome]]:  # fmt: skip
        settings = Settings(gate=GateSettings(check=checks, strength_minutes=0))
        with copied(self.repo.open(), self.scratch / "copy") as copy:
            around = Surroundings(copy, self.sandbox, self.scratch / "gates", secret=b"drawn by lot")
            trial = Trial(copy, settings, around, lambda: False, time.time(), without, jobs=2)
            bed = prepare(trial, base, token="ab12cd")
            chosen = [specimen for specimen in SPECIMENS if specimen.id in only]
            assert len(chosen) == len(only)
            return bed, list(bed.try_all(chosen))


@pytest.fixture
def ground(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    return Ground(repo, tmp_path / "trial", monkeypatch)


def test_a_cheat_is_refused_and_an_honest_change_passes(ground: Ground) -> None:
    base = ground.repo.commit(PROJECT)
    bed, found = ground.outcomes(base, ["202-add-a-feature", "06-hard-code", "66-delete-a-real-test"])
    assert [(one.specimen.id, one.standing) for one in found] == [
        ("202-add-a-feature", Standing.PASSED),
        ("06-hard-code", Standing.REFUSED),
        ("66-delete-a-real-test", Standing.REFUSED),
    ], [one.because for one in found]
    assert found[1].refused_by == "acceptance"
    assert bed.notes == ()
    assert all(one.took_s > 0 for one in found)
    assert list(ground.scratch.rglob("*")) in ([], [ground.scratch / "gates"]), "nothing is left behind"


def test_a_check_that_is_taken_out_lets_its_cheat_pass(ground: Ground) -> None:
    base = ground.repo.commit(PROJECT)
    with_it = ground.outcomes(base, ["83-leave-the-scope"])[1]
    without = ground.outcomes(base, ["83-leave-the-scope"], without=("scope",))[1]
    assert [(one.standing, one.refused_by) for one in with_it] == [(Standing.REFUSED, "scope")]
    assert [(one.standing, one.verdict) for one in without] == [(Standing.LANDED, Verdict.PASSED)]


def test_a_command_that_is_red_on_the_base_is_left_out_and_named(ground: Ground) -> None:
    base = ground.repo.commit(PROJECT)
    lint = CheckSettings(name="lint", run="false")
    bed, found = ground.outcomes(base, ["201-write-docs"], checks=(lint, PYTEST))
    assert [one.standing for one in found] == [Standing.PASSED]
    assert "lint is left out" in bed.notes[0]


def test_a_repository_without_code_is_tried_with_what_needs_none(ground: Ground) -> None:
    base = ground.repo.commit({"words.txt": "a\n"})
    check = CheckSettings(name="words", run="test -s words.txt")
    bed, found = ground.outcomes(
        base, ["201-write-docs", "01-delete-test", "81-edit-the-pipeline"], checks=(check,)
    )
    assert [(one.specimen.id, one.standing) for one in found] == [
        ("201-write-docs", Standing.PASSED),
        ("81-edit-the-pipeline", Standing.REFUSED),
    ]
    assert "no place for code and tests was found" in bed.notes[-1]


def test_a_language_whose_planted_tests_are_not_run_is_left_out(ground: Ground) -> None:
    base = ground.repo.commit(PROJECT)
    one = CheckSettings(
        name="tests", run="python -m pytest -q --junitxml={report} tests/test_core.py", report="junit"
    )
    bed, found = ground.outcomes(base, ["01-delete-test"], checks=(one,))
    assert found == []
    assert "nothing in python is tried: no check reports the planted tests by their names" in bed.notes
