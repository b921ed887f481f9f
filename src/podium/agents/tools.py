"""Podium's own tools for agents: an MCP server on standard input and output. Useful to the agent, trusted by nobody.

Runs inside the sandbox as a program of its own, `python3 -I -S tools.py PLAN`: standard library only, no imports of
ours, any Python from 3.8 on. PLAN is a JSON file:

    brief       path of the text that `task_brief` gives
    checks      the commands that `run_gate` runs, `{report}` in them filled with a path
    cwd         the working directory they run in
    answer      directory for what `report_blocked`, `submit_verdict` and `submit_tasks` are given
    tools       names of the tools that are offered
    limit_s     how long one dry run of the gate may take (optional)
    patience_s  how long one call waits for it; a later call goes on waiting (optional: many clients give up after 60 s)

What it writes is judged by Podium when the agent has ended. Everything it is given and everything it says is bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Dict  # noqa: UP035 - Python 3.8

PROTOCOLS = ("2025-06-18", "2025-03-26", "2024-11-05")
"""Newest first; a client that asks for another one is offered the newest."""
LIMIT_S, PATIENCE_S = 1800.0, 45.0
LONGEST_LINE_BYTES = 1024 * 1024
LONGEST_BRIEF_BYTES = 1024 * 1024
KEPT_BYTES = 64 * 1024
"""How much of a command's output is kept: its end."""
SHOWN_CHARACTERS = 6000
PIPE_READS = 4
"""A pipe holds less than so many reads."""
MOST_CHECKS = 50
NOT_JSON, NO_REQUEST, NO_METHOD, BAD_PARAMETERS, BROKEN = -32700, -32600, -32601, -32602, -32603

Json = Dict[str, Any]  # noqa: UP006 - as above


class Refused(Exception):
    """The request cannot be answered: the code and the message of the error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Unusable(Exception):
    """The arguments of a tool are not what its schema says; the text tells the agent what to mend."""


async def main(plan: Json) -> None:
    """Answer requests until standard input ends; what still runs then is killed."""
    gate = Gate(plan)
    server = Server(plan, gate)
    answering = set()
    try:
        async for line in lines(await standard_input()):
            task = asyncio.ensure_future(server.answer(line))
            answering.add(task)
            task.add_done_callback(answering.discard)
    finally:
        await gate.stop()
        await asyncio.gather(*answering, return_exceptions=True)


# ── the protocol ──────────────────────────────────────────────────────────────────────────────────────────────────


async def standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=LONGEST_LINE_BYTES)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


async def lines(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Each line; one that is too long comes as an empty one."""
    too_long = False
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            await reader.readexactly(error.consumed)
            too_long = True
        except asyncio.IncompleteReadError:
            return
        else:
            yield b"" if too_long else line
            too_long = False


class Server:
    """Answers each message on its own, so that a long dry run keeps nobody waiting."""

    def __init__(self, plan: Json, gate: Gate) -> None:
        self.plan = plan
        self.gate = gate
        self.tools = {name: TOOLS[name] for name in plan["tools"]}
        self.methods: Mapping[str, Callable[[Json], Awaitable[Json]]] = {
            "initialize": self.initialize,
            "ping": self.ping,
            "tools/list": self.list_tools,
            "tools/call": self.call_tool,
        }

    async def answer(self, line: bytes) -> None:
        """Answer a message that asks for an answer. Notifications, and answers to what was never asked, are let pass."""
        asked: Any = None
        try:
            message = read_message(line)
            if "method" in message and "id" not in message:
                return
            if "method" not in message and ("result" in message or "error" in message):
                return
            asked = message.get("id")
            say({"id": asked, "result": await self.result_of(message)})
        except Refused as refused:
            say({"id": asked, "error": {"code": refused.code, "message": str(refused)}})
        except Exception as error:  # noqa: BLE001 - the boundary of a request: who asks is never left waiting
            say(
                {"id": asked, "error": {"code": BROKEN, "message": f"this should not have happened: {error}"}}
            )

    async def result_of(self, message: Json) -> Json:
        method, parameters = message.get("method"), message.get("params", {})
        if not isinstance(method, str):
            raise Refused(NO_REQUEST, "a request has a method")
        if method not in self.methods:
            raise Refused(NO_METHOD, f"there is no method {method[:100]}")
        if not isinstance(parameters, dict):
            raise Refused(BAD_PARAMETERS, "params are an object")
        return await self.methods[method](parameters)

    async def initialize(self, parameters: Json) -> Json:
        wanted = parameters.get("protocolVersion")
        return {
            "protocolVersion": wanted if wanted in PROTOCOLS else PROTOCOLS[0],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "podium", "title": "Podium", "version": "1"},
        }

    async def ping(self, _parameters: Json) -> Json:
        return {}

    async def list_tools(self, _parameters: Json) -> Json:
        return {"tools": [{"name": name, **tool.shown} for name, tool in self.tools.items()]}

    async def call_tool(self, parameters: Json) -> Json:
        name, arguments = parameters.get("name"), parameters.get("arguments") or {}
        tool = self.tools.get(name) if isinstance(name, str) else None
        if tool is None:
            raise Refused(BAD_PARAMETERS, f"there is no tool {str(name)[:100]}")
        try:
            check(arguments, tool.schema, "arguments")
            text, failed = await tool.run(self, arguments), False
        except (Unusable, OSError) as error:
            text, failed = str(error), True
        return {"content": [{"type": "text", "text": text}], "isError": failed}


