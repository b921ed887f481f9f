"""`podium queue` on a real repository with a real store: what is shown, and what a person's word does."""

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from terminal import Ran, podium

from conftest import Repo
from podium.model.decision import Act
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import ChangeId, Tree
from podium.model.queue import Footprint
from podium.model.review import Wish
from podium.model.verdict import Verdict
from podium.project.project import Project
from podium.store.store import Transaction

CONFIG = """
[gate]
slots = 1

[[gate.check]]
name = "tests"
run = "true"

[agents.sed]
command = ["true"]

[policy]
review = "never"

[queue]
batch = 1
"""
ONE, TWO, THREE = "submit:one:1", "submit:two:1", "submit:three:1"
SPEC = "# Sums\n\n## Tasks\n- [ ] 1 Make add return the sum\n  - paths: calc.py\n  - accept: `true`\n"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two changes in the queue; a third one's own gate runs, and so does an agent at a task."""
    repo = Repo(tmp_path_factory.mktemp("queue") / "repo")
    repo.path.mkdir()
    repo.git("init", "-q", "-b", "main")
    for words in (("user.name", "Ada Person"), ("user.email", "ada@example.org")):
        repo.git("config", *words)
    repo.commit({"podium.toml": CONFIG, "spec.md": SPEC}, "begin")
    project = Project.open(repo.path)
    project.take_in(repo.path / "spec.md")
    for name in ("one", "two", "three"):
        repo.git("switch", "-q", "-c", name, "main")
        repo.commit({f"{name}.py": "x = 1\n"}, f"Add {name} \x1b[31m\x1b]0;owned\x07")
        repo.git("switch", "-q", "main")
        project.submit(name)
    for act, subject in (
        (Act.BASELINE, project.repository.tip("main")), (Act.GATE, ONE), (Act.GATE, TWO),
    ):  # fmt: skip
        passed(project, act, subject)
    project.engine.close()
    project.store.close()
    return repo.path


@pytest.fixture
def path(begun: Path, tmp_path: Path) -> Path:
    shutil.copytree(begun, tmp_path / "repo", symlinks=True)
    return tmp_path / "repo"


def passed(project: Project, act: Act, subject: str) -> None:
    at = project.site.clock()
    result = CheckResult("tests", "d", Tree("t"), Verdict.PASSED, "all passed", at=at)
    found = Evidence(f"{act}:{subject}", subject, Tree("t"), "b", "g", (result,), at, took_s=20.0)

    def record(transaction: Transaction) -> None:
        transaction.write(found, scope=subject)

    project.engine.advance(record)


def queue(path: Path, *words: str) -> Ran:
    return podium("queue", *words, "--repo", str(path))


def items(path: Path) -> dict[str, dict[str, object]]:
    return {item["change"]: item for item in json.loads(queue(path, "--json").out)["items"]}


def wishes(path: Path) -> list[tuple[str, str, str]]:
    project = Project.open(path)
    try:
        return [(order.subject, order.wish, order.reason) for order in project.store.orders()]
    finally:
        project.store.close()


def test_the_queue_says_who_lands_when_and_why_not_sooner(path: Path) -> None:
    view = json.loads(queue(path, "--json").out)
    assert [item["change"] for item in view["items"]] == [ONE, TWO]
    first, second = view["items"]
    assert first["because"].startswith("being gated in candidate-")
    assert first["candidates"] == [view["candidates"][0]["id"]]
    assert 0.5 < first["chance"] <= 1
    assert first["lands_at"] <= second["lands_at"]
    assert view["candidates"][0]["heads"] == [ONE]
    assert view["candidates"][0]["under_way"] is True
    page = queue(path)
    assert page.code == 0, page
    assert "2 changes in the merge queue · 1 of 1 gate slot in use" in page.out
    assert "lands in" in page.out
    assert not set(page.out) & set("\x1b\x07"), "plain lines, whatever the titles hold"


def test_everything_known_of_a_change_is_told(path: Path) -> None:
    view = json.loads(queue(path, "explain", "submit:two:1", "--json").out)
    assert view["item"]["change"] == TWO
    assert (view["target_count"], view["proven_count"]) == (1, 0)
    assert [one["change"] for one in view["neighbours"]] == [ONE]
    assert {one["act"] for one in view["decisions"]} == {"gate", "approve"}
    page = queue(path, "explain", TWO)
    assert page.code == 0, page
    for text in ("place 2 in the queue", "next: ", "0 of 1 target proven", "overlaps with", "decisions"):
        assert text in page.out
    assert not set(page.out) & set("\x1b\x07")


def test_what_is_proven_is_told_with_its_evidence(path: Path) -> None:
    queue(path, "hold", TWO)
    project = Project.open(path)
    tip = project.repository.tip("main")
    told = Footprint(
        ChangeId(TWO), f"gate:{TWO}", tip, ("tests/test_a.py", "tests/test_\x1b[31mb.py"), (), 2000.0
    )
    with project.store.transaction() as transaction:
        transaction.write(told)
    project.store.close()
    view = json.loads(queue(path, "explain", TWO, "--json").out)
    assert (view["target_count"], view["proven_count"]) == (2, 2)
    assert {(one["standing"], one["evidence"]) for one in view["targets"]} == {("passed", f"gate:{TWO}")}
    assert [(one["change"], one["shared"]) for one in view["neighbours"]] == [(ONE, 2)]
    assert view["next"].startswith("nothing, as long as this holds: held by")
    page = queue(path, "explain", TWO).out
    assert f"passed  tests/test_a.py  it passed in this very state (gate:{TWO})  shared with {ONE}" in page
    assert "\x1b" not in page


