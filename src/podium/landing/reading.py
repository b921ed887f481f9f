"""What the planner looks at, read from the facts: who waits, the states at the tip, and what gate runs have shown in which states."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from podium.config.place import CONFIG
from podium.config.settings import Settings
from podium.landing.planner.line import Ended, Line, Running, Seen, Waiting
from podium.landing.planner.states import EVERYTHING, Name, mark, overlap
from podium.landing.positions import Positions
from podium.landing.trust import may_reuse, trouble_with_tip
from podium.model.attempt import Change
from podium.model.decision import Act, Decision
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha
from podium.model.queue import Candidate
from podium.model.review import Precedence
from podium.model.verdict import Verdict

STOPPED = "none of those it was started for can land by its verdict any more"
"""Why a gate run ended before it began: it is nobody's failure, and no try."""
_PASSES = 0.97
_BREAKS = 0.01
_EACH_ATTEMPT = 0.1
_LEAST = 0.5
_DOUBTED = 0.25
"""Such a change is gated by itself, and nobody on top of it."""
_UNKNOWN_S = 60.0
_VERDICTS = frozenset({Verdict.PASSED, Verdict.FAILED})
_NOBODY = Precedence()


@dataclass(frozen=True, slots=True)
class Woven:
    """The latest round of the gate of a candidate. `members` are those in it, once it is built; before, those that shall be."""

    decision: Decision
    onto: Sha
    members: tuple[ChangeId, ...]
    heads: frozenset[ChangeId]
    candidate: Candidate | None
    finding: Finding | None
    tries: int
    """How often it was begun and not stopped."""
    stopped: int
    over: bool
    """It has come to an end, of whatever kind."""

    @property
    def verdict(self) -> Verdict | None:
        """Only what is a verdict on the tree."""
        return self.finding.verdict if self.finding and self.finding.verdict in _VERDICTS else None

    def is_exhausted(self, facts: Facts, settings: Settings) -> bool:
        """Whether it came to no verdict as often as it may."""
        nothing_left = self.candidate is not None and self.candidate.commit is None
        if not self.over or self.verdict or nothing_left:
            return False
        return self.tries >= settings.gate.tries * (1 + facts.grants(self.members))


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
    trouble: str


def hold(line: Line, names: Iterable[Name], because: str) -> Line:
    """The line in which these are not to move."""
    held = {name: replace(line.waiting[name], held=because) for name in names}
    return replace(line, waiting={**line.waiting, **held}, stays=because)


def woven(facts: Facts) -> list[Woven]:
    """All candidates that are known of, each by the latest round of its gate."""
    latest = (
        one
        for one in facts.decisions.values()
        if one.act is Act.WEAVE and facts.decided(Act.WEAVE, one.subject) == one
    )
    return [_woven(facts, decision) for decision in latest]


def _woven(facts: Facts, decision: Decision) -> Woven:
    candidate = facts.candidates.get(CandidateId(decision.subject))
    wanted = tuple(ChangeId(name) for name in decision.data.get("members", ()))
    members = candidate.members if candidate else wanted
    heads = frozenset(ChangeId(name) for name in decision.data.get("heads", wanted)) & set(members)
    failures = facts.failures_of(Act.WEAVE, decision.subject)
    stopped = sum(failure.because == STOPPED for failure in failures)
    found = facts.findings.get(decision.key)
    nothing_left = candidate is not None and candidate.commit is None
    over = found is not None or facts.failed(decision) is not None or nothing_left
    onto = Sha(decision.data.get("onto", decision.scope))
    return Woven(
        decision, onto, members, heads, candidate, found, decision.round + 1 - stopped, stopped, over
    )


def read(facts: Facts, queued: Sequence[tuple[float, Change]], settings: Settings) -> Reading:
    """What the planner looks at. `queued` are the changes that only need to be integrated, in order, each with since when."""
    reuse = settings.queue.reuse and may_reuse(facts)
    positions, runs, trouble = Positions(facts, reuse=reuse), woven(facts), trouble_with_tip(facts)
    waiting = _Waiting(facts, settings, positions, runs, trouble).of(queued)
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
        waiting, positions.ground(facts.tip), proven, refuted, running, ended, settings.gate.slots,
        lambda _one, _other: _BREAKS, stays=trouble,
    )  # fmt: skip
    bases = {change.id: _base(facts, change) for _since, change in queued}
    return Reading(line, proven, refuted, runs, positions, bases, trouble)


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


