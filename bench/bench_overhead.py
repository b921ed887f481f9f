"""What Podium itself costs for each attempt: tasks that take no time, made and gated by `true` and its like.

Phases come from the journal. They overlap when several tasks are under way, so one agent works here; even so the gate of
one task and the attempt at the next share the machine.
"""

import json
import sqlite3
from pathlib import Path
from statistics import median

import crowd
from measure import PODIUM, Figure, Scale, timed

TASKS = 20
PHASES = {
    "prepare, agent start, collect": "its workspace, its brief, the sandbox, the bundle taken in and audited",
    "gate of the change": "merge with the base, export, sandbox; without the checks' own time",
    "merge and gate of the candidate": "without the checks' own time",
    "land": "compare-and-swap, the checkout follows, the record",
}


def run(directory: Path, scale: Scale) -> list[Figure]:  # noqa: ARG001 - always the same work
    repository = crowd.workplace(directory / "repo", tasks=TASKS, agents=1, work="")
    first = timed(PODIUM, "run", cwd=repository)
    nothing = timed(PODIUM, "run", cwd=repository)
    took = timed(PODIUM, "run", "spec.md", cwd=repository)
    phases = _phases(repository / ".git" / "podium" / "podium.db")
    return [
        Figure("overhead per attempt, all phases one after the other", "s", tuple(map(sum, zip(*phases.values(), strict=True))),
               "< 1"),
        *(Figure(f"  {name}", "s", tuple(phases[name]), note=note) for name, note in PHASES.items()),
        Figure("wall time per task that does nothing", "s", ((took.wall_s - nothing.wall_s) / TASKS,),
               note="one agent; phases of different tasks overlap"),
        Figure("processor time per task that does nothing", "s", ((took.cpu_s - nothing.cpu_s) / TASKS,),
               note="Podium and the git, sandbox and shell processes it waits for"),
        Figure("podium run with nothing to do", "s", (nothing.wall_s,), note="start and end of a worker"),
        Figure("the same, the first time in a repository", "s", (first.wall_s,), note="the tables are made, Podium's and DBOS's"),
    ]  # fmt: skip


def _phases(database: Path) -> dict[str, list[float]]:
    with sqlite3.connect(database) as connection:
        decided = dict(connection.execute("SELECT key, at FROM decisions"))
        landed = dict(connection.execute("SELECT candidate, at FROM landings"))
        members = dict(connection.execute("SELECT change, candidate FROM landed_changes"))
        ends = {
            name: json.loads(body)
            for name, body in connection.execute("SELECT attempt, body FROM attempt_ends")
        }
        gates = {name: json.loads(body) for name, body in connection.execute("SELECT id, body FROM evidence")}
    found: dict[str, list[float]] = {name: [] for name in PHASES}
    for change, candidate in members.items():
        gated, woven = f"gate:{change}", f"weave:{candidate}"
        values = (
            ends[change]["at"] - decided[f"attempt:{change}"] - ends[change]["duration_s"],
            decided[f"approve:{change}"] - decided[gated] - _checks(gates[gated]),
            decided[f"land:{candidate}"] - decided[woven] - _checks(gates[woven]),
            landed[candidate] - decided[f"land:{candidate}"],
        )
        for name, value in zip(PHASES, values, strict=True):
            found[name].append(value)
    assert all(median(values) >= 0 for values in found.values())
    return found


def _checks(evidence: dict[str, object]) -> float:
    results = evidence["results"]
    assert isinstance(results, list)
    return 0.0 if evidence["reused"] else sum(result["duration_s"] for result in results)
