"""OpenAI Responses: `/v1/responses`, with custom tools and the namespaces that MCP servers' tools are in."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from model_reply import Reply, event, text_of
from model_script import Asked, Tool, Turn

NAME = "responses"


def asked(body: Mapping[str, Any]) -> Asked:
    given = body.get("input", [])
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    told = [item for item in items if item.get("role") in {"developer", "system"}]
    return Asked(
        model=str(body.get("model", "")),
        system="\n".join(
            [str(body.get("instructions") or ""), *(text_of(item.get("content")) for item in told)]
        ),
        turns=tuple(_turn(item) for item in items if item not in told),
        tools=tuple(tool for offered in _offered(body.get("tools"), items) for tool in _tools(offered)),
        stream=bool(body.get("stream")),
        structured=body.get("text", {}).get("format", {}).get("type") == "json_schema",
    )


def whole(reply: Reply) -> dict[str, Any]:
    return _response(reply, "completed")


def frames(reply: Reply) -> list[str]:
    data: list[dict[str, Any]] = [{"type": "response.created", "response": _response(reply, "in_progress")}]
    for index, item in enumerate(_output(reply)):
        data.append({"type": "response.output_item.added", "output_index": index, "item": item})
        if item["type"] == "message":
            place = {"item_id": item["id"], "output_index": index, "content_index": 0}
            data.append({"type": "response.output_text.delta", **place, "delta": reply.text})
        data.append({"type": "response.output_item.done", "output_index": index, "item": item})
    data.append({"type": "response.completed", "response": _response(reply, "completed")})
    return [event({**one, "sequence_number": at}, one["type"]) for at, one in enumerate(data)]


def _turn(item: Mapping[str, Any]) -> Turn:
    kind = str(item.get("type", "message"))
    if kind == "message":
        return Turn("user" if item.get("role") == "user" else "assistant", text_of(item.get("content", "")))
    if kind.endswith("_output"):
        return Turn("tool", text_of(item.get("output", "")))
    return Turn("assistant", "")


def _offered(tools: Any, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tools of a request: beside what is said, or among it, which spares the provider's cache."""
    added = [tool for item in items if item.get("type") == "additional_tools" for tool in item["tools"]]
    return [*(tools or []), *added]


def _tools(offered: Mapping[str, Any]) -> list[Tool]:
    name = str(offered.get("name") or offered.get("type"))
    if offered.get("type") == "namespace":
        inner = [tool for one in offered.get("tools", []) for tool in _tools(one)]
        return [replace(tool, namespace=name) for tool in inner]
    return [Tool(name, custom=offered.get("type") == "custom")]


def _output(reply: Reply) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if reply.text:
        content = [{"type": "output_text", "text": reply.text, "annotations": []}]
        items.append(
            {
                "type": "message",
                "id": f"msg_{reply.name}",
                "role": "assistant",
                "status": "completed",
                "content": content,
            }
        )
    if reply.call is not None:
        items.append(_called(reply.name, reply.call.tool, reply.call.arguments))
    return items


def _called(name: str, tool: Tool, arguments: Mapping[str, Any] | str) -> dict[str, Any]:
    space = {"namespace": tool.namespace} if tool.namespace else {}
    call = {"call_id": f"call_{name}", "name": tool.name, "status": "completed", **space}
    if tool.custom:
        return {"type": "custom_tool_call", "id": f"ctc_{name}", **call, "input": arguments}
    return {"type": "function_call", "id": f"fc_{name}", **call, "arguments": json.dumps(arguments)}


def _response(reply: Reply, status: str) -> dict[str, Any]:
    done = status == "completed"
    return {
        "id": f"resp_{reply.name}",
        "object": "response",
        "created_at": 0,
        "status": status,
        "model": reply.model,
        "output": _output(reply) if done else [],
        "usage": _usage(reply) if done else None,
    }


def _usage(reply: Reply) -> dict[str, Any]:
    used = reply.used
    return {
        "input_tokens": used.input,
        "input_tokens_details": {"cached_tokens": used.cached},
        "output_tokens": used.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": used.input + used.output,
    }
