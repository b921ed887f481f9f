"""The journal as a whole: any facts, in any order, told any number of times."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from shelf import open_store
from universe import OTHER_TIP, TASKS, TIP, facts, scope_of, tasks

from podium.model.attempt import Change
from podium.model.event import Event
from podium.model.evidence import Evidence
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.progress import State, progress_of_tasks
from podium.model.queue import Landing
from podium.model.spec import Spec
from podium.model.task import Task
from podium.store.records import Fact
from podium.store.store import Store

OF_A_TASK = frozenset(State) - {State.SENT_BACK}
"""Every state but the one that only a change can be in."""


class Journal(RuleBasedStateMachine):
    """Two stores hear the same facts; one hears each of them again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="journal-"))
        self.once, self.often = (open_store(self.directory / name) for name in ("once", "often"))
        self.told: list[Fact] = []
        self.seen: list[Event] = []
        self.landed: set[TaskId] = set()

    @rule(wanted=tasks())
    def a_spec_is_taken_in(self, wanted: Task) -> None:
        for store, times in ((self.once, 1), (self.often, 3)):
            for _ in range(times):
                with store.transaction() as transaction:
                    transaction.define(Spec("s", "s.md", "d", "title", "why", (), (wanted,)), at=1.0)

    @rule(several=st.lists(facts, min_size=1, max_size=6))
    def facts_are_told(self, several: list[Fact]) -> None:
        self.tell(self.once, several)
        self.tell(self.often, several)
        self.told += several

    @rule(data=st.data())
    def old_facts_are_told_again(self, data: st.DataObject) -> None:
        if self.told:
            self.tell(self.often, data.draw(st.lists(st.sampled_from(self.told), max_size=6)))

    @rule(task=st.sampled_from(TASKS), times=st.integers(1, 3))
    def a_task_lands(self, task: TaskId, times: int) -> None:
        if task in self.landed:
            return
        self.landed.add(task)
        change = Change(ChangeId(f"{task}@1"), task, None, TIP, TIP, Tree("t"), (), 0, 0, "", "", 1.0)
        landing = Landing(CandidateId(f"c {task}"), Sha(f"commit {task}"), Tree("t"), TIP, (change.id,), 2.0)
        for store, often in ((self.once, 1), (self.often, times)):
            for _ in range(often):
                with store.transaction() as transaction:
                    transaction.land(landing, [change], {})

    def tell(self, store: Store, several: list[Fact]) -> None:
        with store.transaction() as transaction:
            for fact in several:
                transaction.write(fact, scope=scope_of(fact) if isinstance(fact, Evidence) else "")

    @invariant()
    def repeating_a_fact_changes_nothing(self) -> None:
        for tip in (TIP, OTHER_TIP):
            assert self.once.facts(tip, now=1.0) == self.often.facts(tip, now=1.0)

    @invariant()
    def history_only_grows(self) -> None:
        events = self.often.events()
        assert events[: len(self.seen)] == self.seen
        assert [event.seq for event in events] == sorted({event.seq for event in events})
        assert self.often.last_event() == (events[-1].seq if events else 0)
        assert [(event.kind, event.subject) for event in events] == [
            (event.kind, event.subject) for event in self.once.events()
        ]
        self.seen = events

    @invariant()
    def every_open_task_is_doing_just_one_thing(self) -> None:
        known: Facts = self.often.facts(TIP, now=1.0)
        progress = progress_of_tasks(known)
        assert progress.keys() == known.tasks.keys()
        assert {one.state for one in progress.values()} <= OF_A_TASK
        assert all(one.because for one in progress.values() if one.state in {State.WAITING, State.READY})
        assert self.landed == known.landed_tasks
        assert not self.landed & known.tasks.keys()

    def teardown(self) -> None:
        for store in (self.once, self.often):
            store.close()
        shutil.rmtree(self.directory)


Journal.TestCase.settings = settings(
    max_examples=12, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
)
TestJournal = Journal.TestCase
