"""The changes in the queue as the planner sees them: what each affects, how likely it lands, and why it may have to wait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from podium.config.place import CONFIG
from podium.config.settings import Settings
from podium.landing.planner.line import Waiting
from podium.landing.planner.states import Name
from podium.landing.positions import Positions
from podium.landing.predictions.experience import Features
from podium.landing.predictions.memory import Memory
from podium.landing.woven import Woven
from podium.model.attempt import Change
from podium.model.decision import Act
from podium.model.facts import Facts
from podium.model.ids import ChangeId, Sha
from podium.model.review import Precedence
from podium.model.verdict import Verdict

_DOUBTED = 0.25
"""Such a change is gated by itself, and nobody on top of it."""
_UNKNOWN_S = 60.0
_NOBODY = Precedence()


def base_of(facts: Facts, change: Change) -> Sha:
    """What a change was gated on alone."""
    decided = facts.decided(Act.GATE, change.id)
    told = facts.footprint_by.get((change.id, decided.key)) if decided else None
    return told.onto if told else change.base


@dataclass(frozen=True, slots=True)
class Queue:
    """Turns queued changes into what the planner sees of them."""

    facts: Facts
    settings: Settings
    positions: Positions
    runs: Sequence[Woven]
    trouble: str
    memory: Memory

    def of(
        self, queued: Sequence[tuple[float, Change]], features: Mapping[ChangeId, Features]
    ) -> dict[Name, Waiting]:
        """`features` are what can be seen of each."""
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
            seen = features[change.id]
            passes = _DOUBTED if alone or change.id in doubted else self.memory.lands(seen)
            found[change.id] = Waiting(
                change.id, self.positions.keys(change.id), since, seen.gate_s or duration, passes,
                priority=said.priority, urgent=said.urgent, after=after[change.id], alone=alone, held=held[change.id],
            )  # fmt: skip
        return found

    def features(self, change: Change) -> Features:
        """What can be seen of a change, for what is to be expected of it."""
        attempts = self.facts.attempts_of.get(change.task, ()) if change.task else ()
        task = self.facts.tasks.get(change.task) if change.task else None
        found = self.facts.finding(Act.GATE, change.id)
        met = self.positions.met(change.id, base_of(self.facts, change))
        return Features(
            attempts[-1].agent if attempts else change.author, task.kind if task else "", len(change.files),
            change.added + change.deleted, max(1, len(attempts)), None, met, found.took_s if found and found.took_s else None, met == 0,
        )  # fmt: skip

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

    def _after(self, change: Change, names: frozenset[ChangeId]) -> tuple[ChangeId, ...]:
        task = self.facts.tasks.get(change.task) if change.task else None
        waiting = (self.facts.changes[name] for name in sorted(names)) if task and task.after else ()
        return tuple(other.id for other in waiting if task and other.task in task.after)

    def _duration_s(self) -> float:
        """What a gate takes, as far as the last ones tell."""
        known = [found.took_s for found in self.facts.findings.values() if found.took_s > 0]
        return median(known) if known else _UNKNOWN_S
