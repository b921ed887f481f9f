"""Sessions of agents that outlive their attempt for a while, so that what the gate finds can be said in the same session.

A session belongs to the workspace it was begun in. It is kept as long as something may still be said in it, and while its
process lives; nobody depends on it: an attempt that finds none begins afresh.
"""

from pathlib import Path

from podium.agents.acp.assignment import Mailbox
from podium.agents.starting import SESSION, begun_as
from podium.base import processes
from podium.base.files import remove_tree
from podium.engine.asking import awaited
from podium.engine.site import Site
from podium.model.attempt import Attempt
from podium.model.decision import Act
from podium.model.verdict import Verdict
from podium.workspaces.workspace import place, slug


def living(site: Site, attempt: Attempt) -> Attempt | None:
    """The attempt in whose workspace the session lives that this one is to go on in, or in which it was answered already.

    A session that was begun with other settings than the agent's present ones is not gone on in.
    """
    first = origin(site, attempt)
    if first.id == attempt.id:
        return None
    directory = place(site.repository, first.id)
    running = processes.take_up(directory / "run")
    if running is None:
        return None
    box = Mailbox(directory / "private" / SESSION)
    if box.result(attempt.id) or (
        running.ended() is None and (box.knows(attempt.id) or _begun_alike(site, directory, attempt))
    ):
        return first
    return None


def _begun_alike(site: Site, directory: Path, attempt: Attempt) -> bool:
    """Whether a session was begun with the settings and the sandbox that are in force now."""
    settings = site.settings()
    contained = directory / "sandbox"
    alike = contained.is_file() and contained.read_text() == settings.sandbox.kind
    return alike and begun_as(directory / "private", settings.agents[attempt.agent])


def mailbox_of(site: Site, attempt: Attempt) -> Mailbox | None:
    """Where to leave a message for the agent of a running attempt; None when nobody would read it."""
    directory = place(site.repository, origin(site, attempt).id)
    running = processes.take_up(directory / "run")
    box = Mailbox(directory / "private" / SESSION)
    return box if running and running.ended() is None and box.is_open else None


def origin(site: Site, attempt: Attempt) -> Attempt:
    """The attempt whose session this one goes on in: itself, where it began one of its own."""
    first = attempt
    while first.seed and first.seed.session and _went_on(site, first):
        earlier = site.store.attempt(first.seed.session)
        if earlier is None:
            return first
        first = earlier
    return first


def _went_on(site: Site, attempt: Attempt) -> bool:
    """Whether it goes, or went, on in the session of the one before it; while nothing was started for it, it may."""
    end = site.store.attempt_end(attempt.id)
    return end.continued if end else processes.take_up(place(site.repository, attempt.id) / "run") is None


def kept(site: Site, directories: list[Path]) -> set[str]:
    """The names of the workspaces that are still needed: by attempts under way, or for a session that may be used again."""
    names = _under_way(site) | awaited(site.repository)
    return names | {path.name for path in directories if path.name not in names and _may_be_used(site, path)}


def end(directory: Path) -> None:
    """End the session of a workspace that nobody needs, if there is one, and remove both."""
    running = processes.take_up(directory / "run")
    if running and running.ended() is None:
        running.stop()
        running.wait()
    remove_tree(directory)


def end_idle(site: Site) -> None:
    """End the sessions in which no attempt is under way: nobody is there any more to say something in them."""
    directories = site.repository.state / "workspaces"
    if not directories.is_dir():
        return
    for directory in list(directories.iterdir()):
        if directory.name not in _under_way(site) | awaited(
            site.repository
        ):  # asked anew each time: others work, too
            end(directory)


def _under_way(site: Site) -> set[str]:
    """The names of the workspaces in which attempts are under way, or changes are being checked."""
    found = [attempt for name in site.store.open_attempts() if (attempt := site.store.attempt(name))]
    own = {slug(attempt.id) for attempt in found} | {slug(origin(site, attempt).id) for attempt in found}
    checks = site.store.decisions_of(Act.CHECK)
    return own | {slug(check.key) for check in checks if _is_being_checked(site, check.subject)}


def _may_be_used(site: Site, directory: Path) -> bool:
    """Whether the session of an ended attempt lives, and its task may yet have something to say in it."""
    name = directory / "attempt"
    running = processes.take_up(directory / "run")
    attempt = site.store.attempt(name.read_text()) if name.is_file() else None
    if attempt is None or running is None or running.ended():
        return False
    last = site.store.attempts(attempt.task)[-1]
    ended = site.store.attempt_end(last.id)
    if origin(site, last).id != attempt.id or site.store.cancelled(attempt.task):
        return False
    if ended is None:  # begun since we looked which attempts are under way
        return True
    passed = any(found.verdict is Verdict.PASSED for found in site.store.evidence_on(last.id))
    return not passed or _is_being_checked(site, last.id)


def _is_being_checked(site: Site, change: str) -> bool:
    """Whether a checker may yet send a change back, or has, and its task may go on in the session."""
    taken = {decision.act for decision in site.store.decisions_on([change])}
    return Act.CHECK in taken and taken.isdisjoint({Act.ASK, Act.APPROVE})
