"""The merge queue against a simulated world: whatever arrives, fails, conflicts, crashes or moves the branch.

The world knows the truth (what conflicts as text, what fails together, at which target); the planner sees facts only. Of some
changes it is told what they affect, and that truly; the others count as if they affected everything.
"""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from podium.config.settings import Settings
from podium.landing.carrying_out import candidate_id
from podium.landing.queue import plan, pointless, queued
from podium.landing.woven import STOPPED
from podium.model.attempt import Change
from podium.model.decision import WORK, Act, Decision, Failure
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.queue import Candidate, Conflict, Footprint, Landing
from podium.model.review import Order, Precedence, Wish
from podium.model.task import Kind, Task
from podium.model.verdict import Verdict

SETTINGS = Settings.model_validate({"queue": {"batch": 4}, "gate": {"tries": 2, "slots": 3}})
Cells = frozenset[int]


@dataclass(frozen=True)
class Truth:
    """What is so, whatever anybody knows: the lines a change writes, what it claims for itself, whether it is broken.

    `told`: its gate told what it affects, the targets of its claims and those of `more`; and saw it pass on its base.
    """

    lines: Cells = frozenset()
    claims: Cells = frozenset()
    broken: bool = False
    told: bool = False
    more: Cells = frozenset()

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(f"target{cell}" for cell in sorted(self.claims | self.more)) or ("nothing",)


@dataclass
class World:
    """The branch as it is: what every position holds, and since when each change has known it."""

    positions: list[tuple[str, ...]] = field(default_factory=lambda: [()])
    truths: dict[str, Truth] = field(default_factory=dict)
    seen: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def landed(self) -> tuple[str, ...]:
        return self.positions[-1]

    @property
    def tip(self) -> Sha:
        return Sha(f"tip{len(self.positions)}")

    def conflicts(self, name: str, others: tuple[str, ...]) -> bool:
        """Whether it writes lines that one of `others` wrote without its knowing."""
        unknown = [other for other in others if other not in self.seen[name]]
        return any(self.truths[name].lines & self.truths[other].lines for other in unknown)

    def failing(self, names: tuple[str, ...]) -> set[str]:
        """The targets that fail in a tree: what two claim, and what is broken."""
        claims = Counter(claim for name in names for claim in self.truths[name].claims)
        taken = {f"target{cell}" for cell, number in claims.items() if number > 1}
        return taken | {f"test of {name}" for name in names if self.truths[name].broken}

    def is_green(self, names: tuple[str, ...]) -> bool:
        return not self.failing(names)


def few(most: int) -> st.SearchStrategy[Cells]:
    return st.frozensets(st.integers(0, 5), max_size=most)


known = st.builds(Truth, few(2), few(2), st.just(False), st.just(True), few(1))
unknown = st.builds(Truth, few(2), few(2), st.sampled_from([False, False, False, True]))
truths = st.one_of(known, unknown)
harmless = st.builds(Truth, few(2), st.just(frozenset()), st.just(False))


