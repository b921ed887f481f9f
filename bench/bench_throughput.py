"""Tasks per hour with ten agents side by side, against one at a time. The agents sleep; everything else is real."""

from pathlib import Path

import crowd
from measure import PODIUM, Figure, Scale, timed

AGENTS, WAVES, ALONE = 10, 4, 5


def run(directory: Path, scale: Scale) -> list[Figure]:
    together = _per_hour(directory / "ten", tasks=AGENTS * WAVES, agents=AGENTS, agent_s=scale.agent_s)
    alone = _per_hour(directory / "one", tasks=ALONE, agents=1, agent_s=scale.agent_s)
    scaled = (
        ""
        if scale.agent_s == 60
        else f"agents of {scale.agent_s:g} s stand for agents of 60 s: overhead weighs more; --full runs 60 s"
    )
    return [
        Figure(f"tasks per hour, {AGENTS} agents of {scale.agent_s:g} s", "1/h", (together,), note=f"{AGENTS * WAVES} tasks"),
        Figure(f"tasks per hour, one at a time, {scale.agent_s:g} s", "1/h", (alone,), note=f"{ALONE} tasks"),
        Figure(f"{AGENTS} agents against one", "x", (together / alone,), ">= 9", scaled),
        Figure("of what the agents alone would make", "%", (100 * together * scale.agent_s / 3600 / AGENTS,)),
    ]  # fmt: skip


def _per_hour(path: Path, *, tasks: int, agents: int, agent_s: float) -> float:
    repository = crowd.workplace(path, tasks=tasks, agents=agents, work=f"sleep {agent_s}; ")
    timed(PODIUM, "run", cwd=repository)  # makes the tables, once
    nothing = timed(PODIUM, "run", cwd=repository)
    took = timed(PODIUM, "run", "spec.md", cwd=repository)
    crowd.demand_landed(repository, tasks)
    return 3600 * tasks / (took.wall_s - nothing.wall_s)
