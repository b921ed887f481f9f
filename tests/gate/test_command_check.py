"""A command of the project's own, whatever it does, in real bubblewrap."""

import shlex
import time
from dataclasses import replace
from pathlib import Path

import pytest
from gatehouse import Gatehouse, check, open_gatehouse

from conftest import Repo
from podium.model.evidence import Cases, Grade
from podium.model.ids import Sha
from podium.model.verdict import Verdict

ONE_CASE = "<testsuites><testsuite><testcase classname='t' name='a'/></testsuite></testsuites>"
REPORTS = f"echo {shlex.quote(ONE_CASE)} > {{report}}"


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    return open_gatehouse(repo, tmp_path, monkeypatch)


@pytest.fixture
def head(repo: Repo) -> Sha:
    return repo.commit({"a.txt": "a\n"})


def test_a_command_without_a_report_is_judged_by_its_exit_code(house: Gatehouse, head: Sha) -> None:
    assert house.run("cat a.txt", head).verdict is Verdict.PASSED
    assert house.run("echo oh no; exit 3", head).because == "exit code 3"


def test_a_missing_program_is_named_and_not_blamed(house: Gatehouse, head: Sha) -> None:
    result = house.run("no-such-runner -q", head)
    assert (result.verdict, result.because) == (
        Verdict.COULD_NOT_RUN,
        "no-such-runner was not found here (exit code 127)",
    )


def test_a_command_that_hangs_is_killed_with_all_it_started_and_not_blamed(
    house: Gatehouse, head: Sha
) -> None:
    begun = time.monotonic()
    result = house.run("(setsid sleep 60 &) ; sleep 60", head, minutes=0.01)
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "did not end within 1 s" in result.because
    assert time.monotonic() - begun < 10


def test_a_command_that_is_killed_is_not_blamed(house: Gatehouse, head: Sha) -> None:
    assert house.run("kill -9 $$", head).verdict is Verdict.COULD_NOT_RUN


def test_a_gate_that_is_to_stop_stops_the_command(house: Gatehouse, head: Sha) -> None:
    evidence = house.gate([check("sleep 60")], head, should_stop=lambda: True)
    assert evidence.verdict is Verdict.COULD_NOT_RUN
    assert "was stopped" in evidence.because()


def test_output_is_bounded_and_harmless(house: Gatehouse, head: Sha) -> None:
    result = house.run("yes | head -c 30000000; printf '\\033[31mlast words\\033[0m'", head)
    assert result.verdict is Verdict.PASSED
    assert len(result.output) < 10_000
    assert result.output.endswith("last words")


def test_a_report_decides_and_the_path_of_it_is_outside_the_tree(house: Gatehouse, head: Sha) -> None:
    result = house.run(f"{REPORTS}; ls", head, report=True)
    assert (result.verdict, result.because) == (Verdict.PASSED, "1 test passed")
    assert result.output.split() == ["README.md", "a.txt"]


@pytest.mark.parametrize(
    "command",
    [
        "true",
        "echo garbage > {report}",
        "mkfifo {report}",
        "ln -s /etc/passwd {report}",
        "mkdir {report}",
        'printf \'<!DOCTYPE x [<!ENTITY a "b">]><testsuites><testsuite name="&a;"/></testsuites>\' > {report}',
        "echo '<testsuites><testsuite>' > {report}; exit 1",
    ],
)
def test_a_report_that_cannot_be_read_is_no_verdict(house: Gatehouse, head: Sha, command: str) -> None:
    result = house.run(command, head, report=True)
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "report" in result.because


def test_a_report_left_in_the_tree_is_not_taken_for_this_run(house: Gatehouse) -> None:
    head = house.repo.commit({"report.xml": ONE_CASE})
    assert house.run("true # {report}", head, report=True).verdict is Verdict.COULD_NOT_RUN


