"""A run told as it happens: what each event means to somebody who watches, or nothing where it means little. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from podium.base.text import clean_line
from podium.model.attempt import End
from podium.model.event import Event
from podium.model.verdict import Verdict

_ENDS = {
    End.NO_CHANGE: "says it is done, and changed nothing",
    End.CRASHED: "crashed",
    End.TIMED_OUT: "hung",
    End.REFUSED: "left what cannot be taken in",
}
_LONGEST = 220


@dataclass(frozen=True, slots=True)
class Narrator:
    """Tells events in their order. `titles` are those of the tasks; `members` it learns of candidates on the way."""

    titles: Mapping[str, str]
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def tell(self, event: Event) -> str:
        """Whom it is about and what happened, in one line; or nothing."""
        tell = _TELLERS.get(event.kind)
        said = tell(self, event) if tell else ""
        subject = event.subject if event.subject in self.titles else "main"
        return f"{clean_line(subject, limit=40):<10}  {clean_line(said, limit=_LONGEST)}" if said else ""


def _started(narrator: Narrator, event: Event) -> str:
    agent, number = event.data["agent"], event.data["attempt"].rpartition("@")[2]
    return (
        f"{agent} starts: {narrator.titles.get(event.subject, '')}"
        if number == "1"
        else f"{agent} is told why, and makes attempt {number}"
    )


def _ended(_narrator: Narrator, event: Event) -> str:
    end = End(event.data["end"])
    because = "" if end is End.NO_CHANGE else event.text.partition(": ")[2]
    return f"the agent {_ENDS[end]}{because and ': '}{because}" if end in _ENDS else ""


def _gated(narrator: Narrator, event: Event) -> str:
    passed = event.data["verdict"] == Verdict.PASSED
    if event.subject in narrator.titles:
        return "its change was taken in, and passes the gate on its own" if passed else ""
    if event.data["evidence"].startswith("baseline:"):
        return "" if event.data["reused"] else f"the gate on main itself: {event.text}"
    together = len(narrator.members.get(event.subject, ())) > 1
    return f"merged, these fail, so half of them is tried: {event.text}" if together and not passed else ""


def _built(narrator: Narrator, event: Event) -> str:
    members = tuple(event.data["members"])
    narrator.members[event.subject] = members
    return f"merged to be gated as one: {', '.join(members)}" if len(members) > 1 else ""


def _judged(_narrator: Narrator, event: Event) -> str:
    return f"a checker has looked: {event.text}"


def _sent_back(_narrator: Narrator, event: Event) -> str:
    return f"SENT BACK: {event.text}"


def _given_up(_narrator: Narrator, event: Event) -> str:
    return f"REFUSED: {event.text}"


def _landed(_narrator: Narrator, event: Event) -> str:
    return f"LANDED as {event.data['commit'][:10]}"


def _alarm(_narrator: Narrator, event: Event) -> str:
    return f"needs a person: {event.text}"


def _trouble(_narrator: Narrator, event: Event) -> str:
    return f"{event.kind.removeprefix('failed.')} did not work: {event.text}"


_TELLERS: Mapping[str, Callable[[Narrator, Event], str]] = {
    "attempt.started": _started,
    "attempt.ended": _ended,
    "gate.ended": _gated,
    "judged": _judged,
    "candidate.built": _built,
    "decided.send-back": _sent_back,
    "decided.give-up": _given_up,
    "decided.alarm": _alarm,
    "landed": _landed,
    "failed.attempt": _trouble,
    "failed.gate": _trouble,
    "failed.check": _trouble,
    "failed.baseline": _trouble,
    "failed.weave": _trouble,
    "failed.land": _trouble,
}
