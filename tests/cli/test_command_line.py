"""The program: its commands, its help, its errors and exit codes, and how little it loads."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import commands, option_names, podium, process

import podium.cli.commands as command_modules
from conftest import Repo
from podium.base.errors import PodiumError, SpecError, UsageError
from podium.cli.boundary import guarded
from podium.cli.invocation import Invocation
from podium.cli.registry import COMMANDS, SECTIONS

ALL = commands()
NAMES = [" ".join(path) for path, _ in ALL]
LISTINGS = [
    "agents",
    "brief",
    "doctor",
    "plan",
    "gate",
    "review",
    "status",
    "show",
    "queue",
    "log",
    "audit",
    "report",
]


def test_every_command_file_is_listed_and_every_listed_one_loads() -> None:
    files = {path.stem for path in Path(str(command_modules.__file__)).parent.glob("*.py")} - {"__init__"}
    assert files == set(COMMANDS)
    assert {path[0] for path, _ in ALL} == set(COMMANDS)


def test_every_command_belongs_to_a_section_of_the_help() -> None:
    assert {entry.section for entry in COMMANDS.values()} == set(SECTIONS)


@pytest.mark.parametrize(("path", "command"), ALL, ids=NAMES)
def test_every_command_takes_a_repository_and_ends_its_help_in_examples(
    path: tuple[str, ...], command: object
) -> None:
    shown = podium(*path, "--help")
    assert shown.code == 0
    examples = shown.out.partition("\nExamples:\n")[2]
    assert f"podium {path[0]}" in examples or "podium-demo" in examples
    assert "--repo" in shown.out
    assert "\n  " in shown.out.partition("Usage:")[2], "it says what it does"
    assert command


@pytest.mark.parametrize("name", LISTINGS)
def test_every_listing_answers_in_json(name: str) -> None:
    assert "--json" in option_names({path[0]: command for path, command in ALL if len(path) == 1}[name])


def test_the_help_groups_the_commands_and_ends_in_examples_and_exit_codes() -> None:
    shown = podium("--help").out
    places = [shown.index(f"\n{section}:\n") for section in SECTIONS]
    assert places == sorted(places)
    assert "Examples:" in shown
    assert "Exit codes: 0" in shown
    assert all(f"  {name} " in shown for name in COMMANDS)


def test_the_help_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from podium.cli.application import run; run(['--help']); run(['version']);"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'sqlalchemy', 'pydantic', 'rich', 'dbos', 'asyncio'}))"
    )
    assert _python(code, tmp_path).splitlines()[-1] == "[]"


def test_status_leaves_the_engine_alone(repo: Repo) -> None:
    code = (
        "import sys; from podium.cli.application import run; run(['status']);"
        "print('dbos' in sys.modules, 'alembic' in sys.modules, 'podium.engine' in sys.modules)"
    )
    assert _python(code, repo.path).splitlines()[-1] == "False False False"


@pytest.mark.parametrize(
    ("typed", "meant"), [("stauts", "status"), ("aproove", ""), ("audti", "audit"), ("Run", "run")]
)
def test_a_mistyped_command_gets_a_near_match(typed: str, meant: str) -> None:
    shown = podium(typed)
    assert shown.code == 2
    assert f"there is no command {typed!r}" in shown.err
    assert (f"did you mean {meant}" in shown.err) == bool(meant)
    assert "hint: podium --help" in shown.err


def test_a_wrong_option_is_wrong_usage_and_points_to_the_help() -> None:
    shown = podium("status", "--colour")
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith("error: no such option")
    assert "hint: podium status --help" in shown.err


def test_outside_a_repository_every_error_is_said_in_two_lines(tmp_path: Path) -> None:
    shown = podium("status", "--repo", str(tmp_path))
    assert shown.code == 2
    assert [line.partition(":")[0] for line in shown.err.splitlines()] == ["error", "hint"]


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_repository_may_stand_before_and_after_the_command(
    repo: Repo, tmp_path: Path, where: str
) -> None:
    given = ("--repo", str(repo.path))
    arguments = (*given, "status", "--json") if where == "before" else ("status", "--json", *given)
    shown = podium(*arguments)
    assert json.loads(shown.out)["tip"] == repo.git("rev-parse", "HEAD")
    nearer = podium("--repo", str(tmp_path / "none"), "status", *given)
    assert nearer.code == 0


def test_with_json_an_error_is_a_document_too(tmp_path: Path) -> None:
    shown = podium("status", "--json", "--repo", str(tmp_path))
    assert (shown.code, shown.err) == (2, "")
    assert set(json.loads(shown.out)) == {"error", "hint"}
    assert json.loads(podium("status", "--json", "--colour").out)["hint"] == "podium status --help"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (PodiumError("it broke", hint="mend it"), 1, "error: it broke\nhint: mend it\n"),
        (UsageError("wrong word"), 2, "error: wrong word\n"),
        (SpecError("a.md:3:1: no task\na.md:9:1: no box", hint="mend these"), 2, "a.md:3:1: no task\na.md:9:1: no box\nhint: mend these\n"),
        (PodiumError("\x1b[31mred\x07"), 1, "error: red\\x07\n"),
    ],
)  # fmt: skip
def test_errors_become_words_and_an_exit_code(
    error: PodiumError, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(lambda: _raise(error), Invocation(), ()) == code
    assert capsys.readouterr().err == said


def test_the_unexpected_is_written_down_beside_the_state(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(lambda: _raise(KeyError("lost")), Invocation(repo.path), ()) == 1
    said = capsys.readouterr().err
    assert "this should not have happened: KeyError: 'lost'" in said
    assert "Traceback" not in said
    (report,) = (repo.path / ".git" / "podium" / "crashes").iterdir()
    assert str(report) in said
    assert "KeyError: 'lost'" in report.read_text()


def test_the_unexpected_is_shown_whole_to_who_asks_for_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PODIUM_DEBUG", "1")
    assert guarded(lambda: _raise(KeyError("lost")), Invocation(), ()) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(repo: Repo) -> None:
    shell = f"{sys.executable} -m podium --help | true; {sys.executable} -m podium status --repo {repo.path} --json | true"
    assert _shell(shell, repo.path) == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    shown = podium("completion", shell)
    assert shown.code == 0
    assert "_PODIUM_COMPLETE" in shown.out


def test_the_shell_completes_commands(repo: Repo) -> None:
    words = {"_PODIUM_COMPLETE": "bash_complete", "COMP_WORDS": "podium sta", "COMP_CWORD": "1"}
    assert process(cwd=repo.path, more=words).out.splitlines() == ["plain,status"]


def _raise(error: Exception) -> None:
    raise error


def _python(code: str, cwd: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True
    ).stdout


def _shell(command: str, cwd: Path) -> str:
    return subprocess.run(["sh", "-c", command], cwd=cwd, capture_output=True, text=True, check=True).stderr
