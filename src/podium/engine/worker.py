"""A process that works: it takes jobs from the queues, runs them, and records what they establish.

One launch of DBOS per executor id: a second one would steal the running jobs of the first. So each process takes the
first free of a row of locks, and with the lock the id. The kernel drops a lock when its holder dies; whoever finds a
lock free takes over the jobs its holder left.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from dbos import DBOS
from dbos import error as dbos_error

from podium.base.errors import PodiumError, Unavailable
from podium.base.files import remove_tree
from podium.base.locks import Lock, holding
from podium.base.processes import is_running
from podium.base.text import clean_line
from podium.engine import sessions
from podium.engine.engine import APPLICATION, WORKFLOW, Engine
from podium.engine.jobs.base import Record
from podium.engine.jobs.land import is_on_branch
from podium.engine.jobs.registry import JOBS
from podium.engine.site import Site
from podium.landing.land import catch_up
from podium.model.decision import Act, Decision, Failure
from podium.store.database import NEWER_SQLITE, SCHEMA, schema_version, sqlite_trouble
from podium.store.upgrade import upgrade

_TRIES = 4
_POLL_S = 1.0
"""What other processes queued is found so late; what this one queued, at once."""
_TICK_S = 1.0
_FAREWELL_S = 10.0
_DBOS_SCHEMA = version("dbos")
"""Its tables are migrated once for each version."""

_engine: Engine | None = None
"""DBOS registers workflows per process, so the engine they work for is the process's too."""
_at_work: set[str] = set()
"""The keys of the jobs that this process is doing right now."""


@DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
def _job(key: str) -> None:
    """Do the work of one decision. The boundary: whatever goes wrong becomes a recorded failure, never a lost job."""
    try:
        _work(key)
    except dbos_error.DBOSMaxStepRetriesExceeded as error:
        _fail(key, _said(error.errors[-1]))
    except Exception as error:  # noqa: BLE001 - the boundary of a job; the failure is recorded with its reason
        _fail(key, _said(error))


@DBOS.step(
    name="podium.work", retries_allowed=True, max_attempts=_TRIES, interval_seconds=0.5, backoff_rate=2.5
)
def _work(key: str) -> None:
    engine, decision = _context(key)
    with _busy(key, engine.site):
        record = JOBS[decision.act].job(engine.site, decision, lambda early: _publish(engine, early))
    engine.advance(record)
    engine.bell.ring()  # its slot is about to be free


@DBOS.step(
    name="podium.fail", retries_allowed=True, max_attempts=_TRIES, interval_seconds=0.5, backoff_rate=2.5
)
def _fail(key: str, because: str) -> None:
    engine, decision = _context(key)
    if decision.act is Act.LAND and is_on_branch(engine.site, decision):
        raise PodiumError("it has landed: only its record is missing, and that is no failure")
    failure = Failure(
        decision.act, decision.subject, decision.round, because, engine.site.clock(), decision.scope
    )
    engine.record(failure)


@contextmanager
def _busy(key: str, site: Site) -> Iterator[None]:
    """Mark a job as being done. When this process is ending, what the job came to is not recorded: it is done again."""
    _at_work.add(key)
    try:
        yield
    finally:
        _at_work.discard(key)
        if site.stopping.is_set():
            threading.Event().wait()


def _said(error: BaseException) -> str:
    return clean_line(str(error) if isinstance(error, PodiumError) else f"{type(error).__name__}: {error}")


def _publish(engine: Engine, record: Record) -> None:
    engine.advance(record)


def _context(key: str) -> tuple[Engine, Decision]:
    if _engine is None:
        raise PodiumError("this process does not work")
    decision = _engine.site.store.decision(key)
    if decision is None:
        raise PodiumError(f"nothing was decided as {key}")
    return _engine, decision


