"""Any outcome of any job, and people who do what they may at any moment: everything ends, and nothing twice."""

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from podium.base.digest import digest
from podium.engine.decide import trouble_with_target
from podium.model.attempt import Attempt, End
from podium.model.checking import Word
from podium.model.decision import Act, Decision
from podium.model.ids import AttemptId, ChangeId, TaskId
from podium.model.progress import State, progress_of_change
from podium.model.review import Answer, Wish
from podium.model.task import Task
from podium.model.usage import Usage
from podium.model.verdict import Verdict
from simulation import World, succeed, task, work_through

REST = {State.LANDED, State.REFUSED, State.REVIEW, State.ALARM, State.CANCELLED, State.BLOCKED}
"""Where a task may stay for good when nobody does anything."""
LEGAL = {
    State.WAITING: {State.READY, State.BLOCKED, State.CANCELLED, State.GATING},
    State.READY: {State.RUNNING, State.REFUSED, State.CANCELLED, State.GATING},
    State.RUNNING: {State.GATING, State.READY, State.ALARM, State.CANCELLED},
    State.GATING: {
        State.REVIEW,
        State.QUEUED,
        State.READY,
        State.ALARM,
        State.CANCELLED,
        State.WAITING,
        State.BLOCKED,
    },
    State.REVIEW: {State.QUEUED, State.READY, State.REFUSED, State.CANCELLED, State.WAITING, State.BLOCKED},
    State.QUEUED: {State.LANDED, State.READY, State.ALARM, State.CANCELLED, State.WAITING, State.BLOCKED},
    State.ALARM: {State.RUNNING, State.GATING, State.QUEUED, State.CANCELLED},
    State.REFUSED: {State.READY, State.WAITING, State.BLOCKED, State.CANCELLED, State.GATING},
    State.BLOCKED: {State.WAITING, State.READY, State.CANCELLED, State.GATING},
    State.CANCELLED: set(State) - {State.SENT_BACK, State.ALARM, State.REFUSED, State.LANDED},
    State.LANDED: set(),
}
"""The moves of `model/progress.py`. To `gating` from everywhere: work for the task was submitted. From the road back to
`waiting` or `blocked`: work was submitted before what the task comes after had landed, and did not make it."""
GRAPHS = (
    (task("1"), task("2"), task("3"), task("4")),
    (task("1"), task("2", "1"), task("3", "2"), task("4")),
    (task("1"), task("2"), task("3", "1", "2"), task("4", "3")),
    (task("1", done=True), task("2", "1"), task("3", "2"), task("4", "2")),
)
VERDICTS = st.sampled_from(
    [Verdict.PASSED] * 4 + [Verdict.FAILED] * 2 + [Verdict.COULD_NOT_RUN, Verdict.RAN_NOTHING]
)
ENDS = st.sampled_from(
    [End.PRODUCED] * 5
    + [End.NO_CHANGE, End.CRASHED, End.CRASHED, End.TIMED_OUT, End.REFUSED, End.OVER_BUDGET]
)
SIGNATURES = st.sampled_from(["", "one", "one", "another"])
COSTS = st.none() | st.sampled_from([0.0, 0.3, 1.0, 4.0])
ONE_CALL_USD = 0.5
"""What an agent may use beyond what it is allowed, before it is stopped."""
DAY_S = 24 * 3600.0
NEARLY = 1e-6
REVIEW = st.sampled_from(["never", "always", "risky"])
CHECKERS = st.sampled_from(["", '"codex"', '"sed"'])


@st.composite
def configurations(draw: st.DrawFn) -> str:
    return (
        f"[limits]\nagents = {draw(st.integers(1, 3))}\nattempts = {draw(st.integers(1, 5))}\nwaiting_reviews = 2\n"
        f"[gate]\ntries = {draw(st.integers(1, 2))}\n[queue]\nbatch = {draw(st.integers(1, 4))}\n"
        f'[policy]\nreview = "{draw(REVIEW)}"\n'
        f"[policy.checker]\nagents = [{draw(CHECKERS)}]\napproves_below = 30\n" + draw(budgets())
    )


