"""Podium's tools as an agent meets them: a real process, spoken to in MCP."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from podium.agents import tools
from podium.model.checking import Opinion
from podium.review.verdict import read_verdict

EVERY = ["task_brief", "run_gate", "report_blocked", "submit_verdict", "submit_tasks"]
VERDICT = {"verdict": "send-back", "because": "add(2, 3) gives 6"}


class Client:
    """One who speaks to the server line by line, and waits for no answer longer than it may take."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self._buffer = b""
        self._last = 0

    def send(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def receive(self, *, seconds: float = 20.0) -> dict[str, Any]:
        assert self.process.stdout
        until = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, until - time.monotonic()))
            assert ready, "no answer in time"
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, "the server has gone"
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        assert message["jsonrpc"] == "2.0"
        return message

    def start(self, method: str, **params: Any) -> int:
        self._last += 1
        self.send(
            json.dumps({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}).encode()
        )
        return self._last

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = self.start(method, **params)
        answer = self.receive()
        assert answer["id"] == number
        return answer

    def call(self, tool: str, **arguments: Any) -> tuple[str, bool]:
        """What the tool says, and whether it says that it went wrong."""
        result = self.ask("tools/call", name=tool, arguments=arguments)["result"]
        [content] = result["content"]
        assert content["type"] == "text"
        return content["text"], result["isError"]


@contextmanager
def serving(directory: Path, *, offered: list[str] | None = None, **more: Any) -> Iterator[Client]:
    """The server, started the way agents start it."""
    answer, work = directory / "answer", directory / "work"
    for folder in (answer, work):
        folder.mkdir()
    (directory / "brief.md").write_text("# Make add return the sum\n")
    plan = {
        "brief": str(directory / "brief.md"), "answer": str(answer), "cwd": str(work),
        "checks": [], "tools": EVERY if offered is None else offered, **more,
    }  # fmt: skip
    (directory / "plan.json").write_text(json.dumps(plan))
    argv = [sys.executable, "-I", "-S", tools.__file__, str(directory / "plan.json")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=directory) as process:
        try:
            yield Client(process)
        finally:
            assert process.stdin
            process.stdin.close()
            assert process.wait(20) == 0, "it ends with its input"


@pytest.mark.parametrize(
    ("asked", "agreed"),
    [("2025-06-18", "2025-06-18"), ("2024-11-05", "2024-11-05"), ("2099-01-01", "2025-06-18")],
)
def test_a_client_and_the_server_agree_on_a_protocol(tmp_path: Path, asked: str, agreed: str) -> None:
    with serving(tmp_path) as client:
        info = {"name": "test", "version": "1"}
        result = client.ask("initialize", protocolVersion=asked, capabilities={}, clientInfo=info)["result"]
        assert result["protocolVersion"] == agreed
        assert result["capabilities"] == {"tools": {}}
        assert result["serverInfo"]["name"] == "podium"
        client.send(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}')
        assert client.ask("ping")["result"] == {}


def test_only_what_the_plan_names_is_offered(tmp_path: Path) -> None:
    with serving(tmp_path, offered=["task_brief", "run_gate"]) as client:
        offered = client.ask("tools/list")["result"]["tools"]
        assert [tool["name"] for tool in offered] == ["task_brief", "run_gate"]
        assert all(tool["inputSchema"]["type"] == "object" and tool["description"] for tool in offered)
        refused = client.ask("tools/call", name="submit_verdict", arguments=VERDICT)
        assert refused["error"]["code"] == -32602


def test_what_is_no_request_gets_an_error_and_breaks_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        for line, code in [
            (b"{", -32700),
            (b"\xff\xfe", -32700),
            (b"[" * 100_000, -32700),
            (b'"' + b"x" * (3 * 1024 * 1024) + b'"', -32700),
            (b"[]", -32600),
            (b'{"jsonrpc": "2.0", "id": 7, "method": 7}', -32600),
            (b'{"jsonrpc": "2.0", "id": 7, "method": "resources/list"}', -32601),
            (b'{"jsonrpc": "2.0", "id": 7, "method": "ping", "params": []}', -32602),
        ]:
            client.send(line)
            answer = client.receive()
            assert (answer["error"]["code"], answer["id"]) == (code, 7 if b"7" in line else None), line[:60]
        assert client.ask("ping")["result"] == {}


