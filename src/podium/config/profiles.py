"""The agents Podium knows, and what models cost: files beside this one, and the person's own agents on top.

A file is what an `[agents.NAME]` of podium.toml may hold, under the name NAME.toml; the person's lie in
`$XDG_CONFIG_HOME/podium/agents`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from podium.base import environment
from podium.base.errors import ConfigError
from podium.config.faults import faulty, parse, validate
from podium.config.lineage import agent_faults, layered
from podium.config.settings import AgentSettings, PriceSettings, Settings

_BUILT_IN = Path(__file__).with_name("agents")
_PRICES = Path(__file__).with_name("prices.toml")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LARGEST_BYTES = 256 * 1024
_MOST = 200
Stamp = tuple[tuple[str, int, int], ...]
"""Names, times and sizes of files: as long as it is the same, so are they."""


@dataclass(frozen=True, eq=False)
class Profiles:
    """Complete agents by name, and prices by model. Two of them are the same only if they were read at once."""

    agents: Mapping[str, AgentSettings] = field(default_factory=dict)
    prices: Mapping[str, PriceSettings] = field(default_factory=dict)


def known() -> Profiles:
    """What Podium knows here. It is read again only when one of the person's files has changed.

    Raises:
        ConfigError: one of them has faults; each line of the message is one.
    """
    directory = _own_directory()
    return read(directory, _stamp(directory)) if directory else read(_BUILT_IN, ())


def equip(settings: Settings, profiles: Profiles) -> Settings:
    """Complete the agents of podium.toml, and add those that are known; so with prices.

    The only agent that podium.toml names is the default one.

    Raises:
        ConfigError: an agent cannot be completed.
    """
    faults = agent_faults({name: dict(agent) for name, agent in settings.agents.items()}, profiles.agents)
    if lines := [message for _, message in faults]:
        raise ConfigError("\n".join(lines), hint="mend podium.toml, or the agent it is like")
    only = next(iter(settings.agents)) if len(settings.agents) == 1 else ""
    return settings.model_copy(
        update={
            "agents": layered(settings.agents, profiles.agents),
            "agent": settings.agent or only,
            "prices": {**profiles.prices, **settings.prices},
        }
    )


@lru_cache(maxsize=8)
def read(directory: Path, stamp: Stamp) -> Profiles:
    """The agents of the files that `stamp` names, on top of the built-in ones."""
    own = {Path(name).stem: directory / name for name, _, _ in stamp}
    texts = {name: _text(path) for name, path in own.items()}
    agents = {name: _agent(texts[name], origin=str(path)) for name, path in own.items()}
    built_in = _built_in()
    faults = agent_faults({name: dict(agent) for name, agent in agents.items()}, built_in.agents)
    for (name, *path), message in faults:
        raise faulty([(tuple(path), message)], texts[str(name)], origin=str(own[str(name)]))
    return Profiles(layered(agents, built_in.agents), built_in.prices)


@lru_cache(maxsize=1)
def _built_in() -> Profiles:
    agents = {
        path.stem: AgentSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        for path in sorted(_BUILT_IN.glob("*.toml"))
    }
    prices = Settings.model_validate({"prices": tomllib.loads(_PRICES.read_text(encoding="utf-8"))}).prices
    return Profiles(agents, prices)


def _own_directory() -> Path | None:
    home = environment.variable("HOME")
    base = environment.variable("XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
    return Path(base) / "podium" / "agents" if base.startswith("/") else None


def _stamp(directory: Path) -> Stamp:
    try:
        found = [(path, path.stat()) for path in sorted(directory.glob("*.toml")) if path.is_file()]
    except OSError as error:
        raise ConfigError(f"{directory}: {error.strerror}", hint=f"make {directory} readable") from error
    for path, about in found[:_MOST]:
        if not _NAME.fullmatch(path.stem):
            what = "an agent's name is made of letters, digits, '.', '_' and '-'"
            raise ConfigError(f"{path}: {what}", hint="rename the file")
        if about.st_size > _LARGEST_BYTES:
            raise ConfigError(f"{path} is larger than {_LARGEST_BYTES // 1024} KiB", hint="shorten it")
    return tuple((path.name, about.st_mtime_ns, about.st_size) for path, about in found[:_MOST])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path} is not UTF-8: {error.reason} at byte {error.start}", hint=f"mend {path}"
        ) from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint=f"make {path} readable") from error


def _agent(text: str, *, origin: str) -> AgentSettings:
    agent, faults = validate(AgentSettings, parse(text, origin=origin))
    if agent is None:
        raise faulty(faults, text, origin=origin)
    return agent
