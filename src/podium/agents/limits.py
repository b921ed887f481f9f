"""How long an agent may work."""

from datetime import timedelta

from podium.agents.base import Brief
from podium.config.settings import AgentSettings


def time_limit(settings: AgentSettings, brief: Brief) -> timedelta:
    """The shortest of the limits that are in force: the agent's, the task's, and what the budget leaves."""
    allowed = brief.allowance.minutes if brief.allowance else None
    minutes = settings.minutes if allowed is None else min(settings.minutes, allowed)
    return min(timedelta(minutes=minutes), brief.budget or timedelta.max)
