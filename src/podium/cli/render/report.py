"""How the report looks: few figures, each with how many observations it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from podium.cli.amounts import duration, money, share
from podium.cli.screen import columns, heading, line


def report(figures: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield heading("outcomes")
    yield columns([[Text(name, "dim"), line(value)] for name, value in _figures(figures)])
    for title, key in (("by agent", "by_agent"), ("by kind of task", "by_kind")):
        yield from _groups(title, figures[key])


def _figures(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "landed", f"{figures['landed']:,}"
    yield "sent back", f"{figures['sent_back']:,}"
    yield "refused", f"{figures['refused']:,}"
    yield "attempts", f"{figures['attempts']:,}"
    yield "landed at the first attempt", _share(figures["first_pass"])
    yield "time to land", _quantiles(figures["time_to_land_s"])
    yield "wait for people", _quantiles(figures["wait_for_people_s"])
    reused = f" ({figures['gate_runs_reused']:,} more were answered by evidence)"
    yield "gate", f"{duration(figures['gate_s'])} in {figures['gate_runs']:,} runs{reused}"
    yield "gate per landed change", duration(figures["gate_s_per_landed"])
    yield "agents at work", duration(figures["agent_s"])
    yield "cost", _cost(figures["cost_usd"])
    yield "cost per landed change", money(figures["cost_usd_per_landed"])


def _groups(title: str, groups: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    if not groups:
        return
    names = ("", "attempts", "landed", "sent back", "first attempt", "at work", "cost")
    rows: list[list[RenderableType]] = [[Text(name, "dim") for name in names]]
    rows += [_group(group) for group in groups]
    yield Text()
    yield heading(title)
    yield columns(rows, give_way=(0,))


def _group(group: Mapping[str, Any]) -> list[RenderableType]:
    counts: list[RenderableType] = [Text(f"{group[key]:,}") for key in ("attempts", "landed", "sent_back")]
    return [
        line(group["name"]),
        *counts,
        Text(_share(group["first_pass"])),
        Text(duration(group["agent_s"])),
        Text(_cost(group["cost_usd"])),
    ]


def _share(found: Mapping[str, Any]) -> str:
    if found["value"] is None:
        return "unknown"
    between = (
        f", 95 % between {share(found['low'])} and {share(found['high'])}" if found["low"] is not None else ""
    )
    return f"{share(found['value'])} of {found['n']:,}{between}"


def _quantiles(found: Mapping[str, Any]) -> str:
    return (
        f"half within {duration(found['p50'])}, 85 % within {duration(found['p85'])} (n {found['n']:,})"
        if found["n"]
        else "unknown"
    )


def _cost(found: Mapping[str, Any]) -> str:
    if not found["known"]:
        return "unknown"
    part = (
        ""
        if found["known"] == found["n"]
        else f" for {found['known']:,} of {found['n']:,} attempts; unknown for the others"
    )
    return f"{money(found['of_known'])}{part}"
