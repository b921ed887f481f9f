"""Makes the trace that all queues are given, out of a project's history: `project.git` and `trace.json` in a folder of its own."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from weave.configuration import configuration
from weave.gate import Gate
from weave.history import Harvest, Taken, harvest, quick_suite
from weave.made import FLAKE, ground, pair
from weave.proposal import Origin, Proposal, Trace
from weave.tree import Repository

_SPARE = 1.1
"""Some will be red alone."""
_RECENT = 0.6
"""The share of changes on the position that the queues begin at; the others are on one a few before it."""
_JUDGES = ("test", "conftest.py", "setup.", "pyproject.toml", "requirements", "MANIFEST.in")


@dataclass(frozen=True, slots=True)
class Wanted:
    """`changes` real ones and `pairs` of made ones that arrive `apart_s` seconds after each other on the average."""

    changes: int
    pairs: int
    flake_rate: float
    apart_s: float
    seed: str
    slots: int


def prepare(source: Path, work: Path, wanted: Wanted) -> Trace:
    """The trace; the one made before, where there is one in `work`."""
    saved = work / "trace.json"
    if saved.exists():
        return Trace.load(saved)
    work.mkdir(parents=True, exist_ok=True)
    repository = Repository.clone(source, work / "project.git", bare=True)
    tip = repository.git("rev-parse", "HEAD")
    suite = quick_suite(repository, tip, work / "report.xml")
    gate = Gate(repository, suite.command(also_without=[FLAKE]), wanted.slots)
    number = int(_SPARE * wanted.changes)
    found = harvest(repository, tip, gate, wanted=number, chance=random.Random(f"{wanted.seed}:history"))
    trace = _trace(repository, found, gate, configuration(suite, slots=wanted.slots), wanted)
    trace = replace(trace, left_out=suite.left_out, taken_from=f"{_name(source)} at {tip[:10]}")
    saved.write_text("")
    trace.save(saved)
    return trace


def _name(source: Path) -> str:
    """What a repository is called, be it in a folder of its own or not."""
    return source.parent.name if source.name in {"repo", ".git"} else source.name.removesuffix(".git")


def _trace(repository: Repository, found: Harvest, gate: Gate, podium_toml: str, wanted: Wanted) -> Trace:
    files = ground(wanted.pairs, wanted.flake_rate) | {"podium.toml": podium_toml}
    start_tree = repository.write(repository.tree(found.start), dict(files))
    start = repository.commit(start_tree, "what the benchmark plants", found.start)
    repository.git("update-ref", "refs/heads/main", start)
    repository.git("symbolic-ref", "HEAD", "refs/heads/main")
    chance = random.Random(f"{wanted.seed}:bases")
    taken = [
        _on_the_start(repository, start, one) if chance.random() < _RECENT else one for one in found.taken
    ]
    real, lost = _green_alone(repository, start, taken, gate)
    proposals = [_real(repository, one) for one in real[: wanted.changes]]
    proposals += [one for number in range(wanted.pairs) for one in _made(repository, start, number)]
    for one in proposals:
        repository.git("update-ref", f"refs/heads/{one.name}", one.head)
    lost = found.lost | lost
    return Trace(start, _arriving(proposals, wanted), (), FLAKE, wanted.flake_rate, lost, "")


def _on_the_start(repository: Repository, start: str, one: Taken) -> Taken:
    """The same commit on the position that the queues begin at; as it was where it does not apply to that."""
    tree = repository.merge(start, one.head)
    if tree is None:
        return one
    return replace(one, base=start, head=repository.commit(tree, one.subject, start))


def _green_alone(
    repository: Repository, start: str, taken: Sequence[Taken], gate: Gate
) -> tuple[list[Taken], dict[str, int]]:
    trees = [repository.merge(start, one.head) for one in taken]
    green = gate.each(tree or "" for tree in trees)
    return [one for one, fine in zip(taken, green, strict=True) if fine], {"red alone": green.count(False)}


def _real(repository: Repository, one: Taken) -> Proposal:
    there = frozenset(repository.git("ls-tree", "-r", "--name-only", one.base).splitlines())
    judging = tuple(path for path in one.files if path in there and any(word in path for word in _JUDGES))
    return Proposal(f"real-{one.commit[:10]}", Origin.REAL, one.base, one.head, 0, one.subject, judging=judging)  # fmt: skip


def _made(repository: Repository, start: str, number: int) -> list[Proposal]:
    planted, names = pair(number), (f"made-{number}a", f"made-{number}b")
    found = []
    for name, other, files in zip(names, reversed(names), (planted.renames, planted.uses), strict=True):
        tree = repository.write(repository.tree(start), dict(files))
        head = repository.commit(tree, f"{name}: half of a pair", start)
        found.append(Proposal(name, Origin.MADE, start, head, 0, f"{name}: half of a pair", breaks=other))
    return found


def _arriving(proposals: Sequence[Proposal], wanted: Wanted) -> tuple[Proposal, ...]:
    """In any order, as a Poisson process."""
    chance = random.Random(f"{wanted.seed}:arrivals")
    now, found = 0.0, list[Proposal]()
    for one in chance.sample(proposals, len(proposals)):
        now += chance.expovariate(1 / wanted.apart_s)
        found.append(replace(one, arrives_s=round(now, 2)))
    return tuple(found)
