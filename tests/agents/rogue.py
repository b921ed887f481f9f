"""An ACP agent that behaves well or, told so, badly: `python3 rogue.py MODE`.

A program of its own (standard library only), started inside sandboxes by the tests. It speaks ACP v1: JSON-RPC, a frame a
line. `good` is the whole of a well-behaved agent; every other mode is one function that takes the place of one of its
stages: `start` (before anything is read), `initialize`, `session` or `turn`.

What a prompt may ask of it, for as long as the session lasts: `[[file NAME]]` (what to write, else done.md),
`[[until NAME]]` (first wait for this file in the working directory, and take it away), `[[give-up]]` (die in the second
turn). What it writes says how many prompts this session saw, and for which attempt its program was started.
"""

import json
import os
import queue
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

Frame = dict[str, Any]

_DIRECTIVE = re.compile(r"\[\[(file|until|give-up)(?: ([^\]\s]+))?\]\]")
_PATIENCE_S = 60
_FOR_EVER_S = 3600
_MEGABYTE = 1_000_000
_UPDATE = b'{"jsonrpc": "2.0", "method": "session/update", "params": {"sessionId": "s1", "update": %s}}\n'
_USAGE = {"totalTokens": 1500, "inputTokens": 1200, "cachedReadTokens": 1000, "outputTokens": 300}


