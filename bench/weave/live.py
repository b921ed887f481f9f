"""Podium itself on the trace: `podium submit` at each arrival, `podium run` beside it, killed at random where that is asked for."""

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from measure import PODIUM

from podium.model.decision import Act, Decision
from podium.model.evidence import Evidence
from podium.model.ids import ChangeId
from podium.project.project import Project
from podium.store.store import Store
from weave.course import Course, Fate, Outcome
from weave.proposal import Proposal, Trace
from weave.tree import Repository

_LONGEST_S = 3600.0
_LIFE_S = (4.0, 20.0)
_AS_TEXT = ("conflicts with", "does not merge")
_PAUSE_S = 0.5
"""Before it is asked again whether there is anything to do."""


@dataclass(slots=True)
class Kills:
    """When `podium run` is killed: so many times, each after a time of its own."""

    left: int
    chance: random.Random
    done: int = 0

    def life_s(self) -> float:
        return self.chance.uniform(*_LIFE_S) if self.left else _LONGEST_S


@dataclass(slots=True)
class _Show:
    """What has been submitted, as which change, and when."""

    began: float
    changes: dict[str, ChangeId] = field(default_factory=dict)
    submitted_s: dict[str, float] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def weave(trace: Trace, repository: Repository, kills: Kills, log: Path) -> Course:
    """Podium's course. `repository` has a branch for each proposal."""
    project = Project.open(repository.path)
    _ = project.site
    show = _Show(time.time())
    for one in trace.proposals:
        if one.judging:
            project.grant(one.name, list(one.judging), reason="its own project took it in")
    show.began = time.time()
    submitter = threading.Thread(target=_submit_all, args=(trace, repository, show))
    submitter.start()
    _run_until_done(repository, kills, show, log)
    submitter.join()
    return _account(project, trace, repository, show, kills)


def _submit_all(trace: Trace, repository: Repository, show: _Show) -> None:
    try:
        for one in trace.proposals:
            time.sleep(max(0.0, one.arrives_s - (time.time() - show.began)))
            show.submitted_s[one.name] = time.time() - show.began
            _submit(one, repository, show)
    finally:
        show.over.set()


def _submit(one: Proposal, repository: Repository, show: _Show) -> None:
    done = subprocess.run(
        [PODIUM, "submit", one.name], cwd=repository.path, capture_output=True, text=True, check=False
    )
    if done.returncode:
        show.troubles.append(f"podium submit {one.name}: {(done.stdout + done.stderr).strip()[-300:]}")
        return
    show.changes[one.name] = ChangeId(done.stdout.split("submitted as ", 1)[1].split()[0])


def _run_until_done(repository: Repository, kills: Kills, show: _Show, log: Path) -> None:
    """It ends when a `podium run` that began after the last submission ended by itself."""
    until = time.time() + _LONGEST_S
    while time.time() < until:
        last = show.over.is_set()
        with log.open("ab") as file:
            process = subprocess.Popen(
                [PODIUM, "run"], cwd=repository.path, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )  # fmt: skip
        try:
            code = process.wait(timeout=kills.life_s())
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills.left, kills.done = kills.left - 1, kills.done + 1
            continue
        if code not in {0, 1, 3}:
            show.troubles.append(f"podium run ended with {code}")
        if last:
            return
        time.sleep(_PAUSE_S)


def _account(project: Project, trace: Trace, repository: Repository, show: _Show, kills: Kills) -> Course:
    store = project.store
    fates = tuple(_fate(store, one, trace, show) for one in trace.proposals)
    wall_s = max((one.settled_s for one in fates), default=0.0)
    positions = tuple(reversed(repository.first_parents("main", until=trace.start)))
    ran = [one for one in store.all_evidence() if not one.reused and not one.parts]
    kinds = {"isolated": Act.GATE, "tips afterwards": Act.BASELINE}
    other = {name: tuple(one.took_s for one in _of(ran, act)) for name, act in kinds.items()}
    told = Counter(one.act for one in _decisions(store))
    notes = (
        *_proof(project, repository),
        f"{told[Act.WEAVE]} candidates decided, {sum(one.composed for one in store.landings())} of {len(store.landings())} landings on reused evidence alone",
        f"{kills.done} kills",
        *(f"alarm: {one.subject}: {one.because}" for one in store.decisions_of(Act.ALARM)),
        *show.troubles,
    )
    woven = tuple(one.took_s for one in _of(ran, Act.WEAVE))
    return Course("Podium", fates, positions, woven, wall_s, other, notes)


def _proof(project: Project, repository: Repository) -> list[str]:
    """What `podium audit` says, and whether anything is on the target branch twice."""
    broken = [f"{one.subject}: {one.because}" for one in project.audit() if one.state == "broken"]
    trailers = repository.git(
        "log", "--no-merges", "--format=%(trailers:key=Podium-Change,valueonly)", "main"
    )
    twice = [name for name, count in Counter(trailers.split()).items() if count > 1]
    return [f"audit: {len(broken)} broken {broken[:3]}", f"landed twice: {twice or 'none'}"]


def _of(ran: list[Evidence], act: Act) -> list[Evidence]:
    return [one for one in ran if one.id.startswith(f"{act}:") and one.took_s > 0]


def _decisions(store: Store) -> list[Decision]:
    return [one for act in (Act.WEAVE, Act.LAND) for one in store.decisions_of(act)]


def _fate(store: Store, one: Proposal, trace: Trace, show: _Show) -> Fate:
    arrived = show.submitted_s.get(one.name, 0.0)
    change = show.changes.get(one.name)
    found = {decision.act: decision for decision in store.decisions_on([change])} if change else {}
    entered = found[Act.APPROVE].at - show.began if Act.APPROVE in found else arrived
    landed = store.landing_of(change) if change else None
    if landed:
        return Fate(one.name, Outcome.LANDED, arrived, entered, landed[0].at - show.began)
    back = found.get(Act.SEND_BACK) or found.get(Act.GIVE_UP)
    if back is None:
        said = "; ".join(f"{act}: {decision.because}" for act, decision in found.items())
        return Fate(one.name, Outcome.OPEN, arrived, entered, entered, because=said)
    at = back.at - show.began
    outcome = Outcome.CONFLICT if any(word in back.because for word in _AS_TEXT) else Outcome.FAILED
    if Act.APPROVE not in found and outcome is Outcome.FAILED:
        outcome = Outcome.REFUSED
    return Fate(one.name, outcome, arrived, entered, at, _tip_at(store, back.at, trace), back.because)


def _tip_at(store: Store, at: float, trace: Trace) -> str:
    """Where the target branch stood then."""
    before = [one for one in store.landings() if one.at <= at]
    return max(before, key=lambda one: one.at).commit if before else trace.start
