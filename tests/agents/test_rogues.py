"""Agents that misbehave, as real processes under the real client, shim and sandbox.

Whatever they do, each attempt comes to the right end, in bounded time and memory, with a transcript that can be read, and
nothing of it runs on.
"""

import contextlib
import json
import os
import signal
import socket
import threading
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rogues import NUMBER, PROGRAM, PYTHON, ROGUES, SECRET, Rogue

from podium.agents import starting
from podium.agents.acp.agent import AcpAgent
from podium.agents.acp.assignment import Assignment
from podium.agents.base import Brief, Report
from podium.agents.events import FILE, EventKind, read_events
from podium.config.settings import AgentSettings
from podium.engine.jobs.attempt import classify
from podium.git.repository import Repository
from podium.model.attempt import End
from podium.workspaces.collecting import Collected
from podium.workspaces.mirror import sync
from podium.workspaces.sandboxes.base import Sandbox
from podium.workspaces.sandboxes.registry import choose
from podium.workspaces.workspace import Workspace, prepare

Repo = Any
"""The `repo` fixture's helper."""

LIMIT_KB = 64
MOST_KB = 200_000
"""Of the client's memory; it takes 45 MB to stand there, and 110 MB at the worst of them."""
TRANSCRIPT_BYTES = 32_000_000
FAKE_TOKEN = "sk-ant-api03-" + "Ab1" * 30


@dataclass
class Scene:
    """A place to let rogues loose: a workspace each, and a directory of the host they must not reach."""

    repository: Repository
    sandbox: Sandbox
    outside: Path
    mark: str
    stack: contextlib.ExitStack
    """Ends what a test that fails leaves."""

    def play(self, rogue: Rogue) -> "Played":
        workspace = self.workspace()
        self.stack.callback(workspace.remove)
        watch = Watch(workspace.directory)
        begun = time.monotonic()
        with watch:
            report = self.agent(rogue).work(
                workspace, brief(workspace, rogue), should_stop=stopper(workspace, rogue)
            )
        seconds = time.monotonic() - begun
        collected = workspace.collect(limit_kb=LIMIT_KB) or Collected(None, None)
        end, because = classify(report, collected, cancelled=False)
        return Played(workspace, report, end, because, seconds, watch.peak_kb, collected)

    def workspace(self) -> Workspace:
        tip = self.repository.tip("main")
        return prepare(
            self.repository, self.sandbox, attempt="spec/1@1", base=tip, mirror=sync(self.repository, "main")
        )

    def agent(self, rogue: Rogue) -> AcpAgent:
        settings: dict[str, Any] = {
            "acp": (PYTHON, str(PROGRAM), rogue.mode), "read": (str(PROGRAM.parent),),
            "minutes": 2, "idle_minutes": 1, "env": ("ROGUE_SECRET", "ROGUE_NUMBER"),
            "variables": {"ROGUE_OUTSIDE": str(self.outside), "ROGUE_MARK": self.mark, "ROGUE_PORT": "1"},
        }  # fmt: skip
        variables = {**settings["variables"], **rogue.settings.get("variables", {})}
        return AcpAgent("fake", AgentSettings(**{**settings, **rogue.settings, "variables": variables}))

    def left(self, directory: Path) -> list[str]:
        """What still runs of it: by its environment, its command line or the place it stands in."""
        return [line for pid, line in processes() if self.mark in environ(pid) or str(directory) in line]


@dataclass(frozen=True)
class Played:
    """What a rogue came to."""

    workspace: Workspace
    report: Report
    end: End
    because: str
    seconds: float
    peak_kb: int
    collected: Collected

    def file(self, name: str) -> str:
        return (self.workspace.work / name).read_text()


class Watch:
    """Looks, while it is entered, how much memory the client takes at most."""

    def __init__(self, directory: Path) -> None:
        self.peak_kb = 0
        self._directory = directory
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        found: list[int] = []
        while not self._over.wait(0.1):
            found = found or clients(self._directory)
            self.peak_kb = max([self.peak_kb, *map(high_water_kb, found)])


def processes() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (line := (entry / "cmdline").read_bytes()):
                yield int(entry.name), line.replace(b"\0", b" ").decode(errors="replace")


