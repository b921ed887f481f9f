"""`podium doctor`: what works here, what does not, and what to do about it. Everything is tried, nothing assumed."""

import shutil
import sys
from collections.abc import Callable, Iterator

from podium.agents.program import program
from podium.base import cgroups
from podium.base.errors import PodiumError
from podium.config.place import CONFIG
from podium.config.profiles import equip, known
from podium.config.settings import Settings
from podium.engine.site import settings_at
from podium.git.repository import OLDEST_GIT, Repository, git_version
from podium.project.location import find_target
from podium.project.state import open_store
from podium.project.views.finding import FindingView
from podium.store.database import NEWER_SQLITE, schema_version, sqlite_trouble, sqlite_version
from podium.workspaces.sandboxes.registry import SANDBOXES
from podium.workspaces.sandboxes.seccomp import filter_here

_DISK_LOW = 1024**3
_OWN_GROUPS = "start Podium in a session of yours: systemd-run --user --scope podium ..."


def examine(repository: Repository) -> tuple[FindingView, ...]:
    """Every finding, in the order in which a person would mend them."""
    looks: tuple[Callable[[Repository], Iterator[FindingView]], ...] = (
        _python, _git, _person, _disk, _state, _sandboxes, _bounds, _configuration,
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
    calls = "system calls are filtered" if filter_here() else "system calls are not filtered on this machine"
    for kind, trouble in works.items():
        if kind == "none":
            continue
        state = "ok" if not trouble else "broken" if kind == "bubblewrap" else "warning"
        hint = "apt-get install bubblewrap" if trouble and kind == "bubblewrap" else ""
        yield FindingView(f"sandbox {kind}", state, trouble or f"contains what it runs; {calls}", hint)


def _bounds(_repository: Repository) -> Iterator[FindingView]:
    found = cgroups.find()
    bounded = {
        "processes": found is not None and found.pids is not None,
        "memory": found is not None and found.memory is not None,
    }
    held, loose = ([name for name, held in bounded.items() if held is wanted] for wanted in (True, False))
    if not loose:
        yield FindingView("control groups", "ok", "bound the processes and the memory of each command's tree")
        return
    bound = f"bound the {held[0]} of each command's tree only" if held else "cannot be made here"
    because = f"{bound}: there is no bound on the sum of {' and '.join(loose)}"
    yield FindingView("control groups", "warning", because, _OWN_GROUPS)


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


def _agents(named: Settings) -> Iterator[FindingView]:
    """The agents that podium.toml names, with all they take from those Podium knows."""
    if not named.agents:
        because = "none is configured: a task or --agent has to name one that Podium knows"
        yield FindingView("agents", "warning", because, "podium agents lists them")
    every = equip(named, known()).agents
    for name in named.agents:
        found = program(every[name])
        state = "broken" if found.missing else "ok"
        because = found.missing or str(found.found or f"plays {every[name].script}")
        yield FindingView(f"agent {name}", state, because, every[name].install if found.missing else "")
