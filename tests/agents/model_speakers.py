"""What agents send to a model and read from its stream, one speaker for each API: the least that each of them allows."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Body: TypeAlias = dict[str, Any]
Said: TypeAlias = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer: its text, the call in it, and the tokens (input, cached, output) it reports."""

    text: str
    tool: str
    arguments: Any
    used: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Speaker:
    """`ask(prompt, turns)` is a request after so many turns of the model; `hear` reads the events of the answer."""

    name: str
    path: str
    key: str
    tools: Mapping[str, str]
    """What it calls its tools that edit and run a shell."""
    ask: Callable[[str, int], Body]
    hear: Callable[[Said], Heard]


def _ask_anthropic(prompt: str, turns: int) -> Body:
    call = {"type": "tool_use", "id": "t", "name": "Read", "input": {}}
    note = {"type": "text", "text": "<system-reminder>A note.</system-reminder>"}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "found"}
    turn = [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result, note]}]
    names = ("Read", "Edit", "Write", "Bash", "mcp__podium__task_brief")
    return {
        "model": "m",
        "stream": True,
        "system": [{"type": "text", "text": "Primary working directory: /ws"}],
        "messages": [{"role": "user", "content": [note, {"type": "text", "text": prompt}]}, *turn * turns],
        "tools": [{"name": name, "input_schema": {"properties": {}}} for name in names],
    }


def _hear_anthropic(said: Said) -> Heard:
    start = said[0]["message"]["usage"]
    blocks = [one["content_block"] for one in said if one["type"] == "content_block_start"]
    deltas = [one["delta"] for one in said if one["type"] == "content_block_delta"]
    called = next((block for block in blocks if block["type"] == "tool_use"), {"name": ""})
    partial = "".join(delta.get("partial_json", "") for delta in deltas)
    cached = start["cache_read_input_tokens"]
    return Heard(
        "".join(delta.get("text", "") for delta in deltas),
        called["name"],
        json.loads(partial or "null"),
        (start["input_tokens"] + cached, cached, said[-2]["usage"]["output_tokens"]),
    )


def _ask_responses(prompt: str, turns: int) -> Body:
    told = {"role": "user", "content": [{"type": "input_text", "text": "<environment_context><cwd>/ws</cwd></environment_context>"}]}  # fmt: skip
    turn = [
        {"type": "reasoning", "summary": []},
        {"type": "function_call", "call_id": "c", "name": "exec_command", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "found"},
    ]
    functions = [{"type": "function", "name": "exec_command", "parameters": {"properties": {}}}]
    brief = {"type": "function", "name": "task_brief", "parameters": {}}
    return {
        "model": "m",
        "stream": True,
        "input": [told, {"role": "user", "content": [{"type": "input_text", "text": prompt}]}, *turn * turns],
        "tools": [*functions, {"type": "custom", "name": "apply_patch"}, {"type": "namespace", "name": "mcp__podium", "tools": [brief]}],
    }  # fmt: skip


def _hear_responses(said: Said) -> Heard:
    items = [one["item"] for one in said if one["type"] == "response.output_item.done"]
    texts = [part["text"] for item in items if item["type"] == "message" for part in item["content"]]
    called: Mapping[str, Any] = next(
        (item for item in items if item["type"].endswith("_call")), {"name": "", "input": None}
    )
    given = json.loads(called["arguments"]) if "arguments" in called else called["input"]
    used = said[-1]["response"]["usage"]
    cached = used["input_tokens_details"]["cached_tokens"]
    return Heard("".join(texts), called["name"], given, (used["input_tokens"], cached, used["output_tokens"]))


def _ask_chat(prompt: str, turns: int) -> Body:
    function = {"name": "read_file", "arguments": "{}"}
    turn = [
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "c", "content": "found"},
    ]
    names = ("read_file", "replace", "write_file", "run_shell_command", "podium_task_brief")
    return {
        "model": "m",
        "stream": True,
        "messages": [
            {"role": "system", "content": "Your working directory: /ws"},
            {"role": "user", "content": prompt},
            *turn * turns,
        ],
        "tools": [{"type": "function", "function": {"name": name}} for name in names],
    }


def _hear_chat(said: Said) -> Heard:
    deltas = [choice["delta"] for one in said for choice in one["choices"]]
    calls = [call["function"] for delta in deltas for call in delta.get("tool_calls", [])]
    called: Mapping[str, Any] = calls[0] if calls else {"name": "", "arguments": "null"}
    used = said[-1]["usage"]
    cached = used["prompt_tokens_details"]["cached_tokens"]
    text = "".join(delta.get("content") or "" for delta in deltas)
    tokens = (used["prompt_tokens"], cached, used["completion_tokens"])
    return Heard(text, called["name"], json.loads(called["arguments"]), tokens)


def _ask_gemini(prompt: str, turns: int) -> Body:
    result = {"functionResponse": {"name": "read_file", "response": {"output": "found"}}}
    turn = [
        {"role": "model", "parts": [{"functionCall": {"name": "read_file", "args": {}}}]},
        {"role": "user", "parts": [result]},
    ]
    names = ("read_file", "replace", "write_file", "run_shell_command", "mcp_podium_task_brief")
    context = "<session_context>\n- **Workspace Directories:**\n  - /ws\n</session_context>"
    return {
        "systemInstruction": {"parts": [{"text": "You edit."}]},
        "contents": [{"role": "user", "parts": [{"text": context}, {"text": prompt}]}, *turn * turns],
        "tools": [{"functionDeclarations": [{"name": name} for name in names]}],
    }


def _hear_gemini(said: Said) -> Heard:
    parts = [part for one in said for part in one["candidates"][0]["content"]["parts"]]
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    called: Mapping[str, Any] = calls[0] if calls else {"name": "", "args": None}
    used = said[-1]["usageMetadata"]
    tokens = (used["promptTokenCount"], used["cachedContentTokenCount"], used["candidatesTokenCount"])
    text = "".join(part.get("text", "") for part in parts)
    return Heard(text, called["name"], called["args"], tokens)


SPEAKERS = (
    Speaker(
        "anthropic", "/v1/messages?beta=true", "x-api-key",
        {"edit": "Edit", "shell": "Bash", "mcp": "mcp__podium__task_brief"}, _ask_anthropic, _hear_anthropic,
    ),
    Speaker(
        "responses", "/v1/responses", "authorization",
        {"edit": "apply_patch", "shell": "exec_command", "mcp": "task_brief"}, _ask_responses, _hear_responses,
    ),
    Speaker(
        "chat", "/v1/chat/completions", "authorization",
        {"edit": "replace", "shell": "run_shell_command", "mcp": "podium_task_brief"}, _ask_chat, _hear_chat,
    ),
    Speaker(
        "gemini", "/v1beta/models/m:streamGenerateContent?alt=sse", "x-goog-api-key",
        {"edit": "replace", "shell": "run_shell_command", "mcp": "mcp_podium_task_brief"}, _ask_gemini, _hear_gemini,
    ),
)  # fmt: skip