@st.composite
def budgets(draw: st.DrawFn) -> str:
    names = draw(st.sets(st.sampled_from(["task_usd", "spec_usd", "day_usd"])))
    return "[budget]\n" + "".join(f"{name} = {draw(st.integers(1, 9))}\n" for name in sorted(names))


class Engine(RuleBasedStateMachine):
    """Jobs end anyhow, in any order; people interfere."""

    sound = False
    """Whether there is a world, and every step of it was legal."""

    @initialize(
        graph=st.sampled_from(GRAPHS), configuration=configurations(), parts=st.sampled_from([0, 0, 2, 5])
    )
    def begin(self, graph: tuple[Task, ...], configuration: str, parts: int) -> None:
        """With `parts`, each change affects one of so many targets."""
        self.world = World.of(graph, configuration)
        if parts:
            self.world.affects = lambda change: (f"target{int(digest(change)[:8], 16) % parts}",)
        self.before: dict[str, State] = {}
        self.agents = self.world.settings.limits.agents
        self.world.watch = self.look
        self.pushes = self.submitted = self.days = 0
        self.begun: set[AttemptId] = set()
        self.failures: dict[AttemptId, str] = {}
        self.world.advance()

    def look(self, world: World, what: str) -> None:
        """Every single step is a legal move."""
        now = world.states()
        self.sound = False
        for name, state in now.items():
            before = self.before.get(name, state)
            assert state is before or state in LEGAL[before], f"{name}: {before} → {state} after {what}"
        self.before = now
        starts = [one for one in world.jobs if one.act is Act.ATTEMPT]
        running = [one for one in now.values() if one is State.RUNNING]
        assert what != "decided" or not starts or len(running) <= self.most_running(world)
        fresh = [one for one in world.attempts.values() if one.id not in self.begun]
        self.begun |= {one.id for one in fresh}
        if what == "decided" and fresh:
            self.within_budgets(world, fresh)
            for one in fresh:
                self.no_fourth_try(world, one)
        self.sound = True

    def within_budgets(self, world: World, fresh: list[Attempt]) -> None:
        """What runs may not use more than what is left, even if all of it is used."""
        budget, facts = world.settings.budget, world.facts()
        open_ones = [
            one
            for one in facts.attempts
            if one.id not in facts.ends and facts.attempts_of[one.task][-1] == one
        ]
        dead = {one.subject for one in facts.failures if one.act is Act.ATTEMPT}
        allowed = sum(self.allowed(one) for one in open_ones if one.id not in dead)
        ends = world.ends.values()
        if budget.day_usd or budget.spec_usd or budget.task_usd:
            assert all(self.allowed(one) > 0 for one in fresh), "nothing starts with nothing"
        if budget.day_usd:
            spent = sum(end.cost_usd or 0.0 for end in ends if end.at > world.now - DAY_S)
            assert spent + allowed <= budget.day_usd + NEARLY
        if budget.spec_usd:
            assert sum(end.cost_usd or 0.0 for end in ends) + allowed <= budget.spec_usd + NEARLY
        for one in fresh if budget.task_usd else ():
            spent = sum(end.cost_usd or 0.0 for end in ends if world.attempts[end.attempt].task == one.task)
            granted = budget.task_usd * (1 + facts.retries.get(one.task, 0))  # type: ignore[operator]  # it is set here
            assert spent + self.allowed(one) <= granted + NEARLY

    def allowed(self, attempt: Attempt) -> float:
        return (attempt.allowance.cost_usd if attempt.allowance else None) or 0.0

    def no_fourth_try(self, world: World, attempt: Attempt) -> None:
        """What failed in the same way three times is not tried again before a person says so."""
        words = [one.at for one in world.orders if one.subject == attempt.task and one.wish is Wish.RETRY]
        since = max(words, default=0.0)
        before = [one for one in world.attempts.values() if one.task == attempt.task and one.at >= since]
        failed = Counter(self.failures[one.id] for one in before if one.id in self.failures)
        assert max(failed.values(), default=0) < 3, f"{attempt.id} is one try too many: {failed}"

    def most_running(self, world: World) -> int:
        """A retry takes an alarmed attempt up again, whatever else runs by then."""
        return self.agents + sum(order.wish is Wish.RETRY for order in world.orders)

    @precondition(lambda self: self.world.jobs)
    @rule(data=st.data())
    def a_job_ends(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.world.jobs))
        if data.draw(st.integers(0, 9)) == 9:
            self.world.fail(job)
        elif job.act is Act.ATTEMPT:
            self.end_attempt(job, data.draw(ENDS), data.draw(COSTS))
        elif job.act is Act.CHECK:
            self.world.judge(job, data.draw(st.sampled_from(Word)))
        elif job.act is Act.WEAVE:
            self.world.weave(job, data.draw(VERDICTS), conflicts=self.conflicts(data, job.data["members"]))
        elif job.act is Act.LAND:
            self.world.land(job)
        else:
            self.end_gate(job, data.draw(VERDICTS), data.draw(SIGNATURES))
        self.world.advance()

    def end_attempt(self, job: Decision, end: End, used: float | None) -> None:
        """It uses no more than it may, but for its last call."""
        attempt = self.world.attempts[AttemptId(job.subject)]
        most = (self.allowed(attempt) or used or 0.0) + ONE_CALL_USD
        cost_usd = None if used is None else min(used, most)
        self.world.end_attempt(job, end, Usage(cost_usd=cost_usd))
        ended = self.world.ends[attempt.id].end
        if ended not in {End.PRODUCED, End.CANCELLED}:
            self.failures[attempt.id] = ended

    def end_gate(self, job: Decision, verdict: Verdict, signature: str) -> None:
        self.world.find(job, verdict, signature=signature)
        change = self.world.changes.get(ChangeId(job.subject))
        if change and change.attempt and verdict is Verdict.FAILED and signature:
            self.failures[change.attempt] = signature

    def conflicts(self, data: st.DataObject, members: list[str]) -> dict[str, str]:
        """Some conflict with the tip, some, if anything is ahead of them, with that."""
        with_tip = data.draw(st.sets(st.sampled_from(members)))
        ahead = [name for name in members if name not in with_tip]
        with_ahead = data.draw(st.sets(st.sampled_from(ahead[1:]))) if ahead[1:] else set()
        return dict.fromkeys(sorted(with_tip), "") | dict.fromkeys(sorted(with_ahead), "the one ahead")

    @precondition(lambda self: self.world.jobs)
    @rule(number=st.sampled_from([8, 4, 2, 1]), which=st.integers(0, 3))
    def all_goes_well(self, number: int, which: int) -> None:
        """For a while, jobs end well, in some order."""
        for _ in range(number):
            if self.world.jobs:
                succeed(self.world, self.world.jobs[which % len(self.world.jobs)])
                self.world.advance()

    @precondition(lambda self: self.world.jobs)
    @rule(number=st.sampled_from([16, 8, 4]), end=st.sampled_from([End.PRODUCED, End.CRASHED]), used=COSTS)
    def all_goes_badly(self, number: int, end: End, used: float | None) -> None:
        """For a while, attempts end in the same way, and gates find the same failure in every change."""
        for _ in range(number):
            job = next((one for one in self.world.jobs if one.act in {Act.ATTEMPT, Act.GATE}), None)
            if job is None:
                return
            if job.act is Act.ATTEMPT:
                self.end_attempt(job, end, used)
            else:
                self.end_gate(job, Verdict.FAILED, "one")
            self.world.advance()

    @rule(data=st.data(), answer=st.sampled_from(Answer))
    def a_person_answers(self, data: st.DataObject, answer: Answer) -> None:
        facts = self.world.facts()
        waits = [
            one.id for one in facts.changes.values() if progress_of_change(facts, one).state is State.REVIEW
        ]
        if not waits:
            return
        self.world.answer(data.draw(st.sampled_from(waits)), answer)
        self.world.advance()

    @rule(data=st.data())
    def a_person_cancels(self, data: st.DataObject) -> None:
        allowed = {name: one.state for name, one in self.world.progress().items()}
        over = {State.LANDED, State.CANCELLED}
        subjects = [name for name, state in allowed.items() if state not in over]
        if not subjects:
            return
        self.world.order(data.draw(st.sampled_from(subjects)), Wish.CANCEL)
        self.world.advance()

    @rule(data=st.data())
    def a_person_retries(self, data: st.DataObject) -> None:
        states = {name: one.state for name, one in self.world.progress().items()}
        ended = [
            name for name, state in states.items() if state in {State.REFUSED, State.ALARM, State.CANCELLED}
        ]
        if not ended:
            return
        self.world.order(data.draw(st.sampled_from(ended)), Wish.RETRY)
        self.world.advance()

    @rule(data=st.data())
    def a_person_submits_work_for_a_task(self, data: st.DataObject) -> None:
        takes = {State.WAITING, State.READY, State.BLOCKED, State.REFUSED, State.ALARM, State.CANCELLED}
        states = {name: one.state for name, one in self.world.progress().items()}
        names = [name for name, state in states.items() if state in takes]
        if not names:
            return
        self.world.submit(to=TaskId(data.draw(st.sampled_from(names))))
        self.world.advance()

    @precondition(lambda self: self.days < 2)
    @rule(part=st.sampled_from([0.5, 1.0]))
    def time_passes(self, part: float) -> None:
        self.days += 1
        self.world.pass_time(part * DAY_S)
        self.world.advance()

    @precondition(lambda self: self.submitted < 2)
    @rule()
    def a_person_submits_a_branch(self) -> None:
        self.submitted += 1
        self.world.submit(f"submit:topic:{self.submitted}")
        self.world.advance()

    @precondition(lambda self: self.pushes < 3)
    @rule()
    def somebody_pushes(self) -> None:
        self.pushes += 1
        self.world.push()
        self.world.advance()

    @rule(why=st.sampled_from(["", "the checkout is dirty"]))
    def the_checkout_changes(self, why: str) -> None:
        self.world.hold_checkout(why)
        self.world.advance()

    @rule(obstructed=st.booleans())
    def something_lies_in_the_way(self, obstructed: bool) -> None:
        self.world.obstructed = obstructed

    @rule()
    def the_target_is_tried_again(self) -> None:
        if trouble_with_target(self.world.facts()):
            self.world.order(self.world.tip, Wish.RETRY)
            self.world.advance()

    @invariant()
    def nothing_more_is_decided(self) -> None:
        if self.sound:
            assert not self.world.plan().decisions

    def teardown(self) -> None:
        """Left alone, with everything going well from now on, it comes to rest."""
        if not self.sound:
            return
        world = self.world
        world.hold_checkout("")
        work_through(world)
        if trouble_with_target(world.facts()):
            return
        for name, progress in world.progress().items():
            held = world.plan().held.get(name)
            waits_for_people = progress.state is State.WAITING and self.waits_for_people(name)
            assert progress.state in REST or held or waits_for_people, f"{name} is stuck: {progress}"
        for change in world.facts().changes.values():
            state = progress_of_change(world.facts(), change).state
            assert state in REST | {State.SENT_BACK}, f"{change.id} is stuck: {state}"

    def waits_for_people(self, name: TaskId) -> bool:
        """Whether something it comes after, however far back, waits for a person."""
        progress = self.world.progress()
        waited_for = [one for one in self.world.tasks[name].after if one in progress]
        return any(
            progress[one].state in {State.REVIEW, State.ALARM}
            or one in self.world.plan().held
            or self.waits_for_people(one)
            for one in waited_for
        )


Engine.TestCase.settings = settings(
    max_examples=120, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestEngine = Engine.TestCase
