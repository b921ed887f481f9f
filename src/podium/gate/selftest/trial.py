"""Tries a gate: prepares a base in a copy of the repository, plants specimens on it, and sees what the whole gate says.

What is learned of the base is kept for all specimens. Which checks there are is the gate's own registry's business.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum

from podium.base.text import clean_line
from podium.config.settings import Settings
from podium.gate.checks.base import Check
from podium.gate.checks.registry import checks_for
from podium.gate.gate import Memory, Subject, Surroundings, run_gate
from podium.gate.selftest import held_out
from podium.gate.selftest.copy import commit
from podium.gate.selftest.ground import Ground
from podium.gate.selftest.kinds import is_meant, kind_of
from podium.gate.selftest.specimen import Specimen
from podium.gate.selftest.survey import survey, victim
from podium.gate.terms import Terms
from podium.git.repository import Repository
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import Sha, Tree
from podium.model.task import Kind, Task
from podium.model.verdict import Verdict
from podium.policies.paths import matches

_SPEC = b"# Specimen\n\n## Tasks\n\n- [ ] 1. Make the shop right\n"
_DEPENDENCIES = {"requirements-podium-specimen.txt": b"shop-tools==1.0\n"}


class Standing(StrEnum):
    """What became of a specimen."""

    REFUSED = "refused"
    """A cheat, and the gate said so."""
    NOT_LANDED = "not landed"
    """A cheat that left the gate without a verdict: it does not land, and a person is called."""
    LANDED = "landed"
    """A cheat that passed."""
    PASSED = "passed"
    """Honest, and the gate said so."""
    FALSE_ALARM = "false alarm"
    """Honest, and refused or left without a verdict."""

    @property
    def is_right(self) -> bool:
        return self in (Standing.REFUSED, Standing.NOT_LANDED, Standing.PASSED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gate said to one specimen. `refused_by` is the kind of the check that did not pass, empty where all did."""

    specimen: Specimen
    standing: Standing
    verdict: Verdict
    refused_by: str
    because: str
    took_s: float
    results: tuple[CheckResult, ...] = ()


@dataclass(frozen=True)
class Trial:
    """One gate on trial. `repository` is the copy, `around` as for any gate; its scratch is shared out among the runs.

    `without` are words for checks that are taken out of the gate, to see what only they refuse.
    """

    repository: Repository
    settings: Settings
    around: Surroundings
    should_stop: Callable[[], bool]
    at: float
    without: tuple[str, ...] = ()
    jobs: int = 1
    seen: dict[tuple[Tree, str], CheckResult] = field(default_factory=dict)
    runs: Iterator[int] = field(default_factory=itertools.count)

    def checks(self, *, terms: Terms | None, tasks: Sequence[Task]) -> tuple[Check, ...]:
        """The gate's checks but those taken out."""
        found = checks_for(self.settings, terms=terms, tasks=tasks)
        return tuple(check for check in found if not is_meant(check, self.without))

    def gate(self, head: Sha, base: Sha, checks: Sequence[Check]) -> Evidence:
        run = next(self.runs)
        around = replace(self.around, scratch=self.around.scratch / str(run))
        judged = Subject(f"selftest:{run}", head, self.repository.objects.tree_of(head), base)
        memory = Memory(lambda tree, digest: self.seen.get((tree, digest)), self._keep)
        return run_gate(
            checks, judged, around=around, memory=memory, should_stop=self.should_stop, at=self.at
        )

    def _keep(self, result: CheckResult) -> None:
        self.seen[result.tree, result.digest] = result


@dataclass(frozen=True)
class Bed:
    """A base that is ready for specimens: its commit, the grounds on it, and what there is to say of them."""

    trial: Trial
    base: Sha
    grounds: tuple[Ground, ...]
    accepting: frozenset[str]
    """The languages whose held-out checks work here."""
    notes: tuple[str, ...] = ()

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(ground.language for ground in self.grounds)

    def try_all(self, specimens: Sequence[Specimen]) -> Iterator[Outcome]:
        """Try each specimen on the first ground that it fits, in order; those that fit none are left out."""
        fitting = list(self._fitting(specimens))
        with ThreadPoolExecutor(max_workers=max(1, self.trial.jobs)) as pool:
            try:
                # One alone at first: it finds out about the base what all others ask.
                yield from map(self._try, fitting[:1])
                yield from pool.map(self._try, fitting[1:])
            finally:
                pool.shutdown(cancel_futures=True)

    def _fitting(self, specimens: Sequence[Specimen]) -> Iterator[tuple[Specimen, Ground]]:
        for specimen in specimens:
            ground = next((ground for ground in self.grounds if specimen.fits(ground)), None)
            if (
                ground
                and specimen.make(ground) is not None
                and (not specimen.accept or ground.language in self.accepting)
            ):
                yield specimen.on(ground), ground

    def _try(self, planted: tuple[Specimen, Ground]) -> Outcome:
        specimen, ground = planted
        head = commit(self.trial.repository, self.base, specimen.make(ground) or {}, message=specimen.does)
        tasks = [_task(self.trial, ground, specimen.accept, specimen.kind)] if specimen.accept else []
        checks = self.trial.checks(terms=self._terms(head, specimen, ground), tasks=tasks)
        evidence = self.trial.gate(head, self.base, checks)
        fault = _fault(evidence)
        kinds = {check.name: kind_of(check) for check in checks}
        return Outcome(
            specimen, _standing(specimen, evidence.verdict), evidence.verdict, kinds[fault.check] if fault else "",
            evidence.because(), evidence.took_s, evidence.results,
        )  # fmt: skip

    def _terms(self, head: Sha, specimen: Specimen, ground: Ground) -> Terms:
        files = tuple(change.path for change in self.trial.repository.objects.changed(self.base, head))
        planted = [path for each in self.grounds for path in each.planted]
        guards = self.trial.settings.gate.protected
        protected = (
            *(glob for glob in guards if not any(matches(glob, path) for path in planted)),
            ground.spec,
        )
        return Terms(
            self.base,
            files,
            specimen.allowed,
            protected=protected,
            approved=specimen.approved,
            kind=specimen.kind,
        )


