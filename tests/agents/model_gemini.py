"""Google's Gemini: `…/models/NAME:generateContent` and `:streamGenerateContent?alt=sse`."""

from collections.abc import Mapping
from typing import Any

from model_reply import Reply, event, text_of
from model_script import Asked, Tool, Turn

NAME = "gemini"


def asked(body: Mapping[str, Any]) -> Asked:
    """The model and whether to stream are told by the address, not by the body."""
    system = body.get("systemInstruction") or {}
    offered = [one for group in body.get("tools") or [] for one in group.get("functionDeclarations", [])]
    return Asked(
        model="",
        system=text_of(system.get("parts", [])),
        turns=tuple(_turn(content) for content in body.get("contents", [])),
        tools=tuple(Tool(str(tool["name"])) for tool in offered),
        structured="responseMimeType" in body.get("generationConfig", {}),
    )


def whole(reply: Reply) -> dict[str, Any]:
    return _piece(reply, [*_text(reply), *_call(reply)], done=True)


def frames(reply: Reply) -> list[str]:
    first = [event(_piece(reply, _text(reply), done=False))] if reply.text else []
    return [*first, event(_piece(reply, _call(reply), done=True))]


def _turn(content: Mapping[str, Any]) -> Turn:
    parts = content.get("parts", [])
    if content.get("role") == "model":
        return Turn("assistant", text_of(parts))
    results = [part["functionResponse"] for part in parts if "functionResponse" in part]
    if results:
        return Turn("tool", "\n".join([*(str(result.get("response")) for result in results), text_of(parts)]))
    return Turn("user", text_of(parts))


def _text(reply: Reply) -> list[dict[str, Any]]:
    return [{"text": reply.text}] if reply.text else []


def _call(reply: Reply) -> list[dict[str, Any]]:
    if reply.call is None:
        return []
    called = {"id": f"call_{reply.name}", "name": reply.call.tool.name, "args": reply.call.arguments}
    return [{"functionCall": called}]


def _piece(reply: Reply, parts: list[dict[str, Any]], *, done: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"index": 0, "content": {"role": "model", "parts": parts or [{"text": ""}]}}
    if not done:
        return {"candidates": [candidate], "modelVersion": reply.model}
    used = reply.used
    return {
        "candidates": [{**candidate, "finishReason": "STOP"}],
        "modelVersion": reply.model,
        "responseId": reply.name,
        "usageMetadata": {
            "promptTokenCount": used.input,
            "cachedContentTokenCount": used.cached,
            "candidatesTokenCount": used.output,
            "totalTokenCount": used.input + used.output,
        },
    }