def clients(directory: Path) -> list[int]:
    """The processes that talk with an agent there; not the shims above them."""
    found = []
    for pid, line in processes():
        words = line.split()
        if words[1:3] == ["-m", starting.CLIENT] and words[3].startswith(str(directory)):
            found.append(pid)
    return found


def environ(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    return ""


def high_water_kb(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def brief(workspace: Workspace, rogue: Rogue) -> Brief:
    return Brief("spec/1", f"# Task\n\n{rogue.brief}\n", workspace.private / "brief.md", (), 1)


def stopper(workspace: Workspace, rogue: Rogue) -> Callable[[], bool]:
    """Tells one that is to be stopped to stop when it has written, and any when patience is at its end."""
    until = time.monotonic() + rogue.within_s
    return lambda: time.monotonic() > until or (rogue.stop and (workspace.work / "done.md").exists())


@pytest.fixture
def scene(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("ROGUE_SECRET", SECRET)
    monkeypatch.setenv("ROGUE_NUMBER", NUMBER)
    monkeypatch.setattr(starting, "Assignment", partial(Assignment, grace_s=1.0, farewell_s=0.5))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine\n")
    with contextlib.ExitStack() as stack:
        yield Scene(repo.open(), choose("bubblewrap"), outside, f"rogue-{uuid.uuid4().hex}", stack)


@pytest.mark.parametrize("rogue", ROGUES, ids=lambda rogue: rogue.name + ("-stopped" if rogue.stop else ""))
def test_each_comes_to_its_end_and_leaves_nothing(rogue: Rogue, scene: Scene, repo: Repo) -> None:
    assert_all_is_well(scene, scene.play(rogue), rogue)
    assert repo.git("status", "--porcelain") == ""


def assert_all_is_well(scene: Scene, played: Played, rogue: Rogue) -> None:
    """It came to its end, harmed nothing, and leaves nothing once its workspace is removed."""
    assert_right(played, rogue)
    assert_kept(played.workspace.transcript)
    assert_harmless(played)
    assert [path.name for path in scene.outside.iterdir()] == ["mine.txt"]
    played.workspace.remove()
    assert_nothing_left(scene, played.workspace.directory)


def assert_right(played: Played, rogue: Rogue) -> None:
    told = (played.end, played.because, played.report)
    assert played.end in rogue.ends, told
    assert played.report.turn in rogue.turns, told
    assert rogue.because in played.because, told
    assert played.seconds < rogue.within_s, told
    assert 0 < played.peak_kb < MOST_KB, f"{played.peak_kb} kB"
    if rogue.stop:
        assert played.report.reason == "stopped", told
    if End.PRODUCED in rogue.ends and rogue.mode != "leaves-children":
        assert played.end is not End.PRODUCED or played.file("done.md").startswith("prompts: 1\n")


def assert_kept(transcript: Path) -> None:
    """There is a transcript, of whole lines, bounded, that says how it ended."""
    events = [event for event, _offset in read_events(transcript / FILE)]
    assert len(events) == len((transcript / FILE).read_bytes().splitlines())
    assert events[-1].kind in {EventKind.TURN_DONE, EventKind.NOTE}
    assert EventKind.TURN_DONE in {event.kind for event in events}
    assert sum(path.stat().st_size for path in transcript.rglob("*") if path.is_file()) < TRANSCRIPT_BYTES
    for event in events:
        assert harmless(event.text), event


def assert_harmless(played: Played) -> None:
    """No secret was written down, and what is said of the end can be printed."""
    for path in played.workspace.transcript.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for secret in (SECRET, json.dumps(SECRET)[1:-1], FAKE_TOKEN):
                assert secret.encode() not in data, path
    for text in (played.report.output, played.report.note, played.because):
        assert harmless(text), text
        assert SECRET not in text
        assert FAKE_TOKEN not in text


def harmless(text: str) -> bool:
    return all(
        character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs"} for character in text
    )


def assert_nothing_left(scene: Scene, directory: Path) -> None:
    until = time.monotonic() + 5
    while scene.left(directory) and time.monotonic() < until:
        time.sleep(0.05)
    assert scene.left(directory) == []
    assert not directory.exists()


def rogue_of(mode: str, **settings: Any) -> Rogue:
    return Rogue(mode, (End.PRODUCED,), settings=settings)


def test_it_asks_for_permission_and_is_answered_by_the_kind(scene: Scene) -> None:
    played = scene.play(rogue := rogue_of("permission-for-everything"))
    assert json.loads(played.file("answers.json")) == [
        "id-allow_once", "id-allow_once", "id-allow_always", "id-reject_once", "cancelled", "cancelled", "id-allow_once",
    ]  # fmt: skip
    asked = [
        event
        for event, _ in read_events(played.workspace.transcript / FILE)
        if event.kind is EventKind.PERMISSION
    ]
    assert len(asked) == 7
    assert_all_is_well(scene, played, rogue)


def test_what_it_was_not_offered_it_is_refused(scene: Scene) -> None:
    played = scene.play(rogue := rogue_of("requests-fs"))
    assert json.loads(played.file("codes.json")) == [-32601] * 4
    assert_all_is_well(scene, played, rogue)


def test_it_reaches_nothing_outside(scene: Scene) -> None:
    played = scene.play(rogue := rogue_of("writes-outside"))
    assert json.loads(played.file("reached.json")) == []
    assert_all_is_well(scene, played, rogue)


def test_it_reaches_no_network(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        port = server.getsockname()[1]
        abstract.bind(f"\0rogue-{port}")
        abstract.listen()
        played = scene.play(rogue := rogue_of("network", variables={"ROGUE_PORT": str(port)}))
    assert json.loads(played.file("reached.json")) == []
    assert_all_is_well(scene, played, rogue)


def test_what_was_made_before_it_died_is_kept(scene: Scene) -> None:
    played = scene.play(rogue := Rogue("killed-in-turn", (End.CRASHED,), ("failed",)))
    assert played.collected.head
    assert_all_is_well(scene, played, rogue)


def test_a_usage_that_is_nonsense_stays_unknown(scene: Scene) -> None:
    played = scene.play(rogue := rogue_of("bad-types"))
    usage = played.report.usage
    assert usage.input_tokens is None
    assert usage.cost_usd is None or 0 <= usage.cost_usd <= 1
    assert (usage.cached_tokens or 0) < 2**63
    assert_all_is_well(scene, played, rogue)


def test_what_a_good_one_used_is_told(scene: Scene) -> None:
    played = scene.play(rogue := rogue_of("good"))
    usage = played.report.usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens, usage.cost_usd) == (
        1200,
        1000,
        300,
        0.01,
    )
    assert_all_is_well(scene, played, rogue)


def test_an_attempt_whose_client_dies_took_its_own_time_only(scene: Scene) -> None:
    rogue = rogue_of("good")
    agent, workspace = scene.agent(rogue), replace(scene, sandbox=choose("none")).workspace()
    scene.stack.callback(workspace.remove)
    first = agent.work(workspace, brief(workspace, rogue), should_stop=lambda: False)
    assert first.turn == "ok"
    [client] = clients(workspace.directory)
    os.kill(client, signal.SIGSTOP)

    def die() -> bool:
        os.kill(client, signal.SIGKILL)
        return False

    begun = time.monotonic()
    again = replace(brief(workspace, rogue), attempt=2, continues=True)
    report = agent.work(replace(workspace, attempt="spec/1@2"), again, should_stop=die)
    assert (report.turn, report.continued) == ("unknown", True)
    assert report.duration_s < time.monotonic() - begun + 0.1


@pytest.mark.parametrize("mode", ["good", "leaves-children", "forks", "ignores-cancel"])
def test_without_a_sandbox_nothing_runs_on_either(scene: Scene, mode: str) -> None:
    bare = replace(scene, sandbox=choose("none"))
    played = bare.play(Rogue(mode, (), stop=mode == "ignores-cancel", settings={"minutes": 0.2}))
    assert (played.workspace.work / "done.md").exists()
    played.workspace.remove()
    assert_nothing_left(scene, played.workspace.directory)