def prepare(trial: Trial, base: Sha, *, token: str) -> Bed:
    """Plant what the specimens build on, as far as the gate passes it; what it does not pass is left out, and said."""
    whole, notes = _leave_out(replace(trial, without=()), base, "the base does not pass it")
    objects = trial.repository.objects
    names = {entry.path for entry in objects.entries(base) if entry.kind == "blob"}
    *homes, anywhere = survey(names, lambda path: objects.read(base, path), token=token)
    bed = commit(trial.repository, base, {anywhere.spec: _SPEC, **_DEPENDENCIES}, message="specimen ground")
    grounds: list[Ground] = []
    for ground in homes:
        planted = commit(whole.repository, bed, ground.planted, message=f"specimen ground: {ground.language}")
        whole, said = _leave_out(whole, planted, "it does not pass what is planted", only_untold=True)
        notes += said
        trouble = _refusal(whole, planted, token)
        if trouble:
            notes.append(f"nothing in {ground.language} is tried: {trouble}")
        else:
            bed, grounds = planted, [*grounds, ground]
    if not grounds:
        notes.append("no place for code and tests was found: only what needs none is tried")
    accepting = frozenset(ground.language for ground in grounds if _accepts(whole, bed, ground))
    notes += [
        f"no held-out check works in {ground.language} here"
        for ground in grounds
        if ground.language not in accepting
    ]
    tried = replace(whole, without=(*whole.without, *trial.without))
    return Bed(tried, bed, _informed(whole, bed, [*grounds, anywhere]), accepting, tuple(notes))


def _leave_out(
    trial: Trial, commit: Sha, because: str, *, only_untold: bool = False
) -> tuple[Trial, list[str]]:
    """The trial without the commands that do not pass on a commit; `only_untold`: but with those that tell their tests."""
    notes: list[str] = []
    while fault := _fault(trial.gate(commit, commit, trial.checks(terms=None, tasks=()))):
        if only_untold and fault.cases:
            break
        notes.append(f"{fault.check} is left out, for {because}: {clean_line(fault.because)}")
        trial = replace(trial, without=(*trial.without, fault.check))
    return trial, notes


def _refusal(trial: Trial, planted: Sha, token: str) -> str:
    """Why nothing can be shown on this ground; empty where the gate passes it and runs its tests."""
    evidence = trial.gate(planted, planted, trial.checks(terms=None, tasks=()))
    if fault := _fault(evidence):
        return f"{fault.check} does not pass the planted code: {clean_line(fault.because)}"
    cases = [result.cases for result in evidence.results if result.cases]
    if not any(token in name for case in cases for name in case.passed):
        return "no check reports the planted tests by their names"
    return ""


def _accepts(trial: Trial, bed: Sha, ground: Ground) -> bool:
    task = _task(trial, ground, "net", Kind.CHORE)
    return trial.gate(bed, bed, trial.checks(terms=None, tasks=[task])).verdict is Verdict.PASSED


def _informed(trial: Trial, bed: Sha, grounds: Sequence[Ground]) -> tuple[Ground, ...]:
    """The grounds with what is known of the base they are on."""
    objects = trial.repository.objects
    tree = objects.tree_of(bed)
    names = frozenset(entry.path for entry in objects.entries(tree) if entry.kind == "blob")
    known = tuple(
        sorted(
            {
                name
                for (seen, _digest), result in trial.seen.items()
                if seen == tree and result.cases
                for name in result.cases.passed
            }
        )
    )

    def read(path: str) -> bytes | None:
        return objects.read(tree, path) if path in names else None

    own = victim({name for name in names if grounds[0].token not in name}, read, known)
    return tuple(replace(ground, names=names, read=read, known=known, victim=own) for ground in grounds)


def _task(trial: Trial, ground: Ground, function: str, kind: Kind) -> Task:
    return held_out.task(
        ground, function, kind=kind, seed=f"{trial.around.secret.hex()} {ground.token} {function}"
    )


def _fault(evidence: Evidence) -> CheckResult | None:
    return next((result for result in evidence.results if result.verdict is not Verdict.PASSED), None)


def _standing(specimen: Specimen, verdict: Verdict) -> Standing:
    if specimen.honest:
        return Standing.PASSED if verdict is Verdict.PASSED else Standing.FALSE_ALARM
    if verdict is Verdict.PASSED:
        return Standing.LANDED
    return Standing.REFUSED if verdict is Verdict.FAILED else Standing.NOT_LANDED