def test_a_report_written_beside_the_runner_is_believed(house: Gatehouse, head: Sha) -> None:
    # The known limit: who can write the report can forge it. The canary closes this.
    assert house.run(f"{REPORTS}; exit 0", head, report=True).verdict is Verdict.PASSED


def test_many_files_in_a_folder_are_a_report(house: Gatehouse, head: Sha) -> None:
    # As Maven writes them: -Dsurefire.reportsDirectory={report}
    one = f"mkdir {{report}} && echo {shlex.quote(ONE_CASE)} > {{report}}/TEST-a.xml"
    other = shlex.quote(ONE_CASE.replace("'a'", "'b'"))
    two = f"{one} && echo {other} > {{report}}/TEST-b.xml"
    result = house.run(two, head, report=True)
    assert (result.verdict, result.grade, result.because) == (Verdict.PASSED, Grade.CASES, "2 tests passed")


def test_a_report_of_node_is_read(house: Gatehouse) -> None:
    test = "const test = require('node:test');\nconst assert = require('node:assert');\ntest('adds', () => assert.equal(1 + 1, 2));\n"
    head = house.repo.commit({"a.test.js": test})
    run = "node --test --test-reporter=junit --test-reporter-destination={report}"
    assert house.run(run, head, report=True).because == "1 test passed"
    broken = house.repo.commit({"a.test.js": test.replace(", 2)", ", 3)")})
    assert house.run(run, broken, base=head, report=True).because == "1 test failed: test::adds"


def test_a_run_of_pytest_has_ids_without_being_asked_and_its_grade_says_so(house: Gatehouse) -> None:
    head = house.repo.commit({"test_a.py": "def test_a(): pass\n"})
    result = house.run("pytest -q", head)
    assert (result.because, result.grade, result.command) == ("1 test passed", Grade.CASES, "pytest -q")
    assert result.cases == Cases(("test_a::test_a",))
    assert house.run("true", head).grade is Grade.EXIT_CODE


def said(*cases: str) -> str:
    """A command that reports these cases."""
    report = f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"
    return f'echo {shlex.quote(report)} > "$REPORT"'


GREEN = "<testcase classname='t' name='a'/>"
RED = "<testcase classname='t' name='b'><failure/></testcase>"
SKIPPED = "<testcase classname='t' name='a'><skipped/></testcase>"

SITUATIONS = {
    # what happened: the change's command, its base's, the verdict, words of the reason
    "a missing binary": ("no-such-runner", said(GREEN), Verdict.COULD_NOT_RUN, "was not found here (exit code 127)"),
    "127 from within": ("exit 127", said(GREEN), Verdict.COULD_NOT_RUN, "was not found here (exit code 127)"),
    "a program that is none": ("./a.txt", said(GREEN), Verdict.COULD_NOT_RUN, "cannot be executed here (exit code 126)"),
    "no test": (f"{said()}; exit 5", said(GREEN), Verdict.RAN_NOTHING, "no test ran (exit code 5); the base ran 1"),
    "no test, and content": (said(), said(GREEN), Verdict.RAN_NOTHING, "no test ran (exit code 0)"),
    "no test but skipped ones": (said(SKIPPED), said(GREEN), Verdict.RAN_NOTHING, "no test ran, 1 skipped"),
    "no test on the base either": (said(), said(), Verdict.RAN_NOTHING, "no test ran"),
    "killed for want of memory": (f"{said(GREEN)}; kill -9 $$", said(GREEN), Verdict.COULD_NOT_RUN, "for want of memory"),
    "a child killed": ("sh -c 'kill -9 $$'; exit $?", said(GREEN), Verdict.COULD_NOT_RUN, "for want of memory"),
    "out of time": (f"{said(GREEN)}; sleep 60", said(GREEN), Verdict.COULD_NOT_RUN, "did not end within"),
    "no report": ("exit 4", said(GREEN), Verdict.COULD_NOT_RUN, "ended with exit code 4, but it wrote no report"),
    "a broken report": ('echo "<" > "$REPORT"', said(GREEN), Verdict.COULD_NOT_RUN, "its report is not JUnit XML"),
    "a report of nothing but a count": (
        'echo "<testsuite name=\'s\' failures=\'1\'/>" > "$REPORT"', said(GREEN), Verdict.FAILED, "counted and not shown",
    ),
    "a red base": (f"{said(RED)}; exit 1", f"{said(RED)}; exit 1", Verdict.COULD_NOT_RUN, "fails on the base too: t::b"),
    "a red change": (f"{said(GREEN, RED)}; exit 1", said(GREEN), Verdict.FAILED, "1 test failed: t::b"),
    "a red change that ends well": (said(GREEN, RED), said(GREEN), Verdict.FAILED, "1 test failed: t::b"),
    "a green change that ends ill": (f"{said(GREEN)}; exit 1", said(GREEN), Verdict.FAILED, "1 test passed and none"),
    "a base without a program": (said(GREEN), "no-such-runner", Verdict.PASSED, "nothing to compare with"),
    "a base out of time": (said(GREEN), "sleep 60", Verdict.COULD_NOT_RUN, "the base could not be checked"),
    "a base killed": (said(GREEN), "kill -9 $$", Verdict.COULD_NOT_RUN, "the base could not be checked"),
}  # fmt: skip


