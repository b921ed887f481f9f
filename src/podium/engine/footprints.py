"""What a change can affect, told when it is merged; and which targets failed in a gate run."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from podium.engine.site import Site
from podium.git.repository import Repository
from podium.landing.impact.impact import EVERYTHING, Impact, impact, judged_whole
from podium.landing.impact.library import Library
from podium.landing.impact.targets import target_of_test
from podium.landing.impact.trees import GitTree
from podium.model.attempt import Change
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import Sha, Tree
from podium.model.queue import Footprint
from podium.model.verdict import Verdict

_JUDGED = frozenset({Verdict.PASSED, Verdict.FAILED})
_reading = threading.Lock()
"""A library is for one thread at a time."""


def footprint(site: Site, change: Change, evidence: str, *, onto: Sha, tree: Tree) -> Footprint:
    """What a change affects that made `tree` of the commit `onto`. `evidence` is the key of the decision it is told for."""
    told = _impact(site, change, onto, tree)
    keys, reads = tuple(sorted(told.keys)), tuple(sorted(told.reads))
    return Footprint(change.id, evidence, onto, keys, told.because, site.clock(), reads)


def footprints(
    site: Site, changes: Sequence[Change], evidence: str, *, onto: Sha, commit: Sha
) -> list[Footprint]:
    """The same of each member of the candidate `commit`, on top of those merged before it."""
    objects = site.repository.objects
    last = objects.commit_info(commit).parents[-1] if len(changes) > 1 else commit
    steps = [onto, *reversed(list(objects.first_parents(last, until=onto)))]
    return [
        footprint(site, change, evidence, onto=before, tree=objects.tree_of(after))
        for change, (before, after) in zip(changes, pairwise(steps), strict=True)
    ]


def attributed(site: Site, evidence: Evidence, *, asked: int) -> Evidence:
    """A gate run with what failed in it named by target. `asked` is how many checks there are."""
    faults = [result for result in evidence.results if result.verdict is Verdict.FAILED]
    judged = [result for result in evidence.results if result.verdict in _JUDGED]
    if evidence.verdict is not Verdict.FAILED:
        return replace(evidence, complete=evidence.verdict is Verdict.PASSED)
    excused, paths = _excused(site, evidence), _paths(site, evidence)
    found = [_targets(result, excused, paths) for result in faults]
    blind = not all(found)
    failing = sorted({target for targets in found for target in targets})
    complete = not blind and len(judged) == asked
    return replace(evidence, failing=tuple(failing), blind=blind, complete=complete)


def _impact(site: Site, change: Change, onto: Sha, tree: Tree) -> Impact:
    settings = site.settings()
    task = site.store.task(change.task) if change.task else None
    if not settings.queue.reuse:
        return _everything("queue.reuse is off")
    if task and task.accept:
        return _everything("its acceptance criteria may try anything")
    why = judged_whole(settings.gate.check)
    if why:
        return _everything(why)
    git, objects = site.repository.plain, site.repository.objects
    before, after = objects.tree_of(onto), _without_tick(site, change, onto, tree)
    with _reading:
        told = impact(
            change.files, before=GitTree(git, before), after=GitTree(git, after),
            checks=settings.gate.check, scopes=settings.queue.scope, library=_library(site.repository),
        )  # fmt: skip
    return told if told.keys else _everything("it changes no file")


def _everything(because: str) -> Impact:
    return Impact(frozenset({EVERYTHING}), (because,))


def _without_tick(site: Site, change: Change, onto: Sha, tree: Tree) -> Tree:
    """The tree as the maker left it: that Podium ticks a box in the spec is no input of any check."""
    task = site.store.task(change.task) if change.task else None
    path = site.store.spec_paths().get(task.spec) if task else None
    if path is None or path in change.files:
        return tree
    objects = site.repository.objects
    before = objects.read(onto, path)
    if before is None or objects.read(tree, path) is None:
        return tree
    return objects.replace_file(tree, path, before)


@lru_cache(maxsize=4)
def _library(_repository: Repository) -> Library:
    return Library()


def _excused(site: Site, evidence: Evidence) -> frozenset[str]:
    """The tests that decide nothing: in quarantine, or failing on the base too."""
    base = site.repository.objects.tree_of(Sha(evidence.base))
    known = (site.store.check_result(base, result.digest) for result in evidence.results)
    red = (test for result in known if result and result.cases for test in result.cases.failed)
    return frozenset(red) | {one.test for one in site.store.quarantines(site.clock())}


def _paths(site: Site, evidence: Evidence) -> frozenset[str]:
    git = site.repository.plain
    base = site.repository.objects.tree_of(Sha(evidence.base))
    return frozenset(GitTree(git, evidence.tree).files) | frozenset(GitTree(git, base).files)


def _targets(result: CheckResult, excused: frozenset[str], paths: frozenset[str]) -> frozenset[str]:
    """The targets that a check saw fail; none where it is not known of all that failed which ones they are."""
    failed = [test for test in result.cases.failed if test not in excused] if result.cases else []
    found = {target_of_test(test, paths) for test in failed}
    if None in found:
        return frozenset()
    return frozenset(_known(found))


def _known(targets: Iterable[str | None]) -> Iterable[str]:
    return (target for target in targets if target is not None)
