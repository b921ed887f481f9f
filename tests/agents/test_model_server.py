"""The scripted model, asked as agents ask: over HTTP, in the API of each provider."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import IncompleteRead
from threading import Event
from typing import Any

import pytest
from model_script import Asked, Delay, Drop, Edit, Finish, Item, Mcp, Read, Say, Script, Shell, Status, Used
from model_server import ModelServer
from model_speakers import SPEAKERS, Body, Heard, Speaker

_EDIT = Edit("calc.py", "    return a - b", "    return a + b")
_SCRIPTS: dict[str, Script] = {
    "fix": [Read("calc.py"), Used(900, 400, 30), Say("A minus."), _EDIT, Shell("make test"), Finish("Done.")],
    "brief": [Mcp("task_brief", {"part": "all"}), Finish("Read.")],
    "refused": [Status(401)],
    "flaky": [Status(500, times=2), Drop(times=1), Shell("true"), Finish("At last.")],
    "cut": [Drop()],
    "told": lambda asked: Shell(f"echo {asked.step} {asked.prompt.split()[0]}"),
}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(_SCRIPTS) as server:
        yield server


@pytest.fixture(params=SPEAKERS, ids=lambda speaker: speaker.name)
def speaker(request: pytest.FixtureRequest) -> Speaker:
    found: Speaker = request.param
    return found


def _post(server: ModelServer, speaker: Speaker, body: Body, *, path: str = "") -> str:
    request = urllib.request.Request(
        f"{server.url}/some/prefix{path or speaker.path}",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", speaker.key: "dummy"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def _heard(server: ModelServer, speaker: Speaker, prompt: str, turns: int = 0) -> Heard:
    lines = _post(server, speaker, speaker.ask(prompt, turns)).splitlines()
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return speaker.hear([json.loads(one) for one in data if one != "[DONE]"])


def _refusal(server: ModelServer, speaker: Speaker, prompt: str) -> tuple[int, Any]:
    with pytest.raises(urllib.error.HTTPError) as refused:
        _heard(server, speaker, prompt)
    with refused.value as answer:
        return answer.code, json.loads(answer.read())["error"]["message"]


def test_a_step_is_said_with_the_tools_that_are_offered(server: ModelServer, speaker: Speaker) -> None:
    heard = _heard(server, speaker, "Fix it. [[script:fix]]", 1)
    assert (heard.text, heard.tool, heard.used) == ("A minus.", speaker.tools["edit"], (900, 400, 30))
    assert "/ws/calc.py" in json.dumps(heard.arguments), "relative paths are the workspace's"
    assert "return a + b" in json.dumps(heard.arguments)
    command = _heard(server, speaker, "Fix it. [[script:fix]]", 2)
    assert (command.tool, command.text) == (speaker.tools["shell"], "")
    assert "make test" in command.arguments.values()
    ended = _heard(server, speaker, "Fix it. [[script:fix]]", 3)
    assert (ended.tool, ended.text) == ("", "Done.")
    assert "nothing left" in _heard(server, speaker, "Fix it. [[script:fix]]", 9).text


def test_a_tool_of_an_mcp_server_is_found_behind_any_prefix(server: ModelServer, speaker: Speaker) -> None:
    heard = _heard(server, speaker, "[[script:brief]]")
    assert (heard.tool, heard.arguments) == (speaker.tools["mcp"], {"part": "all"})


def test_the_log_tells_what_the_agent_was_told_and_which_key_came(
    server: ModelServer, speaker: Speaker
) -> None:
    _heard(server, speaker, "Fix it. [[script:fix]]", 1)
    (one,) = server.requests
    assert (one.dialect, one.script, one.step, one.model, one.key) == (speaker.name, "fix", 1, "m", "dummy")
    assert one.path == f"/some/prefix{speaker.path}"
    assert one.prompt == "Fix it. [[script:fix]]", "without the notes of the agent"
    assert "/ws" in one.text


def test_a_function_may_play_each_step(server: ModelServer, speaker: Speaker) -> None:
    heard = _heard(server, speaker, "Second [[script:told]]", 4)
    assert "echo 4 Second" in heard.arguments.values()


def test_an_error_is_answered_each_time(server: ModelServer, speaker: Speaker) -> None:
    for _ in range(2):
        assert _refusal(server, speaker, "[[script:refused]]") == (401, "the script says so")


def test_a_fault_may_pass(server: ModelServer, speaker: Speaker) -> None:
    for _ in range(2):
        assert _refusal(server, speaker, "[[script:flaky]]")[0] == 500
    with pytest.raises(IncompleteRead):
        _heard(server, speaker, "[[script:flaky]]")
    assert _heard(server, speaker, "[[script:flaky]]").tool == speaker.tools["shell"]
    assert [one.status for one in server.requests] == [500, 500, 200, 200]


def test_a_stream_breaks_in_the_middle(server: ModelServer, speaker: Speaker) -> None:
    with pytest.raises(IncompleteRead) as broken:
        _heard(server, speaker, "[[script:cut]]")
    assert broken.value.partial.startswith((b"event: ", b"data: "))
    assert server.requests[0].error == "dropped"


def test_an_unknown_script_is_an_error_that_names_the_known(server: ModelServer, speaker: Speaker) -> None:
    status, message = _refusal(server, speaker, "[[script:fxi]]")
    assert status == 500
    assert "'fxi'" in message
    assert "brief" in message
    assert server.requests[0].error == message


def test_a_step_that_no_tool_does_is_an_error(server: ModelServer) -> None:
    speaker = SPEAKERS[0]
    body = {**speaker.ask("[[script:fix]]", 0), "tools": [{"name": "Fly"}]}
    with pytest.raises(urllib.error.HTTPError) as refused:
        _post(server, speaker, body)
    with refused.value as answer:
        assert "no tool offered does Read; offered: Fly" in answer.read().decode()


def test_an_unknown_api_is_an_error(server: ModelServer) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        _post(server, SPEAKERS[0], {}, path="/v9/think")
    with refused.value as answer:
        assert answer.code == 500
    assert "no API has the address" in server.requests[0].error


def test_who_wants_a_title_gets_one_and_disturbs_no_script(server: ModelServer, speaker: Speaker) -> None:
    body = speaker.ask("<session>[[script:fix]]</session> Write a title.", 0)
    assert "A scripted answer" in _post(server, speaker, {**body, "tools": []})
    assert server.requests[0].aside


def test_an_answer_may_be_had_whole(server: ModelServer, speaker: Speaker) -> None:
    path = speaker.path.replace(":streamGenerateContent?alt=sse", ":generateContent")
    body = {**speaker.ask("[[script:fix]]", 3), "stream": False}
    whole = json.loads(_post(server, speaker, body, path=path))
    assert "Done." in json.dumps(whole)


def test_tokens_are_counted_without_playing(server: ModelServer) -> None:
    counted = _post(server, SPEAKERS[0], SPEAKERS[0].ask("Hi", 0), path="/v1/messages/count_tokens")
    assert json.loads(counted)["input_tokens"] > 0
    gemini = SPEAKERS[-1]
    counted = _post(server, gemini, gemini.ask("Hi", 0), path="/v1beta/models/m:countTokens")
    assert json.loads(counted)["totalTokens"] > 0


def test_a_model_that_writes_code_works_through_it(server: ModelServer) -> None:
    speaker = next(one for one in SPEAKERS if one.name == "responses")
    body = speaker.ask("[[script:fix]]", 1)
    exec_tool = {"type": "namespace", "name": "functions", "tools": [{"type": "custom", "name": "exec"}]}
    offered = {"type": "additional_tools", "role": "developer", "tools": [exec_tool]}
    body = {**body, "tools": None, "input": [offered, *body["input"]]}
    said = _post(server, speaker, body)
    assert '"namespace": "functions"' in said
    assert "text(await tools.apply_patch(" in said


def test_a_server_that_ends_waits_for_no_delay() -> None:
    came = Event()

    def slow(_: Asked) -> list[Item]:
        came.set()
        return [Delay(3600), Finish("Late.")]

    with ModelServer({"slow": slow}) as server, ThreadPoolExecutor() as pool:
        answer = pool.submit(_heard, server, SPEAKERS[0], "Now")
        assert came.wait(20)
        server.close()
        assert answer.result(20).text == "Late."


def test_what_is_said_beside_an_interrupted_tool_begins_anew(server: ModelServer) -> None:
    speaker = SPEAKERS[0]
    body = speaker.ask("[[script:brief]]", 1)
    interrupted = {"type": "text", "text": "[Request interrupted by user for tool use]"}
    body["messages"][-1]["content"] += [interrupted, {"type": "text", "text": "[[script:fix]]"}]
    assert '"name": "Read"' in _post(server, speaker, body)
    assert (server.requests[0].script, server.requests[0].step) == ("fix", 0)