class MergeQueue(RuleBasedStateMachine):
    """Rules are what may happen to the queue, in any order; the invariants are its promises."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.now = 0.0
        self.changes: dict[ChangeId, Change] = {}
        self.decisions: dict[str, Decision] = {}
        self.findings: dict[str, Finding] = {}
        self.candidates: dict[CandidateId, Candidate] = {}
        self.failures: list[Failure] = []
        self.orders: list[Order] = []
        self.landings: list[Landing] = []
        self.footprints: list[Footprint] = []
        self.tasks: dict[TaskId, Task] = {}
        self.begun: dict[str, Landing] = {}
        self.checkout = ""

    @rule(truth=truths, age=st.integers(0, 2), after=st.sampled_from([False, False, True]))
    def somebody_proposes_a_change(self, truth: Truth, age: int, after: bool) -> None:
        """On a base that may be old; some come after the one before."""
        number = len(self.changes)
        name, task = ChangeId(f"s/{number}@1"), TaskId(f"s/{number}")
        before = (TaskId(f"s/{number - 1}"),) if after and number else ()
        at, base = self._tick(), max(0, len(self.world.positions) - 1 - age)
        self.world.truths[name] = truth
        self.world.seen[name] = frozenset(self.world.positions[base])
        onto = Sha(f"tip{base + 1}")
        if truth.told and not self.world.is_green((*self.world.positions[base], name)):
            return
        self.tasks[task] = Task(task, "s", name, Kind.FIX, after=before)
        self.changes[name] = Change(
            name, task, None, onto, Sha("h"), Tree("t"), (), 1, 0, name, "Ada", at
        )  # fmt: skip
        gate = Decision(Act.GATE, name, "new", at, task)
        if truth.told:
            self.footprints.append(Footprint(name, gate.key, onto, truth.keys, ("so",), at))
        self.findings[gate.key] = Finding(Verdict.PASSED, "passed", at)
        for decision in (gate, Decision(Act.APPROVE, name, "never asked", at, task)):
            self.decisions[decision.key] = decision

    @rule(truth=harmless)
    def somebody_else_commits_to_the_branch(self, truth: Truth) -> None:
        name = f"person{len(self.world.positions)}"
        self.world.truths[name], self.world.seen[name] = truth, frozenset()
        self.world.positions.append((*self.world.landed, name))

    @rule()
    def the_checkout_becomes_dirty_or_clean(self) -> None:
        self.checkout = "" if self.checkout else "a.py has uncommitted changes"

    @rule()
    def the_queue_is_planned(self) -> None:
        facts = self.facts()
        found = plan(facts, SETTINGS, now=self.now)
        assert found == plan(self.facts(), SETTINGS, now=self.now)
        for decision in found:
            if decision.key not in self.decisions:
                self._check(decision, facts, {one.subject for one in found if one.act is Act.SEND_BACK})
                self.decisions[decision.key] = decision

    @precondition(lambda self: self._waiting(Act.WEAVE))
    @rule(
        verdict=st.sampled_from([None, None, None, None, Verdict.COULD_NOT_RUN, Verdict.RAN_NOTHING]),
        which=st.integers(0, 5), named=st.sampled_from([True, True, False]), complete=st.booleans(),
    )  # fmt: skip
    def a_candidate_is_gated(
        self, verdict: Verdict | None, which: int, named: bool = True, complete: bool = True
    ) -> None:
        """In whatever order; what fails may be named or not, and all else judged or not."""
        waiting = self._waiting(Act.WEAVE)
        decision = waiting[which % len(waiting)]
        if pointless(self.facts(), SETTINGS, decision.subject, now=self.now):
            self._fail(decision, STOPPED)
            return
        candidate = self.candidates.get(CandidateId(decision.subject)) or self._build(decision)
        self.candidates[candidate.id] = candidate
        if candidate.commit is None:
            return
        if not set(candidate.members) & set(decision.data["heads"]):
            self._fail(decision, STOPPED)
            return
        members = tuple(str(member) for member in candidate.members)
        failing = tuple(sorted(self.world.failing((*self._landed_at(candidate.onto), *members))))
        told = verdict or (Verdict.FAILED if failing else Verdict.PASSED)
        if told is Verdict.FAILED and named:
            found = Finding(told, "its gate", self._tick(), failing=failing, complete=complete)
        else:
            found = Finding(told, f"its gate: {told}", self._tick(), blind=told is Verdict.FAILED)
        self.findings[decision.key] = found

    @precondition(lambda self: self._waiting(Act.LAND))
    @rule()
    def the_branch_moves_to_a_candidate(self) -> None:
        """The landing is not on record yet: between the two anything may happen."""
        decision = self._waiting(Act.LAND)[0]
        if decision.key in self.begun:
            return
        candidate = self.candidates.get(CandidateId(decision.subject)) or self._build(decision)
        self.candidates[candidate.id] = candidate
        if list(candidate.members) != decision.data["members"]:
            assert "certificate" in decision.data, "what passed its gate merges"
            self._fail(decision, "it does not merge")
            return
        if candidate.onto != self.world.tip or self.checkout:
            self._fail(decision, "the branch moved")
            return
        assert not set(candidate.members) & set(self.world.landed), "landed twice"
        after = (*self.world.landed, *candidate.members)
        assert self.world.is_green(after), "the branch is red"
        self.world.positions.append(after)
        assert candidate.commit
        assert candidate.tree
        self.begun[decision.key] = Landing(
            candidate.id, candidate.commit, candidate.tree, candidate.onto, candidate.members, self._tick(),
            "certificate" in decision.data,
        )  # fmt: skip

    @precondition(lambda self: self.begun)
    @rule()
    def a_landing_is_recorded(self) -> None:
        _key, landing = self.begun.popitem()
        self.landings.append(landing)

    @precondition(lambda self: self._unbegun())
    @rule()
    def work_fails_on_our_side(self) -> None:
        self._fail(self._unbegun()[0], "the machine went down")

    @precondition(lambda self: self._alarmed())
    @rule()
    def a_person_grants_another_round(self) -> None:
        self._order(self._alarmed()[0], Wish.RETRY)

    @precondition(lambda self: self.changes)
    @rule(
        which=st.integers(0, 9), wish=st.sampled_from([Wish.HOLD, Wish.RELEASE, Wish.PRIORITY, Wish.URGENT])
    )
    def a_person_meddles_with_the_order(self, which: int, wish: Wish) -> None:
        self._order(sorted(self.changes)[which % len(self.changes)], wish)

    @invariant()
    def no_more_runs_than_there_are_slots_and_one_landing_at_a_time(self) -> None:
        assert len(self._waiting(Act.WEAVE)) <= SETTINGS.gate.slots
        assert len(self._waiting(Act.LAND)) <= 1

    def teardown(self) -> None:
        """Left in peace, the queue drains: every change lands or goes back."""
        self.checkout = ""
        for name in self.changes:
            self._order(name, Wish.RELEASE)
        for _ in range(40 * (len(self.changes) + 1)):
            if not queued(self.facts()) and not self._alarmed() and not self.begun:
                break
            self._go_on()
        assert not queued(self.facts())
        for name in self.changes:
            assert name in self.world.landed or f"send-back:{name}" in self.decisions

    def _go_on(self) -> None:
        if self.begun:
            self.a_landing_is_recorded()
        if self._alarmed():
            self.a_person_grants_another_round()
        if self._waiting(Act.WEAVE):
            self.a_candidate_is_gated(None, 0)
        if self._waiting(Act.LAND):
            self.the_branch_moves_to_a_candidate()
        self.the_queue_is_planned()

    def facts(self) -> Facts:
        """What the store would show: history is left out, as `store/snapshot.py` leaves it out."""
        landed = {member for landing in self.landings for member in landing.members}
        recorded = {landing.candidate for landing in self.landings}

        done = {self.changes[name].task for name in landed}
        live = {
            candidate
            for decision in self.decisions.values()
            if decision.act is Act.WEAVE
            and any(
                name not in landed and f"{Act.SEND_BACK}:{name}" not in self.decisions
                for name in decision.data["members"]
            )
            for candidate in (decision.subject,)
        }

        def in_scope(one: Decision | Failure) -> bool:
            if one.act is Act.LAND:
                return one.subject not in recorded
            about = one.act is Act.WEAVE and one.subject in live
            return one.scope == self.world.tip or ("/" in one.scope and one.scope not in done) or about

        return Facts(
            tip=self.world.tip,
            checkout=self.checkout,
            tasks={name: task for name, task in self.tasks.items() if name not in done},
            changes={name: change for name, change in self.changes.items() if name not in landed},
            landings=tuple(self.landings),
            footprints=tuple(self.footprints),
            decisions={key: decision for key, decision in self.decisions.items() if in_scope(decision)},
            findings={
                key: finding for key, finding in self.findings.items() if in_scope(self.decisions[key])
            },
            failures=tuple(failure for failure in self.failures if in_scope(failure)),
            orders=tuple(self.orders),
            candidates={
                name: found
                for name, found in self.candidates.items()
                if found.onto == self.world.tip or name in live
            },
        )

    def _check(self, decision: Decision, facts: Facts, returned: set[str]) -> None:
        assert decision.because
        if decision.act is Act.WEAVE:
            members = decision.data["members"]
            assert members
            assert set(decision.data["heads"]) <= set(members)
            assert decision.subject == candidate_id(facts.tip, members)
        if decision.act is Act.LAND:
            gate = facts.finding(Act.WEAVE, decision.subject)
            passed = gate is not None and gate.verdict is Verdict.PASSED
            assert "certificate" in decision.data or passed, (
                "the job looks for the evidence under its own name"
            )
            for place, name in enumerate(decision.data["members"]):
                assert not facts.precedences.get(self._task(name), Precedence()).held
                before = self.tasks[self._task(name)].after
                first = {other for other in facts.changes if self._task(other) in before}
                waiting = first & {change.id for change in queued(facts)} - returned
                assert waiting <= set(decision.data["members"][:place]), "it comes after them"
        if decision.act is Act.SEND_BACK:
            on_tip = self.world.landed
            own_fault = self.world.conflicts(decision.subject, on_tip) or not self.world.is_green(
                (*on_tip, decision.subject)
            )
            assert own_fault, f"{decision.subject} goes back for a neighbour's fault: {decision.because}"

    def _build(self, decision: Decision) -> Candidate:
        onto = Sha(decision.data["onto"])
        landed = self._landed_at(onto)
        members: list[ChangeId] = []
        conflicts: list[Conflict] = []
        for name in decision.data["members"]:
            if self.world.conflicts(name, landed):
                conflicts.append(Conflict(name, ("a.py",), Tree("t")))
            elif self.world.conflicts(name, tuple(members)):
                conflicts.append(Conflict(name, ("a.py",), Tree("t"), partner=", ".join(members)))
            else:
                members.append(name)
        commit = Sha(f"commit of {decision.subject}") if members else None
        tree = Tree(f"tree of {decision.subject}") if members else None
        return Candidate(
            CandidateId(decision.subject), onto, tuple(members), commit, tree, tuple(conflicts), self._tick()
        )  # fmt: skip

    def _landed_at(self, tip: Sha) -> tuple[str, ...]:
        return self.world.positions[int(tip.removeprefix("tip")) - 1]

    def _waiting(self, act: Act) -> list[Decision]:
        """The work that was asked for and has come to nothing yet."""
        failed = {(failure.act, failure.subject, failure.round) for failure in self.failures}
        recorded = {landing.candidate for landing in self.landings}
        return [
            decision
            for decision in self.decisions.values()
            if decision.act is act
            and decision.key not in self.findings
            and decision.subject not in recorded
            and (act, decision.subject, decision.round) not in failed
            and not (act is Act.WEAVE and self._is_empty(decision.subject))
        ]

    def _is_empty(self, subject: str) -> bool:
        known = self.candidates.get(CandidateId(subject))
        return known is not None and known.commit is None

    def _unbegun(self) -> list[Decision]:
        return [one for act in sorted(WORK) for one in self._waiting(act) if one.key not in self.begun]

    def _alarmed(self) -> list[ChangeId]:
        facts = self.facts()
        return [
            name for name in facts.changes if name in facts.stuck_in_queue and name not in self.world.landed
        ]

    def _task(self, name: str) -> TaskId:
        return TaskId(name.partition("@")[0])

    def _order(self, name: str, wish: Wish) -> None:
        self.orders.append(Order(self._task(name), wish, "", "Ada", self._tick()))

    def _fail(self, decision: Decision, because: str) -> None:
        self.failures.append(
            Failure(decision.act, decision.subject, decision.round, because, self._tick(), decision.scope)
        )

    def _tick(self) -> float:
        self.now += 1.0
        return self.now


TestMergeQueue = MergeQueue.TestCase
TestMergeQueue.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