def read_message(line: bytes) -> Json:
    try:
        message = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(NOT_JSON, "that is no JSON, or more than a line may hold") from None
    if not isinstance(message, dict):
        raise Refused(NO_REQUEST, "a message is one object")
    return message


def say(message: Json) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def check(value: Any, schema: Json, place: str) -> None:
    """Compare a value with its schema: the few words of JSON Schema that the tools below use.

    Raises:
        Unusable: it does not fit; the text says where, and what would.

    """
    wanted = schema["type"]
    if not isinstance(value, TYPES[wanted]) or (wanted == "integer" and isinstance(value, bool)):
        raise Unusable(f"{place} must be of type {wanted}")
    if "enum" in schema and value not in schema["enum"]:
        raise Unusable(f"{place} must be one of: {', '.join(schema['enum'])}")
    if wanted == "string" and len(value) > schema["maxLength"]:
        raise Unusable(f"{place} is longer than {schema['maxLength']} characters")
    if wanted == "string" and len(value.strip()) < schema.get("minLength", 0):
        raise Unusable(f"{place} says nothing")
    if wanted == "array" and len(value) > schema["maxItems"]:
        raise Unusable(f"{place} has more than {schema['maxItems']} items")
    for number, item in enumerate(value if wanted == "array" else ()):
        check(item, schema["items"], f"{place}[{number}]")
    if wanted == "object":
        check_object(value, schema, place)


def check_object(value: Json, schema: Json, place: str) -> None:
    properties = schema["properties"]
    for name in schema.get("required", ()):
        if name not in value:
            raise Unusable(f"{place}.{name} is missing")
    for name, inner in value.items():
        if name not in properties:
            known = ", ".join(properties) or "nothing"
            raise Unusable(f"{place} has no {name[:100]}: it takes {known}")
        check(inner, properties[name], f"{place}.{name}")


TYPES: Mapping[str, Any] = {"object": dict, "array": list, "string": str, "integer": int}


# ── the gate, as a dry run ────────────────────────────────────────────────────────────────────────────────────────


class Gate:
    """Runs the gate's commands in the workspace, one after the other; one dry run at a time, whoever asks."""

    def __init__(self, plan: Json) -> None:
        self.checks: list[str] = plan.get("checks", [])[:MOST_CHECKS]
        self.cwd: str = plan.get("cwd", ".")
        self.limit_s: float = plan.get("limit_s", LIMIT_S)
        self.patience_s: float = plan.get("patience_s", PATIENCE_S)
        self.run: asyncio.Task[None] | None = None
        self.seen: list[str] = []

    async def look(self) -> str:
        """How the dry run went, or how far it is; starts one when none is under way."""
        if not self.checks:
            return "This project's gate has no commands to try."
        if self.run is None:
            self.seen = []
            self.run = asyncio.ensure_future(self._run())
        await asyncio.wait({self.run}, timeout=self.patience_s)
        return self._told()

    async def stop(self) -> None:
        if self.run:
            self.run.cancel()
            await asyncio.wait({self.run})

    def _told(self) -> str:
        text = "\n\n".join([DRY_RUN, *self.seen])
        if self.run and self.run.done():
            ended, self.run = self.run, None
            ended.result()
            return text
        number = len(self.seen) + 1
        return (
            f"{text}\n\nCheck {number} of {len(self.checks)} still runs. Call run_gate again to wait for it."
        )

    async def _run(self) -> None:
        until = time.monotonic() + self.limit_s
        for number, command in enumerate(self.checks, 1):
            ended = await run(command, self.cwd, limit_s=max(0.0, until - time.monotonic()))
            self.seen.append(f"{number}/{len(self.checks)} {ended}")


DRY_RUN = """\
This is a dry run in your workspace. The real gate runs elsewhere, on a clean copy of your files and with checks that you
are not shown; only what it finds counts."""


