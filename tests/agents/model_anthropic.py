"""Anthropic Messages: `/v1/messages`."""

import json
from collections.abc import Mapping
from typing import Any

from model_reply import Reply, event, text_of
from model_script import Asked, Tool, Turn

NAME = "anthropic"


def asked(body: Mapping[str, Any]) -> Asked:
    return Asked(
        model=str(body.get("model", "")),
        system=text_of(body.get("system", "")),
        turns=tuple(turn for message in body.get("messages", []) for turn in _turns(message)),
        tools=tuple(Tool(str(tool["name"])) for tool in body.get("tools") or []),
        stream=bool(body.get("stream")),
    )


def whole(reply: Reply) -> dict[str, Any]:
    return {**_message(reply), "content": _blocks(reply), "stop_reason": _stop(reply)}


def frames(reply: Reply) -> list[str]:
    data: list[dict[str, Any]] = [{"type": "message_start", "message": _message(reply)}]
    for index, block in enumerate(_blocks(reply)):
        empty, delta = _streamed(block)
        data += [
            {"type": "content_block_start", "index": index, "content_block": empty},
            {"type": "content_block_delta", "index": index, "delta": delta},
            {"type": "content_block_stop", "index": index},
        ]
    data += [
        {
            "type": "message_delta",
            "delta": {"stop_reason": _stop(reply), "stop_sequence": None},
            "usage": {"output_tokens": reply.used.output},
        },
        {"type": "message_stop"},
    ]
    return [event(one, one["type"]) for one in data]


def _turns(message: Mapping[str, Any]) -> list[Turn]:
    """A user's message may hand back what tools found, and say something besides."""
    content = message.get("content", "")
    if message.get("role") != "user":
        return [Turn("assistant" if message.get("role") == "assistant" else "tool", text_of(content))]
    results = [part for part in content if isinstance(part, dict) and part.get("type") == "tool_result"]
    found = [Turn("tool", text_of(part.get("content", ""))) for part in results]
    return [*found, Turn("user", text_of(content))]


def _blocks(reply: Reply) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": reply.text}] if reply.text else []
    if reply.call is not None:
        called = {"name": reply.call.tool.name, "input": reply.call.arguments}
        blocks.append({"type": "tool_use", "id": f"toolu_{reply.name}", **called})
    return blocks


def _streamed(block: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    if block["type"] == "text":
        return {"type": "text", "text": ""}, {"type": "text_delta", "text": block["text"]}
    partial = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    return {**block, "input": {}}, partial


def _message(reply: Reply) -> dict[str, Any]:
    used = reply.used
    return {
        "id": f"msg_{reply.name}",
        "type": "message",
        "role": "assistant",
        "model": reply.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": used.input - used.cached,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": used.cached,
            "output_tokens": used.output,
        },
    }


def _stop(reply: Reply) -> str:
    return "tool_use" if reply.call else "end_turn"
