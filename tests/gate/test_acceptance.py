"""Acceptance: a command must exit 0 and print what the spec says, whatever else it prints; files are taken in whole."""

from pathlib import Path

import pytest
from gatehouse import Gatehouse, open_gatehouse

from conftest import Repo
from podium.config.settings import SandboxSettings
from podium.gate.acceptance.intake import LIMIT_BYTES, Shelves, hold
from podium.gate.checks.acceptance import AcceptanceCheck
from podium.model.evidence import CheckResult
from podium.model.ids import Sha, TaskId
from podium.model.spec import Fault, Requirement, Scenario, Spec
from podium.model.task import Acceptance, Kind, Means, Task
from podium.model.verdict import Verdict
from podium.store.codec import decode, encode


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


FEATURE = """Feature: Sum
  Scenario: Two and three
    When I run `echo 5`
    Then it prints "5"
  Scenario: another
    When I run `echo 5`
    Then it prints "5"
"""
TESTS = "from podium_accept import run\n\ndef test_it():\n    assert run('true').code == 0\n"


def held(
    folder: Path, one: Acceptance, *, public: bool = False, done: bool = False
) -> tuple[Spec, list[Fault]]:
    task = Task(TaskId("s/1"), "s", "t", Kind.FIX, accept=(one,), done=done)
    requirement = Requirement("Sum", "It MUST add.", (Scenario("two and three", ()), Scenario("none", ())))
    spec = Spec("s", "s.md", "d", "t", "", (requirement,), (task,))
    found, faults = hold(spec, Shelves((folder, folder / "beside"), lambda _path: public))
    return found, list(faults)


def by_file(path: str, *, kind: Means = Means.PYTEST, only: str = "") -> Acceptance:
    return Acceptance(path, kind=kind, only=only, line=7, column=13)


def test_a_file_of_tests_is_taken_in_and_names_the_spec_anew(tmp_path: Path) -> None:
    (tmp_path / "test_sum.py").write_text(TESTS)
    spec, faults = held(tmp_path, by_file("test_sum.py"))
    assert faults == []
    assert spec.tasks[0].accept[0].source == TESTS
    (tmp_path / "test_sum.py").write_text(TESTS + "\n")
    assert held(tmp_path, by_file("test_sum.py"))[0].digest != spec.digest != "d"
    assert decode(Task, encode(spec.tasks[0])) == spec.tasks[0]


def test_a_file_beside_the_spec_is_found_as_well(tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "test_sum.py").write_text(TESTS)
    spec, faults = held(tmp_path, by_file("test_sum.py"), public=True)
    assert (faults, spec.tasks[0].accept[0].source) == ([], TESTS)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("missing.py", None, "there is no file"),
        ("large.py", b"#" * (LIMIT_BYTES + 1), "larger than 256 KiB"),
        ("empty.py", b" \n", "is empty"),
        ("binary.py", b"\xff", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_taken_in_is_an_error_with_its_place(
    tmp_path: Path, name: str, data: bytes | None, message: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    _spec, (fault,) = held(tmp_path, by_file(name))
    assert message in fault.message
    assert (fault.line, fault.column, fault.is_error) == (7, 13, True)
    assert held(tmp_path, by_file(name), done=True)[1] == []


def test_a_link_leads_to_no_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "secret").write_text("s3cret")
    (tmp_path / "root" / "way").symlink_to(tmp_path)
    (tmp_path / "root" / "one.py").symlink_to(tmp_path / "secret")
    for path in ("way/secret", "one.py"):
        spec, (fault,) = held(tmp_path / "root", by_file(path))
        assert fault.is_error
        assert "s3cret" not in encode(spec)


def test_a_file_that_makers_can_read_and_one_that_is_no_python_are_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "test_sum.py").write_text("def test_it(:\n")
    _spec, faults = held(tmp_path, by_file("test_sum.py"), public=True)
    assert [fault.is_error for fault in faults] == [False, False]
    assert "test_sum.py:1: " in faults[0].message
    assert "part of the repository" in faults[1].message


def test_a_scenario_proves_the_one_of_the_spec_that_has_its_name(tmp_path: Path) -> None:
    (tmp_path / "sum.feature").write_text(FEATURE)
    spec, faults = held(tmp_path, by_file("sum.feature", kind=Means.GHERKIN))
    assert faults == []
    assert spec.tasks[0].accept[0].proves == ("Sum / two and three",)
    other, _ = held(tmp_path, by_file("sum.feature", kind=Means.GHERKIN, only="another"))
    assert other.tasks[0].accept[0].proves == ()


def test_a_step_that_nobody_knows_is_an_error_with_the_line_of_both_files(tmp_path: Path) -> None:
    (tmp_path / "sum.feature").write_text(FEATURE.replace('it prints "5"', "it shines", 1))
    _spec, (fault,) = held(tmp_path, by_file("sum.feature", kind=Means.GHERKIN))
    assert (fault.line, fault.message) == (7, "sum.feature:4: it shines: no step says this")
    assert 'it prints "TEXT"' in fault.suggestion


def test_a_task_of_an_older_podium_is_read_as_before() -> None:
    old = Task(TaskId("s/1"), "s", "t", Kind.FIX, accept=(Acceptance("true", "5"),))
    text = '{"id":"s/1","spec":"s","title":"t","kind":"fix","accept":[{"command":"true","expected":"5"}]}'
    assert decode(Task, text) == old


def test_nothing_in_its_surroundings_tells_the_program_that_it_is_being_judged(
    house: Gatehouse, head: Sha
) -> None:
    told = accept(house, head, 'echo "${CI-}${PODIUM_GATE-}${PYTEST_CURRENT_TEST-}"', "")
    assert told.verdict is Verdict.PASSED, told.because
