"""Specs: read, linted, shown as a plan, taken in."""

from dataclasses import replace
from pathlib import Path

from podium.base.errors import SpecError, UsageError
from podium.base.text import clean_line, is_utf8
from podium.engine.engine import Engine
from podium.engine.site import Site
from podium.formats.naming import spec_id
from podium.formats.registry import read
from podium.gate.acceptance.intake import Shelves, hold
from podium.model.ids import TaskId
from podium.model.spec import Fault, Spec
from podium.model.task import Task
from podium.planning.graph import build
from podium.planning.lint import lint
from podium.policies.makers import choose
from podium.project.views.plan import FaultView, PlannedTask, PlanView
from podium.store.store import Transaction

_LARGEST_SPEC = 8 * 1024 * 1024


def plan(site: Site, path: Path) -> PlanView:
    """What a spec asks for: its tasks, their order, and every fault with its place."""
    spec, faults = read_as(site, path, read_bytes(path))
    return view(path, spec, faults)


def take_in(engine: Engine, path: Path, *, agent: str) -> PlanView:
    """Make a spec's tasks wanted, and start what can start."""
    site = engine.site
    spec, faults = read_as(site, path, read_bytes(path))
    errors = [fault for fault in faults if fault.is_error]
    if spec is None or errors:
        raise SpecError(listing(path, errors), hint="mend these and run it again; nothing was started")
    settings = site.settings()
    chosen = replace(spec, tasks=tuple(_with_agent(task, agent) for task in spec.tasks))
    for task in chosen.tasks:
        if not task.done:
            choose(task, settings)
    _refuse_rewritten(site, chosen)
    engine.advance(lambda transaction: _define(transaction, chosen, site.clock()))
    return view(path, chosen, faults)


def read_as(site: Site, path: Path, data: bytes) -> tuple[Spec | None, tuple[Fault, ...]]:
    """What a spec at `path` would say with these bytes, and every fault of it, its acceptance files' included."""
    name = _name(site, path)
    reading = read(data, path=name, spec_id=_free_id(site, name))
    if reading.spec is None:
        return None, reading.faults
    known = tuple(site.settings().agents)
    spec, held = hold(reading.spec, _shelves(site, path))
    return spec, (*reading.faults, *held, *lint(spec, known_agents=known))


def _shelves(site: Site, path: Path) -> Shelves:
    """Where the acceptance files of a spec at `path` are looked for."""
    tip, objects = site.tip(), site.repository.objects
    folders = (site.repository.root, path.resolve().parent)
    return Shelves(folders, lambda name: objects.read(tip, name) is not None)


def read_bytes(path: Path) -> bytes:
    """The bytes of a spec.

    Raises:
        UsageError: it is missing, unreadable or too large.
    """
    try:
        if path.stat().st_size > _LARGEST_SPEC:
            raise UsageError(f"{path} is larger than 8 MiB", hint="split it into several specs")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file") from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def _name(site: Site, path: Path) -> str:
    """The path as the repository knows it, or whole when the spec lies outside."""
    whole = path.resolve()
    root = site.repository.root.resolve()
    name = str(whole.relative_to(root)) if whole.is_relative_to(root) else str(whole)
    if not is_utf8(name):
        raise UsageError(f"the path {clean_line(name)} is not UTF-8", hint="rename the spec")
    return name


def _free_id(site: Site, name: str) -> str:
    """The spec's id: the one this path had, else its slug, numbered where another path has that already."""
    known = site.store.spec_paths()
    mine = next((spec for spec, path in known.items() if path == name), None)
    if mine:
        return mine
    slug = spec_id(name)
    number = 2
    chosen = slug
    while chosen in known:
        chosen, number = f"{slug}-{number}", number + 1
    return chosen


def _with_agent(task: Task, agent: str) -> Task:
    return replace(task, agent=agent) if agent and not task.agent else task


def _refuse_rewritten(site: Site, spec: Spec) -> None:
    """A task that has landed is history: another text under its id would be a lie about it."""
    landed = site.store.landed_tasks()
    for task in spec.tasks:
        before = site.store.task(task.id) if task.id in landed else None
        if before and before.title != task.title:
            raise SpecError(
                f"{spec.path}:{task.line}:1: task {task.local_id} has landed as {clean_line(before.title)!r}",
                hint="give what you want now an id of its own",
            )


def _define(transaction: Transaction, spec: Spec, at: float) -> None:
    transaction.define(spec, at=at)


def listing(path: Path, faults: list[Fault]) -> str:
    return "\n".join(
        f"{path}:{fault.line}:{fault.column}: {fault.message}"
        + (f" ({fault.suggestion})" if fault.suggestion else "")
        for fault in faults
    )


def view(path: Path, spec: Spec | None, faults: tuple[Fault, ...]) -> PlanView:
    shown = tuple(
        FaultView(f.line, f.column, f.message, f.suggestion, f.is_error)
        for f in sorted(faults, key=lambda f: (f.line, f.column))
    )
    if spec is None:
        return PlanView("", str(path), "", (), (), (), (), shown)
    tasks = tuple(
        PlannedTask(
            task.id, task.title, task.kind, task.paths, task.after, task.agent, len(task.accept), task.done
        )
        for task in spec.tasks
    )
    broken = any(fault.is_error for fault in faults)
    graph = None if broken else build(spec.tasks)
    levels: tuple[tuple[TaskId, ...], ...] = graph.levels if graph else ()
    return PlanView(spec.id, str(path), spec.title, tuple(r.name for r in spec.requirements), tasks, levels,
                    graph.critical_path if graph else (), shown)  # fmt: skip
