"""Acceptance: a command must exit 0 and print what the spec says, whatever else it prints."""

from pathlib import Path

import pytest
from gatehouse import Gatehouse, open_gatehouse

from conftest import Repo
from podium.config.settings import SandboxSettings
from podium.gate.checks.acceptance import AcceptanceCheck
from podium.model.evidence import CheckResult
from podium.model.ids import Sha, TaskId
from podium.model.task import Acceptance
from podium.model.verdict import Verdict


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    return open_gatehouse(repo, tmp_path, monkeypatch)


@pytest.fixture
def head(repo: Repo) -> Sha:
    return repo.commit({"calc.py": "def add(a, b):\n    return a + b\n", "plain.sh": "echo hi\n"})


def accept(house: Gatehouse, head: Sha, command: str, expected: str | None = None) -> CheckResult:
    check = AcceptanceCheck(TaskId("calc/1"), 1, Acceptance(command, expected), SandboxSettings())
    return house.gate([check], head).results[0]


def test_the_criterion_of_the_readme_holds_or_says_what_it_got(house: Gatehouse, head: Sha) -> None:
    command = 'python3 -c "import calc; print(calc.add(2, 3))"'
    assert accept(house, head, command, "5").because == "printed 5"
    result = accept(house, head, command, "6")
    assert (result.verdict, result.because) == (Verdict.FAILED, "expected 6, got 5")
    assert result.check == "accept calc/1 #1"


def test_outer_white_space_and_a_chatty_standard_error_do_not_matter(house: Gatehouse, head: Sha) -> None:
    result = accept(house, head, "echo warning >&2; echo; echo ' 5  '; echo more >&2 # a comment", " 5")
    assert result.verdict is Verdict.PASSED
    assert "warning" in result.output


def test_what_goes_to_standard_error_is_not_what_it_printed(house: Gatehouse, head: Sha) -> None:
    assert accept(house, head, "echo 5 >&2", "5").because == "expected 5, got nothing"
    assert accept(house, head, "true", "").verdict is Verdict.PASSED


def test_without_an_expectation_the_exit_code_decides_and_the_last_words_are_shown(
    house: Gatehouse, head: Sha
) -> None:
    assert accept(house, head, "echo anything").verdict is Verdict.PASSED
    result = accept(house, head, "echo 'it is broken' >&2; exit 4")
    assert (result.verdict, result.because) == (Verdict.FAILED, "exit code 4: it is broken")


def test_the_right_output_with_the_wrong_exit_code_fails(house: Gatehouse, head: Sha) -> None:
    assert accept(house, head, "echo 5; exit 1", "5").verdict is Verdict.FAILED


@pytest.mark.parametrize("command", ["./run.sh", "sh -c ./run.sh", "./plain.sh", "cd / && cd - && bin/run"])
def test_a_program_that_the_change_should_have_brought_is_its_failure(
    house: Gatehouse, head: Sha, command: str
) -> None:
    assert accept(house, head, command).verdict is Verdict.FAILED


@pytest.mark.parametrize("command", ["no-such-tool", "X=1 no-such-tool", "/opt/no/such/tool --x"])
def test_a_program_that_this_machine_lacks_is_nobodys_failure(
    house: Gatehouse, head: Sha, command: str
) -> None:
    result = accept(house, head, command)
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "was not found here" in result.because


def test_bytes_that_are_not_text_and_endless_output_equal_nothing(house: Gatehouse, head: Sha) -> None:
    assert accept(house, head, "printf '\\377'", "\ufffd").verdict is Verdict.FAILED
    result = accept(house, head, "yes | head -c 9000000", "y")
    assert result.verdict is Verdict.FAILED
    assert len(result.because) < 400


def test_it_cannot_change_the_repository_and_reads_no_expectation(house: Gatehouse, head: Sha) -> None:
    result = accept(
        house,
        head,
        "tr '\\0' ' ' < /proc/1/cmdline; grep -rl s3cret-answer /proc/*/environ /run . ; echo x > calc.py",
        "s3cret-answer",
    )
    assert result.verdict is Verdict.FAILED
    assert "s3cret" not in result.output.replace("grep -rl s3cret-answer", "")
    assert "return a + b" in (house.repo.path / "calc.py").read_text()
