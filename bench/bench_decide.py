"""The heart by itself: taking the snapshot and deciding, with many tasks and with many queued changes."""

import time
import tracemalloc
from pathlib import Path

import crowd
from measure import PODIUM, Figure, Scale, several

from podium.config.load import load
from podium.engine.decide import decide
from podium.landing import queue
from podium.model.facts import Facts
from podium.store.store import Store

TASKS, QUEUED = 10_000, 1_000
SETTINGS = load(crowd.CONFIG, origin="podium.toml")


def run(directory: Path, scale: Scale) -> list[Figure]:
    many, waiting = crowd.repository(directory / "many"), crowd.repository(directory / "waiting")
    mixed, queued = crowd.fill(many, TASKS), crowd.fill(waiting, QUEUED, states=("queued",))
    figures = [
        Figure(f"snapshot of {TASKS:,} tasks, 77 % open", "ms", _milliseconds(mixed, many, scale.runs, _snapshot)),
        Figure(f"decide() at {TASKS:,} tasks, 77 % open", "ms", _milliseconds(mixed, many, scale.runs, _decide)),
        Figure(f"merge queue's plan at {QUEUED:,} queued", "ms", _milliseconds(queued, waiting, scale.runs, _plan)),
        Figure(f"decide() at {QUEUED:,} queued", "ms", _milliseconds(queued, waiting, scale.runs, _decide)),
        Figure(f"memory of snapshot and decision at {QUEUED:,} queued", "MiB", (_mebibytes(queued, waiting),)),
        Figure(
            f"peak memory of `podium queue` at {QUEUED:,} queued", "MiB",
            tuple(one.peak_mib for one in several(5, PODIUM, "queue", cwd=waiting)), note="the whole process",
        ),
    ]  # fmt: skip
    mixed.close()
    queued.close()
    return figures


def _snapshot(store: Store, facts: Facts) -> None:
    store.facts(facts.tip, now=0.0)


def _decide(_store: Store, facts: Facts) -> None:
    decide(facts, SETTINGS, now=0.0)


def _plan(_store: Store, facts: Facts) -> None:
    queue.plan(facts, SETTINGS, now=0.0)


def _milliseconds(store: Store, path: Path, runs: int, work: crowd.Work) -> tuple[float, ...]:
    """Each run gets facts of its own: what they remember of a decision must not help the next."""
    tip, taken = crowd.tip(path), []
    for _ in range(runs):
        facts = store.facts(tip, now=0.0)
        start = time.perf_counter()
        work(store, facts)
        taken.append((time.perf_counter() - start) * 1000)
    return tuple(taken)


def _mebibytes(store: Store, path: Path) -> float:
    tip = crowd.tip(path)
    tracemalloc.start()
    _decide(store, store.facts(tip, now=0.0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20
