"""What the planner says, as decisions: which candidate is gated, which one lands and by what evidence, who goes back."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from podium.base.digest import digest
from podium.config.settings import Settings
from podium.landing.certificate import Certificate, certify
from podium.landing.planner.line import Action, Gate, Land, Options, Return
from podium.landing.planner.plan import plan as plan_line
from podium.landing.planner.states import Name, overlap
from podium.landing.predictions.memory import told
from podium.landing.reading import Reading
from podium.landing.woven import Woven
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha
from podium.model.verdict import Verdict

_NAMED = 3


def candidate_id(onto: Sha, members: Sequence[str]) -> CandidateId:
    """The name of the candidate that merges `members` in this order onto `onto`."""
    return CandidateId(f"candidate-{digest([onto, *members])[:12]}")


def send_back(facts: Facts, change: ChangeId, because: str, data: dict[str, Any], now: float) -> Decision:
    return Decision(Act.SEND_BACK, change, because, now, facts.changes[change].task or change, 0, data)


class CarryingOut:
    """One look at the queue, and what is decided of it."""

    def __init__(
        self, facts: Facts, reading: Reading, *, settings: Settings, options: Options, now: float
    ) -> None:
        self.facts = facts
        self.reading = reading
        self.settings = settings
        self.options = options
        self.now = now

    def decisions(self) -> list[Decision]:
        found = list(self._planned())
        if found or self.reading.line.running or self.facts.checkout:
            return found
        return list(self._one_by_one())

    def _planned(self) -> Iterator[Decision]:
        yield from self._alarms()
        whole = self._whole()
        if whole and not self.facts.checkout:
            yield whole
            return
        actions = self._actions()
        landing = self._landing([one for one in actions if isinstance(one, Land)])
        if landing:
            yield landing
        # What goes back after a landing does so in view of it: that is for the next look.
        for action in takewhile(lambda one: not isinstance(one, Land), actions):
            if isinstance(action, Return):
                yield self._returned(action)
        yield from self._gates([one for one in actions if isinstance(one, Gate)])

    def _actions(self) -> list[Action]:
        """What the planner says; nothing, while what could land has to wait for the checkout: all else would be on top of it."""
        actions = plan_line(self.reading.line, self.now, self.options)
        waits = self.facts.checkout and any(isinstance(one, Land) for one in actions)
        return [] if waits else actions

    def _alarms(self) -> Iterator[Decision]:
        """A person is called for each that comes to no verdict all alone."""
        for run in self.reading.woven:
            [first, *others] = run.members or [ChangeId("")]
            if not others and first in self.reading.line.waiting and self._is_stuck(run):
                yield _alarm(self.facts, run, self.now)

    def _is_stuck(self, run: Woven) -> bool:
        return run.onto == self.facts.tip and run.is_exhausted(self.facts, self.settings)

    def _whole(self) -> Decision | None:
        """The landing of a candidate that passed as it is: the only one there is on a tip that is not known to be green."""
        return next(map(self._land_run, self._passed() if self.reading.trouble else ()), None)

    def _passed(self) -> list[Woven]:
        """The candidates on the tip that passed the gate and may land as they are."""
        waiting = self.reading.line.waiting
        return [
            run
            for run in self.reading.woven
            if run.onto == self.facts.tip
            and run.verdict is Verdict.PASSED
            and all(member in waiting and self._is_free(member, run.members) for member in run.members)
        ]

    def _is_free(self, change: ChangeId, members: Sequence[ChangeId]) -> bool:
        """Whether nothing keeps it from landing with these."""
        waiting = self.reading.line.waiting
        alone = all(other not in waiting or other in members for other in waiting[change].after)
        return alone and not waiting[change].held

    def _landing(self, lands: Sequence[Land]) -> Decision | None:
        """The next landing: of a candidate that passed as it is, if all of it may land; else what is first in the line."""
        if not lands or self.facts.checkout:
            return None
        names = {name for land in lands for name in land.changes}
        exact = [run for run in self._passed() if names.issuperset(run.members)]
        if exact:
            return self._land_run(max(exact, key=lambda run: len(run.members)))
        members = self._in_order(lands[0].changes)
        found = certify(self.reading, self.facts.tip, members)
        return self._land(candidate_id(self.facts.tip, members), members, found.because, found)

    def _land_run(self, run: Woven) -> Decision:
        """By its own name: it is made of fewer than those it was named after, where some did not merge."""
        because = f"its tree passed the gate and {self.facts.tip[:10]} is still the tip"
        return self._land(CandidateId(run.decision.subject), run.members, because, None)

    def _land(
        self, name: CandidateId, members: Sequence[ChangeId], because: str, certificate: Certificate | None
    ) -> Decision:
        tries = self.settings.gate.tries
        last, grants = self.facts.decided(Act.LAND, name), self.facts.grants(members)
        round_ = last.round + 1 if last else 0
        if round_ < tries * (1 + grants):
            seen = {change: told(self.reading.features[change]) for change in members}
            data: dict[str, Any] = {"members": list(members), "onto": self.facts.tip, "fared": seen}
            if certificate:
                data["certificate"] = certificate.data()
            return Decision(Act.LAND, name, because, self.now, self.facts.tip, round_, data)
        failure = self.facts.failed(last) if last else None
        because = f"it could not land in {round_} tries: {failure.because if failure else 'nobody knows why'}"
        return Decision(Act.ALARM, name, because, self.now, self.facts.tip, grants)

    def _returned(self, action: Return) -> Decision:
        change = ChangeId(str(action.change))
        key = self._evidence(change, action)
        found = self.facts.findings.get(key)
        reason = found.because if found else action.because
        partners = self._partners(change, action)
        data = {
            "evidence": key,
            "feedback": reason,
            "failing": [str(target) for target in action.failing],
            "partners": [str(name) for name in partners],
            "fared": {change: told(self.reading.features[change], blamed=len(partners))},
        }
        met = f", together with {_some(partners)}" if partners else ""
        return send_back(
            self.facts, change, f"merged with {self.facts.tip[:10]}{met} it fails: {reason}", data, self.now
        )

    def _evidence(self, change: ChangeId, action: Return) -> str:
        """The run that showed it; one of the change alone on this tip, where there is one."""
        states = self.reading.positions.states(self.facts.tip, [change])
        alone = [
            run.decision.key
            for run in self.reading.woven
            if run.members == (change,) and run.onto == self.facts.tip and run.verdict is Verdict.FAILED
        ]
        known = [self.reading.refuted.get((target, states.get(target, 0)), "") for target in action.failing]
        blind = [
            run.decision.key
            for run in self.reading.woven
            if change in run.members and run.verdict is Verdict.FAILED
        ]
        return next(filter(None, (*alone, *known, *blind)), "")

    def _partners(self, change: ChangeId, action: Return) -> list[ChangeId]:
        """Those that landed since it was gated, and affect what fails."""
        positions = self.reading.positions
        failing = frozenset(action.failing) or positions.keys(change)
        return [
            other
            for other in positions.since(self.reading.bases[change])
            if overlap(positions.keys(other), failing)
        ]

    def _gates(self, gates: Sequence[Gate]) -> Iterator[Decision]:
        """The runs that begin now. What is known already is not asked again: then each head is asked for by itself."""
        free = self.reading.line.slots - len(self.reading.line.running)
        begun: set[str] = set()
        for gate in gates:
            for decision in self._begun(gate):
                if len(begun) < free and decision.key not in begun:
                    begun.add(decision.key)
                    yield decision

    def _one_by_one(self) -> Iterator[Decision]:
        """Where nothing else is to be done, each is gated by itself on the tip, and what that shows holds: so nobody waits for ever."""
        waiting = self.reading.line.waiting
        free = [
            one for one in waiting.values() if not one.held and not any(name in waiting for name in one.after)
        ]
        for one in free[: self.reading.line.slots]:
            [change] = _names([one.id])
            alone = self._run((change,))
            if alone is None or self._may_repeat(alone):
                gate = Gate((change,), (change,), "by itself, as nothing else is under way")
                yield self._weave((change,), (change,), alone, gate)
            elif alone.verdict is Verdict.FAILED and not self.reading.trouble:
                failing = alone.finding.failing if alone.finding else ()
                yield self._returned(
                    Return(change, failing, (), "on the target branch as it stands it fails")
                )

    def _begun(self, gate: Gate) -> Iterator[Decision]:
        members, heads = self._in_order(gate.members), self._in_order(gate.heads)
        known = self._run(members)
        if known is None or self._may_repeat(known):
            yield self._weave(members, heads, known, gate)
        elif known.over:
            for head in heads if len(members) > 1 else ():
                alone = self._run((head,))
                if alone is None or self._may_repeat(alone):
                    yield self._weave((head,), (head,), alone, gate)

    def _in_order(self, names: Sequence[Name]) -> tuple[ChangeId, ...]:
        """As the planner has them, but none before those it comes after."""
        left, found = list(names), list[Name]()
        while left:
            ready = (one for one in left if not set(self.reading.line.waiting[one].after) & set(left))
            one = next(ready, left[0])
            left.remove(one)
            found.append(one)
        return _names(found)

    def _run(self, members: tuple[ChangeId, ...]) -> Woven | None:
        name = candidate_id(self.facts.tip, members)
        return next((run for run in self.reading.woven if run.decision.subject == name), None)

    def _may_repeat(self, run: Woven) -> bool:
        """Whether it came to no verdict, and not too often."""
        nothing_left = run.candidate is not None and run.candidate.commit is None
        no_verdict = run.over and run.verdict is None and not nothing_left
        return no_verdict and not run.is_exhausted(self.facts, self.settings)

    def _weave(
        self, members: tuple[ChangeId, ...], heads: tuple[ChangeId, ...], last: Woven | None, gate: Gate
    ) -> Decision:
        round_ = last.decision.round + 1 if last else 0
        again = f", try {last.tries + 1}" if last else ""
        because = f"on {self.facts.tip[:10]}{again}: {', '.join(members)}; {gate.because}"
        data = {
            "members": list(members),
            "heads": list(heads),
            "onto": self.facts.tip,
            "chance": round(gate.chance, 4),
        }
        name = candidate_id(self.facts.tip, members)
        return Decision(Act.WEAVE, name, because, self.now, self.facts.tip, round_, data)


def _alarm(facts: Facts, run: Woven, now: float) -> Decision:
    failure = facts.failed(run.decision)
    reason = run.finding.because if run.finding else failure.because if failure else "nobody knows why"
    because = f"no verdict on its merge after {run.tries} tries: {reason}"
    return Decision(Act.ALARM, run.decision.subject, because, now, facts.tip, facts.grants(run.members))


def _names(names: Sequence[Name]) -> tuple[ChangeId, ...]:
    return tuple(ChangeId(str(name)) for name in names)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"