def test_notifications_and_unasked_answers_are_let_pass(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        client.send(b'{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}')
        client.send(b'{"jsonrpc": "2.0", "id": 5, "result": {}}')
        assert client.ask("ping")["result"] == {}


def test_the_brief_is_given_word_for_word(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        assert client.call("task_brief") == ("# Make add return the sum\n", False)


def test_the_gate_runs_its_commands_in_the_workspace_and_says_it_is_a_dry_run(tmp_path: Path) -> None:
    checks = ["echo made > {report} && cat {report} && touch here", "echo no good; exit 3", "kill -9 $$"]
    with serving(tmp_path, checks=checks) as client:
        text, failed = client.call("run_gate")
    assert not failed
    assert "dry run in your workspace" in text
    assert "1/3 passed after" in text
    assert "made" in text
    assert "2/3 FAILED with exit code 3" in text
    assert "no good" in text
    assert "3/3 FAILED by signal 9" in text
    assert (tmp_path / "work" / "here").exists()


def test_a_gate_that_takes_long_is_waited_for_in_several_calls_and_keeps_nobody_waiting(
    tmp_path: Path,
) -> None:
    checks = ["while [ ! -e go ]; do sleep 0.05; done; echo gone"]
    with serving(tmp_path, checks=checks, patience_s=0.3) as client:
        asked, pinged = client.start("tools/call", name="run_gate"), client.start("ping")
        assert client.receive()["id"] == pinged
        first = client.receive()
        assert first["id"] == asked
        text = first["result"]["content"][0]["text"]
        assert "Check 1 of 1 still runs. Call run_gate again" in text
        (tmp_path / "work" / "go").touch()
        while "still runs" in text:
            text, _ = client.call("run_gate")
        assert "1/1 passed" in text


def test_a_command_that_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    checks = ["sleep 300 & echo $! > child; sleep 300", "echo never"]
    with serving(tmp_path, checks=checks, limit_s=0.5) as client:
        text, _ = client.call("run_gate")
    assert "1/2 FAILED: it took too long" in text
    assert gone(int((tmp_path / "work" / "child").read_text()))


def test_the_end_of_the_input_ends_a_dry_run_and_its_children(tmp_path: Path) -> None:
    with serving(tmp_path, checks=["sleep 300 & echo $! > child; wait"]) as client:
        client.start("tools/call", name="run_gate")
        child = tmp_path / "work" / "child"
        until = time.monotonic() + 20
        while not (child.exists() and child.read_text().strip()):
            assert time.monotonic() < until
            time.sleep(0.02)
    assert gone(int(child.read_text()))


def test_output_is_bounded_and_a_child_that_holds_it_open_is_not_waited_for(tmp_path: Path) -> None:
    checks = ["yes all work and no play | head -c 5000000; echo the end; setsid sleep 5 &"]
    with serving(tmp_path, checks=checks) as client:
        text, _ = client.call("run_gate")
    assert "1/1 passed" in text
    assert text.endswith("the end")
    assert len(text) < 10_000


def test_a_gate_without_commands_says_so(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        assert client.call("run_gate") == ("This project's gate has no commands to try.", False)


def test_a_gate_that_cannot_be_started_says_so(tmp_path: Path) -> None:
    with serving(tmp_path, checks=["true"], cwd=str(tmp_path / "nowhere")) as client:
        text, failed = client.call("run_gate")
        assert failed
        assert "nowhere" in text
        assert client.call("run_gate")[1], "and again, if asked again"


def test_what_is_handed_in_is_written_whole_and_replaced_by_what_comes_later(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        assert not client.call("report_blocked", reason="there is no calc.py")[1]
        assert not client.call("submit_verdict", verdict="unsure", because="I could not run it")[1]
        assert not client.call("submit_verdict", **VERDICT)[1]
        assert not client.call("submit_tasks", markdown="## Tasks\n- [ ] 1 Größer \ud800\n")[1]
    answer = tmp_path / "answer"
    assert json.loads((answer / "blocked.json").read_text()) == {"reason": "there is no calc.py"}
    assert json.loads((answer / "verdict.json").read_text()) == VERDICT
    assert (answer / "tasks.md").read_text() == "## Tasks\n- [ ] 1 Größer ?\n"
    assert {path.name for path in answer.iterdir()} == {"blocked.json", "verdict.json", "tasks.md"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"because": "x"}, "arguments.verdict is missing"),
        ({**VERDICT, "verdict": "reject"}, "must be one of: approve, send-back, unsure"),
        ({**VERDICT, "because": "  "}, "arguments.because says nothing"),
        ({**VERDICT, "because": 7}, "arguments.because must be of type string"),
        ({**VERDICT, "because": "x" * 4001}, "longer than 4000"),
        ({**VERDICT, "finding": []}, "arguments has no finding: it takes verdict, because, findings, tests"),
        ({**VERDICT, "findings": [{"severity": "minor"}]}, "arguments.findings[0].message is missing"),
        (
            {**VERDICT, "findings": [{"severity": "bad", "message": "x"}]},
            "arguments.findings[0].severity must be",
        ),
        (
            {**VERDICT, "findings": [{"severity": "minor", "message": "x", "line": True}]},
            "must be of type integer",
        ),
        ({**VERDICT, "tests": [{}] * 6}, "arguments.tests has more than 5 items"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_what_would(
    tmp_path: Path, arguments: dict[str, Any], said: str
) -> None:
    with serving(tmp_path) as client:
        text, failed = client.call("submit_verdict", **arguments)
        assert failed
        assert said in text
    assert not list((tmp_path / "answer").iterdir())


def test_the_largest_verdict_that_fits_the_schema_is_one_that_podium_reads(tmp_path: Path) -> None:
    finding = {"path": "p" * 300, "line": 7, "severity": "note", "message": "m" * 2000}
    test = {"name": "n" * 100, "path": "p" * 300, "content": "c" * 16_000, "command": "r" * 2000}
    with serving(tmp_path) as client:
        text, failed = client.call(
            "submit_verdict", verdict="approve", because="b" * 4000, findings=[finding] * 50, tests=[test] * 5
        )
        assert not failed, text
    assert isinstance(read_verdict((tmp_path / "answer" / "verdict.json").read_bytes()), Opinion)


def gone(process: int) -> bool:
    """Whether a process has ended, or does within a second or so; a zombie has."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False