def test_a_held_change_stays_until_it_is_released(path: Path) -> None:
    said = queue(path, "hold", TWO, "--reason", "after \x1b[31mthe release")
    assert (said.code, "is held" in said.out) == (0, True)
    item = items(path)[TWO]
    assert str(item["held"]).endswith(": after the release")
    assert item["because"] == item["held"]
    assert item["lands_at"] is None
    assert "held by" in queue(path).out
    assert "already" in queue(path, "hold", TWO).out
    assert [wish for _, wish, _ in wishes(path)] == [Wish.HOLD], "held twice is held once"
    assert "is released" in queue(path, "release", TWO).out
    assert "is not held" in queue(path, "release", TWO).out
    assert items(path)[TWO]["held"] == ""
    assert [wish for _, wish, _ in wishes(path)] == [Wish.HOLD, Wish.RELEASE]


def test_priority_adds_up_and_moves_a_change_forward(path: Path) -> None:
    assert "has priority 1" in queue(path, "first", TWO).out
    assert "has priority 4" in queue(path, "first", TWO, "--steps", "3", "--reason", "others wait").out
    assert items(path)[TWO]["priority"] == 4
    assert "priority 4: " in queue(path).out
    assert queue(path, "first", TWO, "--steps", "0").code == 2
    assert queue(path, "first", TWO, "--steps", "21").code == 2
    assert len(wishes(path)) == 4


def test_an_urgent_change_is_told_whether_a_slot_is_kept_for_it(path: Path) -> None:
    said = queue(path, "urgent", TWO, "--reason", "the shop is down")
    assert (said.code, "queue.kept_slots is 0" in said.out) == (0, True)
    assert items(path)[TWO]["urgent"] is True
    assert "urgent already" in queue(path, "urgent", TWO).out
    assert wishes(path) == [(TWO, Wish.URGENT, "the shop is down")]


@pytest.mark.parametrize(
    ("word", "wrong"),
    [
        ("explain", "submit:tow:1"),
        ("hold", "two"),
        ("first", "towo"),
        ("urgent", "submit:two:2"),
        ("release", "submit/two"),
    ],
)
def test_an_unknown_id_gets_a_near_match(path: Path, word: str, wrong: str) -> None:
    said = queue(path, word, wrong)
    assert said.code == 2
    assert f"no task or change is called {wrong}" in said.err
    assert f"did you mean {TWO}?" in said.err


@pytest.mark.parametrize("word", ["explain", "hold", "first", "urgent", "release"])
def test_what_is_not_in_the_queue_is_said_to_be_elsewhere(path: Path, word: str) -> None:
    said = queue(path, word, THREE)
    assert (said.code, "is not in the merge queue: it is gating" in said.err) == (2, True), said
    said = queue(path, word, "1")
    assert (said.code, "is not in the merge queue: it is running" in said.err) == (2, True), said
    assert not wishes(path)


def test_a_hold_hides_no_cancellation_and_a_cancellation_needs_no_release(path: Path) -> None:
    queue(path, "hold", TWO)
    assert podium("cancel", TWO, "--repo", str(path)).code == 0
    assert TWO not in items(path)
    said = queue(path, "first", TWO)
    assert "it is cancelled" in said.err
    queue(path, "release", TWO)
    assert [wish for _, wish, _ in wishes(path)] == [Wish.HOLD, Wish.CANCEL, Wish.RELEASE]
    assert TWO not in items(path), "the release is no word against the cancellation"
    states = {
        view["id"]: view["state"]
        for view in json.loads(podium("status", "--json", "--repo", str(path)).out)["changes"]
    }
    assert states[TWO] == "cancelled", "the quick look agrees"
    project = Project.open(path)
    assert project.store.cancelled(TWO)
    project.store.close()
    assert podium("retry", TWO, "--repo", str(path)).code == 0
    assert TWO in items(path)


def test_on_a_terminal_watching_draws_the_queue_until_ctrl_c(path: Path) -> None:
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "30"}
    watching = subprocess.Popen(
        [sys.executable, "-m", "podium", "queue", "--watch"],
        cwd=path, env=environment, stdin=follower, stdout=follower, stderr=follower,
    )  # fmt: skip
    os.close(follower)
    drawn = _read(leader, lambda text: "lands in" in text)
    watching.send_signal(signal.SIGINT)
    drawn += _read(leader, lambda _text: False)
    assert watching.wait(timeout=30) == 0
    os.close(leader)
    assert "2 changes in the merge queue" in drawn
    assert "\x1b]0;owned" not in drawn
    assert "\x1b[1;3" not in drawn, "NO_COLOR is set"


def _read(leader: int, enough: Callable[[str], bool]) -> str:
    """What a terminal shows, until that is enough or it is closed; a minute at most."""
    text, end = "", time.monotonic() + 60
    while not enough(text) and time.monotonic() < end:
        if select.select([leader], [], [], 1.0)[0]:
            try:
                text += os.read(leader, 65536).decode(errors="replace")
            except OSError:  # nobody holds the other end any more
                break
    return text
