"""What an agent takes from another: from the known one of its name, or from the one it is `like`. Pure.

An agent goes on top of the other one setting by setting: lists replace, tables are merged. It is run in one way only, so
one that says its own `command` is no longer run over ACP. One that has just the name of a known agent and is run in another
way has nothing else in common with it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from podium.config.faults import Fault, near_match
from podium.config.settings import AgentSettings

KINDS = ("acp", "command", "script")
"""The settings that say how an agent is run; each agent has one of them."""


def agent_faults(agents: Mapping[str, Any], known: Collection[str]) -> Iterator[Fault]:
    """Find agents that nobody could run: of no kind or of two, like nobody, or like each other in a circle.

    `agents` are the tables as they were written, `known` the names of agents that are complete.
    """
    tables = {
        name: table
        for name, table in agents.items()
        if isinstance(table, Mapping) and table.keys() <= AgentSettings.model_fields.keys()
    }  # a misspelt `command` is one fault, not two
    for name, table in tables.items():
        yield from _kind_faults(name, table, known)
        yield from _like_faults(name, tables, set(agents), known)


def layered(own: Mapping[str, AgentSettings], known: Mapping[str, AgentSettings]) -> dict[str, AgentSettings]:
    """All agents, those of `own` complete and first. There must be no `agent_faults`."""
    return {name: _complete(name, own, known) for name in own} | {
        name: agent for name, agent in known.items() if name not in own
    }


def _kind_faults(name: str, table: Mapping[str, Any], known: Collection[str]) -> Iterator[Fault]:
    kinds = [kind for kind in KINDS if table.get(kind)]
    if len(kinds) > 1:
        yield (name, kinds[-1]), f"agents.{name} has {' and '.join(kinds)}; keep one of them"
    if not kinds and not table.get("like") and name not in known:
        what = f'agents.{name} has neither {", ".join(KINDS[:-1])} nor {KINDS[-1]}, and Podium knows no agent "{name}"'
        yield (name,), what + near_match(name, known)


def _like_faults(
    name: str, tables: Mapping[str, Mapping[str, Any]], named: set[str], known: Collection[str]
) -> Iterator[Fault]:
    like = tables[name].get("like")
    if not isinstance(like, str) or not like:
        return
    others = {*named, *known} - ({name} - set(known))
    if like not in others:
        yield (name, "like"), f'agents.{name}.like: there is no agent "{like}"{near_match(like, others)}'
        return
    circle = _circle(name, tables)
    if circle and name == min(circle):
        yield (
            (name, "like"),
            f"agents.{name}.like: {' is like '.join((*circle, name))}, and nobody says what it is",
        )


def _circle(name: str, tables: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """The agents on the way from one back to itself; none where the way ends. To be like itself is to be like the known one."""
    way, at = [name], name
    while (like := tables.get(at, {}).get("like")) and like != at:
        if like == name:
            return way
        if like in way:
            return ()
        way.append(like)
        at = like
    return ()


def _complete(
    name: str, own: Mapping[str, AgentSettings], known: Mapping[str, AgentSettings]
) -> AgentSettings:
    agent = own[name]
    if agent.like and agent.like != name:
        below = _complete(agent.like, own, known) if agent.like in own else known[agent.like]
        return _on_top(agent, below)
    below_it = known.get(name)
    if below_it and (agent.like or not _is_run_otherwise(agent, below_it)):
        return _on_top(agent, below_it)
    return agent


def _is_run_otherwise(agent: AgentSettings, below: AgentSettings) -> bool:
    return any(getattr(agent, kind) and not getattr(below, kind) for kind in KINDS)


def _on_top(agent: AgentSettings, below: AgentSettings) -> AgentSettings:
    said = {name: getattr(agent, name) for name in agent.model_fields_set if name not in KINDS}
    tables = {name: getattr(below, name) | value for name, value in said.items() if isinstance(value, dict)}
    kinds = {kind: getattr(agent, kind) for kind in KINDS}
    return below.model_copy(update=said | tables | (kinds if any(kinds.values()) else {}))
