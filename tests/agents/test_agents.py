"""The contract of agents, over every kind, with real processes: what an agent does to itself, Podium survives."""

import contextlib
import itertools
import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from podium.agents import player
from podium.agents.base import Agent, Brief, Report
from podium.agents.registry import KINDS, make
from podium.base.errors import ConfigError
from podium.base.processes import Order, Running, start, take_up
from podium.config.settings import AgentSettings
from podium.workspaces.sandboxes.base import Contained

Actions = list[dict[str, Any]]


@dataclass(frozen=True)
class OpenBench:
    """A bench without walls: a real program, under the real shim, in a directory."""

    root: Path
    attempt: str = "calc/1@1"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def private(self) -> Path:
        return self.root / "private"

    @property
    def answer(self) -> Path:
        return self.root / "answer"

    @property
    def transcript(self) -> Path:
        return self.root / "transcript"

    @property
    def inside(self) -> Path:
        return self.work

    @property
    def maps_paths(self) -> bool:
        return False

    def running(self) -> Running | None:
        return take_up(self.root / "run")

    def contain(self, argv: tuple[str, ...], *, env: Mapping[str, str], read: Mapping[Path, Path],
                write: Mapping[Path, Path], network: bool) -> Contained:  # fmt: skip
        assert not network
        assert all(host == inside and host.exists() for host, inside in {**read, **write}.items())
        return Contained(argv, {"PATH": os.environ["PATH"], "HOME": str(self.root), **env}, self.work)

    def start(self, command: Contained, *, time_limit: timedelta, output_limit_bytes: int) -> Running:
        order = Order(command.argv, command.env, command.cwd, time_limit, output_limit_bytes, detached=True)
        return start(order, self.root / "run")


@pytest.fixture
def bench(tmp_path: Path) -> OpenBench:
    made = OpenBench(tmp_path)
    made.work.mkdir()
    made.private.mkdir()
    made.answer.mkdir()
    (made.work / "calc.py").write_text("def add(a, b):\n    return a - b\n")
    return made


@pytest.fixture
def brief(bench: OpenBench) -> Brief:
    return Brief(
        "calc/1", "# Make add return the sum\n", bench.private / "brief.md", ("calc.py", "docs/*"), 1
    )


