"""`podium status` with many tasks: one mix where most are open, and one where most have landed."""

from pathlib import Path

import crowd
from measure import PODIUM, Figure, Scale, several, walls_and_cpus

TASKS = 10_000
LANDED = ("landed",) * 9
MIXES = {"77 % open": crowd.MIXED, "90 % landed": (*LANDED, "ready", *LANDED, "review", *LANDED, "waiting")}


def run(directory: Path, scale: Scale) -> list[Figure]:
    found: list[Figure] = []
    for name, states in MIXES.items():
        repository = crowd.repository(directory / name.replace(" ", "-"))
        crowd.fill(repository, TASKS, states=states).close()
        timings = several(scale.runs, PODIUM, "status", cwd=repository)
        found += walls_and_cpus(f"podium status, {TASKS:,} tasks, {name}", timings, goal="< 300")
    return found