def _base(facts: Facts, change: Change) -> Sha:
    """What a change was gated on alone."""
    decided = facts.decided(Act.GATE, change.id)
    told = facts.footprint_by.get((change.id, decided.key)) if decided else None
    return told.onto if told else change.base


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


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Turns queued changes into what the planner sees of them."""

    facts: Facts
    settings: Settings
    positions: Positions
    runs: Sequence[Woven]
    trouble: str

    def of(self, queued: Sequence[tuple[float, Change]]) -> dict[Name, Waiting]:
        names = frozenset(change.id for _since, change in queued)
        duration = self._duration_s()
        doubted = self._doubted()
        after = {change.id: self._after(change, names) for _since, change in queued}
        held = {change.id: self._held(change) for _since, change in queued}
        held = self._with_clashes(held, after)
        found: dict[Name, Waiting] = {}
        for since, change in queued:
            said = self.facts.precedences.get(change.task or change.id, _NOBODY)
            alone = CONFIG in change.files
            passes = _DOUBTED if alone or change.id in doubted else self._passes(change)
            found[change.id] = Waiting(
                change.id, self.positions.keys(change.id), since, duration, passes,
                priority=said.priority, urgent=said.urgent, after=after[change.id], alone=alone, held=held[change.id],
            )  # fmt: skip
        return found

    def _held(self, change: Change) -> str:
        """Why a person, or what is known of it, keeps a change where it is."""
        said = self.facts.precedences.get(change.task or change.id, _NOBODY)
        return said.held or self._stuck(change.id) or self._sick(change.id)

    def _with_clashes(
        self, held: Mapping[ChangeId, str], after: Mapping[ChangeId, Sequence[ChangeId]]
    ) -> dict[ChangeId, str]:
        """Who does not merge with those ahead of him waits for them, unless they wait themselves: for him, or for a person."""
        found, edges = dict(held), {change: set(before) for change, before in after.items()}
        for change in held:
            for partners in self._partners(change):
                ahead = [one for one in partners if one in held and not self._waits(one, change, edges, held)]
                if ahead and not found[change]:
                    edges[change].update(ahead)
                    found[change] = f"it does not merge with {', '.join(ahead)}, ahead of it"
        return found

    def _waits(
        self,
        one: ChangeId,
        change: ChangeId,
        edges: Mapping[ChangeId, set[ChangeId]],
        held: Mapping[ChangeId, str],
    ) -> bool:
        """Whether `one` cannot move before `change` does, or before a person lets it."""
        seen, frontier = {one}, [one]
        while frontier:
            here = frontier.pop()
            if here == change or held.get(here):
                return True
            more = edges.get(here, set()) - seen
            seen |= more
            frontier += more
        return False

    def _partners(self, change: ChangeId) -> Iterable[list[ChangeId]]:
        """Those ahead of whom it did not merge, for each time."""
        for candidate in self.facts.candidates.values():
            for conflict in candidate.conflicts:
                if conflict.change == change and conflict.partner:
                    yield [ChangeId(name) for name in conflict.partner.split(", ")]

    def _stuck(self, change: ChangeId) -> str:
        """Why it waits for a person, or for another tip."""
        for run in self.runs:
            if run.members == (change,) and run.onto == self.facts.tip and self._exhausted(run):
                return "no verdict on its merge"
        return ""

    def _sick(self, change: ChangeId) -> str:
        """While the tip is not known to pass, failing on it is nobody's fault."""
        fails = self.trouble and any(
            run.members == (change,) and run.onto == self.facts.tip and run.verdict is Verdict.FAILED
            for run in self.runs
        )
        return f"it fails where {self.trouble}" if fails else ""

    def _doubted(self) -> frozenset[ChangeId]:
        """Those in candidates that come to no verdict, again and again."""
        runs = (run for run in self.runs if run.onto == self.facts.tip and self._exhausted(run))
        return frozenset(member for run in runs for member in run.members)

    def _exhausted(self, run: Woven) -> bool:
        return run.is_exhausted(self.facts, self.settings)

    def _passes(self, change: Change) -> float:
        """The likelier it goes back, the more often its task did, and the more has landed that it shares targets with."""
        number = len(self.facts.attempts_of.get(change.task, ())) if change.task else 1
        passes = max(_LEAST, _PASSES - _EACH_ATTEMPT * max(0, number - 1))
        keys, base = self.positions.keys(change.id), _base(self.facts, change)
        near = sum(overlap(keys, self.positions.keys(other)) for other in self.positions.since(base))
        return max(_LEAST, passes * (1 - _BREAKS) ** near)

    def _after(self, change: Change, names: frozenset[ChangeId]) -> tuple[ChangeId, ...]:
        task = self.facts.tasks.get(change.task) if change.task else None
        waiting = (self.facts.changes[name] for name in sorted(names)) if task and task.after else ()
        return tuple(other.id for other in waiting if task and other.task in task.after)

    def _duration_s(self) -> float:
        """What a gate takes, as far as the last ones tell."""
        known = [found.took_s for found in self.facts.findings.values() if found.took_s > 0]
        return median(known) if known else _UNKNOWN_S
