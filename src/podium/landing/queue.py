"""The rules of the merge queue, as prose and as one pure function.

1. The queue holds the changes that passed their own gate and were approved, oldest approval first.
2. A candidate is the target's tip plus some of the queue, merged in order. At most one is in the making.
3. A change that does not merge with the tip as text goes back at once; no gate is spent on it. One that conflicts only
   with those ahead of it in the queue waits until they have landed, for they may not.
4. A candidate that passed its gate lands, if the tip is still the one it was built on and none of its members was
   called off; else it is built anew. If it keeps failing to land, a person is called.
5. A candidate of several that failed is halved, first half first. A change that failed all alone on the tip goes
   back with the merged tree and the evidence. So nobody goes back for a neighbour's fault.
6. A candidate that came to no verdict is gated again; after a few times it is halved, too, and for one that is alone a
   person is called. Nobody is blamed, the others go on, and the next tip is a new chance.
7. While the tip itself is not known to pass its gate, failing on it sends nobody back. Those changes wait, and the
   queue looks among the others for one that heals it.

The planner is replaced in one place: `plan`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from podium.base.digest import digest
from podium.model.attempt import Change
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha
from podium.model.progress import State, progress_of_change
from podium.model.queue import Candidate
from podium.model.verdict import Verdict


def queued(facts: Facts) -> tuple[Change, ...]:
    """The queue in order: the changes that only need to be integrated."""
    waiting = [
        (progress.since, change.id, change)
        for change in facts.changes.values()
        if (progress := progress_of_change(facts, change)).state is State.QUEUED
    ]
    return tuple(change for _since, _id, change in sorted(waiting, key=lambda entry: entry[:2]))


def plan(facts: Facts, *, batch: int, tries: int, now: float) -> list[Decision]:
    """What the queue does next. The same facts give the same decisions; each carries its because.

    `batch` bounds the members of a candidate, `tries` the gates of one that come to no verdict.
    """
    waiting = tuple(change.id for change in queued(facts))
    at_once = [*_conflicts(facts, waiting, now), *_landing(facts, waiting, tries, now)]
    if at_once or _under_way(facts):
        return at_once
    members = tuple(name for name in waiting if not _waits_for_target(facts, name))[:batch]
    return _next(facts, members, tries, now) if members else []


def candidate_id(onto: Sha, members: Sequence[ChangeId]) -> CandidateId:
    """The name of the candidate that merges `members` in this order onto `onto`."""
    return CandidateId(f"candidate-{digest([onto, *members])[:12]}")


def _landing(facts: Facts, waiting: Sequence[ChangeId], tries: int, now: float) -> list[Decision]:
    """The landing that is under way, else the one that is due."""
    # The branch moves before its landing is on record: until then, what landed still looks queued, on the new tip.
    pending = [d for d in facts.decisions.values() if d.act is Act.LAND and not facts.failed(d)]
    if pending:
        return pending
    due = [candidate for candidate in facts.candidates.values() if _may_land(facts, candidate, waiting)]
    landings = (_land(facts, candidate, tries, now) for candidate in due)
    fresh = [decision for decision in landings if decision.key not in facts.decisions]
    return fresh[:1] if not facts.checkout else []


def _may_land(facts: Facts, candidate: Candidate, waiting: Sequence[ChangeId]) -> bool:
    found = facts.finding(Act.WEAVE, candidate.id)
    passed = candidate.commit is not None and found is not None and found.verdict is Verdict.PASSED
    return passed and set(candidate.members) <= set(waiting)


def _land(facts: Facts, candidate: Candidate, tries: int, now: float) -> Decision:
    last, grants = facts.decided(Act.LAND, candidate.id), facts.grants(candidate.members)
    round_ = last.round + 1 if last else 0
    if round_ < tries * (1 + grants):
        because = f"its tree passed the gate and {facts.tip[:10]} is still the tip"
        return Decision(Act.LAND, candidate.id, because, now, facts.tip, round_)
    failure = facts.failed(last) if last else None
    because = f"it could not land in {round_} tries: {failure.because if failure else 'nobody knows why'}"
    return Decision(Act.ALARM, candidate.id, because, now, facts.tip, grants)


def _under_way(facts: Facts) -> bool:
    weaves = [decision for decision in facts.decisions.values() if decision.act is Act.WEAVE]
    latest = [decision for decision in weaves if facts.decided(Act.WEAVE, decision.subject) == decision]
    return any(not _settled(facts, decision) for decision in latest)


def _settled(facts: Facts, weave: Decision) -> bool:
    candidate = facts.candidates.get(CandidateId(weave.subject))
    nothing_to_gate = candidate is not None and candidate.commit is None
    return nothing_to_gate or facts.failed(weave) is not None or weave.key in facts.findings


def _conflicts(facts: Facts, waiting: Sequence[ChangeId], now: float) -> Iterator[Decision]:
    for candidate in facts.candidates.values():
        for conflict in candidate.conflicts:
            if conflict.change not in waiting or conflict.partner:
                continue
            files = ", ".join(conflict.files)
            because = f"it conflicts with {facts.tip[:10]} in {files}"
            yield _send_back(facts, conflict.change, because, {"feedback": _conflict_feedback(files)}, now)


def _waits_for_target(facts: Facts, change: ChangeId) -> bool:
    """Whether it failed all alone on a tip that is not known to pass by itself."""
    baseline = facts.finding(Act.BASELINE, facts.tip)
    if facts.decided(Act.BASELINE, facts.tip) is None or (baseline and baseline.verdict is Verdict.PASSED):
        return False
    found = facts.finding(Act.WEAVE, candidate_id(facts.tip, [change]))
    return found is not None and found.verdict is Verdict.FAILED


def _next(facts: Facts, members: tuple[ChangeId, ...], tries: int, now: float) -> list[Decision]:
    """Gate the largest prefix of `members` that is not known to be trouble; what is trouble all alone is told so."""
    members = _narrowed(facts, members)
    while True:
        decided = facts.decided(Act.WEAVE, candidate_id(facts.tip, members))
        if decided is None:
            return [_weave(facts, members, 0, now)]
        found = facts.findings.get(decided.key)
        if found and found.verdict is Verdict.PASSED:
            return []
        failed = found is not None and found.verdict is Verdict.FAILED
        if not failed and decided.round + 1 < tries * (1 + facts.grants(members)):
            return [_weave(facts, members, decided.round + 1, now)]
        if len(members) == 1:
            return [
                _failed(facts, members[0], decided, now) if failed else _alarm(facts, members, decided, now)
            ]
        members = members[: len(members) // 2]


def _narrowed(facts: Facts, members: tuple[ChangeId, ...]) -> tuple[ChangeId, ...]:
    """The shortest prefix that is known to fail: what came into the queue since does not widen the search for a culprit."""
    for size in range(1, len(members)):
        found = facts.finding(Act.WEAVE, candidate_id(facts.tip, members[:size]))
        if found and found.verdict is Verdict.FAILED:
            return members[:size]
    return members


def _failed(facts: Facts, member: ChangeId, weave: Decision, now: float) -> Decision:
    because = facts.findings[weave.key].because
    data = {"evidence": weave.key, "feedback": because}
    return _send_back(facts, member, f"merged with {facts.tip[:10]} it fails: {because}", data, now)


def _alarm(facts: Facts, members: tuple[ChangeId, ...], weave: Decision, now: float) -> Decision:
    found, failure = facts.findings.get(weave.key), facts.failed(weave)
    reason = found.because if found else failure.because if failure else "nothing is left of it to gate"
    because = f"no verdict on its merge after {weave.round + 1} tries: {reason}"
    return Decision(Act.ALARM, weave.subject, because, now, facts.tip, facts.grants(members))


def _weave(facts: Facts, members: tuple[ChangeId, ...], round_: int, now: float) -> Decision:
    name = candidate_id(facts.tip, members)
    again = f", try {round_ + 1}" if round_ else ""
    because = f"approved, and to be gated as one on {facts.tip[:10]}{again}: {', '.join(members)}"
    return Decision(
        Act.WEAVE, name, because, now, facts.tip, round_, {"members": list(members), "onto": facts.tip}
    )


def _send_back(facts: Facts, change: ChangeId, because: str, data: dict[str, Any], now: float) -> Decision:
    return Decision(Act.SEND_BACK, change, because, now, _owner(facts, change), 0, data)


def _owner(facts: Facts, change: ChangeId) -> str:
    return facts.changes[change].task or change


def _conflict_feedback(files: str) -> str:
    return f"Others landed first and your work no longer merges. Resolve the conflict markers in: {files}"
