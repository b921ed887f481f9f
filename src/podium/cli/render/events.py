"""How the history looks: one line for each event, what matters to a person and no more."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from podium.cli.screen import line
from podium.model.event import Event

_SAID = {
    "attempt.started": ("", "cyan"),
    "attempt.ended": ("", ""),
    "gate.ended": ("gate ", "blue"),
    "judged": ("checked by ", "blue"),
    "decided.approve": ("approved by policy: ", ""),
    "decided.ask": ("needs you: ", "bold yellow"),
    "decided.send-back": ("sent back: ", "yellow"),
    "decided.give-up": ("refused: ", "red"),
    "decided.alarm": ("needs you: ", "bold red"),
    "review.approve": ("approved by a person ", ""),
    "review.return": ("returned by a person: ", "yellow"),
    "review.reject": ("rejected by a person: ", "red"),
    "ordered.cancel": ("cancelled ", ""),
    "ordered.retry": ("another round ", ""),
    "ordered.hold": ("held ", "yellow"),
    "ordered.release": ("released ", ""),
    "ordered.priority": ("one step forward ", ""),
    "ordered.urgent": ("urgent ", "bold yellow"),
    "landed": ("", "green"),
}
"""What a person is told without asking, how it begins and its colour. Failures of our own are told too."""
_SHA_LENGTHS = (40, 64)
_SUBJECT_COLUMNS = 24


def told(events: Iterable[Event]) -> Iterator[Event]:
    """The events worth a line in passing."""
    return (event for event in events if event.kind in _SAID or event.kind.startswith("failed."))


def event_line(event: Event, *, start: float) -> Text:
    """`  12.3s  checkout/3  landed as 1a2b3c4d5e`, counted from `start`."""
    when = f"{max(0.0, event.at - start):7.1f}s  "
    subject = line(_short(event.subject))
    subject.pad_right(max(1, _SUBJECT_COLUMNS - subject.cell_len))
    return Text.assemble((when, "dim"), subject, " ", _words(event))


def _words(event: Event) -> Text:
    begin, style = _SAID.get(
        event.kind, (f"{event.kind}: ", "bold red" if event.kind.startswith("failed.") else "")
    )
    return line(f"{begin}{event.text}", style, limit=1000)


def _short(subject: str) -> str:
    """A commit by its first digits; everything else whole."""
    is_sha = len(subject) in _SHA_LENGTHS and all(digit in "0123456789abcdef" for digit in subject)
    return subject[:10] if is_sha else subject
