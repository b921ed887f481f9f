"""What is wrong with a TOML file, one line each: where, what, and a near match for a misspelt name.

Serves every TOML file a person writes for Podium; what a file must hold is said by its pydantic model.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from podium.base.errors import ConfigError
from podium.base.text import clean_line, count
from podium.config.positions import Path, Position, nearest, positions

Fault = tuple[Path, str]
"""Where, and what is wrong there."""
Model = TypeVar("Model", bound=BaseModel)

_MAXIMUM_SHOWN = 50
_SYNTAX = re.compile(r"^(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)$", re.DOTALL)
_PLAIN = {
    "string_pattern_mismatch": "a name is made of letters, digits, '.', '_' and '-', and starts with a letter or digit",
    "tuple_type": 'must be a list, as in ["one", "two"]',
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "dict_type": "must be a table",
}
"""Kinds of pydantic's errors that read better in TOML's own words."""


def parse(text: str, *, origin: str) -> dict[str, Any]:
    """Read a TOML text.

    Raises:
        ConfigError: it is not TOML, with line and column.

    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            _syntax_fault(str(error), origin), hint=f"mend {origin}; it is written in TOML"
        ) from error


def validate(model: type[Model], data: Mapping[str, Any]) -> tuple[Model | None, list[Fault]]:
    """Give the value, or None and everything that keeps `data` from being one."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, [(_path(fault), _said(fault, model)) for fault in error.errors(include_url=False)]


def faulty(faults: Iterable[Fault], text: str, *, origin: str) -> ConfigError:
    """Make the one error that lists every fault on a line of its own, in the order of the text."""
    found = positions(text)
    placed = sorted(((_place(nearest(found, path)), message) for path, message in faults), key=itemgetter(0))
    lines = [clean_line(f"{origin}{_where(place)}: {message}") for place, message in placed[:_MAXIMUM_SHOWN]]
    if len(placed) > _MAXIMUM_SHOWN:
        lines.append(f"{origin}: and {len(placed) - _MAXIMUM_SHOWN} more")
    return ConfigError("\n".join(lines), hint=f"mend {count(len(placed), 'fault')} in {origin}")


def near_match(name: str, choices: Iterable[str]) -> str:
    """`; did you mean "…"?`, or nothing when no choice comes near.

    >>> near_match("comand", ["command", "script"])
    '; did you mean "command"?'
    """
    near = difflib.get_close_matches(name, sorted(choices), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def dotted(path: Path) -> str:
    """Write a path as a person reads it.

    >>> dotted(("gate", "check", 0, "run"))
    'gate.check[1].run'
    """
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _syntax_fault(error: str, origin: str) -> str:
    match = _SYNTAX.match(error)
    if not match:
        return f"{origin}: {clean_line(error)}"
    return f"{origin}:{match['line']}:{match['column']}: {clean_line(match['what'])}"


def _place(position: Position | None) -> tuple[int, int]:
    return (position.line, position.column) if position else (0, 0)


def _where(place: tuple[int, int]) -> str:
    return f":{place[0]}:{place[1]}" if place[0] else ""


def _path(fault: ErrorDetails) -> Path:
    return tuple(part for part in fault["loc"] if part != "[key]")


def _said(fault: ErrorDetails, model: type[BaseModel]) -> str:
    path = _path(fault)
    if fault["type"] == "extra_forbidden":
        known = _section(model, path[:-1]).model_fields
        return f'unknown setting "{path[-1]}"{_inside(path[:-1])}{near_match(str(path[-1]), known)}'
    if fault["type"] == "missing":
        return f'missing setting "{path[-1]}"{_inside(path[:-1])}'
    return f"{dotted(path)}: {_wrong_value(fault)}" if path else _wrong_value(fault)


def _inside(path: Path) -> str:
    return f" in {dotted(path)}" if path else ""


def _wrong_value(fault: ErrorDetails) -> str:
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    if fault["type"] == "literal_error":
        expected = fault["ctx"]["expected"]
        return f"must be {expected}" + near_match(str(fault["input"]), re.findall("'([^']*)'", expected))
    return _PLAIN.get(fault["type"], fault["msg"].replace("Input should be", "must be", 1))


def _section(model: type[BaseModel], path: Path) -> type[BaseModel]:
    """Find the model of the table at `path`."""
    for part in path:
        setting = model.model_fields.get(str(part))
        model = (_model_within(setting.annotation) if setting else None) or model
    return model


def _model_within(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_within(inner))), None)
