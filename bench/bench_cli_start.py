"""How long the shortest command takes: what a person waits for before anything is done for them."""

import sys
from pathlib import Path

import crowd
from measure import PODIUM, Figure, Scale, several, walls_and_cpus


def run(directory: Path, scale: Scale) -> list[Figure]:
    repository = crowd.repository(directory / "repo")
    bare = several(scale.runs, sys.executable, "-c", "pass", cwd=repository)
    found = several(scale.runs, PODIUM, "--help", cwd=repository)
    return [
        *walls_and_cpus("podium --help", found, goal="< 150"),
        Figure(
            "python -c pass",
            "ms",
            tuple(one.wall_s * 1000 for one in bare),
            note="what any Python program takes",
        ),
    ]
