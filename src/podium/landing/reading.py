"""What the planner looks at, read from the facts: who waits, the states at the tip, and what gate runs have shown in which states."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from podium.config.settings import Settings
from podium.landing.planner.line import Ended, Line, Running, Seen, Waiting
from podium.landing.planner.states import EVERYTHING, Name, mark
from podium.landing.positions import Positions
from podium.landing.predictions.experience import Features
from podium.landing.predictions.memory import Memory
from podium.landing.trust import may_reuse, trouble_with_tip
from podium.landing.waiting import Queue, base_of
from podium.landing.woven import Woven, woven
from podium.model.attempt import Change
from podium.model.decision import Act
from podium.model.facts import Facts
from podium.model.ids import ChangeId, Sha
from podium.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Reading:
    """The line, and by which evidence what is known in it is known. `trouble` is why the tip is not known to be green."""

    line: Line
    proven: Mapping[Seen, str]
    refuted: Mapping[Seen, str]
    woven: Sequence[Woven]
    positions: Positions
    bases: Mapping[ChangeId, Sha]
    """What each that waits was gated on alone."""
    features: Mapping[ChangeId, Features]
    """What can be seen of each that waits."""
    trouble: str


def read(
    facts: Facts, queued: Sequence[tuple[float, Change]], settings: Settings, memory: Memory | None = None
) -> Reading:
    """What the planner looks at. `queued` are the changes that only need to be integrated, in order, each with since when."""
    memory = memory or Memory()
    reuse = settings.queue.reuse and may_reuse(facts)
    positions, runs, trouble = Positions(facts, reuse=reuse), woven(facts), trouble_with_tip(facts)
    queue = Queue(facts, settings, positions, runs, trouble, memory)
    features = {change.id: queue.features(change) for _since, change in queued}
    waiting = queue.of(queued, features)
    proven: dict[Seen, str] = {}
    refuted: dict[Seen, str] = {}
    ended: list[Ended] = []
    if not trouble:
        for change in waiting:
            _read_own_gate(facts, positions, ChangeId(str(change)), proven)
        for run in runs:
            if run.verdict:
                ended += _read_run(facts, positions, run, waiting=waiting, proven=proven, refuted=refuted)
    running = [
        Running(
            run.decision.subject,
            run.members,
            frozenset[Name](run.heads),
            positions.states(run.onto, run.members),
        )
        for run in runs
        if not run.over
    ]
    line = Line(
        waiting, positions.ground(facts.tip), proven, refuted, running, ended, _slots(facts, settings),
        lambda _one, _other: memory.breaks, stays=trouble,
    )  # fmt: skip
    bases = {change.id: base_of(facts, change) for _since, change in queued}
    return Reading(line, proven, refuted, runs, positions, bases, features, trouble)


def _slots(facts: Facts, settings: Settings) -> int:
    """The gate slots the queue may use: those that changes do not need for their own gates, and always half of them.

    Who is asked for before there is a slot for it, runs later in company that was chosen too early.
    """
    slots = settings.gate.slots
    return max(-(-slots // 2), slots - sum(map(facts.gating, facts.changes)))


def _read_own_gate(facts: Facts, positions: Positions, change: ChangeId, proven: dict[Seen, str]) -> None:
    """What a change affects passed with it on its own base."""
    decided = facts.decided(Act.GATE, change)
    found = facts.findings.get(decided.key) if decided else None
    told = facts.footprint_by.get((change, decided.key)) if decided else None
    if decided is None or told is None or found is None or found.verdict is not Verdict.PASSED:
        return
    ground, one = positions.ground(told.onto), mark(change)
    for key in positions.keys(change):
        proven.setdefault((key, ground[key] ^ one), decided.key)


def _read_run(
    facts: Facts, positions: Positions, run: Woven, *,
    waiting: Mapping[Name, Waiting], proven: dict[Seen, str], refuted: dict[Seen, str],
) -> Iterable[Ended]:  # fmt: skip
    """What a run showed, in which states. It is only of use for blame while none of its members was taken out of the queue."""
    named = run.finding.failing if run.finding else ()
    states = positions.states(run.onto, run.members, also=named)
    failing, blind = _failing(positions, run, named)
    key = run.decision.key
    if failing:
        refuted.update(((target, states[target]), key) for target in (*failing, EVERYTHING))
    passed = run.verdict is Verdict.PASSED or (failing and run.finding and run.finding.complete)
    if passed and not blind:
        whole = {EVERYTHING} if failing else set()
        for target in states.keys() - failing - whole:
            proven.setdefault((target, states[target]), key)
    known = all(member in waiting or member in facts.landing_of for member in run.members)
    if known and any(member in waiting for member in run.members):
        yield Ended(run.decision.subject, run.members, states, failing, blind)


def _failing(positions: Positions, run: Woven, named: Sequence[str]) -> tuple[frozenset[Name], bool]:
    """What failed, and whether it is not known what. A target that no member affects is no answer."""
    if run.verdict is Verdict.PASSED or run.finding is None:
        return frozenset(), False
    affected: set[Name] = set().union(*(positions.keys(member) for member in run.members))
    strange = EVERYTHING not in affected and not affected.issuperset(named)
    if run.finding.blind or not named or strange:
        return frozenset(), True
    return frozenset(named), False
