"""`podium doctor`: what works here, what does not, and what to do about it. Everything is tried, nothing assumed."""

import shutil
import sys
from collections.abc import Callable, Iterator

from podium.base import environment
from podium.base.errors import PodiumError
from podium.base.processes import find_program
from podium.config.place import CONFIG
from podium.config.settings import Settings
from podium.engine.site import settings_at
from podium.git.repository import OLDEST_GIT, Repository, git_version
from podium.project.location import find_target
from podium.project.state import open_store
from podium.project.views import FindingView
from podium.store.database import NEWER_SQLITE, schema_version, sqlite_trouble, sqlite_version
from podium.workspaces.sandboxes.registry import SANDBOXES

_DISK_LOW = 1024**3


def examine(repository: Repository) -> tuple[FindingView, ...]:
    """Every finding, in the order in which a person would mend them."""
    looks: tuple[Callable[[Repository], Iterator[FindingView]], ...] = (
        _python, _git, _person, _disk, _state, _sandboxes, _configuration,
    )  # fmt: skip
    return tuple(finding for look in looks for finding in _guarded(look, repository))


def _guarded(
    look: Callable[[Repository], Iterator[FindingView]], repository: Repository
) -> Iterator[FindingView]:
    try:
        yield from look(repository)
    except PodiumError as error:
        yield FindingView(look.__name__.strip("_"), "broken", str(error), error.hint)


def _python(_repository: Repository) -> Iterator[FindingView]:
    version, sqlite = (".".join(map(str, numbers)) for numbers in (sys.version_info[:3], sqlite_version()))
    trouble = sqlite_trouble()
    because = f"Python {version}, SQLite {sqlite}" + (f": {trouble}" if trouble else "")
    yield FindingView("python", "broken" if trouble else "ok", because, NEWER_SQLITE if trouble else "")


def _git(repository: Repository) -> Iterator[FindingView]:
    oldest, found = (".".join(map(str, version)) for version in (OLDEST_GIT, git_version()))
    yield FindingView(
        "git", "ok", f"git {found} (at least {oldest} is needed), {repository.object_format} objects"
    )
    branch = find_target(repository)
    yield FindingView("target branch", "ok", f"{branch} at {repository.tip(branch)[:10]}")
    checkout = repository.checkout_of(branch)
    if checkout and checkout.dirty:
        because = (
            f"{checkout.path} has uncommitted changes: nothing lands until they are committed or stashed"
        )
        yield FindingView("checkout", "warning", because, "git stash")


def _person(repository: Repository) -> Iterator[FindingView]:
    yield FindingView("author", "ok", repository.person())


def _disk(repository: Repository) -> Iterator[FindingView]:
    free = shutil.disk_usage(repository.common).free
    gib = f"{free / 1024**3:.1f} GiB free"
    if free < _DISK_LOW:
        yield FindingView("disk", "warning", gib, "every running attempt and gate keeps a copy of the tree")
    else:
        yield FindingView("disk", "ok", gib)


def _state(repository: Repository) -> Iterator[FindingView]:
    version = schema_version(open_store(repository).engine)
    yield FindingView(
        "state", "ok", f"{repository.state}, " + (f"schema {version}" if version else "not used yet")
    )


def _sandboxes(_repository: Repository) -> Iterator[FindingView]:
    works = {sandbox.kind: sandbox.unavailable() for sandbox in SANDBOXES}
    for kind, trouble in works.items():
        if kind == "none":
            continue
        state = "ok" if not trouble else "broken" if kind == "bubblewrap" else "warning"
        hint = "apt-get install bubblewrap" if trouble and kind == "bubblewrap" else ""
        yield FindingView(f"sandbox {kind}", state, trouble or "contains what it runs", hint)


def _configuration(repository: Repository) -> Iterator[FindingView]:
    branch = find_target(repository)
    settings = settings_at(repository, branch, repository.tip(branch))
    checks = ", ".join(check.name for check in settings.gate.check)
    if checks:
        yield FindingView("gate", "ok", f"{checks} (podium gate {branch} runs it)")
    else:
        yield FindingView(
            "gate",
            "broken",
            "no check is configured, and a gate without one passes nothing",
            f"add a [[gate.check]] to {CONFIG}",
        )
    yield from _agents(settings)


def _agents(settings: Settings) -> Iterator[FindingView]:
    path = environment.variable("PATH")
    if not settings.agents:
        yield FindingView(
            "agents",
            "warning",
            "none is configured: nobody can make anything",
            f"add an [agents.NAME] to {CONFIG}",
        )
    for name, agent in settings.agents.items():
        program = agent.command[0] if agent.command else ""
        if program and find_program(program, path=path) is None and "/" not in program:
            yield FindingView(
                f"agent {name}", "broken", f"{program} is not on the PATH", f"install {program}"
            )
        else:
            yield FindingView(f"agent {name}", "ok", program or f"plays {agent.script}")
