"""Scenarios: read into steps of our own vocabulary, tried out of process on the tree."""

from pathlib import Path

import pytest
from gatehouse import Gatehouse, open_gatehouse

from conftest import Repo
from podium.config.settings import SandboxSettings
from podium.gate.acceptance.features import read_feature
from podium.gate.acceptance.steps import VOCABULARY, Step, read_step
from podium.gate.checks.acceptance import AcceptanceCheck
from podium.model.evidence import CheckResult
from podium.model.ids import TaskId
from podium.model.task import Acceptance, Means
from podium.model.verdict import Verdict

PROGRAM = """
import sys
numbers = [int(word) for word in (sys.argv[1:] or sys.stdin.read().split())]
open("last.txt", "w").write(f"{sum(numbers)}\\n")
print(f"sum: {sum(numbers)}")
"""
FEATURE = """
Feature: Sum
  Background:
    Given a file "numbers.txt" with
      \"\"\"
      4 5
      \"\"\"

  Scenario: two and three
    When I run `python3 calc.py 2 3`
    Then it succeeds
    And it prints "sum: 5"
    And the output contains "5"
    And the output matches "^sum: \\\\d+$"
    And the file "last.txt" contains "5"
    But the file "other.txt" does not exist

  Scenario: from a file
    When I run `cat numbers.txt | python3 calc.py` within 20 seconds
    Then it prints exactly
      \"\"\"
      sum: 9
      \"\"\"

  Scenario: from the input
    When I run `python3 calc.py` with input
      \"\"\"
      1 2
      3
      \"\"\"
    Then it prints "sum: 6"

  Scenario: what is no number
    When I run `python3 calc.py x`
    Then it fails
    And it exits with 1
    And it prints nothing
    And the error output contains "ValueError"
    And the error output matches "invalid literal"
    And the file "last.txt" does not exist

  Scenario Outline: any two
    When I run `python3 calc.py <a> <b>`
    Then it prints "sum: <sum>"
    Examples:
      | a | b  | sum |
      | 1 | 1  | 2   |
      | 0 | -7 | -7  |
"""


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    return open_gatehouse(repo, tmp_path, monkeypatch)


def accept(house: Gatehouse, program: str, feature: str, *, only: str = "") -> CheckResult:
    one = Acceptance("accept/sum.feature", kind=Means.GHERKIN, source=feature, only=only)
    head = house.repo.commit({"calc.py": program})
    return house.gate([AcceptanceCheck(TaskId("calc/1"), 1, one, SandboxSettings())], head).results[0]


def scenario(*steps: str) -> str:
    return "\n".join(["Feature: F", "  Scenario: S", *(f"    {step}" for step in steps), ""])


def test_every_scenario_of_an_honest_program_holds(house: Gatehouse) -> None:
    result = accept(house, PROGRAM, FEATURE)
    assert result.verdict is Verdict.PASSED, result.details["said"]
    assert result.cases is not None
    assert result.cases.passed == (
        "two and three", "from a file", "from the input", "what is no number", "any two", "any two #2",
    )  # fmt: skip
    assert result.command == "gherkin accept/sum.feature"


def test_what_does_not_hold_is_named_to_makers_and_explained_to_people(house: Gatehouse) -> None:
    result = accept(house, PROGRAM.replace('"sum: {', '"total: {'), FEATURE, only="Two and  three")
    assert (result.verdict, result.because) == (Verdict.FAILED, "1 scenario failed: two and three")
    assert result.output == ""
    assert 'it prints "sum: 5": expected sum: 5, got total: 5' in result.details["said"]


