"""Work of an agent that speaks ACP, from the spec to the branch: its session outlives what happens around it."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from podium_process import Stage, await_until, processes_below

from podium.model.attempt import AttemptEnd, End

Repo = Any
"""The `repo` fixture's helper."""

pytestmark = pytest.mark.slow

ROGUE = Path(__file__).parent.parent / "agents" / "rogue.py"
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable

SECOND_PROMPT = "! grep -rqs 'prompts: 1' *.md"
"""A check that only work of a session that was prompted again can pass."""
SECOND_ATTEMPT = "! grep -rqs 'attempt: 1' *.md"
"""A check that only work of a program that was started again can pass."""


@pytest.fixture
def stage(repo: Repo) -> Stage:
    return Stage(repo)


def set_up(stage: Stage, *modes: str, check: str = "true", agent: str = "", more: str = "") -> None:
    """Configure an agent for each mode of the program, called like it; the first makes what names none."""
    names = modes or ("good",)
    made = "".join(
        f'[agents.{mode}]\nacp = ["{PYTHON}", "{ROGUE}", "{mode}"]\nread = ["{ROGUE.parent}"]\nminutes = 2\n{agent}\n'
        for mode in names
    )
    policy = f'[[gate.check]]\nname = "green"\nrun = "{check}"\n[policy]\nreview = "never"\n{more}\n'
    stage.repo.commit({"podium.toml": f'agent = "{names[0]}"\n{policy}{made}'}, "set up")


def doing(name: str, *asked: str, agent: str = "") -> str:
    """A task that says in its title what the agent is to do."""
    wanted = " ".join(f"[[{words}]]" for words in (f"file {name}.md", *asked))
    chosen = f"  - agent: {agent}\n" if agent else ""
    return f"- [ ] {name} Do {name} {wanted}\n  - kind: chore\n{chosen}"


def ends(stage: Stage) -> dict[str, AttemptEnd]:
    found = {end.attempt.rpartition("/")[2]: end for end in stage.project.store.attempt_ends()}
    return dict(sorted(found.items()))


def text_of(stage: Stage, name: str) -> str:
    return str(stage.repo.git("show", f"main:{name}.md"))


def workspaces(stage: Stage) -> list[Path]:
    return sorted((stage.repo.path / ".git/podium/workspaces").glob("*/work"))


def await_turn(stage: Stage, *, turns: int = 1) -> None:
    """Wait until agents stand in the middle of a turn for the so-manieth time."""
    transcripts = stage.repo.path / ".git/podium/transcripts"

    def at_work() -> bool:
        found = [path.read_text() for path in transcripts.glob("*/events.jsonl")]
        return "".join(found).count("write it.") >= turns

    await_until(at_work, f"{turns} turns")


def let_go(stage: Stage) -> None:
    """Give the agents what they wait for."""
    for work in workspaces(stage):
        (work / "go").touch()


def left_of(stage: Stage) -> list[str]:
    return [
        line
        for line in processes_below(stage.repo.path).values()
        if "rogue.py" in line or "acp.client" in line
    ]


def assert_nothing_left(stage: Stage) -> None:
    await_until(lambda: not left_of(stage), f"an end of {left_of(stage)}", seconds=20)


def test_its_work_lands(stage: Stage) -> None:
    set_up(stage)
    said = stage.podium("run", stage.spec(doing("a")))
    assert text_of(stage, "a") == "prompts: 1\nattempt: 1"
    [end] = ends(stage).values()
    assert (end.end, end.turn, end.continued) == (End.PRODUCED, "ok", False)
    assert (end.usage.tokens, end.usage.cost_usd) == (1500, 0.01)
    assert "\x1b" not in said
    assert_nothing_left(stage)


def test_what_the_gate_found_is_said_in_the_same_session(stage: Stage) -> None:
    set_up(stage, check=SECOND_PROMPT)
    stage.podium("run", stage.spec(doing("a")))
    assert text_of(stage, "a") == "prompts: 2\nattempt: 1"
    first, second = ends(stage).values()
    assert (first.continued, second.continued) == (False, True)
    assert second.usage.cost_usd == pytest.approx(0.01)
    assert "green" in second.brief
    assert_nothing_left(stage)


@pytest.mark.parametrize("agent", ["linger_minutes = 0", ""])
def test_where_the_session_is_gone_a_fresh_one_is_told(stage: Stage, agent: str) -> None:
    set_up(stage, "good" if agent else "error-after-turn", check=SECOND_ATTEMPT, agent=agent)
    stage.podium("run", stage.spec(doing("a")))
    assert text_of(stage, "a") == "prompts: 1\nattempt: 2"
    first, second = ends(stage).values()
    assert (first.continued, second.continued) == (False, False)
    assert "green" in second.brief
    assert_nothing_left(stage)


def test_a_session_that_dies_when_it_is_told_costs_one_attempt(stage: Stage) -> None:
    set_up(stage, check="! grep -rqs 'attempt: [12]' *.md")
    stage.podium("run", stage.spec(doing("a", "give-up")))
    assert text_of(stage, "a") == "prompts: 1\nattempt: 3"
    first, second, third = ends(stage).values()
    assert (first.end, second.end, third.end) == (End.PRODUCED, End.CRASHED, End.PRODUCED)
    assert_nothing_left(stage)


