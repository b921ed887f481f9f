"""Real agent programs, from the brief to the branch: Claude Code, Codex and Gemini CLI over ACP, in real sandboxes.

Only the model is played: a server on the loopback speaks the providers' streaming APIs from a script. The programs are
those of `.cache/agents` (`tools/agents.sh` installs them); one that is not there is left out, and the summary says so.
"""

import json
import os
import re
import resource
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from model_script import Asked, Delay, Drop, Edit, Finish, Item, Mcp, Read, Say, Shell, Status, Used, Write
from model_server import ModelServer
from podium_process import Stage, await_until, processes_below

from podium.model.attempt import AttemptEnd, End

pytestmark = pytest.mark.slow

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "agents"
KEYS = {"claude": "ANTHROPIC", "codex": "OPENAI", "gemini": "GEMINI"}
PROGRAMS = {"claude": "claude-agent-acp", "codex": "codex-acp", "gemini": "gemini"}
ALL = sorted(KEYS)
SECRET = "sk-this-is-the-real-key-0123456789"
PATIENCE_S = 240

CALC = "def add(one, other):\n    return one - other\n"
MEND = Edit("calc.py", "    return one - other", "    return one + other")
CHECK = (
    'python3 -c \'import calc; assert calc.add(20, 22) == 42 or not __import__("os").path.exists("mended")\''
)


def installed(name: str) -> bool:
    return (CACHE / "bin" / "node").exists() and (CACHE / "bin" / PROGRAMS[name]).exists()


def needing(*names: str) -> None:
    missing = [name for name in names if not installed(name)]
    if missing:
        pytest.skip(f"REAL AGENTS NOT TESTED: {', '.join(missing)} not in .cache/agents (tools/agents.sh)")


