"""Attempts as people meet them: what was said and done in one, live or afterwards; a word to its agent; an end to it."""

import math
import time
from collections.abc import Iterator
from dataclasses import replace

from podium.agents.acp.assignment import Message
from podium.agents.events import FILE, read_events
from podium.base.errors import UsageError
from podium.base.text import clean, clean_line
from podium.engine import sessions
from podium.engine.engine import Engine
from podium.engine.site import Site
from podium.model.attempt import Attempt
from podium.model.event import Event
from podium.model.progress import State, progress_of_tasks
from podium.model.review import Order, Wish
from podium.project.names import person, resolve
from podium.project.views.transcript import SaidView, TranscriptView
from podium.workspaces.workspace import slug, transcripts

_LOOK_S = 0.25


def find(site: Site, name: str) -> Attempt:
    """The attempt that `name` means: `checkout/3@2`, `3@2`, or a task for its latest attempt.

    Raises:
        UsageError: there is none, or there are several.
    """
    task, _at, number = name.partition("@")
    found = [attempt for attempt in site.store.attempts() if not number or str(attempt.number) == number]
    latest = {attempt.task: attempt for attempt in found}
    if not latest:
        raise UsageError(f"no attempt is called {name}", hint="podium status lists the tasks")
    return latest[resolve(task, latest, what="attempted task")]  # type: ignore[index]  # it is one of them


def transcript(site: Site, name: str, *, offset: int = 0) -> TranscriptView:
    """What was said and done in an attempt, from an offset on."""
    attempt = find(site, name)
    end = site.store.attempt_end(attempt.id)
    directory = transcripts(site.repository) / slug(attempt.id)
    said = []
    for event, after in read_events(directory / FILE, offset=offset):
        said.append(SaidView(event.at, event.kind, clean(event.text), event.data))
        offset = after
    usage = end.usage if end else None
    return TranscriptView(
        attempt.id, attempt.agent, attempt.at, end.end if end else "", end.because if end else "", end.continued if end else False,
        usage.input_tokens if usage else None, usage.cached_tokens if usage else None, usage.output_tokens if usage else None,
        usage.cost_usd if usage else None, str(directory), offset, tuple(said),
    )  # fmt: skip


def follow(site: Site, name: str, *, farewell_s: float = 15.0) -> Iterator[TranscriptView]:
    """The transcript piece by piece as it grows, until the attempt has ended or nobody is at work on it any more.

    In the latter case the last piece has no end, and says why; `farewell_s` is how long whoever works on an attempt that
    was called off may take to record its end.
    """
    attempt, offset, newest = find(site, name), 0, -1
    because, until = "", math.inf
    while True:
        view = transcript(site, attempt.id, offset=offset)
        offset = view.offset
        over = not view.end and time.monotonic() >= until
        yield replace(view, because=because) if over else view
        if view.end or over:
            return
        if newest != (newest := site.store.last_event()):
            because = _why_no_end(site, attempt)
            until = min(until, time.monotonic() + farewell_s) if because else math.inf
        time.sleep(_LOOK_S)


def tell(engine: Engine, name: str, text: str, *, now: bool) -> str:
    """Say something to the agent of a running attempt; returns the attempt's id.

    Raises:
        UsageError: it is not running, or its agent cannot be talked with.
    """
    site = engine.site
    attempt = find(site, name)
    if not text.strip():
        raise UsageError("there is nothing to tell", hint='podium tell ATTEMPT "what it should know"')
    if site.store.attempt_end(attempt.id):
        raise UsageError(f"{attempt.id} has ended", hint=f"podium show {attempt.id}")
    box = sessions.mailbox_of(site, attempt)
    if box is None:
        what = f"{attempt.id}: its agent {attempt.agent} cannot be talked with now"
        raise UsageError(what, hint="only agents that speak ACP can, once their session stands")
    box.post(Message("tell", id=attempt.id, text=clean(text), now=now), name=f"tell-{time.time_ns():020d}")
    said = Event(
        "attempt.told",
        attempt.task,
        f"{person()} to {attempt.id}: {clean_line(text)}",
        site.clock(),
        {"attempt": attempt.id},
    )
    with site.store.transaction() as transaction:
        transaction.append(said)
    return attempt.id


def cancel(engine: Engine, name: str, *, reason: str) -> str:
    """End one attempt; what it made is kept, and its task goes on with another. Returns the attempt's id.

    Raises:
        UsageError: it has ended.
    """
    site = engine.site
    attempt = find(site, name)
    if site.store.attempt_end(attempt.id):
        raise UsageError(f"{attempt.id} has ended already", hint=f"podium show {attempt.id}")
    engine.record(Order(attempt.id, Wish.CANCEL, clean_line(reason, limit=2000), person(), site.clock()))
    return attempt.id


def _why_no_end(site: Site, attempt: Attempt) -> str:
    """Why an attempt without an end is not at work, so that it may never get one; empty while it is."""
    progress = progress_of_tasks(site.facts()).get(attempt.task)
    if progress is None:
        return "its task is done, or is wanted no more"
    at_work = progress.state is State.RUNNING and progress.attempt == attempt.number
    return "" if at_work else progress.because