@pytest.mark.parametrize(("now", "before", "verdict", "words"), SITUATIONS.values(), ids=SITUATIONS)
def test_what_did_not_really_run_is_never_green_and_never_the_makers_fault(
    house: Gatehouse, now: str, before: str, verdict: Verdict, words: str
) -> None:
    base = house.repo.commit({"run.sh": f"{before}\n", "a.txt": ""})
    head = house.repo.commit({"run.sh": f"{now}\n", "b.txt": ""})
    minutes = 0.05 if "sleep" in now + before else 1
    result = house.run("export REPORT={report}; . ./run.sh", head, base=base, report=True, minutes=minutes)
    assert result.verdict is verdict, result.because
    assert words in result.because


def test_a_crash_is_the_changes_own(house: Gatehouse, head: Sha) -> None:
    assert house.run("kill -11 $$", head).because == "exit code 139"


def test_no_check_can_tamper_for_the_next(house: Gatehouse, head: Sha) -> None:
    checks = [
        check(
            "echo b > a.txt; touch new; mkdir -p x/y; chmod 000 x README.md; chmod a-w .",
            name="first",
        ),
        check("grep -q a a.txt && test ! -e new && touch works", name="second"),
    ]
    evidence = house.gate(checks, head)
    assert [result.verdict for result in evidence.results] == [Verdict.PASSED, Verdict.PASSED]
    assert not house.scratch.exists()
    assert (house.repo.path / "a.txt").read_text() == "a\n"


def test_it_stands_where_the_repository_is_and_knows_it_is_gated(house: Gatehouse, head: Sha) -> None:
    evidence = house.gate(
        [check("pwd; echo $CI $PODIUM_GATE $PYTHONDONTWRITEBYTECODE $TOKEN; id -un")],
        head,
        env={"TOKEN": "t"},
    )
    assert evidence.results[0].output.splitlines()[:2] == [str(house.repo.path), "true 1 1 t"]


def test_paths_with_spaces_and_a_sandbox_without_mounts_work(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_gatehouse(repo, tmp_path / "white space", monkeypatch, sandbox="none")
    result = house.run(REPORTS, repo.commit({}), report=True)
    assert (result.verdict, result.sandbox) == (Verdict.PASSED, "none")


def test_the_digest_names_everything_that_matters() -> None:
    one = check("true")
    others = [
        check("false"),
        check("true", name="other"),
        check("true", minutes=2),
        check("true # {report}", report=True),
        replace(one, quarantined=("t::a",)),
    ]
    assert len({each.digest for each in [one, *others]}) == 6
    assert one.digest == check("true").digest
