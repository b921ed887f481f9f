"""The instant checks on real commits: intake, tamper, secrets."""

import random
import string
import sys
from pathlib import Path

import pytest

from conftest import Repo
from podium.gate.checks.base import Check
from podium.gate.checks.intake import IntakeCheck
from podium.gate.checks.static import secrets_check, tamper_check
from podium.gate.gate import Memory, Subject, Surroundings, run_gate
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult
from podium.model.ids import Sha
from podium.model.verdict import Verdict
from podium.workspaces.sandboxes.registry import choose

TEST = "def test_a():\n    assert 1 + 1 == 2\n"
BASE = {"shop.py": "def net(prices):\n    return sum(prices)\n", "tests/test_a.py": TEST}


def terms(base: Sha, *approved: str) -> Terms:
    return Terms(base, (), approved=approved)


def judged(repo: Repo, tmp_path: Path, check: Check, head: Sha, *, base: Sha) -> CheckResult:
    """What one check says of `head`; these run nothing, so no sandbox is needed."""
    repository = repo.open()
    evidence = run_gate(
        [check], Subject("gate:x", "x", repository.objects.tree_of(head), base),
        around=Surroundings(repository, choose("none"), tmp_path / "scratch"),
        memory=Memory(lambda _tree, _digest: None, lambda _result: None), should_stop=lambda: False, at=1.0,
    )  # fmt: skip
    return evidence.results[0]


def test_an_honest_change_passes_all_three(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit(BASE)
    head = repo.commit(
        {
            "shop.py": BASE["shop.py"] + "\n\ndef gross(prices):\n    return net(prices)\n",
            "tests/test_b.py": TEST,
        }
    )
    for check in (IntakeCheck(terms(base), 1024), tamper_check(terms(base)), secrets_check(terms(base))):
        result = judged(repo, tmp_path, check, head, base=base)
        assert result.verdict is Verdict.PASSED, result.because
        assert result.advice == ()


def test_a_weakened_test_is_refused_and_the_reason_says_what_to_do(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit(BASE)
    head = repo.commit({"tests/test_a.py": TEST.replace("== 2", "")})
    result = judged(repo, tmp_path, tamper_check(terms(base)), head, base=base)
    assert result.verdict is Verdict.FAILED
    assert result.because.startswith("tests/test_a.py:1: the existing test test_a was changed")
    assert "`approves: tests/test_a.py` at the task, or `podium policy grant`" in result.because
    assert result.details["findings"][0]["rule"] == "existing tests"


def test_an_approval_lifts_it_for_that_path_alone(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit(BASE)
    head = repo.commit({"tests/test_a.py": TEST.replace("== 2", ""), "Makefile": "all:\n"})
    result = judged(repo, tmp_path, tamper_check(terms(base, "tests/**")), head, base=base)
    assert result.verdict is Verdict.FAILED
    assert result.because.startswith("Makefile: is new")
    assert "approved: tests/test_a.py:1" in result.output
    both = judged(repo, tmp_path, tamper_check(terms(base, "tests/**", "Makefile")), head, base=base)
    assert both.verdict is Verdict.PASSED


def test_advice_leaves_the_verdict_and_is_told(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit(BASE)
    head = repo.commit({"shop.py": BASE["shop.py"] + "import json  # noqa: F401\n"})
    result = judged(repo, tmp_path, tamper_check(terms(base)), head, base=base)
    assert result.verdict is Verdict.PASSED
    assert result.advice == ("shop.py:3: 1 line more excused from checks (`noqa`)",)


def test_a_branch_that_stands_for_itself_has_nothing_to_judge(repo: Repo, tmp_path: Path) -> None:
    head = repo.commit(BASE)
    for check in (IntakeCheck(terms(head), 1024), tamper_check(terms(head)), secrets_check(terms(head))):
        result = judged(repo, tmp_path, check, head, base=head)
        assert (result.verdict, result.because) == (Verdict.PASSED, "nothing changed")


def test_a_secret_is_refused_and_stays_out_of_the_evidence(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit(BASE)
    key = "AKIA" + "".join(random.Random(3).choices(string.ascii_uppercase + "234567", k=16))
    head = repo.commit({"settings.ini": f"key = {key}\n"})
    result = judged(repo, tmp_path, secrets_check(terms(base)), head, base=base)
    assert result.verdict is Verdict.FAILED
    assert "settings.ini:1: looks like an AWS access key (AKIA…, 20 characters)" in result.because
    assert key[4:12] not in repr(result)


def test_a_link_out_of_the_tree_is_not_taken_in(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit(BASE)
    (repo.path / "data").symlink_to("/etc/passwd")
    result = judged(repo, tmp_path, IntakeCheck(terms(base), 1024), repo.commit({}), base=base)
    assert (result.verdict, result.because) == (
        Verdict.FAILED,
        "data: links to /etc/passwd, outside the tree",
    )


def test_a_change_too_large_to_be_read_is_not_taken_in(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit(BASE)
    head = repo.commit({"a.py": "x = 1\n" * 50, "b.lock": "x\n" * 500, "docs/c.md": "x\n" * 500})
    assert (
        judged(repo, tmp_path, IntakeCheck(terms(base), 1024, 50), head, base=base).verdict is Verdict.PASSED
    )
    result = judged(repo, tmp_path, IntakeCheck(terms(base), 1024, 49), head, base=base)
    assert (result.verdict, result.because) == (
        Verdict.FAILED, "50 lines were added or changed; the limit is 49: divide it into smaller changes",
    )  # fmt: skip
    large = repo.commit({"big.bin": "x" * 3000})
    assert (
        "the limit is 2 KiB" in judged(repo, tmp_path, IntakeCheck(terms(base), 2), large, base=base).because
    )


def test_what_people_approved_is_part_of_what_is_asked(repo: Repo) -> None:
    base = repo.commit(BASE)
    for kind in (tamper_check, secrets_check):
        assert kind(terms(base)).digest != kind(terms(base, "a")).digest
        assert kind(terms(base)).digest == kind(terms(base)).digest


@pytest.mark.skipif(sys.platform == "win32", reason="modes")
def test_a_file_made_executable_among_those_that_judge_is_refused(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit(BASE)
    (repo.path / "tests/test_a.py").chmod(0o755)
    result = judged(repo, tmp_path, tamper_check(terms(base)), repo.commit({}), base=base)
    assert "its mode was changed from 100644 to 100755" in result.because
