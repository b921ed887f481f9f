"""Real commits of a project as concurrent changes.

The newest commits that can be taken out of the newest tree, one after the other and with the suite still green, are taken out.
What is left is the base; each that was taken out is a change to it, on the base or a few positions before. So all of them are real,
all of them apply, and the project runs on the Python of today.
"""

import random
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from weave.gate import Gate, Suite
from weave.tree import Repository

SLOW_S = 0.2
"""A test that takes longer is left out, so that a run of the suite takes about a second."""
KEPT = 4
"""How many of the commits are given back before anything begins: the positions that a stale base may be of."""
_LOT = 6
_SPARE = 1.8
"""Some of those taken out build on others that are out as well, and cannot be given back without them."""
_STEERING = (
    ".github/",
    ".omp/",
    ".travis",
    "tox.ini",
    "appveyor",
    ".readthedocs",
    "CODEOWNERS",
    ".gitattributes",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A real commit that can be given back to the base."""

    commit: str
    subject: str
    base: str
    head: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Harvest:
    """`start` is the last of the positions that come before everything; `lost` says how many commits were of no use, and why."""

    start: str
    taken: tuple[Taken, ...]
    lost: dict[str, int]


def quick_suite(repository: Repository, tip: str, report: Path) -> Suite:
    """The project's suite without the tests that are slow, or fail on this machine as it is."""
    gate = Gate(repository, Suite().command(f"--junitxml={report}"), 1)
    gate(repository.tree(tip))
    out = [_name(case) for case in ET.parse(report).iter("testcase") if _is_of_no_use(case)]
    return Suite(tuple(sorted(set(out))))


def harvest(repository: Repository, tip: str, gate: Gate, *, wanted: int, chance: random.Random) -> Harvest:
    """Take `wanted` commits out, and give the oldest few back as the positions that a stale base may be of."""
    lost: Counter[str] = Counter()
    tree, out = _take_out(repository, tip, gate, wanted=int(_SPARE * wanted) + KEPT, lost=lost)
    position = repository.commit(tree, "what is left")
    positions = [position]
    rest: list[str] = []
    for commit in reversed(out):
        given = repository.carry(f"{commit}~1", commit, onto=position) if len(positions) <= KEPT else None
        if given and gate(given):
            position = repository.commit(given, _subject(repository, commit), position)
            positions.append(position)
        else:
            rest.append(commit)
    found = [_give_back(repository, commit, positions, chance) for commit in rest]
    lost["does not apply to the base"] += found.count(None)
    return Harvest(position, tuple(one for one in found if one), dict(lost))


def _take_out(
    repository: Repository, tip: str, gate: Gate, *, wanted: int, lost: Counter[str]
) -> tuple[str, list[str]]:
    """The tree without them, and which they are, newest first."""
    tree, out = repository.tree(tip), list[str]()
    lot: list[tuple[str, str]] = []
    for commit in repository.first_parents(tip)[:-1]:
        if len(out) + len(lot) >= wanted:
            break
        less = _without(repository, commit, lot[-1][1] if lot else tree, lost)
        if less:
            lot.append((commit, less))
        if len(lot) == _LOT:
            tree, fine = _settle(gate, tree, lot)
            lost["later ones depend on it"] += len(lot) - len(fine)
            out += fine
            lot = []
    tree, fine = _settle(gate, tree, lot)
    return tree, out + fine


def _without(repository: Repository, commit: str, tree: str, lost: Counter[str]) -> str | None:
    files = repository.files(f"{commit}~1", commit)
    if any(path.startswith(_STEERING) for path in files):
        lost["steers CI or tools"] += 1
        return None
    if not any(path.endswith(".py") for path in files):
        lost["changes no Python"] += 1
        return None
    less = repository.carry(commit, f"{commit}~1", onto=tree)
    if less is None or less == tree:
        lost["overwritten by later ones"] += 1
        return None
    return less


def _settle(gate: Gate, tree: str, lot: Sequence[tuple[str, str]]) -> tuple[str, list[str]]:
    """The tree without those of a lot whose absence leaves the suite green, and which they are; one by one where all of it does not."""
    if not lot or gate(lot[-1][1]):
        return lot[-1][1] if lot else tree, [commit for commit, _tree in lot]
    out: list[str] = []
    for commit, _tree in lot:
        less = gate.repository.carry(commit, f"{commit}~1", onto=tree)
        if less and gate(less):
            tree = less
            out.append(commit)
    return tree, out


def _give_back(
    repository: Repository, commit: str, positions: Sequence[str], chance: random.Random
) -> Taken | None:
    """A real commit on one of the positions; on the last one where it does not apply to that."""
    for base in (chance.choice(positions), positions[-1]):
        tree = repository.carry(f"{commit}~1", commit, onto=base)
        if tree and tree != repository.tree(base):
            subject = _subject(repository, commit)
            head = repository.commit(tree, subject, base)
            return Taken(commit, subject, base, head, tuple(repository.files(base, head)))
    return None


def _subject(repository: Repository, commit: str) -> str:
    return repository.git("log", "-1", "--format=%s", commit)


def _is_of_no_use(case: ET.Element) -> bool:
    failed = case.find("failure") is not None or case.find("error") is not None
    return failed or float(case.get("time", "0")) > SLOW_S


def _name(case: ET.Element) -> str:
    """The id of a test: the file is the part of its class name that is written small, as modules are."""
    parts = case.get("classname", "").split(".")
    modules = [part for part in parts if not part[:1].isupper()]
    classes = parts[len(modules) :]
    return "::".join(["/".join(modules) + ".py", *classes, case.get("name", "").partition("[")[0]])