@pytest.fixture
def stage(repo: Any, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A repository with a small fault, and the agents on the PATH."""
    monkeypatch.setenv("PATH", f"{CACHE / 'bin'}:{os.environ['PATH']}")
    repo.commit({"calc.py": CALC, "AGENTS.md": "Say so in NOTES.md.\n"}, "a calculator")
    return Stage(repo)


def use(monkeypatch: pytest.MonkeyPatch, server: ModelServer) -> None:
    """What a person who has a key for each provider has in the environment; the server is their own gateway."""
    for name in KEYS.values():
        monkeypatch.setenv(f"{name}_API_KEY", SECRET)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)


def set_up(stage: Stage, *, check: str = "true", more: str = "", agents: int = 4) -> None:
    policy = f'[policy]\nreview = "never"\n[limits]\nagents = {agents}\n{more}\n'
    stage.repo.commit(
        {"podium.toml": f'[[gate.check]]\nname = "green"\nrun = {json.dumps(check)}\n{policy}'}, "set up"
    )


def task(number: int, script: str, agent: str) -> str:
    return f"- [ ] {number} Do what the script says\n  - kind: chore\n  - agent: {agent}\n  - [[script:{script}]]\n"


def ends(stage: Stage) -> dict[str, AttemptEnd]:
    found = {end.attempt.rpartition("/")[2]: end for end in stage.project.store.attempt_ends()}
    return dict(sorted(found.items()))


def nothing_is_left(stage: Stage) -> None:
    assert not processes_below(stage.repo.path)
    assert not list((stage.repo.path / ".git" / "podium" / "workspaces").glob("*"))


def the_secret_is_kept(stage: Stage) -> None:
    """Nowhere in Podium's state or the repository does the key stand."""
    for path in (stage.repo.path / ".git").rglob("*"):
        if path.is_file() and not path.name.endswith((".db-wal", ".db-shm")):
            assert SECRET.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("name", ALL)
def test_an_agent_is_proven_by_its_command(name: str, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    needing(name)
    set_up(stage)
    script: list[Item] = [
        Read("calc.py"), MEND, Write("NOTES.md", "It subtracted.\n"), Shell("python3 -m unittest"), Used(4000, 1000, 200),
        Finish("It adds now."),
    ]  # fmt: skip
    with ModelServer({"fix": script}) as server:
        use(monkeypatch, server)
        said = stage.podium("agents", "test", name, seconds=PATIENCE_S)
        asked = server.requests
    assert "landed" in said.splitlines()[-1], said
    assert {request.key.removeprefix("Bearer ") for request in asked if not request.aside} == {SECRET}


@pytest.mark.parametrize("name", ALL)
def test_a_failing_model_is_no_success(name: str, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    needing(name)
    set_up(stage, more="attempts = 1")
    faults: dict[str, Item] = {"401": Status(401), "500": Status(500), "drop": Drop()}
    with ModelServer({fault: [item] for fault, item in faults.items()}) as server:
        use(monkeypatch, server)
        tasks = "".join(task(number, fault, name) for number, fault in enumerate(faults, 1))
        stage.podium("run", stage.spec(tasks), code=1, seconds=PATIENCE_S)
        met = {request.script for request in server.requests if not request.aside}
    assert met == set(faults)
    found = dict(zip(faults, ends(stage).values(), strict=True))
    assert {fault: (end.end, end.turn) for fault, end in found.items()} == dict.fromkeys(
        faults, (End.CRASHED, "failed")
    ), found
    assert not stage.landed_changes()
    nothing_is_left(stage)


@pytest.mark.parametrize("name", ALL)
def test_what_the_gate_found_is_said_in_the_same_session(
    name: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first prompt mends nothing; the second, with what the gate found, does."""
    needing(name)
    set_up(stage, check="python3 -c 'import calc; assert calc.add(20, 22) == 42'")
    stage.repo.commit({"calc.py": CALC.replace("-", "+")}, "right, so that main is green")
    breaks = Edit("calc.py", "    return one + other", "    return one * other")
    mends = Edit("calc.py", "    return one * other", "    return other + one")

    def script(asked: Asked) -> Item:
        action = mends if "AssertionError" in asked.text else breaks
        return action if asked.step == 0 else Finish("Done.")

    with ModelServer({"calc": script}) as server:
        use(monkeypatch, server)
        stage.podium("run", stage.spec(task(1, "calc", name)), seconds=PATIENCE_S)
    assert [end.continued for end in ends(stage).values()] == [False, True]
    assert stage.repo.git("show", "main:calc.py").endswith("return other + one")
    nothing_is_left(stage)


def test_a_login_is_copied_and_never_changed(stage: Stage) -> None:
    """With a login and no key, Claude Code works by a copy of it, which holds no token that changes when it is used."""
    needing("claude")
    login = Path(os.environ["HOME"]) / ".claude" / ".credentials.json"
    tokens = {
        "accessToken": "sk-ant-oat01-" + "x" * 40,
        "refreshToken": "sk-ant-ort01-" + "y" * 40,
        "expiresAt": 9e12,
        "scopes": ["user:inference"],
    }
    login.parent.mkdir()
    login.write_text(json.dumps({"claudeAiOauth": tokens}))
    before = {path: path.read_bytes() for path in login.parent.rglob("*")}
    look = "cat ~/.claude/.credentials.json > seen.txt; touch ~/.claude/settings.json"
    with ModelServer({"looks": [Shell(look), Finish("Seen.")]}) as server:
        address = f'[agents.claude]\nnetwork = true\n[agents.claude.variables]\nANTHROPIC_BASE_URL = "{server.url}"\n'
        set_up(stage, more=address)
        stage.podium("run", stage.spec(task(1, "looks", "claude")), seconds=PATIENCE_S)
        keys = {request.key for request in server.requests}
    assert keys == {f"Bearer {tokens['accessToken']}"}
    seen = json.loads(stage.repo.git("show", "main:seen.txt"))["claudeAiOauth"]
    assert (seen["accessToken"], seen["refreshToken"]) == (tokens["accessToken"], "")
    assert {path: path.read_bytes() for path in login.parent.rglob("*")} == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_a_word_reaches_a_running_agent(name: str, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    needing(name)
    set_up(stage)

    def script(asked: Asked) -> Item | list[Item]:
        if "marmalade" in asked.prompt:
            return Write("word.txt", "marmalade\n") if asked.step == 0 else Finish("Heard.")
        return [Delay(3), Write("plain.txt", "x\n")] if asked.step == 0 else [Delay(5), Finish("Done.")]

    with ModelServer({"slow": script}) as server:
        use(monkeypatch, server)
        run = stage.start("run", stage.spec(task(1, "slow", name)))
        await_until(lambda: bool(server.requests), "a request", seconds=PATIENCE_S)
        stage.podium("tell", "1", "the word is marmalade")
        assert run.wait(seconds=PATIENCE_S) == 0, run.said
    assert {"plain.txt", "word.txt"} <= stage.tree()
    assert "marmalade" in stage.podium("show", "1@1")


@pytest.mark.parametrize("name", ALL)
def test_a_cancelled_attempt_ends_with_its_work_kept(
    name: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    needing(name)
    set_up(stage, more="attempts = 1")
    slow: list[Item] = [
        Write("half.txt", "half\n"),
        Shell("python3 -c 'import time; time.sleep(200)'"),
        Finish("no"),
    ]
    with ModelServer({"slow": slow}) as server:
        use(monkeypatch, server)
        run = stage.start("run", stage.spec(task(1, "slow", name)))
        await_until(
            lambda: any(request.step == 1 for request in server.requests),
            "its second step",
            seconds=PATIENCE_S,
        )
        stage.podium("cancel", "1@1", "--reason", "wrong way")
        assert run.wait(seconds=PATIENCE_S) == 1, run.said
    (end,) = ends(stage).values()
    assert end.end is End.CANCELLED
    assert end.head
    assert stage.repo.git("show", f"{end.head}:half.txt") == "half"
    nothing_is_left(stage)


def test_tools_of_ours_are_called_by_real_agents(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    needing(*ALL)
    set_up(stage, check="echo the gate ran here")
    script: list[Item] = [Mcp("run_gate", {}), Write("done.txt", "x\n"), Finish("Done.")]

    def for_each(asked: Asked) -> Item:
        if asked.step == 1:
            return Write(f"{asked.model.replace('/', '-')}.txt", "x\n")
        return script[asked.step]

    with ModelServer({"gated": for_each}) as server:
        use(monkeypatch, server)
        tasks = "".join(task(number, "gated", name) for number, name in enumerate(ALL, 1))
        stage.podium("run", stage.spec(tasks), seconds=PATIENCE_S)
        heard = {request.dialect for request in server.requests if "the gate ran here" in request.text}
        asked = [(one.dialect, one.step, one.status, one.error) for one in server.requests if not one.aside]
    assert len(heard) == len(ALL), (heard, asked)


SPEC = """# Sum

It subtracts.

### Requirement: Sum
add SHALL return the sum.

#### Scenario: two and three
- **WHEN** add(2, 3) is called
- **THEN** it returns 5
"""
DRAFT = """## Tasks
- [ ] 1 Make add return the sum
  - kind: fix
  - paths: calc.py
  - accept: `python3 -c "import calc; print(calc.add(2, 3))"` → 5
"""


@pytest.mark.slow
def test_one_agent_plans_another_makes_and_a_third_checks(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    needing(*ALL)
    set_up(stage, more='[policy.checker]\nagents = ["codex"]\napproves_below = 60\n')
    verdict = {"verdict": "approve", "because": "it adds", "findings": [], "tests": []}

    def script(asked: Asked) -> Item:
        if asked.step:
            return Finish("Done.")
        if "Draft the tasks of a spec" in asked.text:
            return Mcp("submit_tasks", {"markdown": DRAFT})
        return Mcp("submit_verdict", verdict) if "## How to answer" in asked.text else MEND

    spec = stage.repo.path.parent / "sum.md"
    spec.write_text(SPEC)
    with ModelServer({"default": script}) as server:
        use(monkeypatch, server)
        stage.podium("plan", spec, "--agent", "gemini", "--yes", seconds=PATIENCE_S)
        assert spec.read_text() == f"{SPEC}\n{DRAFT}"
        stage.podium("run", spec, "--agent", "claude", seconds=PATIENCE_S)
    shown = stage.podium("show", "sum/1")
    assert "codex approved it and policy lets that stand below risk 60" in shown
    nothing_is_left(stage)


def test_a_fleet_of_twelve_lands_everything_while_one_is_killed_and_one_overspends(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needing(*ALL)
    set_up(stage, agents=12, more='[agents.spender]\nlike = "claude"\ntokens = 20000\n')
    begun = time.monotonic()
    scripts: dict[str, Any] = {f"n{number}": _writes(number) for number in range(10)}
    with ModelServer(scripts | {"spends": _spends, "dies": _dies}) as server:
        use(monkeypatch, server)
        tasks = "".join(task(number + 1, f"n{number}", ALL[number % 3]) for number in range(10))
        tasks += task(11, "spends", "spender") + task(12, "dies", "codex")
        run = stage.start("run", stage.spec(tasks))
        await_until(
            lambda: any(r.script == "dies" and r.step == 1 for r in server.requests),
            "its sleep",
            seconds=PATIENCE_S,
        )
        _kill_the_agent_of("12@1")
        most = _watch(run, stage)
        assert run.wait(seconds=2 * PATIENCE_S) == 0, run.said
    found = ends(stage)
    assert found["11@1"].end is End.OVER_BUDGET, found["11@1"]
    assert found["12@1"].end is End.CRASHED, found["12@1"]
    assert {f"part{number}.txt" for number in range(12)} <= stage.tree()
    assert len(stage.landed_changes()) == 12
    for name, end in found.items():
        view = json.loads(stage.podium("show", name, "--json"))
        assert view["said"], name
        assert end.brief
        assert end.usage.tokens or end.end is End.CRASHED, (name, end)
    assert "every commit accounted for" in stage.podium("audit")
    nothing_is_left(stage)
    the_secret_is_kept(stage)
    with capsys.disabled():
        print(
            f"\nfleet: 12 real agents of 3 kinds in {time.monotonic() - begun:.0f} s, at most {most} MiB at once"
        )


def _spends(asked: Asked) -> list[Item]:
    """The first attempt uses far more than it may; the next one is thrifty."""
    thrifty = "attempt 2" in asked.text
    if asked.step == 0:
        work: list[Item] = [Write("part10.txt", "x\n")]
        return work if thrifty else [Used(60_000, 0, 100), *work]
    return [Finish("Done.")] if thrifty else [Delay(3), Shell("true")]


def _dies(asked: Asked) -> Item:
    """The first attempt is killed while it waits."""
    if asked.step == 0:
        return Write("part11.txt", "x\n")
    return (
        Finish("Done.") if "attempt 2" in asked.text else Shell("python3 -c 'import time; time.sleep(200)'")
    )


def _writes(number: int) -> list[Item]:
    return [
        Read("calc.py"),
        Used(3000, 500, 120),
        Write(f"part{number}.txt", f"{number}\n"),
        Say("There."),
        Finish("Done."),
    ]


def _watch(run: Any, stage: Stage) -> int:
    """The most memory that all processes of a run held at once, in MiB."""
    most = 0
    while run.process.poll() is None:
        pages = sum(_resident(pid) for pid in (run.process.pid, *processes_below(stage.repo.path)))
        most = max(most, pages * resource.getpagesize() // 1024**2)
        time.sleep(1)
    return most


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0


def _kill_the_agent_of(attempt: str) -> None:
    """SIGKILL to the agent's own programs, in their sandbox; not to anything of ours."""
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    mine = [pid for pid in found if re.search(rf"PODIUM_ATTEMPT=[^\0]*/{attempt}\0", _environ(pid))]
    agents = [pid for pid in mine if _name(pid) in ("node", "codex")]
    assert agents, [_name(pid) for pid in mine]
    for pid in agents:
        os.kill(pid, signal.SIGKILL)


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        return ""


def _environ(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return ""
