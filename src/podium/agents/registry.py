"""The kinds of agents; a new one is a file beside this one and a line here."""

from collections.abc import Callable, Mapping

from podium.agents.acp.agent import AcpAgent
from podium.agents.base import Agent
from podium.agents.command import CommandAgent
from podium.agents.script import read_script as parse_script
from podium.agents.scripted import ScriptedAgent
from podium.base.errors import ConfigError
from podium.config.settings import AgentSettings

ReadScript = Callable[[str], bytes | None]
"""The bytes of a file on the target branch; None when it is not there."""


def make(name: str, settings: AgentSettings, *, read_script: ReadScript) -> Agent:
    """Make the agent that `[agents.NAME]` describes.

    Raises:
        ConfigError: it describes no agent, or its script is not there or has faults.

    """
    for setting, kind in KINDS.items():
        if getattr(settings, setting):
            return kind(name, settings, read_script)
    raise ConfigError(f"agents.{name} is no agent", hint=f"give it one of {', '.join(KINDS)}")


def kind(settings: AgentSettings) -> str:
    """What kind of agent it is, by the setting that says so; empty where none does."""
    return next((setting for setting in KINDS if getattr(settings, setting)), "")


def _command(name: str, settings: AgentSettings, _read_script: ReadScript) -> Agent:
    return CommandAgent(name, settings)


def _scripted(name: str, settings: AgentSettings, read_script: ReadScript) -> Agent:
    data = read_script(settings.script)
    if data is None:
        what = f"agents.{name}: there is no script {settings.script} on the target branch"
        raise ConfigError(what, hint=f"commit {settings.script} there")
    return ScriptedAgent(name, settings, parse_script(data.decode(errors="replace"), origin=settings.script))


def _acp(name: str, settings: AgentSettings, _read_script: ReadScript) -> Agent:
    return AcpAgent(name, settings)


KINDS: Mapping[str, Callable[[str, AgentSettings, ReadScript], Agent]] = {
    "acp": _acp,
    "command": _command,
    "script": _scripted,
}
"""By the setting that asks for the kind."""