class Worker:
    """A working process, from `with` to the end of it.

    Whoever holds it calls `tick` now and then, and may stop when it is `idle`; `interrupt` ends the process.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.engine = Engine(site)
        self._lock = Lock(site.repository.state / "unset")
        self._name = ""
        self._ticked = 0.0

    def __enter__(self) -> Self:
        global _engine  # noqa: PLW0603 - see its docstring
        self._name, self._lock = _claim(self.site)
        _engine = self.engine
        _quiet()
        running = DBOS(config={
            "name": APPLICATION, "system_database_engine": self.site.store.engine, "application_version": APPLICATION,
            "executor_id": self._name, "log_level": "CRITICAL", "console_log_level": "CRITICAL", "enable_otlp": False,
            "max_executor_threads": 1024, "notification_listener_polling_interval_sec": 1.0,
        })  # fmt: skip
        DBOS.launch()
        self.engine.bell.hang_on(running.background_thread_stop_events)
        self._open_queues()
        self.tick()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        DBOS.destroy(workflow_completion_timeout_sec=0)
        sessions.end_idle(self.site)
        if kind is None:
            self._sweep_candidates()
        self.engine.close()
        self._lock.release()

    def tick(self) -> None:
        """What has to happen now and then: decide on what others changed, take over from the dead, tidy up."""
        if time.monotonic() - self._ticked < _TICK_S:
            return
        self._ticked = time.monotonic()
        self._take_over()
        self.engine.begin_anew()
        catch_up(self.site.repository, self.site.branch)
        self.engine.advance()
        self._sweep()

    def idle(self) -> bool:
        """Whether nothing is queued or running and nothing more can be decided."""
        return not self.engine.in_flight() and not self.engine.advance() and not self.engine.in_flight()

    def interrupt(self, code: int, *, last: Callable[[], None] = lambda: None) -> None:
        """Stop the agents and gates of this process, do what is to be done `last`, and end it.

        What was begun is begun anew or taken up next time.
        """
        self.site.stopping.set()
        until = time.monotonic() + _FAREWELL_S
        while _at_work and time.monotonic() < until:
            time.sleep(0.05)
        sessions.end_idle(self.site)
        last()
        os._exit(code)

    def _open_queues(self) -> None:
        settings = self.site.settings()
        limits = {"attempts": settings.limits.agents, "gates": settings.gate.slots, "landing": 1}
        for name, limit in limits.items():
            DBOS.register_queue(
                name, global_concurrency=limit, polling_interval_sec=_POLL_S, on_conflict="always_update"
            )

    def _take_over(self) -> None:
        """Queue again what a process was doing that is no more."""
        client = self.engine.client
        left: dict[str, list[tuple[str, str]]] = {}
        for job in client.list_workflows(status="PENDING", load_input=False):
            if job.executor_id and job.executor_id != self._name:
                left.setdefault(job.executor_id, []).append((job.workflow_id, job.queue_name or "gates"))
        for name, jobs in left.items():
            lock = _executor_lock(self.site, name)
            if lock.try_acquire():
                for workflow, queue in jobs:
                    client.resume_workflows([workflow], queue_name=queue)
                lock.release()

    def _sweep(self) -> None:
        """Remove what ended attempts and dead gates left; a process that dies in the middle leaves it to the next."""
        workspaces = _entries(self.site.repository.state / "workspaces")
        kept = sessions.kept(self.site, workspaces) if workspaces else set()
        for directory in workspaces:
            if directory.name not in kept:
                sessions.end(directory)
        for directory in _entries(self.site.repository.state / "gates"):
            if not is_running(int(directory.name.partition("-")[0])):
                remove_tree(directory)
        self._sweep_candidates()

    def _sweep_candidates(self) -> None:
        """Let go of the candidates that were built on another tip than the present one, and of which nobody waits any more."""
        names = self.site.repository.refs_under("refs/podium/candidates")
        tip = self.site.tip()  # asked after the names: a candidate on a newer tip is not among them
        live = self.site.store.live_candidates() if names else set()
        for name in names:
            candidate = self.site.store.candidate(name.rpartition("/")[2])
            if candidate and candidate.onto != tip and candidate.id not in live:
                self.site.repository.delete_ref(name)


def _entries(directory: Path) -> list[Path]:
    return list(directory.iterdir()) if directory.is_dir() else []


def prepare_state(site: Site) -> None:
    """Create or migrate all tables, ours and DBOS's, so that readers and writers find them."""
    trouble = sqlite_trouble()
    if trouble:
        raise Unavailable(trouble, hint=NEWER_SQLITE)
    with holding(site.repository.state / "schema.lock"):
        if schema_version(site.store.engine) == SCHEMA and site.store.note("dbos") == _DBOS_SCHEMA:
            return
        upgrade(site.store.engine)
        _quiet()
        DBOS.migrate(site.store.engine.url.render_as_string(hide_password=False))
        with site.store.transaction() as transaction:
            transaction.note("dbos", _DBOS_SCHEMA)


def _quiet() -> None:
    logging.getLogger("dbos").setLevel(logging.CRITICAL)


def _claim(site: Site) -> tuple[str, Lock]:
    for number in count():
        name = f"local-{number}"
        lock = _executor_lock(site, name)
        if lock.try_acquire():
            return name, lock
    raise AssertionError


def _executor_lock(site: Site, name: str) -> Lock:
    return Lock(site.repository.state / "executors" / f"{name}.lock")