async def run(command: str, cwd: str, *, limit_s: float) -> str:
    """Run one command to its end or its time's, nothing of its group left; how it ended, and the end of its output."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gate-") as scratch, contextlib.closing(Output()) as output:
        filled = command.replace("{report}", str(Path(scratch) / "report.xml"))
        process = await asyncio.create_subprocess_exec(
            "sh", "-c", filled, cwd=cwd, stdin=asyncio.subprocess.DEVNULL,
            stdout=output.writing, stderr=output.writing, start_new_session=True,
        )  # fmt: skip
        ending = asyncio.ensure_future(process.wait())
        try:
            await asyncio.wait({ending}, timeout=limit_s)
            ended = ending.done()
        finally:
            kill_group(process.pid)
            await ending
        how = verdict(process.returncode or 0) if ended else "FAILED: it took too long and was killed"
        shown = output.end()
    return f"{how} after {time.monotonic() - began:.1f} s: {command}\n{shown}".rstrip()


def verdict(code: int) -> str:
    return (
        "passed"
        if code == 0
        else f"FAILED with exit code {code}"
        if code > 0
        else f"FAILED by signal {-code}"
    )


def kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


class Output:
    """A pipe for the output of a command, read as it comes; only the end of it is kept."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)
        self.kept = b""
        asyncio.get_running_loop().add_reader(self.reading, self._read)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.reading)
        os.close(self.reading)
        os.close(self.writing)

    def end(self) -> str:
        """The last of it: what the pipe still holds, be there one who goes on filling it."""
        for _ in range(PIPE_READS):
            self._read()
        text = self.kept.decode("utf-8", "replace")
        return text if len(text) <= SHOWN_CHARACTERS else f"[…]{text[-SHOWN_CHARACTERS:]}"

    def _read(self) -> int:
        try:
            data = os.read(self.reading, KEPT_BYTES)
        except BlockingIOError:
            return 0
        self.kept = (self.kept + data)[-KEPT_BYTES:]
        return len(data)


# ── the tools ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Tool:
    """What an agent is shown of a tool, and what it does."""

    def __init__(self, description: str, schema: Json, run: Callable[[Server, Json], Awaitable[str]]) -> None:
        self.schema = schema
        self.shown = {"description": description, "inputSchema": schema}
        self.run = run


async def task_brief(server: Server, _arguments: Json) -> str:
    with open(server.plan["brief"], "rb") as file:  # noqa: ASYNC230, PTH123 - a small file; bounded
        return file.read(LONGEST_BRIEF_BYTES).decode("utf-8", "replace")


async def run_gate(server: Server, _arguments: Json) -> str:
    return await server.gate.look()


async def report_blocked(server: Server, arguments: Json) -> str:
    put(server, "blocked.json", json.dumps(arguments))
    return "It is noted. Leave your files as they are and end your turn."


async def submit_verdict(server: Server, arguments: Json) -> str:
    put(server, "verdict.json", json.dumps(arguments, ensure_ascii=False))
    return "Your verdict is noted. It is read when you end your turn; submit again to replace it."


async def submit_tasks(server: Server, arguments: Json) -> str:
    put(server, "tasks.md", arguments["markdown"])
    return "Your draft is noted. It is judged when you end your turn; submit again to replace it."


def put(server: Server, name: str, text: str) -> None:
    """Write an answer; a reader sees all of it or nothing."""
    path = Path(server.plan["answer"]) / name
    draft = path.with_name(f".{name}.{os.getpid()}")
    draft.write_bytes(text.encode("utf-8", "replace"))
    draft.replace(path)


def text(description: str, limit: int, **more: Any) -> Json:
    return {"type": "string", "description": description, "maxLength": limit, **more}


def thing(required: list[str], **properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


FINDING = thing(
    ["severity", "message"],
    path=text("The file it is in, from the root of the repository; empty for the whole change.", 300),
    line={"type": "integer", "description": "The line, counted from 1; 0 for the whole file."},
    severity=text("How bad it is; a blocker must not land.", 10, enum=["blocker", "major", "minor", "note"]),
    message=text("What is wrong, and how one can tell.", 2000, minLength=1),
)
TEST = thing(
    ["name", "path", "content", "command"],
    name=text("What it tries, in a few words.", 100, minLength=1),
    path=text("Where its file goes: a new file, from the root of the repository.", 300, minLength=1),
    content=text("The whole file.", 32_000),
    command=text("What runs it; exit code 0 says that it passed.", 2000, minLength=1),
)
VERDICT = thing(
    ["verdict", "because"],
    verdict=text("Your judgment of the change.", 10, enum=["approve", "send-back", "unsure"]),
    because=text("Why, from what you saw yourself.", 4000, minLength=1),
    findings={"type": "array", "items": FINDING, "maxItems": 50},
    tests={"type": "array", "items": TEST, "maxItems": 5},
)
TOOLS = {
    "task_brief": Tool("The whole brief of your task, word for word as you were given it.", thing([]), task_brief),
    "run_gate": Tool(
        "Run the gate's commands in your workspace, as a dry run. Call it before you say that you are done. It may answer "
        "that it still runs: call it again to wait on.",
        thing([]), run_gate,
    ),
    "report_blocked": Tool(
        "Say that you cannot do the task as it stands, and why. For what no work of yours can change; not for giving up.",
        thing(["reason"], reason=text("What stands in the way, and what would clear it.", 4000, minLength=1)),
        report_blocked,
    ),
    "submit_verdict": Tool("Hand in your judgment of the change.", VERDICT, submit_verdict),
    "submit_tasks": Tool(
        "Hand in your draft of the tasks.",
        thing(["markdown"], markdown=text("The `## Tasks` section, nothing else.", 200_000, minLength=1)),
        submit_tasks,
    ),
}  # fmt: skip

if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
