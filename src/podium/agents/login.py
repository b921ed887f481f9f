"""Copies of a person's login files: only what is needed of them, without what a copy must not use. Pure.

A copy that renewed a token which changes with each use would log the person out; so such tokens are emptied, and the copy
serves as long as the token it has.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from podium.config.settings import LoginSettings

_SHORTEST_SECRET = 16
_MILLISECONDS = 1e11
"""A time beyond this, in seconds, lies some thousand years ahead: it is given in milliseconds."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What of a login an agent gets, and the secrets in it; `trouble` says why it will not do."""

    login: LoginSettings
    text: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    trouble: str = ""


def copied(login: LoginSettings, text: str, *, now: float) -> Copy:
    """What an agent gets of a login file."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        if login.keep or login.blank or login.expires:
            return Copy(login, trouble="is not JSON")
        return Copy(login, text, tuple(word for word in text.replace("=", " ").split() if _is_secret(word)))
    if _has_expired(data, login.expires, now):
        return Copy(login, trouble="has run out")
    for path in login.blank:
        _blank(data, path.split("."))
    kept = _kept(data, [path.split(".") for path in login.keep])
    written = text if kept == data and not login.blank else json.dumps(kept, indent=2)
    return Copy(login, written, tuple(leaf for leaf in _leaves(kept) if _is_secret(leaf)))


def _has_expired(data: Any, path: str, now: float) -> bool:
    found = [value for value in _at(data, path.split(".")) if type(value) in (int, float)] if path else []
    return any((time / 1000 if time > _MILLISECONDS else time) <= now for time in found)


def _at(data: Any, path: list[str]) -> Iterator[Any]:
    """The values at a path."""
    if not path:
        yield data
        return
    for key in _keys(data, path[0]):
        yield from _at(data[key], path[1:])


def _blank(data: Any, path: list[str]) -> None:
    for key in _keys(data, path[0]):
        if path[1:]:
            _blank(data[key], path[1:])
        else:
            data[key] = ""


def _kept(data: Any, paths: list[list[str]]) -> Any:
    """The part of `data` that lies on one of the paths; all of it when there is none."""
    if not paths or [] in paths or not isinstance(data, dict):
        return data
    below: dict[str, list[list[str]]] = {}
    for path in paths:
        for key in _keys(data, path[0]):
            below.setdefault(key, []).append(path[1:])
    return {key: _kept(data[key], rest) for key, rest in below.items()}


def _keys(data: Any, key: str) -> list[str]:
    if not isinstance(data, dict):
        return []
    return list(data) if key == "*" else [key] if key in data else []


def _leaves(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _leaves(value)


def _is_secret(text: str) -> bool:
    return len(text) >= _SHORTEST_SECRET