class Refused(Exception):
    """A request is answered with an error."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        self.error = {"code": code, "message": message, "data": data}


class Agent:
    """Both ends of the pipe, one session, and what it was asked for so far."""

    def __init__(self, stages: dict[str, Callable[["Agent"], Any]]) -> None:
        self.stages = stages
        self.requests: queue.Queue[Frame] = queue.Queue()
        self.replies: queue.Queue[Frame] = queue.Queue()
        self.cancelled = threading.Event()
        self.listening = True
        self.asked = 0
        self.prompts: list[str] = []
        self.current: Any = None
        self.parameters: Frame = {}
        self.told: dict[str, str] = {}

    def serve(self) -> None:
        """Answer requests until the client has closed the pipe."""
        if "start" in self.stages:
            self.stages["start"](self)
        threading.Thread(target=self._read, daemon=True).start()
        while frame := self.requests.get():
            self.current = frame["id"]
            try:
                self.write({"id": self.current, "result": self._answer(frame)})
            except Refused as refused:
                self.write({"id": self.current, "error": refused.error})

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            while not self.listening:
                time.sleep(_PATIENCE_S)
            frame = json.loads(line)
            if frame.get("method") == "session/cancel":
                self.cancelled.set()
            elif "method" not in frame:
                self.replies.put(frame)
            elif "id" in frame:
                self.requests.put(frame)
        self.requests.put({})

    def _answer(self, frame: Frame) -> Any:
        self.parameters = frame.get("params") or {}
        match frame["method"]:
            case "initialize":
                return self._stage("initialize", initialized)
            case "session/new":
                return self._stage("session", new_session)
            case "session/prompt":
                self.cancelled.clear()
                self._listen("".join(part.get("text", "") for part in self.parameters["prompt"]))
                return self._stage("turn", good_turn)
            case "session/set_mode" | "session/set_config_option" | "authenticate":
                return {}
            case method:
                raise Refused(-32601, f"no such method: {method}")

    def _stage(self, name: str, otherwise: Callable[["Agent"], Any]) -> Any:
        return self.stages.get(name, otherwise)(self)

    def _listen(self, prompt: str) -> None:
        self.prompts.append(prompt)
        for verb, value in _DIRECTIVE.findall(prompt):
            self.told.setdefault(verb, value)

    def write(self, frame: Frame) -> None:
        self.send(json.dumps({"jsonrpc": "2.0", **frame}).encode() + b"\n")

    def send(self, data: bytes) -> None:
        """Write bytes as they are, all of them."""
        while data:
            data = data[os.write(1, data) :]

    def update(self, named: str, /, **fields: Any) -> None:
        told = {"sessionUpdate": named, **fields}
        self.write({"method": "session/update", "params": {"sessionId": "s1", "update": told}})

    def say(self, text: str) -> None:
        self.update("agent_message_chunk", content={"type": "text", "text": text})

    def ask(self, method: str, **parameters: Any) -> Frame:
        """Ask the client and wait for its answer."""
        self.asked += 1
        parameters = {"sessionId": "s1", **parameters}
        self.write({"id": f"ask-{self.asked}", "method": method, "params": parameters})
        return self.replies.get(timeout=_PATIENCE_S)

    def edit(self, path: str, text: str) -> None:
        """Write a file and tell of it as agents do."""
        call = {"toolCallId": f"call-{path}", "title": f"Write {path}", "kind": "edit"}
        self.update("tool_call", **call, status="pending", locations=[{"path": str(Path(path).absolute())}])
        old = Path(path).read_text(encoding="utf-8") if Path(path).exists() else None
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
        diff = {"type": "diff", "path": str(Path(path).absolute()), "oldText": old, "newText": text}
        self.update("tool_call_update", toolCallId=call["toolCallId"], status="completed", content=[diff])


# What a good agent does.


def initialized(_agent: Agent, *, version: int = 1) -> Frame:
    return {
        "protocolVersion": version, "agentCapabilities": {"loadSession": False, "promptCapabilities": {}},
        "agentInfo": {"name": "rogue", "version": "1"}, "authMethods": [],
    }  # fmt: skip


def new_session(_agent: Agent) -> Frame:
    modes = [{"id": "ask", "name": "Ask"}, {"id": "auto", "name": "Auto"}]
    return {"sessionId": "s1", "modes": {"currentModeId": "ask", "availableModes": modes}}


def good_turn(agent: Agent) -> Frame:
    if "give-up" in agent.told and len(agent.prompts) > 1:
        os._exit(9)
    agent.update("plan", entries=[{"content": "Write it", "priority": "high", "status": "in_progress"}])
    agent.say("I shall ")
    agent.say("write it.")
    if "until" in agent.told and not waited(agent, Path(agent.told["until"])):
        return ended("cancelled")
    attempt = os.environ.get("PODIUM_ATTEMPT", "").rpartition("@")[2]
    agent.edit(agent.told.get("file", "done.md"), f"prompts: {len(agent.prompts)}\nattempt: {attempt}\n")
    spent = len(agent.prompts)
    agent.update("usage_update", used=1500, size=200_000, cost={"amount": 0.01 * spent, "currency": "USD"})
    return ended("end_turn", usage=_USAGE)


def ended(stop_reason: str, **more: Any) -> Frame:
    return {"stopReason": stop_reason, **more}


def waited(agent: Agent, path: Path) -> bool:
    """Wait for a file, once, and take it away; False when the turn is cancelled meanwhile."""
    until = time.monotonic() + _PATIENCE_S
    while len(agent.prompts) == 1 and not path.exists() and time.monotonic() < until:
        if agent.cancelled.wait(0.02):
            return False
    path.unlink(missing_ok=True)
    return True


# How agents misbehave. A mode's name is its function's, with hyphens.

Mode = TypeVar("Mode", bound=Callable[[Agent], Any])
MODES: dict[str, dict[str, Callable[[Agent], Any]]] = {"good": {}}


def instead_of(stage: str) -> Callable[[Mode], Mode]:
    def listed(mode: Mode) -> Mode:
        MODES[mode.__name__.replace("_", "-")] = {stage: mode}
        return mode

    return listed


def hang() -> NoReturn:
    while True:
        time.sleep(_FOR_EVER_S)


def deafen() -> None:
    """Ignore every signal that can be."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@instead_of("start")
def silent(_agent: Agent) -> None:
    deafen()
    hang()


@instead_of("initialize")
def half_frame(agent: Agent) -> None:
    agent.send(b'{"jsonrpc": "2.0", "id": 0, "result": {"protocolVer')
    hang()


