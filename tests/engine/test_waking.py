"""Queues are woken when there is work, and look by themselves when nobody wakes them."""

import threading
import time
from pathlib import Path

from podium.engine.waking import Bell

LONG_S = 60.0
"""Nobody would wait so long for a test."""


def waiting(bell: Bell, stop: threading.Event, *, name: str = "queue-worker-gates") -> "threading.Thread":
    """One that waits as the queue threads of DBOS do."""
    bell.hang_on([stop])
    thread = threading.Thread(target=stop.wait, args=(LONG_S,), name=name, daemon=True)
    thread.start()
    return thread


def test_the_bell_wakes_who_waits_for_work() -> None:
    bell, stop = Bell(), threading.Event()
    thread = waiting(bell, stop)
    while thread.is_alive():  # until it waits, a ring is not for it
        bell.ring()
        thread.join(0.01)
    assert not stop.is_set()


def test_who_is_to_stop_stops_at_once() -> None:
    bell, stop = Bell(), threading.Event()
    thread = waiting(bell, stop)
    stop.set()
    thread.join(LONG_S / 2)
    assert not thread.is_alive()
    assert stop.wait(LONG_S)


def test_others_who_wait_for_the_same_event_are_left_alone() -> None:
    bell, stop = Bell(), threading.Event()
    thread = waiting(bell, stop, name="queue-manager")
    for _ in range(5):
        bell.ring()
        thread.join(0.01)
    assert thread.is_alive()
    stop.set()
    thread.join(LONG_S / 2)
    assert not thread.is_alive()


def test_after_a_ring_it_looks_often_for_a_while() -> None:
    bell = Bell()
    assert bell.pause_s(LONG_S) == LONG_S
    bell.ring()
    assert bell.pause_s(LONG_S) < 1
    assert bell.pause_s(0.01) == 0.01
    time.sleep(1.1)
    assert bell.pause_s(LONG_S) == LONG_S


def test_the_queue_threads_of_this_dbos_hear_it() -> None:
    """What `Bell` counts on: its threads' names, and that they wait on the events that stop them."""
    import dbos._queue  # noqa: PLC0415 - only here does anything look inside

    source = Path(dbos._queue.__file__).read_text()
    assert 'name=f"queue-worker-{queue_name}"' in source
    assert "stop_event.wait(timeout=polling_interval" in source
