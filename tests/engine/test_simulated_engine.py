"""Any outcome of any job, and people who do what they may at any moment: everything ends, and nothing twice."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from simulation import World, succeed, task, work_through

from podium.engine.decide import trouble_with_target
from podium.model.attempt import End
from podium.model.decision import Act
from podium.model.ids import TaskId
from podium.model.progress import State, progress_of_change
from podium.model.review import Answer, Wish
from podium.model.task import Task
from podium.model.verdict import Verdict

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
ENDS = st.sampled_from([End.PRODUCED] * 5 + [End.NO_CHANGE, End.CRASHED, End.TIMED_OUT, End.REFUSED])
REVIEW = st.sampled_from(["never", "always", "risky"])


@st.composite
def configurations(draw: st.DrawFn) -> str:
    return (
        f"[limits]\nagents = {draw(st.integers(1, 3))}\nattempts = {draw(st.integers(1, 2))}\nwaiting_reviews = 2\n"
        f"[gate]\ntries = {draw(st.integers(1, 2))}\n[queue]\nbatch = {draw(st.integers(1, 4))}\n"
        f'[policy]\nreview = "{draw(REVIEW)}"\n'
    )


class Engine(RuleBasedStateMachine):
    """Jobs end anyhow, in any order; people interfere."""

    sound = False
    """Whether there is a world, and every step of it was legal."""

    @initialize(graph=st.sampled_from(GRAPHS), configuration=configurations())
    def begin(self, graph: tuple[Task, ...], configuration: str) -> None:
        self.world = World.of(graph, configuration)
        self.before: dict[str, State] = {}
        self.agents = self.world.settings.limits.agents
        self.world.watch = self.look
        self.pushes = self.submitted = 0
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
        self.sound = True

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
            self.world.end_attempt(job, data.draw(ENDS))
        elif job.act is Act.WEAVE:
            self.world.weave(job, data.draw(VERDICTS), conflicts=self.conflicts(data, job.data["members"]))
        elif job.act is Act.LAND:
            self.world.land(job)
        else:
            self.world.find(job, data.draw(VERDICTS))
        self.world.advance()

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