@instead_of("start")
def stderr_flood(_agent: Agent) -> None:
    for _ in range(5):
        os.write(2, b"\x1b[31mwarning: all work and no play\n" * (_MEGABYTE // 34))


@instead_of("start")
def stderr_for_ever(_agent: Agent) -> None:
    while True:
        os.write(2, b"x" * 65_536)


@instead_of("start")
def slow_start(_agent: Agent) -> None:
    time.sleep(3)


@instead_of("start")
def dies_at_once(_agent: Agent) -> None:
    os.write(2, b"Error: please log in\n")
    os._exit(4)


@instead_of("initialize")
def protocol_2(agent: Agent) -> Frame:
    return initialized(agent, version=2)


@instead_of("initialize")
def protocol_echo(agent: Agent) -> Frame:
    return initialized(agent, version=agent.parameters["protocolVersion"])


@instead_of("initialize")
def initialize_nonsense(_agent: Agent) -> Any:
    return ["protocolVersion", {"protocolVersion": "one"}]


@instead_of("session")
def no_session(_agent: Agent) -> None:
    raise Refused(-32603, "Internal error", {"details": "no session today"})


@instead_of("session")
def auth_required(_agent: Agent) -> None:
    raise Refused(-32000, "Authentication required")


@instead_of("session")
def session_nonsense(_agent: Agent) -> Any:
    options = [5, {}, {"category": "mode"}, {"id": 3, "category": ["mode"], "options": "none"}]
    return {"sessionId": {"not": "a string"}, "modes": 7, "configOptions": options}


@instead_of("turn")
def long_lines(agent: Agent) -> Frame:
    for _ in range(3):
        agent.say("a" * 5 * _MEGABYTE)
    agent.say("b" * 64 * _MEGABYTE)
    return good_turn(agent)


@instead_of("turn")
def line_without_end(agent: Agent) -> None:
    while True:
        agent.send(b"c" * 65_536)


@instead_of("turn")
def garbage(agent: Agent) -> Frame:
    for line in (
        b"npm warn deprecated\n", b"\n", b"\0\xff\xfe\x80 binary\r\n", b"42\n", b"null\n", b'"text"\n', b"[1, 2]\n", b"[]\n", b"{}\n",
        b"[" * 100_000 + b"]" * 100_000 + b"\n", b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"\n",
        b'{"id": ' + b"9" * 10_000 + b"}\n", b'{"jsonrpc": "2.0", "id": NaN, "result": Infinity}\n', b'{"method": 5, "id": [1]}\n',
        b'{"jsonrpc": "2.0", "method": "session/update"}\n', b'{"jsonrpc": "2.0", "method": "session/update", "params": [3]}\n',
        b'{"jsonrpc": "2.0", "method": "session/update", "params": {"sessionId": "s1", "update": null}}\n',
    ):  # fmt: skip
        agent.send(line)
    return good_turn(agent)


@instead_of("turn")
def deep_frames(agent: Agent) -> Frame:
    """Updates and requests nested as deep as some parsers go and some writers do not."""
    for depth in range(100, 1000, 5):
        deep = '{"a":' * depth + "1" + "}" * depth
        told = f'{{"sessionUpdate": "tool_call", "toolCallId": "1", "title": "it", "kind": {deep}, "rawInput": {deep}}}'
        agent.send(_UPDATE % told.encode() + _UPDATE % told.replace("tool_call", "_odd").encode())
        asked = f'{{"sessionId": "s1", "toolCall": {deep}, "options": []}}'
        agent.send(b'{"id": "deep", "method": "session/request_permission", "params": %s}\n' % asked.encode())
    return good_turn(agent)


@instead_of("turn")
def unknown_update(agent: Agent) -> Frame:
    agent.update("_vendor/mood", mood="fine", deep={"er": [1, 2]})
    agent.update("tool_call_update", toolCallId="never-begun", status="_half")
    agent.update("state_update", state="running")
    agent.write({"method": "_vendor/note", "params": {"text": "hello"}})
    return good_turn(agent)


@instead_of("turn")
def unknown_stop(agent: Agent) -> Frame:
    return good_turn(agent) | {"stopReason": "_paused"}


@instead_of("turn")
def refuses(agent: Agent) -> Frame:
    agent.say("I cannot help with that.")
    return ended("refusal")


@instead_of("turn")
def stop_nonsense(agent: Agent) -> Any:
    good_turn(agent)
    return "finished!"


@instead_of("turn")
def error_nonsense(agent: Agent) -> Frame:
    agent.edit("done.md", "half\n")
    agent.write({"id": agent.current, "error": "not an object"})
    return ended("end_turn")


@instead_of("turn")
def bad_types(agent: Agent) -> Frame:
    agent.update("agent_message_chunk", content=5)
    agent.update("agent_message_chunk", content={"type": "text", "text": ["not", "text"]})
    agent.update("tool_call", toolCallId=7, title=None, status=True, content={"type": 1}, locations="here")
    agent.update("usage_update", used="many", size=-1, cost={"amount": "free", "currency": 3})
    for amount in (-5, 1e999, float("nan"), True, 10**400):
        agent.update("usage_update", used=10**30, size=1, cost={"amount": amount, "currency": "USD"})
    agent.update("plan", entries="all of it")
    agent.write({"method": "session/update", "params": {"sessionId": 5, "update": "text"}})
    agent.ask("session/request_permission", toolCall="all", options={"kind": 3})
    usage = {"totalTokens": "1500", "inputTokens": -4, "outputTokens": {}, "cachedReadTokens": 10**30}
    return good_turn(agent) | {"usage": usage, "_meta": 3}


@instead_of("turn")
def wrong_ids(agent: Agent) -> Frame:
    """Answers to what was never asked, and the right answer twice, with another one after it."""
    for number in (None, -1, 999_999, "0", 1.5, [agent.current], {"id": 1}):
        agent.write({"id": number, "result": ended("end_turn")})
    agent.write({"id": agent.current, "result": good_turn(agent)})
    agent.write({"id": agent.current, "error": {"code": -32603, "message": "changed my mind"}})
    return ended("refusal")


@instead_of("turn")
def dies_in_turn(agent: Agent) -> None:
    good_turn(agent)
    os._exit(1)


@instead_of("turn")
def killed_in_turn(agent: Agent) -> None:
    good_turn(agent)
    os.kill(os.getpid(), signal.SIGKILL)


@instead_of("turn")
def error_after_turn(agent: Agent) -> None:
    """The turn ends well; what follows it is an error exit."""
    agent.write({"id": agent.current, "result": good_turn(agent)})
    os._exit(3)


@instead_of("turn")
def end_turn_after_error(agent: Agent) -> Frame:
    """What some adapters do when the model cannot be reached."""
    agent.say("API Error: 500 ")
    agent.say("Internal server error")
    return ended("end_turn")


@instead_of("turn")
def end_turn_after_late_error(agent: Agent) -> Frame:
    good_turn(agent)
    return end_turn_after_error(agent)


@instead_of("turn")
def prompt_error(agent: Agent) -> None:
    good_turn(agent)
    raise Refused(-32603, "Internal error", {"details": "model gone"})


@instead_of("turn")
def never_ends(agent: Agent) -> None:
    while True:
        agent.say("still at it ")
        time.sleep(0.02)


@instead_of("turn")
def goes_quiet(agent: Agent) -> None:
    agent.say("Let me think.")
    hang()


@instead_of("turn")
def ignores_cancel(agent: Agent) -> None:
    deafen()
    good_turn(agent)
    never_ends(agent)


@instead_of("turn")
def heeds_cancel(agent: Agent) -> Frame:
    agent.edit("done.md", "half\n")
    agent.cancelled.wait(_PATIENCE_S)
    return ended("cancelled")


@instead_of("turn")
def calls_cancel_success(agent: Agent) -> Frame:
    return heeds_cancel(agent) | ended("end_turn")


@instead_of("turn")
def leaves_children(agent: Agent) -> Frame:
    """Daemons in sessions of their own that go on writing when the turn is over."""
    for number in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                deafen()
                scribble(f"late-{number}.txt")
            os._exit(0)
        os.wait()
    return good_turn(agent)


def scribble(name: str) -> NoReturn:
    """Hold no pipe, and write into the working directory for ever."""
    os.closerange(0, 64)
    while True:
        time.sleep(0.3)
        try:
            with Path(name).open("a", encoding="utf-8") as file:
                file.write("still here\n")
        except OSError:
            continue


@instead_of("turn")
def forks(agent: Agent) -> Frame:
    made = 0
    for _ in range(500):
        try:
            child = os.fork()
        except OSError:
            break
        if child == 0:
            deafen()
            os.setsid()
            hang()
        made += 1
    agent.say(f"forked {made}")
    return good_turn(agent)


@instead_of("turn")
def floods(agent: Agent) -> Frame:
    tiny = {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": "x"}}
    frame = {"jsonrpc": "2.0", "method": "session/update", "params": {"sessionId": "s1", "update": tiny}}
    line = json.dumps(frame).encode() + b"\n"
    for _ in range(40):
        agent.send(line * 1000)
    return good_turn(agent)


@instead_of("turn")
def floods_bytes(agent: Agent) -> Frame:
    for _ in range(1000):
        agent.say("y" * _MEGABYTE)
    return good_turn(agent)


@instead_of("turn")
def asks_for_ever(agent: Agent) -> None:
    """Asks as fast as it can and reads no answer."""
    call = {"toolCallId": "1", "title": "it"}
    asked = {"sessionId": "s1", "toolCall": call, "options": [option("allow_once")]}
    frame = {"jsonrpc": "2.0", "id": "n", "method": "session/request_permission", "params": asked}
    line = json.dumps(frame).encode() + b"\n"
    agent.listening = False
    while True:
        agent.send(line * 500)


@instead_of("turn")
def resembles_tokens(agent: Agent) -> Frame:
    """What patterns for secrets take longest to look at, and text of which every character must be shown as a code."""
    for text in (
        "-eyJaaaaaaaaaa" * 700_000,
        "\x1b]8;" * 1_000_000,
        "\u202e" * 2_000_000,
        "-----BEGIN A" * 500_000,
    ):
        agent.say(text)
        agent.update("tool_call", toolCallId="1", title=text, rawInput=text)
        agent.update(text[:100], text=text)
    return good_turn(agent)


def option(kind: str, name: str = "An option") -> Frame:
    return {"optionId": f"id-{kind}", "name": name, "kind": kind}


@instead_of("turn")
def permission_for_everything(agent: Agent) -> Frame:
    """Writes down what it was answered, question by question."""
    call = {"toolCallId": "1", "title": "\x1b]0;pwned\x07\x1b[2J" + "rm -rf / " * 50_000, "kind": "execute"}
    orders = [
        ["allow_always", "reject_once", "allow_once"], ["reject_always", "allow_once"], ["allow_always"], ["reject_once", "reject_always"],
        [], ["_sudo"], ["_sudo", "allow_once"],
    ]  # fmt: skip
    answers = []
    for kinds in orders:
        options = [option(kind, f"\x1b[31m{kind}") for kind in kinds]
        reply = agent.ask("session/request_permission", toolCall=call, options=options)
        outcome = (reply.get("result") or {}).get("outcome") or {}
        answers.append(outcome.get("optionId", outcome.get("outcome", reply)))
    agent.edit("answers.json", json.dumps(answers))
    return good_turn(agent)


@instead_of("turn")
def requests_fs(agent: Agent) -> Frame:
    """Uses what it was not offered, and writes down what it got."""
    secret = os.environ.get("ROGUE_OUTSIDE", "/etc/shadow")
    replies = [
        agent.ask("fs/read_text_file", path=secret),
        agent.ask("fs/write_text_file", path=secret, content="planted"),
        agent.ask("terminal/create", command="touch", args=[secret + ".terminal"]),
        agent.ask("_podium/land", change="mine"),
    ]
    codes = [(reply.get("error") or {}).get("code", reply) for reply in replies]
    agent.edit("codes.json", json.dumps(codes))
    return good_turn(agent)


@instead_of("turn")
def writes_outside(agent: Agent) -> Frame:
    """Writes down each place it could write to; ROGUE_OUTSIDE is a directory of the host."""
    host = os.environ["ROGUE_OUTSIDE"]
    Path("way-out").symlink_to(host)
    up = "../" * 30
    places = (host, f"{up}{host}", f"/proc/1/root{host}", f"/proc/self/cwd/{up}{host}", "way-out")
    agent.edit("reached.json", json.dumps([place for place in places if planted(Path(place))]))
    Path("way-out").unlink()
    return good_turn(agent)


def planted(place: Path) -> bool:
    try:
        place.joinpath("planted.txt").write_text("planted", encoding="utf-8")
    except OSError:
        return False
    return True


@instead_of("turn")
def network(agent: Agent) -> Frame:
    """Writes down each way it came through; ROGUE_PORT listens on the host, and an abstract socket of that name."""
    port = int(os.environ["ROGUE_PORT"])
    ways = {
        "tcp": lambda: socket.create_connection(("127.0.0.1", port), timeout=1),
        "tcp6": lambda: socket.create_connection(("::1", port), timeout=1),
        "far": lambda: socket.create_connection(("192.0.2.1", 443), timeout=1),
        "metadata": lambda: socket.create_connection(("169.254.169.254", 80), timeout=1),
        "udp": lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"out", ("192.0.2.1", 53)),
        "dns": lambda: socket.getaddrinfo("example.com", 443),
        "abstract": lambda: socket.socket(socket.AF_UNIX).connect(f"\0rogue-{port}"),
    }
    agent.edit("reached.json", json.dumps([name for name, way in ways.items() if reached(way)]))
    return good_turn(agent)


def reached(way: Callable[[], object]) -> bool:
    try:
        way()
    except OSError:
        return False
    return True


@instead_of("turn")
def escape_codes(agent: Agent) -> Frame:
    """Says its secrets wherever something can be said, in whole, in halves and among codes."""
    for text in unpleasant():
        agent.say(text)
        agent.update("agent_thought_chunk", content={"type": "text", "text": text})
        agent.update("tool_call", toolCallId=text, title=text, kind="execute", rawInput={text: [text]})
        agent.update("tool_call_update", toolCallId=text, rawOutput=text, _meta={"note": {text: text}})
        agent.update("plan", entries=[{"content": text, "priority": "low", "status": "pending"}])
        agent.update(text, text=text)
        agent.write({"method": text, "params": {text: text}})
        agent.ask("session/request_permission", toolCall={"toolCallId": text, "title": text}, options=[])
        agent.send(text.encode(errors="replace").replace(b"\n", b" ") + b"\n")
        os.write(2, text.encode(errors="replace") + b"\n")
    agent.update("usage_update", used=int(os.environ["ROGUE_NUMBER"]), size=10**9)
    for secret in secrets():
        agent.say(secret[: len(secret) // 2])
        agent.say(secret[len(secret) // 2 :])
    return good_turn(agent)


@instead_of("turn")
def error_with_secrets(_agent: Agent) -> None:
    raise Refused(-32603, " ".join(unpleasant()), {"details": unpleasant()})


@instead_of("session")
def dies_with_secrets(_agent: Agent) -> None:
    os.write(2, "\n".join(secrets()).encode())
    os._exit(5)


def secrets() -> list[str]:
    return [os.environ["ROGUE_SECRET"], os.environ["ROGUE_NUMBER"], "sk-ant-api03-" + "Ab1" * 30]


def unpleasant() -> list[str]:
    codes = "\x1b[2J\x1b]0;title\x07\x1b]8;;http://evil.example\x1b\\link\x07\x08\x7f\x9b31m\r\0 \u202e\u2066\ud800\u200b"
    wrapped = [f"{codes}{secret}{codes}\n{secret}\n\t{secret}" for secret in secrets()]
    return [codes, *secrets(), *wrapped]


@instead_of("turn")
def over_budget(agent: Agent) -> Frame:
    """Spends a cent and ten thousand tokens at a time until somebody stops it."""
    for spent in range(1, _FOR_EVER_S * 10):
        cost = {"amount": 0.01 * spent, "currency": "USD"}
        agent.update("usage_update", used=10_000 * spent, size=200_000, cost=cost)
        if agent.cancelled.wait(0.05):
            break
    return ended("cancelled")


@instead_of("turn")
def over_budget_at_the_end(agent: Agent) -> Frame:
    usage = {"totalTokens": 3_000_000, "inputTokens": 2_900_000, "outputTokens": 100_000}
    return good_turn(agent) | {"usage": usage}


@instead_of("turn")
def closes_stdout(agent: Agent) -> None:
    good_turn(agent)
    deafen()
    os.close(1)
    hang()


@instead_of("session")
def deaf(agent: Agent) -> None:
    """Reads nothing more: whoever writes to it waits."""
    agent.write({"id": agent.current, "result": new_session(agent)})
    os.kill(os.getpid(), signal.SIGSTOP)


@instead_of("turn")
def no_work(_agent: Agent) -> Frame:
    return ended("end_turn")


@instead_of("turn")
def says_it_is_blocked(_agent: Agent) -> Frame:
    said = {"reason": f"\x1b[2Jno key \n for the registry {os.environ['ROGUE_SECRET']}"}
    Path(os.environ["PODIUM_ANSWER"], "blocked.json").write_text(json.dumps(said), encoding="utf-8")
    return ended("end_turn")


@instead_of("turn")
def all_talk(agent: Agent) -> Frame:
    agent.say("All tests pass. The task is done.")
    return ended("end_turn", usage=_USAGE)


@instead_of("turn")
def fills_the_disk(agent: Agent) -> Frame:
    """A file that is larger than a change may be."""
    with Path("big.bin").open("wb") as file:
        file.writelines(os.urandom(_MEGABYTE) for _ in range(8))
    return good_turn(agent)


@instead_of("turn")
def outlives_the_turn(agent: Agent) -> None:
    """Talks and writes on when its turn is over."""
    agent.write({"id": agent.current, "result": good_turn(agent)})
    deafen()
    never_ends(agent)


def main(mode: str) -> None:
    Agent(MODES[mode]).serve()


if __name__ == "__main__":
    main(sys.argv[1])
