"""Reads `podium.toml`: the settings, or every fault in it at once.

Which revision the text comes from is the caller's business.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from podium.base.errors import ConfigError
from podium.config.faults import Fault, dotted, faulty, near_match, parse, validate
from podium.config.settings import AgentSettings, Settings


def load(text: str, *, origin: str) -> Settings:
    """Read the settings; `origin` names the text in errors.

    Raises:
        ConfigError: it cannot be used; each line of the message is one fault.

    """
    data = parse(text, origin=origin)
    settings, faults = validate(Settings, data)
    faults += [*_agent_faults(data), *_default_agent_faults(data), *_check_faults(data)]
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
    what = (
        "several agents are configured and none is the default"
        if settings.agents
        else "no agent is configured"
    )
    raise ConfigError(what, hint=_agents_to_choose(settings))


def _agents_to_choose(settings: Settings) -> str:
    if not settings.agents:
        return "add [agents.NAME] with a command to podium.toml"
    return f'choose one of {", ".join(sorted(settings.agents))}: `agent = "…"` in podium.toml, or `- agent: …` at the task'


def _agent_faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Find agents that have not just one of command and script."""
    for name, agent in _table(data, "agents").items():
        if not isinstance(agent, dict) or not agent.keys() <= AgentSettings.model_fields.keys():
            continue  # a misspelt `command` is one fault, not two
        if agent.get("command") and agent.get("script"):
            yield ("agents", name, "script"), f"agents.{name} has a command and a script; keep one of them"
        if not agent.get("command") and not agent.get("script"):
            yield ("agents", name), f'agents.{name} has neither command nor script; write command = ["…"]'


def _default_agent_faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    agents, default = _table(data, "agents"), data.get("agent")
    if isinstance(default, str) and default and default not in agents:
        yield ("agent",), f'agent: there is no agent "{default}"{near_match(default, agents)}'


def _check_faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    checks = _table(data, "gate").get("check")
    seen: Counter[str] = Counter()
    for number, check in enumerate(checks if isinstance(checks, list) else []):
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
