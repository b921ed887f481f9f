"""The rules of the merge queue, as prose and as one pure function.

1. The queue holds the changes that passed their own gate and were approved, oldest approval first.
2. What a change can affect is a set of targets (`impact/`), and the state of a target on a tree is which changes in it affect
   the target. What a gate showed of a target holds wherever the target is in the same state: on another tip, among others.
3. A change lands as soon as each of its targets has passed in the state that it has with the change on the tip, be it in
   the change's own gate or in a candidate. Where no gate ran on that very tree, a certificate says which evidence stands
   for which target, and a free slot runs the full gate on the tip afterwards.
4. Free slots gate candidates: the tip plus some of the queue, merged in order. Which ones is `planner/`'s business. Up to half of
   the slots are left to changes that are still gated by themselves. A run that begins though it can land nobody any more ends at once.
5. A change that does not merge with the tip as text goes back at once. One that does so only with those ahead of it in a
   candidate waits for them, for they may not land.
6. A change goes back when one of its targets fails in the state that it has with the change on the tip: not for having been
   in a tree with somebody else. It gets the merged tree and the evidence.
7. A candidate that came to no verdict is gated again; after a few times its members are gated each by itself, and for one that
   comes to none all alone a person is called. Nobody is blamed, the others go on, and the next tip is a new chance.
8. While the tip itself is not known to pass its gate, failing on it sends nobody back, and nothing lands but a candidate
   that passed as it is. Those that failed alone wait, and the queue looks among the others for one that heals it.
9. A tip that landed by a certificate and fails its full gate ends all landing by certificates, until a person has looked.

What is gated next, and in which packs, is replaced in one place: `planner/`.
"""

from collections.abc import Iterator

from podium.config.settings import Settings
from podium.landing.carrying_out import CarryingOut, send_back
from podium.landing.planner.line import Line, Options, Stop
from podium.landing.planner.plan import plan as plan_line
from podium.landing.predictions.memory import Memory
from podium.landing.reading import read
from podium.landing.trust import alarms
from podium.landing.woven import STOPPED
from podium.model.attempt import Change
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.ids import ChangeId
from podium.model.progress import State, progress_of_change


def queued(facts: Facts) -> tuple[Change, ...]:
    """The queue in order: the changes that only need to be integrated."""
    return tuple(change for _since, change in _entries(facts))


def line_of(facts: Facts, settings: Settings, memory: Memory | None = None) -> Line:
    """The queue as its planner sees it."""
    return read(facts, _entries(facts), settings, memory).line


def options_of(settings: Settings) -> Options:
    """How the planner goes about it."""
    return Options(pack=settings.queue.batch, kept=settings.queue.kept_slots)


def plan(facts: Facts, settings: Settings, *, now: float, memory: Memory | None = None) -> list[Decision]:
    """What the queue does next. The same facts give the same decisions; each carries its because.

    `memory` is what became of earlier changes; without it the queue believes what it believes at first.
    """
    # The branch moves before its landing is on record: until then, what landed still looks queued, on the new tip.
    pending = _landing(facts)
    if pending:
        return pending
    entries = _entries(facts)
    waiting = frozenset(change.id for _since, change in entries)
    gone = {decision.subject for decision in _conflicts(facts, waiting, now)}
    reading = read(facts, [entry for entry in entries if entry[1].id not in gone], settings, memory)
    return [
        *alarms(facts, now),
        *_conflicts(facts, waiting, now),
        *CarryingOut(facts, reading, settings=settings, options=options_of(settings), now=now).decisions(),
    ]


def pointless(
    facts: Facts, settings: Settings, candidate: str, *, now: float, memory: Memory | None = None
) -> str:
    """Why a gate run that is about to begin can land nobody any more; empty where it can."""
    if _landing(facts):
        return ""  # the tip may be one of which nothing is on record yet
    reading = read(facts, _entries(facts), settings, memory)
    run = next((one for one in reading.woven if one.decision.subject == candidate), None)
    if run is None or run.over:
        return ""
    if not any(head in reading.line.waiting for head in run.heads):
        return STOPPED
    if run.stopped:
        return ""  # it was asked for again: what is asked for twice is done
    actions = plan_line(reading.line, now, options_of(settings))
    return STOPPED if any(isinstance(one, Stop) and one.run == candidate for one in actions) else ""


def _landing(facts: Facts) -> list[Decision]:
    """The landing that is under way."""
    return [one for one in facts.decisions.values() if one.act is Act.LAND and not facts.failed(one)]


def _entries(facts: Facts) -> list[tuple[float, Change]]:
    """The queue in order, each with since when it is in it."""
    waiting = [
        (progress.since, change.id, change)
        for change in facts.changes.values()
        if (progress := progress_of_change(facts, change)).state is State.QUEUED
    ]
    return [(since, change) for since, _id, change in sorted(waiting, key=lambda entry: entry[:2])]


def _conflicts(facts: Facts, waiting: frozenset[ChangeId], now: float) -> Iterator[Decision]:
    for candidate in facts.candidates.values():
        for conflict in candidate.conflicts if candidate.onto == facts.tip else ():
            if conflict.change in waiting and not conflict.partner:
                files = ", ".join(conflict.files)
                because = f"it conflicts with {facts.tip[:10]} in {files}"
                yield send_back(facts, conflict.change, because, {"feedback": _conflict_feedback(files)}, now)


def _conflict_feedback(files: str) -> str:
    return f"Others landed first and your work no longer merges. Resolve the conflict markers in: {files}"
