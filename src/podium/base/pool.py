"""Pure work spread over the processors of this machine. It leaves nothing behind, however it ends."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import TypeVar

from podium.base.errors import Unavailable

Task = TypeVar("Task")
Result = TypeVar("Result")

_GONE = 1


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def spread_out(
    work: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    workers: int = 0,
    done: Callable[[Result], None] = lambda _result: None,
) -> list[Result]:
    """The results of `work`, in the order of the tasks; `workers` is as many as there are processors where it is 0.

    `work` is a function of a module, tasks and results can be pickled. `done` is told each result as it is known, here. The
    processes are fresh ones (`spawn`), so that no lock or thread of this one is copied. The first task that raises ends it all
    and its error is raised here, and so does Ctrl-C; either way, and if this process is killed, no worker lives on.
    With one worker the work is done in this process.

    Raises:
        Unavailable: something else killed a worker.
    """
    workers = min(workers or processors(), len(tasks))
    if workers <= 1:
        return [_told(work(task), done) for task in tasks]
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)
    try:
        found = _gather(pool, work, tasks, done)
    except BrokenProcessPool as error:
        raise Unavailable("a worker process was killed", hint="is there enough memory?") from error
    except BaseException:
        _end(pool, before)
        raise
    pool.shutdown()
    return found


def _gather(
    pool: ProcessPoolExecutor,
    work: Callable[[Task], Result],
    tasks: Sequence[Task],
    done: Callable[[Result], None],
) -> list[Result]:
    places = {pool.submit(work, task): place for place, task in enumerate(tasks)}
    found: dict[int, Result] = {}
    open_ones = set(places)
    while open_ones:
        ended, open_ones = wait(open_ones, return_when=FIRST_COMPLETED)
        for one in ended:
            found[places[one]] = _told(one.result(), done)
    return [found[place] for place in range(len(tasks))]


def _told(result: Result, done: Callable[[Result], None]) -> Result:
    done(result)
    return result


def _end(pool: ProcessPoolExecutor, before: set[multiprocessing.process.BaseProcess]) -> None:
    """Kill the workers: waiting for what they are at could take minutes."""
    for worker in set(multiprocessing.active_children()) - before:
        worker.kill()
    pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """A worker leaves Ctrl-C to the process that started it, and dies with that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
    os._exit(_GONE)
