"""The gate tried on itself: known cheats and honest changes, planted in a copy of the person's repository."""

import os
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from podium.base import environment
from podium.base.errors import UsageError
from podium.base.files import remove_tree
from podium.config.settings import Settings
from podium.engine.site import Site
from podium.gate.checks.registry import checks_for
from podium.gate.gate import Surroundings
from podium.gate.selftest.copy import copied
from podium.gate.selftest.kinds import is_meant, kind_of
from podium.gate.selftest.registry import SPECIMENS
from podium.gate.selftest.specimen import Specimen
from podium.gate.selftest.trial import Outcome, Standing, Trial, prepare
from podium.gate.terms import Terms
from podium.git.repository import Repository
from podium.model.ids import Sha
from podium.project.gating import gate_settings
from podium.workspaces.sandboxes.registry import choose

_TOKEN_BYTES = 3


@dataclass(frozen=True, slots=True)
class SpecimenView:
    """One planted change. `standing` is `refused`, `not landed`, `landed`, `passed` or `false alarm`.

    `refused_by` is the kind of the check that did not pass it, `caught_by` those that are meant to, the first one first.
    """

    id: str
    name: str
    does: str
    language: str
    honest: bool
    standing: str
    is_right: bool
    verdict: str
    refused_by: str
    caught_by: tuple[str, ...]
    because: str
    took_s: float


@dataclass(frozen=True, slots=True)
class SelfTestView:
    """`podium gate --self-test`.

    `ok` tells that no cheat passed and no honest change was refused, and that some of each were tried in a language of the
    repository. `counts` says how many came to each standing, `left_out` names specimens in its languages that this
    repository has no place for.
    """

    commit: str
    ok: bool
    counts: dict[str, int]
    specimens: tuple[SpecimenView, ...]
    left_out: tuple[str, ...]
    without: tuple[str, ...]
    notes: tuple[str, ...]
    took_s: float


def selftest(
    site: Site, revision: str = "", *, only: tuple[str, ...] = (), without: tuple[str, ...] = (),
    progress: Callable[[SpecimenView], None] = lambda _view: None,
) -> SelfTestView:  # fmt: skip
    """Plant every known cheat and honest change on `revision` (the target branch's tip) and try the whole gate on each.

    `only` names specimens by number, name or glob, or `cheats` or `honest`; `without` takes checks out of the gate.
    Nothing of the repository changes and nothing is recorded. `progress` is told each outcome as it is known.

    Raises:
        UsageError: there is no such revision, specimen or check, or nothing is known that could check this repository.
        Unavailable: the sandbox does not work here.
    """
    chosen = choose_specimens(only)
    commit = site.repository.resolve(revision) if revision else site.tip()
    settings, said = gate_settings(site, commit)
    _demand_known(without, settings, commit)
    # Among the gates: what a killed self-test leaves is swept away with what they leave.
    place = site.repository.state / "gates" / f"{os.getpid()}-selftest"
    began = site.clock()
    try:
        with copied(site.repository, place / "copy") as copy:
            trial = _trial(site, copy, settings, place / "gates", without=without)
            bed = prepare(trial, commit, token=secrets.token_hex(_TOKEN_BYTES))
            views = []
            for outcome in bed.try_all(chosen):
                views.append(_view(outcome))
                progress(views[-1])
    finally:
        remove_tree(place)
    tried = {view.id for view in views}
    return SelfTestView(
        commit, _is_ok(views, only), dict(Counter(view.standing for view in views)), tuple(views),
        tuple(one.id for one in chosen if one.id not in tried and one.language in bed.languages), without, (*said, *bed.notes), site.clock() - began,
    )  # fmt: skip


def choose_specimens(only: Sequence[str]) -> tuple[Specimen, ...]:
    """The specimens that some words mean; all without a word.

    Raises:
        UsageError: a word means none.
    """
    for word in only:
        if not any(_means(word, specimen) for specimen in SPECIMENS):
            raise UsageError(
                f"no specimen is called {word!r}", hint="a number, a name, a glob, `cheats` or `honest`"
            )
    return tuple(
        specimen for specimen in SPECIMENS if not only or any(_means(word, specimen) for word in only)
    )


def _demand_known(words: Sequence[str], settings: Settings, commit: Sha) -> None:
    """A word that means no check would leave the gate whole without anybody's noticing."""
    checks = checks_for(settings, terms=Terms(commit, ()), tasks=())
    for word in words:
        if not any(is_meant(check, [word]) for check in checks) and not fnmatchcase("acceptance", word):
            known = sorted({"acceptance", *(kind_of(check) for check in checks)})
            raise UsageError(f"the gate has no check called {word!r}", hint=f"one of: {', '.join(known)}")


def _means(word: str, specimen: Specimen) -> bool:
    if word in ("cheats", "honest"):
        return specimen.honest is (word == "honest")
    if word.isdecimal():
        return int(word) == specimen.number
    return fnmatchcase(specimen.id, word) or fnmatchcase(specimen.name, word)


def _trial(
    site: Site, copy: Repository, settings: Settings, scratch: Path, *, without: tuple[str, ...]
) -> Trial:
    box = settings.sandbox
    around = Surroundings(
        copy, choose(box.kind), scratch, box.read, environment.variables(box.env), box.network,
        secret=secrets.token_bytes(32), parallel=1,
    )  # fmt: skip
    return Trial(
        copy, settings, around, site.stopping.is_set, site.clock(), without, jobs=settings.gate.slots
    )


def _is_ok(views: Sequence[SpecimenView], only: tuple[str, ...]) -> bool:
    """A self-test that tried nothing, or nothing of code and tests, shows nothing."""
    enough = bool(views) if only else {view.honest for view in views if view.language} == {True, False}
    return enough and all(view.is_right for view in views)


def _view(outcome: Outcome) -> SpecimenView:
    specimen = outcome.specimen
    passed = outcome.standing in (Standing.PASSED, Standing.LANDED)
    return SpecimenView(
        specimen.id, specimen.name, specimen.does, specimen.language, specimen.honest, outcome.standing.value, outcome.standing.is_right,
        outcome.verdict.value, outcome.refused_by, specimen.caught_by, "" if passed else outcome.because, outcome.took_s,
    )  # fmt: skip
