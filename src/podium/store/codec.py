"""Values to JSON and back, by their types alone."""

from typing import Any, TypeVar

from pydantic import TypeAdapter

Value = TypeVar("Value")


def encode(value: object) -> str:
    return _adapter(type(value)).dump_json(value).decode()


def decode(kind: type[Value], text: str) -> Value:
    """The value of type `kind` that `encode` wrote."""
    found: Value = _adapter(kind).validate_json(text)
    return found


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]
