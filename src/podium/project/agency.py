"""The agents there are: what each is, whether it could work here, what it may use, and how its work has fared so far."""

import json
from pathlib import Path

from podium.agents.program import program
from podium.agents.registry import kind
from podium.agents.wiring import wire
from podium.base.text import clean_line
from podium.config.settings import AgentSettings
from podium.engine.site import Site
from podium.project.views.agent import AgentView
from podium.workspaces.sandboxes.registry import choose

_ANY_PORT = 1
_DEEPEST = 8


def agents(site: Site) -> tuple[AgentView, ...]:
    """Every agent that podium.toml names or Podium knows; those that could work here first."""
    settings = site.settings()
    trouble = choose(settings.sandbox.kind).unavailable()
    tried: dict[str, list[str]] = {}
    for attempt in site.store.attempts():
        tried.setdefault(attempt.agent, []).append(attempt.task)
    landed = site.store.landed_tasks()
    views = [
        _view(
            name, agent, sandbox=trouble or settings.sandbox.kind, attempts=len(tried.get(name, ())),
            landed=len(landed.intersection(tried.get(name, ()))), default=name == settings.agent,
        )
        for name, agent in settings.agents.items()
    ]  # fmt: skip
    return tuple(sorted(views, key=lambda view: (not view.default, bool(view.missing), view.name)))


def _view(
    name: str, agent: AgentSettings, *, sandbox: str, attempts: int, landed: int, default: bool
) -> AgentView:
    found = program(agent)
    way = wire(agent, port=_ANY_PORT)
    missing = found.missing or way.missing
    reaches = (*way.rules.allow, *(route.upstream for route in way.rules.routes)) if way.rules else ()
    return AgentView(
        name, kind(agent), clean_line(" ".join(agent.acp or agent.command) or agent.script), str(found.found or ""),
        version(found.found) if found.found else "", missing, "ACP 1" if agent.acp else "", agent.model, sandbox,
        "everything" if agent.network else ", ".join(reaches) or "nothing",
        agent.minutes, agent.tokens, agent.cost_usd, attempts, landed, default,
    )  # fmt: skip


def version(program: Path) -> str:
    """The version of an installed package, by the package.json above the program; empty where there is none."""
    for parent in list(program.resolve().parents)[:_DEEPEST]:
        manifest = parent / "package.json"
        if manifest.is_file():
            try:
                return clean_line(str(json.loads(manifest.read_bytes()).get("version", "")), limit=40)
            except (ValueError, AttributeError):
                return ""
    return ""