@pytest.mark.parametrize(
    ("program", "step", "says"),
    [
        (
            "import time\ntime.sleep(60)\n",
            "I run `python3 calc.py` within 1 seconds",
            "did not end within 1 s",
        ),
        ("print('x' * 3000000)\n", "I run `python3 calc.py`", "printed more than is kept"),
    ],
)
def test_a_hostile_program_fails_its_scenario(house: Gatehouse, program: str, step: str, says: str) -> None:
    result = accept(house, program + "raise SystemExit(3)\n", scenario(f"When {step}", "Then it succeeds"))
    assert result.verdict is Verdict.FAILED
    assert says in result.details["said"]


def test_a_program_that_was_killed_is_not_blamed_and_does_not_pass(house: Gatehouse) -> None:
    program = "import os\nprint('sum: 5', flush=True)\nos.kill(os.getpid(), 9)\n"
    result = accept(house, program, scenario("When I run `python3 calc.py`", "Then it succeeds"))
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "perhaps for want of memory" in result.because


def test_a_pattern_that_never_ends_on_what_was_printed_is_no_verdict(house: Gatehouse) -> None:
    steps = ("When I run `python3 calc.py`", 'Then the output matches "^(a+)+$"')
    result = accept(house, "print('a' * 60 + 'b')\n", scenario(*steps))
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "takes too long" in result.because


def test_a_missing_program_of_this_machine_is_nobodys_fault(house: Gatehouse) -> None:
    result = accept(house, "", scenario("When I run `no-such-tool`", "Then it succeeds"))
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "no-such-tool was not found here" in result.because
    missing = accept(house, "", scenario("When I run `./no-such-tool`", "Then it succeeds"))
    assert missing.verdict is Verdict.FAILED


def test_an_unknown_step_is_no_verdict_and_starts_nothing(house: Gatehouse) -> None:
    result = accept(house, PROGRAM, scenario("When I run `python3 calc.py 1`", "Then it is beautiful"))
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "line 4: it is beautiful: no step says this" in result.because


def test_a_file_that_cannot_be_put_there_is_its_authors_affair(house: Gatehouse) -> None:
    steps = ('Given a file "../x" with "y"', "When I run `true`", "Then it succeeds")
    assert accept(house, PROGRAM, scenario(*steps)).verdict is Verdict.COULD_NOT_RUN


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("", 1, "no scenario"),
        ("Feature: F\n", 1, "no scenario"),
        ("Feature: F\n  Scenario: S\n    Given a\n  nonsense\n", 4, "expected"),
        ("nonsense\n", 1, "expected"),
        (scenario("When I run `true`"), 2, "expects nothing"),
        (scenario('Given a file "x" with "y"', "Then it succeeds"), 2, "runs nothing"),
        (scenario("Then it succeeds", "When I run `true`"), 2, "expects nothing"),
        (scenario("When I run `true`", "Then it prints exactly"), 4, "text block is missing"),
        (scenario("When I run `true`", "Then it succeeds", '"""', "x", '"""'), 4, "no text block"),
        (scenario("When I run `true`", 'Then the output matches "("'), 4, "not a pattern"),
    ],
)
def test_what_cannot_be_tried_is_a_flaw_with_its_line(source: str, line: int, says: str) -> None:
    flaws = read_feature(source).flaws
    assert flaws
    assert flaws[0].line == line
    assert says in flaws[0].message


def test_one_scenario_is_chosen_by_name_and_a_wrong_name_lists_those_there_are() -> None:
    assert [each.id for each in read_feature(FEATURE, only="any two").scenarios] == ["any two", "any two #2"]
    (flaw,) = read_feature(FEATURE, only="any tow").flaws
    assert "any two" in flaw.message


def test_every_spelling_of_the_vocabulary_is_a_step() -> None:
    for spelling in VOCABULARY:
        below = "text" if spelling.endswith("(text below)") else None
        text = spelling.removesuffix(" (text below)").replace("N", "3")
        assert isinstance(read_step(1, text, below), Step), spelling


def test_quoted_text_may_hold_quotes_and_line_ends() -> None:
    step = read_step(1, r'it prints "a \"b\"\n\\"', None)
    assert isinstance(step, Step)
    assert step.expects
