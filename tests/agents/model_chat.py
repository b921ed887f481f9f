"""OpenAI chat completions: `/v1/chat/completions`."""

import json
from collections.abc import Mapping
from typing import Any

from model_reply import Reply, event, text_of
from model_script import Asked, Tool, Turn

NAME = "chat"


def asked(body: Mapping[str, Any]) -> Asked:
    messages = body.get("messages", [])
    told = [message for message in messages if message.get("role") in {"system", "developer"}]
    return Asked(
        model=str(body.get("model", "")),
        system="\n".join(text_of(message.get("content")) for message in told),
        turns=tuple(_turn(message) for message in messages if message not in told),
        tools=tuple(Tool(str(tool["function"]["name"])) for tool in body.get("tools") or []),
        stream=bool(body.get("stream")),
        structured="response_format" in body,
    )


def whole(reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text or None, **_calls(reply)}
    choice = {"index": 0, "message": message, "finish_reason": _stop(reply)}
    return {**_head(reply, "chat.completion"), "choices": [choice], "usage": _usage(reply)}


def frames(reply: Reply) -> list[str]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": reply.text}] if reply.text else []
    deltas += [_calls(reply)] if reply.call else []
    choices: list[dict[str, Any]] = [
        *({"index": 0, "delta": delta, "finish_reason": None} for delta in deltas),
        {"index": 0, "delta": {}, "finish_reason": _stop(reply)},
    ]
    head = _head(reply, "chat.completion.chunk")
    chunks = [{**head, "choices": [choice]} for choice in choices]
    return [
        *map(event, chunks),
        event({**head, "choices": [], "usage": _usage(reply)}),
        event("[DONE]"),
    ]


def _turn(message: Mapping[str, Any]) -> Turn:
    role = message.get("role")
    text = text_of(message.get("content"))
    if role == "user":
        return Turn("user", text)
    return Turn("assistant" if role == "assistant" else "tool", text)


def _calls(reply: Reply) -> dict[str, Any]:
    if reply.call is None:
        return {}
    function = {"name": reply.call.tool.name, "arguments": json.dumps(reply.call.arguments)}
    return {
        "tool_calls": [{"index": 0, "id": f"call_{reply.name}", "type": "function", "function": function}]
    }


def _head(reply: Reply, kind: str) -> dict[str, Any]:
    return {"id": f"chat_{reply.name}", "object": kind, "created": 0, "model": reply.model}


def _usage(reply: Reply) -> dict[str, Any]:
    used = reply.used
    return {
        "prompt_tokens": used.input,
        "prompt_tokens_details": {"cached_tokens": used.cached},
        "completion_tokens": used.output,
        "total_tokens": used.input + used.output,
    }


def _stop(reply: Reply) -> str:
    return "tool_calls" if reply.call else "stop"
