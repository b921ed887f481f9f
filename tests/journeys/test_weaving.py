"""Changes from stale bases: what is independent lands without another gate run, what breaks others comes back, main stays green."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from podium_process import Stage

from podium.model.decision import Act
from podium.model.ids import ChangeId
from podium.model.verdict import Verdict

Repo = Any
"""The `repo` fixture's helper."""

CONFIG = """\
[[gate.check]]
name = "tests"
run = "pytest -q --junitxml={report}"
report = "junit"

[gate]
strength_minutes = 0

[policy]
review = "never"
"""
PROJECT = {
    "podium.toml": CONFIG,
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n[tool.pytest.ini_options]\npythonpath = ["."]\n',
    "conftest.py": "",
    "money.py": "def rounded(value):\n    return round(value, 2)\n",
    "one.py": "def one():\n    return 1\n",
    "two.py": "def two():\n    return 2\n",
    "three.py": "def three():\n    return 3\n",
    "test_one.py": "import one\n\n\ndef test_one():\n    assert one.one() > 0\n",
    "test_two.py": "import two\n\n\ndef test_two():\n    assert two.two() > 0\n",
    "test_three.py": "import three\n\n\ndef test_three():\n    assert three.three() > 0\n",
    "test_money.py": "import money\n\n\ndef test_rounds():\n    assert money.rounded(1.234) == 1.23\n",
}
BRANCHES = {
    "first": {"one.py": "def one():\n    return 11\n"},
    "second": {"two.py": "def two():\n    return 22\n"},
    # Each passes alone: the third has tests count on two places, which the fourth takes away with the test that said so.
    "third": {
        "bill.py": "import money\n\n\ndef bill(value):\n    return money.rounded(value)\n",
        "test_bill.py": "import bill\n\n\ndef test_bill():\n    assert bill.bill(2.345) in (2.34, 2.35)\n",
    },
    "fourth": {"money.py": "def rounded(value):\n    return 1.23 if value == 1.234 else round(value)\n"},
    "fifth": {"one.py": "def one():\n    return 111\n"},
}


@pytest.fixture
def stage(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Stage:
    programs = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{programs}:/usr/local/bin:/usr/bin:/bin")
    repo.commit(PROJECT, "a small project")
    for name, files in BRANCHES.items():
        repo.git("switch", "-q", "-c", name, "main")
        repo.commit(files, f"the {name}")
    repo.git("switch", "-q", "main")
    return Stage(repo)


def submit(stage: Stage, *names: str) -> None:
    for name in names:
        stage.podium("submit", name)


def passes(stage: Stage, commit: str, directory: Path) -> bool:
    subprocess.run(
        ["git", "worktree", "add", "-q", "--detach", directory, commit], cwd=stage.repo.path, check=True
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=directory, check=False
    )
    return done.returncode == 0


@pytest.mark.slow
def test_what_is_independent_lands_unrun_and_what_breaks_another_comes_back(
    stage: Stage, tmp_path: Path
) -> None:
    submit(stage, *BRANCHES)
    stage.podium("run", code=1, seconds=400)  # two come back
    store = stage.project.store
    changes = {change.id.split(":")[1]: change for change in store.changes()}
    landed = {member.split(":")[1]: one for one in store.landings() for member in one.members}

    assert {"first", "second"} <= set(landed) or {"fifth", "second"} <= set(landed)
    independent = [changes[name].id for name in ("first", "second", "fifth") if name in landed]
    weaves = [one for one in store.all_evidence() if one.id.startswith(f"{Act.WEAVE}:")]
    for name in independent:
        woven = [one for one in weaves if name in store.candidate(one.subject).members]  # type: ignore[union-attr]
        assert not woven, "it passed alone, and nothing that it affects has moved"
    assert len({"first", "fifth"} & set(landed)) == 1, "they write the same line"

    assert len({"third", "fourth"} & set(landed)) == 1, "together they fail"
    [broken] = {"third", "fourth"} - set(landed)
    [returned] = [one for one in store.decisions_on([changes[broken].id]) if one.act is Act.SEND_BACK]
    [other] = {"third", "fourth"} & set(landed)
    assert returned.data["partners"] == [changes[other].id]
    assert "test_bill.py" in returned.data["failing"]
    evidence = store.evidence(returned.data["evidence"])
    assert evidence is not None
    assert evidence.verdict is Verdict.FAILED

    positions = stage.repo.git("rev-list", "--first-parent", "main").split()
    red = [
        one
        for number, one in enumerate(positions)
        if not passes(stage, one, tmp_path / f"at{number}") and number < len(landed)
    ]
    assert not red
    for one in store.landings():
        assert store.evidence(f"{Act.BASELINE}:{one.commit}"), "a free slot gated it in full afterwards"
    said = stage.podium("audit")
    assert "broken" not in said.replace("0 broken", "")
    composed = [one for one in store.landings() if one.composed]
    assert composed
    record = json.loads(store.landing_of(ChangeId(composed[0].members[0]))[1])  # type: ignore[index]
    assert record["certificate"]["count"] == len(record["certificate"]["targets"])