def test_a_claim_lands_nothing(stage: Stage) -> None:
    fates = {"all-talk": End.NO_CHANGE, "killed-in-turn": End.CRASHED, "prompt-error": End.CRASHED}
    set_up(stage, *fates, more="[limits]\nattempts = 1\n")
    tasks = dict(zip("abc", fates, strict=True))
    stage.podium("run", stage.spec("".join(doing(name, agent=mode) for name, mode in tasks.items())), code=1)
    assert not {"a.md", "b.md", "c.md"} & stage.tree()
    assert {name: end.end for name, end in ends(stage).items()} == {
        f"{name}@1": fates[mode] for name, mode in tasks.items()
    }
    assert_nothing_left(stage)


def test_what_is_nonsense_in_its_figures_harms_no_record(stage: Stage) -> None:
    set_up(stage, "bad-types")
    stage.podium("run", stage.spec(doing("a")))
    assert "a.md" in stage.tree()
    stage.podium("show", "a")
    stage.podium("report")


def test_a_persons_word_is_another_prompt_of_the_same_session(stage: Stage) -> None:
    set_up(stage)
    podium = stage.start("run", stage.spec(doing("a", "until go")))
    await_turn(stage)
    stage.podium("tell", "a", "and be quick")
    let_go(stage)
    assert podium.wait() == 0, podium.said
    assert text_of(stage, "a") == "prompts: 2\nattempt: 1"
    assert [end.end for end in ends(stage).values()] == [End.PRODUCED]


def test_a_cancelled_attempt_ends_and_its_work_is_kept(stage: Stage) -> None:
    set_up(stage, "ignores-cancel")
    podium = stage.start("run", stage.spec(doing("a")))
    await_turn(stage)
    stage.podium("cancel", "a")
    podium.wait()
    [end] = ends(stage).values()
    assert end.end is End.CANCELLED
    assert end.head
    assert "a.md" not in stage.tree()
    assert_nothing_left(stage)


def test_a_killed_podium_loses_no_turn(stage: Stage) -> None:
    set_up(stage)
    spec = stage.spec(doing("a", "until go"))
    podium = stage.start("run", spec)
    await_turn(stage)
    os.killpg(podium.process.pid, signal.SIGKILL)
    podium.wait()
    assert left_of(stage)
    podium = stage.start("run", spec)
    let_go(stage)
    assert podium.wait() == 0, podium.said
    assert text_of(stage, "a") == "prompts: 1\nattempt: 1"
    assert [end.end for end in ends(stage).values()] == [End.PRODUCED]
    assert_nothing_left(stage)


def test_a_turn_that_ended_while_no_podium_ran_is_taken_up(stage: Stage) -> None:
    set_up(stage)
    spec = stage.spec(doing("a", "until go"))
    podium = stage.start("run", spec)
    await_turn(stage)
    podium.kill()
    let_go(stage)
    turns = stage.repo.path / ".git/podium/workspaces"
    await_until(lambda: any(turns.glob("*/private/session/turns/*.json")), "the end of the turn")
    stage.podium("run", spec)
    assert text_of(stage, "a") == "prompts: 1\nattempt: 1"


def test_a_power_cut_in_mid_turn_begins_it_anew(stage: Stage) -> None:
    set_up(stage)
    spec = stage.spec(doing("a", "until go"))
    podium = stage.start("run", spec)
    await_turn(stage)
    podium.kill()
    for _ in range(3):
        for pid in processes_below(stage.repo.path):
            kill_one(pid)
    podium = stage.start("run", spec)
    await_turn(stage, turns=2)
    let_go(stage)
    assert podium.wait() == 0, podium.said
    assert text_of(stage, "a").startswith("prompts: 1\n")


def kill_one(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def test_an_interrupted_run_leaves_no_agent_and_the_next_one_begins_again(stage: Stage) -> None:
    set_up(stage)
    spec = stage.spec(doing("a", "until go"))
    podium = stage.start("run", spec)
    await_turn(stage)
    podium.interrupt()
    podium.wait()
    assert_nothing_left(stage)
    assert "Traceback" not in podium.said
    podium = stage.start("run", spec)
    await_turn(stage, turns=2)
    let_go(stage)
    assert podium.wait() == 0, podium.said
    assert text_of(stage, "a").startswith("prompts: 1\n")


def test_two_work_side_by_side(stage: Stage) -> None:
    set_up(stage)
    podium = stage.start("run", stage.spec(doing("a", "until go") + doing("b", "until go")))
    await_turn(stage, turns=2)
    let_go(stage)
    assert podium.wait() == 0, podium.said
    assert {"a.md", "b.md"} <= stage.tree()
    assert text_of(stage, "a") == text_of(stage, "b") == "prompts: 1\nattempt: 1"
    assert_nothing_left(stage)
