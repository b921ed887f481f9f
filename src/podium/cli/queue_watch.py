"""The merge queue, looked at until somebody has seen enough: a picture where it can be drawn, lines where not."""

import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

from rich.console import Console, Group
from rich.live import Live

from podium.base.text import clean_line
from podium.cli.render.queue import queue as page
from podium.cli.render.queue import standing
from podium.project.views.queue import QueueItem, QueueView

_WATCH_S = 1.0
_SHARE = 3
"""Looking may take a quarter of the time at most, however long the queue is."""

See = Callable[[], QueueView]


def watch_live(look: See, console: Console) -> None:
    """Draw the queue anew every second, until Ctrl-C."""
    with suppress(KeyboardInterrupt), Live(console=console, auto_refresh=False, screen=True) as live:
        for view in _views(look, _WATCH_S):
            live.update(Group(*page(view, now=time.time(), height=console.height)), refresh=True)


def watch_lines(look: See, *, as_json: bool, pause_s: float = _WATCH_S) -> None:
    """Print what is new, until Ctrl-C: a line for each change that has news, or the whole queue as JSON on one line."""
    with suppress(KeyboardInterrupt):
        before: QueueView | None = None
        for view in _views(look, pause_s):
            _print_news(before, view, as_json=as_json)
            before = view


def news(before: QueueView | None, view: QueueView, *, now: float) -> Iterator[str]:
    """A line for each change that came, has another reason to wait, landed or left."""
    clock = datetime.fromtimestamp(now).astimezone().strftime("%H:%M:%S")
    known = {item.change: item for item in before.items} if before else {}
    landed = {one.change: one.commit for one in view.landed}
    for item in view.items:
        was = known.pop(item.change, None)
        if was is None or was.because != item.because:
            yield f"{clock}  {clean_line(item.change)}  {_told(item, now)}"
    for gone in known:
        how = f"landed as {landed[gone][:10]}" if gone in landed else "left the queue"
        yield f"{clock}  {clean_line(gone)}  {clean_line(how)}"
    if before is None and not view.items:
        yield f"{clock}  nothing is in the merge queue"


def _views(look: See, pause_s: float) -> Iterator[QueueView]:
    """The queue again and again."""
    while True:
        began = time.monotonic()
        yield look()
        time.sleep(max(pause_s, _SHARE * (time.monotonic() - began)))


def _print_news(before: QueueView | None, view: QueueView, *, as_json: bool) -> None:
    if as_json and (before is None or _settled(before) != _settled(view)):
        print(json.dumps(dataclasses.asdict(view)))
    elif not as_json:
        for text in news(before, view, now=time.time()):
            print(text)
    sys.stdout.flush()


def _told(item: QueueItem, now: float) -> str:
    words = (f"#{item.position}", *standing(item, now), clean_line(item.because, limit=1000))
    return "  ".join(filter(None, words))


def _settled(view: QueueView) -> QueueView:
    """The same without what runs on by itself, so that only news is news."""
    items = tuple(dataclasses.replace(item, lands_at=None) for item in view.items)
    return dataclasses.replace(view, items=items)
