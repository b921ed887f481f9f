"""Reads `podium.toml`: the settings, or every fault in it at once.

Which revision the text comes from is the caller's business.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from podium.base.errors import ConfigError
from podium.config.faults import Fault, dotted, faulty, near_match, parse, validate
from podium.config.lineage import agent_faults
from podium.config.positions import Path
from podium.config.profiles import known
from podium.config.settings import Settings


def load(text: str, *, origin: str) -> Settings:
    """Read the settings as they are written; `origin` names the text in errors.

    Agents stand there with what was written of them: it is `profiles.equip` that completes them.

    Raises:
        ConfigError: it cannot be used; each line of the message is one fault.

    """
    data = parse(text, origin=origin)
    settings, faults = validate(Settings, data)
    agents = known().agents
    faults += [*_agent_faults(data, agents), *_named_agent_faults(data, agents), *_check_faults(data)]
    if settings is None or faults:
        raise faulty(faults, text, origin=origin)
    return settings


def resolve_agent(settings: Settings, task_agent: str) -> str:
    """Choose the agent of a task: its own, else the default one, else the only one.

    Raises:
        ConfigError: there is no such agent, or no telling which one.

    """
    name = task_agent or settings.agent
    if name in settings.agents:
        return name
    if name:
        near = near_match(name, settings.agents)
        raise ConfigError(f'there is no agent "{name}"{near}', hint=_agents_to_choose(settings))
    if len(settings.agents) == 1:
        return next(iter(settings.agents))
    what = "no agent is named, and none is the default" if settings.agents else "no agent is configured"
    raise ConfigError(what, hint=_agents_to_choose(settings))


def _agents_to_choose(settings: Settings) -> str:
    if not settings.agents:
        return "add [agents.NAME] with a command to podium.toml"
    return f'choose one of {", ".join(sorted(settings.agents))}: `agent = "…"` in podium.toml, or `- agent: …` at the task'


def _agent_faults(data: Mapping[str, Any], complete: Collection[str]) -> Iterator[Fault]:
    for path, message in agent_faults(_table(data, "agents"), complete):
        yield ("agents", *path), message


def _named_agent_faults(data: Mapping[str, Any], complete: Collection[str]) -> Iterator[Fault]:
    """Find agents that are named where there are none of that name."""
    agents = {*_table(data, "agents"), *complete}
    for path, name in _named_agents(data):
        if isinstance(name, str) and name and name not in agents:
            yield path, f'{dotted(path)}: there is no agent "{name}"{near_match(name, agents)}'


def _named_agents(data: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    yield ("agent",), data.get("agent")
    policy = _table(data, "policy")
    for number, name in enumerate(_list(_table(policy, "checker"), "agents")):
        yield ("policy", "checker", "agents", number), name
    for rule_number, rule in enumerate(_list(policy, "makers")):
        for number, name in enumerate(_list(rule, "agents") if isinstance(rule, dict) else []):
            yield ("policy", "makers", rule_number, "agents", number), name


def _check_faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    seen: Counter[str] = Counter()
    for number, check in enumerate(_list(_table(data, "gate"), "check")):
        if not isinstance(check, dict):
            continue
        place, name, run = ("gate", "check", number), check.get("name"), check.get("run")
        seen[str(name)] += name is not None
        if seen[str(name)] > 1:
            yield (*place, "name"), f'{dotted(place)}: there is another check named "{name}"'
        if check.get("report") and run and "{report}" not in str(run):
            yield (
                (*place, "run"),
                f"{dotted(place)}.run: write {{report}} where the command shall put its report",
            )


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []
