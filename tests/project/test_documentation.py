"""What can be set and what is printed as JSON is written down, all of it."""

import dataclasses
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from pydantic import BaseModel

from podium.config.settings import AgentSettings, CheckSettings, Settings
from podium.project import views

DOCS = Path(__file__).parents[2] / "docs"


def _settings() -> list[str]:
    sections: list[type[BaseModel]] = [Settings, AgentSettings, CheckSettings]
    sections += [type(value) for value in dict(Settings()).values() if isinstance(value, BaseModel)]
    containers = {"gate", "agents", "sandbox", "policy", "limits", "queue", "check"}
    return sorted(
        {name for section in sections for name in section.model_fields if name} - (containers - {"agents"})
    )


def _fields() -> list[tuple[str, str]]:
    rooms = [import_module(f"{views.__name__}.{room.name}") for room in iter_modules(views.__path__)]
    values = [value for room in rooms for value in vars(room).values() if isinstance(value, type)]
    shapes = sorted(
        {value for value in values if dataclasses.is_dataclass(value)}, key=lambda one: one.__name__
    )
    return [(shape.__name__, field.name) for shape in shapes for field in dataclasses.fields(shape)]


@pytest.mark.parametrize("name", _settings())
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (DOCS / "configuration.md").read_text()


@pytest.mark.parametrize(("shape", "field"), _fields())
def test_every_field_of_the_json_is_documented(shape: str, field: str) -> None:
    sections = (DOCS / "json.md").read_text().split("\n## ")
    section = next((section for section in sections if section.startswith(f"{shape}\n")), "")
    assert f"`{field}`" in section