@pytest.fixture(params=sorted(KINDS))
def agent(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Agent]:
    """Makes an agent of each kind that does the given actions."""

    def made(actions: Actions, **settings: Any) -> Agent:
        if request.param == "script":
            turn = "[[task.1]]\ndo = [" + ", ".join(inline(action) for action in actions) + "]"
            return make(
                "ada", AgentSettings(script="s.toml", **settings), read_script=lambda _path: turn.encode()
            )
        (tmp_path / "do.json").write_text(json.dumps(actions))
        command = (sys.executable, "-I", "-S", player.__file__, str(tmp_path / "do.json"))
        return make("ada", AgentSettings(command=command, **settings), read_script=lambda _path: None)

    return made


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {inline(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


def work(agent: Agent, bench: OpenBench, brief: Brief, *, stop_after: int = 1000) -> Report:
    questions = iter(range(10_000))
    return agent.work(bench, brief, should_stop=lambda: next(questions) >= stop_after)


def alive_in(bench: OpenBench) -> list[str]:
    """Processes whose working directory is the bench."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink() == bench.work:
                found.append(entry.name)
    return found


def test_it_does_its_work_and_its_end_is_told(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief
) -> None:
    edit = {"path": "calc.py", "old": "a - b", "new": "a + b"}
    report = work(agent([{"edit": edit}, {"write": {"path": "new/n.md", "text": "x"}}]), bench, brief)
    assert (report.exit_code, report.reason, report.note) == (0, "exit", "")
    assert "a + b" in (bench.work / "calc.py").read_text()
    assert (bench.work / "new/n.md").read_text() == "x"


def test_a_crash_is_told(agent: Callable[..., Agent], bench: OpenBench, brief: Brief) -> None:
    report = work(agent([{"say": "hello"}, {"crash": 7}]), bench, brief)
    assert (report.exit_code, report.reason) == (7, "exit")
    assert report.output.startswith("hello\nTraceback")


def test_death_by_a_signal_is_told(agent: Callable[..., Agent], bench: OpenBench, brief: Brief) -> None:
    report = work(agent([{"die": 9}]), bench, brief)
    assert (report.exit_code, report.reason) == (137, "exit")


def test_a_lie_is_told_as_it_was_said_and_changes_nothing(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief
) -> None:
    report = work(agent([{"lie": "done"}]), bench, brief)
    assert (report.exit_code, report.output) == (0, "All tests pass. The task is done.")
    assert "a - b" in (bench.work / "calc.py").read_text()


def test_one_that_hangs_is_killed_when_its_time_is_over(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief
) -> None:
    report = work(agent([{"hang": True}], minutes=0.005), bench, brief)
    assert report.reason == "timeout"
    assert alive_in(bench) == []


def test_the_budget_of_the_task_holds_where_it_is_shorter(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief
) -> None:
    report = work(agent([{"hang": True}]), bench, replace(brief, budget=timedelta(seconds=0.3)))
    assert report.reason == "timeout"


def test_one_that_is_told_to_stop_goes_with_all_it_started(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief
) -> None:
    report = work(agent([{"fork": 3}, {"hang": True}]), bench, brief, stop_after=1)
    assert report.reason == "stopped"
    assert "left 3 processes behind" in report.output
    assert alive_in(bench) == []


def test_children_in_sessions_of_their_own_do_not_outlive_it(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief
) -> None:
    report = work(agent([{"fork": 5}]), bench, brief)
    assert report.reason == "exit"
    assert alive_in(bench) == []


def test_a_flood_of_output_is_bounded(agent: Callable[..., Agent], bench: OpenBench, brief: Brief) -> None:
    report = work(agent([{"flood": 20_000_000}, {"say": "the end"}]), bench, brief)
    assert report.reason == "exit"
    assert len(report.output) < 10_000
    assert report.output.endswith("the end")
    assert (bench.root / "run/output").stat().st_size < 5_000_000


def test_what_it_prints_cannot_reach_the_terminal(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief
) -> None:
    report = work(agent([{"run": r"printf '\033[2Jx\007\377\n'"}]), bench, brief)
    assert "x\\x07�" in report.output
    assert "\x1b" not in report.output.replace("\\x1b", "")


def test_an_action_that_does_not_fit_ends_it(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief
) -> None:
    edit = {"path": "calc.py", "old": "not there", "new": ""}
    report = work(agent([{"edit": edit}, {"delete": "calc.py"}]), bench, brief)
    assert (report.exit_code, report.output) == (3, "cannot edit: calc.py does not contain 'not there'")
    assert (bench.work / "calc.py").exists()


def test_it_asks_whether_to_stop_at_most_twice_a_second(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief
) -> None:
    questions = itertools.count()
    report = agent([{"sleep": 0.8}]).work(bench, brief, should_stop=lambda: next(questions) < 0)
    assert 2 <= next(questions) <= 2 + report.duration_s * 2


def test_work_that_a_dead_podium_began_is_taken_up_not_begun_again(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief
) -> None:
    one = agent([{"append": {"path": "log", "text": "begun\n"}}, {"sleep": 0.6}])

    def die() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one.work(bench, brief, should_stop=die)
    report = work(one, bench, brief)
    assert (report.exit_code, report.reason) == (0, "exit")
    assert (bench.work / "log").read_text() == "begun\n"
    assert work(one, bench, brief) == report


def test_it_gets_the_variables_it_may_have_and_no_other(
    agent: Callable[..., Agent], bench: OpenBench, brief: Brief, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", "granted")
    monkeypatch.setenv("OTHER_KEY", "withheld")
    work(agent([{"run": "env > env.txt"}], env=("SOME_KEY", "NOT_SET")), bench, brief)
    said = dict(line.partition("=")[::2] for line in (bench.work / "env.txt").read_text().splitlines())
    assert said["SOME_KEY"] == "granted"
    assert not {"OTHER_KEY", "NOT_SET"} & said.keys()
    assert (said["PODIUM_TASK"], said["PODIUM_ATTEMPT"]) == ("calc/1", "calc/1@1")
    assert Path(said["PODIUM_BRIEF"]).read_text() == brief.text


def test_commits_credit_it_by_its_name_or_as_configured(agent: Callable[..., Agent]) -> None:
    assert agent([]).assisted_by == agent([]).name == "ada"
    assert agent([], assisted_by="ada:big-model").assisted_by == "ada:big-model"


def command(*argv: str) -> Agent:
    return make("sed", AgentSettings(command=argv), read_script=lambda _path: None)


def test_a_command_finds_its_brief_its_paths_and_its_task(bench: OpenBench, brief: Brief) -> None:
    shown = command("printf", "%s|", "{brief}", "{paths}", "at {paths}", "{task}", "{x} {}")
    report = work(shown, bench, brief)
    assert report.output == f"{brief.file}|calc.py|docs/*|at calc.py docs/*|calc/1|{{x}} {{}}|"


def test_no_paths_are_no_word(bench: OpenBench, brief: Brief) -> None:
    report = work(command("printf", "%s|", "{paths}", "a{paths}"), bench, replace(brief, paths=()))
    assert report.output == "a|"


def test_a_path_is_filled_in_once(bench: OpenBench, brief: Brief) -> None:
    report = work(command("printf", "%s|", "x {paths}"), bench, replace(brief, paths=("{task}",)))
    assert report.output == "x {task}|"


def test_the_newcomers_sed_works(bench: OpenBench, brief: Brief) -> None:
    report = work(command("sed", "-i", "s/a - b/a + b/", "calc.py"), bench, brief)
    assert report.exit_code == 0
    assert "a + b" in (bench.work / "calc.py").read_text()


def test_a_command_that_is_not_there_is_told_not_raised(bench: OpenBench, brief: Brief) -> None:
    report = work(command("no-such-program"), bench, brief)
    assert (report.exit_code, report.reason) == (127, "not-started")
    assert "no-such-program" in report.note


SCRIPT = """
[[task.1]]
do = [{ say = "one" }]
[[task.1]]
do = [{ say = "two" }]
[[task."*"]]
do = [{ say = "any" }]
"""


@pytest.mark.parametrize(
    ("task", "attempt", "said"),
    [("calc/1", 1, "one"), ("calc/1", 2, "two"), ("calc/1", 9, "two"), ("calc/2", 1, "any")],
)
def test_a_script_is_played_by_task_and_attempt(
    bench: OpenBench, brief: Brief, task: str, attempt: int, said: str
) -> None:
    scripted = make("ada", AgentSettings(script="s.toml"), read_script=lambda _path: SCRIPT.encode())
    assert work(scripted, bench, replace(brief, task=task, attempt=attempt)).output == said


def test_a_task_the_script_does_not_know_is_told_not_raised(bench: OpenBench, brief: Brief) -> None:
    scripted = make("ada", AgentSettings(script="s.toml"), read_script=lambda _path: b"[[task.2]]\ndo = []")
    report = work(scripted, bench, brief)
    assert (report.reason, report.note) == ("not-started", "s.toml has nothing for task calc/1")


def test_the_pace_of_a_play_is_the_persons(
    bench: OpenBench, brief: Brief, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODIUM_PACE", "0.001")
    scripted = make(
        "a", AgentSettings(script="s"), read_script=lambda _path: b"[[task.1]]\ndo = [{ sleep = 300 }]"
    )
    assert work(scripted, bench, brief).duration_s < 5


def test_a_command_in_a_play_may_fail_and_the_play_goes_on(bench: OpenBench, brief: Brief) -> None:
    run = shlex.quote("exit 3")
    play = f'[[task.1]]\ndo = [{{ run = "sh -c {run}" }}, {{ say = "on" }}]'
    scripted = make("a", AgentSettings(script="s"), read_script=lambda _path: play.encode())
    assert work(scripted, bench, brief).output == "$ sh -c 'exit 3'\nexit code 3\non"


def test_a_script_that_is_not_there_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"no script s\.toml on the target branch"):
        make("ada", AgentSettings(script="s.toml"), read_script=lambda _path: None)


def test_what_has_neither_command_nor_script_is_no_agent() -> None:
    with pytest.raises(ConfigError, match=r"agents\.ada is no agent"):
        make("ada", AgentSettings(), read_script=lambda _path: None)
