"""Candidates: approved changes merged onto the tip and gated as one tree."""

from collections.abc import Callable, Sequence

from podium.engine.site import Site
from podium.formats.tick import tick
from podium.landing.candidate import Built, Recipe, build
from podium.model.attempt import Change
from podium.model.ids import Sha
from podium.provenance.message import landing_message
from podium.provenance.record import Member
from podium.provenance.statement import request_id


def build_candidate(site: Site, onto: Sha, changes: Sequence[Change]) -> Built:
    """Merge changes onto a commit, each with its message and, where its spec is in the tree, its box ticked."""
    recipe = Recipe(
        message=lambda members: landing_message(
            members,
            why={change.id: _why(site, change) for change in members},
            requests={change.id: _request(site, change) for change in members},
        ),
        tick=lambda change, read: _ticked(site, change, read),
        committer=site.repository.person(),
    )
    return build(site.repository, onto, changes, recipe=recipe)


def _why(site: Site, change: Change) -> str:
    task = site.store.task(change.task) if change.task else None
    spec = site.store.spec(task.spec) if task else None
    return f"Task {task.local_id} of {spec.title} ({spec.path})." if task and spec else ""


def _request(site: Site, change: Change) -> str:
    return request_id(Member(change, site.store.task(change.task) if change.task else None))


def _ticked(site: Site, change: Change, read: Callable[[str], bytes | None]) -> tuple[str, bytes] | None:
    task = site.store.task(change.task) if change.task else None
    path = site.store.spec_paths().get(task.spec) if task else None
    data = read(path) if path else None
    if task is None or path is None or data is None or task.checkbox is None:
        return None
    done = tick(data, task.checkbox)
    return (path, done) if done else None
