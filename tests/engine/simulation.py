"""A world without git, database or processes: facts in dictionaries, and jobs that end as a test says.

Decisions are applied as the engine applies them, and what has landed leaves the facts as it leaves the store's snapshot.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from podium.base.digest import digest
from podium.config.settings import Settings
from podium.engine.decide import Plan, decide
from podium.landing.queue import pointless
from podium.landing.woven import STOPPED
from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.checking import Judgment, Word
from podium.model.decision import WORK, Act, Decision, Failure
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree, attempt_id
from podium.model.past import Past, Spell, spending
from podium.model.progress import Progress, State, progress_of_change, progress_of_tasks
from podium.model.queue import REUSE, Candidate, Conflict, Footprint, Landing
from podium.model.review import Answer, Order, Review, Wish
from podium.model.task import Kind, Task
from podium.model.usage import Usage
from podium.model.verdict import Verdict

CONFIG = """
[agents.sed]
command = ["true"]
"""
LONGEST_CHAIN = 32
"""More rounds of deciding than this without new facts would be a loop."""


def settings(text: str = "") -> Settings:
    return Settings.model_validate(tomllib.loads(CONFIG + text))


def task(name: str, *after: str, done: bool = False) -> Task:
    return Task(
        TaskId(f"s/{name}"),
        "s",
        f"task {name}",
        Kind.FIX,
        after=tuple(TaskId(f"s/{one}") for one in after),
        done=done,
    )


def sha(*parts: object) -> Sha:
    return Sha(digest([str(part) for part in parts])[:40])


UNKNOWN = Usage()
NO_CONFLICTS: Mapping[str, str] = {}
Watch = Callable[["World", str], None]


@dataclass
class World:
    """All that happened. `watch` sees the world after each single thing that happens, with its name."""

    tasks: dict[TaskId, Task]
    settings: Settings
    watch: Watch = lambda _world, _what: None
    tip: Sha = field(default_factory=lambda: sha("first"))
    checkout: str = ""
    obstructed: bool = False
    """A file of the person's is in the way of whatever lands; nobody sees it before."""
    now: float = 1000.0
    landed_tasks: set[TaskId] = field(default_factory=set)
    landed: list[ChangeId] = field(default_factory=list)
    attempts: dict[AttemptId, Attempt] = field(default_factory=dict)
    ends: dict[AttemptId, AttemptEnd] = field(default_factory=dict)
    changes: dict[ChangeId, Change] = field(default_factory=dict)
    findings: dict[str, tuple[str, Finding]] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    judgments: dict[ChangeId, Judgment] = field(default_factory=dict)
    reviews: dict[ChangeId, Review] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    candidates: dict[CandidateId, Candidate] = field(default_factory=dict)
    failures: dict[tuple[str, str, int], Failure] = field(default_factory=dict)
    landings: list[Landing] = field(default_factory=list)
    footprints: list[Footprint] = field(default_factory=list)
    affects: Callable[[ChangeId], tuple[str, ...]] = lambda _change: ()
    """What each change affects, as its gate will tell; everything, where nothing is said."""
    recorded: set[str] = field(default_factory=set)
    """The candidates whose landing is on record."""
    jobs: list[Decision] = field(default_factory=list)
    """Work that was decided and has not ended."""

    @classmethod
    def of(cls, tasks: Iterable[Task], configuration: str = "") -> "World":
        return cls({one.id: one for one in tasks}, settings(configuration))

    def facts(self) -> Facts:
        open_changes = {
            name: change
            for name, change in self.changes.items()
            if name not in self.landed and change.task not in self.landed_tasks
        }
        return Facts(
            tip=self.tip,
            checkout=self.checkout,
            tasks={name: one for name, one in self.tasks.items() if name not in self.landed_tasks},
            landed_tasks=frozenset(self.landed_tasks),
            attempts=tuple(one for one in self.attempts.values() if one.task not in self.landed_tasks),
            ends={
                name: end
                for name, end in self.ends.items()
                if self.attempts[name].task not in self.landed_tasks
            },
            changes=open_changes,
            findings={
                key: found
                for key, (scope, found) in self.findings.items()
                if self._in_scope(scope) or self._is_live(key.split(":")[1])
            },
            decisions={key: one for key, one in self.decisions.items() if self._is_about_now(one)},
            judgments={name: one for name, one in self.judgments.items() if name in open_changes},
            reviews={name: one for name, one in self.reviews.items() if name in open_changes},
            orders=tuple(order for order in self.orders if order.subject not in self.landed_tasks),
            candidates={
                name: one
                for name, one in self.candidates.items()
                if one.onto == self.tip or self._is_live(name) or self._lands(name)
            },
            landings=tuple(self.landings),
            footprints=tuple(self.footprints),
            failures=tuple(one for one in self.failures.values() if self._is_about_now(one)),
            past=tuple(
                self._past(one) for one in self.ends.values() if self._task(one).id in self.landed_tasks
            ),
            recent=tuple(Spell(one.at, spending(one)) for one in self.ends.values()),
        )

    def progress(self) -> dict[TaskId, Progress]:
        return progress_of_tasks(self.facts())

    def states(self) -> dict[str, State]:
        """What every task is doing, by the name its spec gives it; what landed included."""
        found = {name.removeprefix("s/"): one.state for name, one in self.progress().items()}
        return found | {name.removeprefix("s/"): State.LANDED for name in self.landed_tasks}

    def plan(self) -> Plan:
        return decide(self.facts(), self.settings, now=self.now)

    def advance(self) -> list[Decision]:
        """Decide and apply until nothing new is decided."""
        taken: list[Decision] = []
        for _ in range(LONGEST_CHAIN):
            plan = self.plan()
            if not plan.decisions:
                return taken
            for attempt in plan.attempts:
                self.attempts[attempt.id] = attempt
            for decision in plan.decisions:
                self._take(decision)
            taken += plan.decisions
            self._happened("decided")
            if all(decision.act in WORK for decision in plan.decisions):
                return taken
        raise AssertionError(f"no end to deciding: {taken[-1]}")

    def job(self, act: Act, subject: str = "") -> Decision:
        """The job of this kind that is waiting to be done."""
        found = [job for job in self.jobs if job.act is act and (not subject or job.subject == subject)]
        assert found, f"no {act} {subject} among {[job.key for job in self.jobs]}"
        return found[0]

    def fail(self, job: Decision, because: str = "the disk is full") -> None:
        """The job ends without having established anything."""
        self._done(job)
        failure = Failure(job.act, job.subject, job.round, because, self._tick(), job.scope)
        self.failures[(failure.act, failure.subject, failure.round)] = failure
        self._happened(f"failed {job.key}")

    def end_attempt(self, job: Decision, end: End = End.PRODUCED, used: Usage = UNKNOWN) -> None:
        self._done(job)
        attempt = self.attempts[AttemptId(job.subject)]
        cancelled = self.facts().latest_order.get(attempt.task)
        end = End.CANCELLED if cancelled and cancelled.wish is Wish.CANCEL else end
        self._end(attempt, end, used)
        self._happened(f"{attempt.id} {end}")

    def find(
        self, job: Decision, verdict: Verdict, because: str = "a test failed", signature: str = ""
    ) -> None:
        """A gate comes to a verdict."""
        self._done(job)
        change = ChangeId(job.subject)
        keys = self.affects(change) if job.act is Act.GATE else ()
        if keys:
            base = self.changes[change].base
            self.footprints.append(Footprint(change, job.key, base, keys, ("it says so",), self._tick()))
        self._find(job, verdict, because, signature)
        self._happened(f"{job.key} {verdict}")

    def judge(self, job: Decision, word: Word, because: str = "I read it") -> None:
        """A checker comes to a judgment."""
        self._done(job)
        change = ChangeId(job.subject)
        self.judgments[change] = Judgment(change, job.data["agent"], word, because, self._tick())
        self._happened(f"{job.key} {word}")

    def weave(
        self,
        job: Decision,
        verdict: Verdict = Verdict.PASSED,
        *,
        conflicts: Mapping[str, str] = NO_CONFLICTS,
        because: str = "a test failed",
        failing: tuple[str, ...] = (),
        complete: bool = False,
    ) -> None:
        """A candidate is built, without those that conflict, and gated if anything is left for which it was started."""
        if pointless(self.facts(), self.settings, job.subject, now=self.now):
            self.fail(job, STOPPED)
            return
        name = CandidateId(job.subject)
        members = tuple(ChangeId(one) for one in job.data["members"])
        left_out = tuple(
            Conflict(one, ("calc.py",), Tree("t"), conflicts[one]) for one in members if one in conflicts
        )
        merged = tuple(one for one in members if one not in conflicts)
        commit = sha(job.data["onto"], *merged) if merged else None
        tree = Tree(f"tree {commit}") if commit else None
        self.candidates[name] = Candidate(
            name, Sha(job.data["onto"]), merged, commit, tree, left_out, self._tick()
        )
        self._happened(f"built {name}")
        self.advance()
        if merged and not set(merged) & set(job.data["heads"]):
            self.fail(job, STOPPED)
            return
        self._done(job)
        if merged:
            self._find(job, verdict, because, failing=failing, complete=complete)
        self._happened(f"{job.key} {verdict}")

    def land(self, job: Decision) -> bool:
        """Land a candidate by compare-and-swap; somebody else's push in between makes it fail."""
        candidate = self._candidate_of(job)
        called_off = any(self._is_called_off(self.changes[name]) for name in candidate.members)
        if candidate.onto != self.tip or self.checkout or self.obstructed or called_off:
            self.fail(job, self.checkout or "it is not possible now")
            return False
        assert candidate.commit
        self.tip = candidate.commit
        self._happened("the branch moved, and nobody knows yet")
        self.advance()
        self._done(job)
        self.recorded.add(candidate.id)
        composed = "certificate" in job.data
        self.landings.append(
            Landing(
                candidate.id,
                candidate.commit,
                Tree("t"),
                candidate.onto,
                candidate.members,
                self._tick(),
                composed,
            )
        )
        for name in candidate.members:
            self._land_one(self.changes[name])
        self._happened(f"landed {candidate.id}")
        return True

    def _candidate_of(self, job: Decision) -> Candidate:
        """The one that is to land; built now, where it is to land on evidence that was put together."""
        name, members = CandidateId(job.subject), tuple(ChangeId(one) for one in job.data["members"])
        if name not in self.candidates:
            commit = sha(job.data["onto"], *members)
            tree = Tree(f"tree {commit}")
            self.candidates[name] = Candidate(
                name, Sha(job.data["onto"]), members, commit, tree, (), self._tick()
            )
        return self.candidates[name]

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self._happened(f"{seconds:.0f} s passed")

    def push(self) -> None:
        """Somebody else moves the target branch."""
        self.tip = sha(self.tip, "pushed")
        self._happened("pushed")

    def hold_checkout(self, why: str) -> None:
        self.checkout = why
        self._happened("checkout")

    def answer(self, change: str, answer: Answer, reason: str = "because") -> None:
        name = ChangeId(change)
        self.reviews.setdefault(name, Review(name, answer, reason, "ada", self._tick()))
        self._happened(f"{answer} {change}")

    def order(self, subject: str, wish: Wish) -> None:
        self.orders.append(Order(subject, wish, "", "ada", self._tick()))
        self._happened(f"{wish} {subject}")

    def submit(self, name: str = "submit:topic:1", *, to: TaskId | None = None) -> ChangeId:
        """A change made elsewhere, for a task or for none."""
        change = ChangeId(name)
        if to:
            was = self.progress()[to].state
            number = len(self.facts().attempts_of.get(to, ())) + 1
            attempt = Attempt(
                attempt_id(to, number), to, number, "submitted", self.tip, "submitted", self._tick()
            )
            self.attempts[attempt.id] = attempt
            if was in {State.REFUSED, State.ALARM, State.CANCELLED}:
                self.orders.append(Order(to, Wish.RETRY, "", "ada", self._tick()))
            key = Decision(Act.ATTEMPT, attempt.id, attempt.because, self.now, to)
            self.decisions[key.key] = key
            self._end(attempt, End.PRODUCED, UNKNOWN)
            change = ChangeId(attempt.id)
        else:
            self.changes[change] = self._change(change, None, None)
        self._happened(f"submitted {change}")
        return change

    def _take(self, decision: Decision) -> None:
        assert decision.because, f"{decision.key} has no because"
        assert decision.key not in self.decisions, f"{decision.key} was decided before"
        self.decisions[decision.key] = decision
        if decision.act in WORK:
            self.jobs.append(decision)

    def _end(self, attempt: Attempt, end: End, used: Usage) -> None:
        head = sha(attempt.id) if end is End.PRODUCED else None
        because = f"it was {end} after {self.now:.0f} s"
        ended = AttemptEnd(attempt.id, end, because, self._tick(), 60.0, head=head, usage=used)
        self.ends[attempt.id] = ended
        if head:
            name = ChangeId(attempt.id)
            self.changes[name] = self._change(name, attempt.task, attempt.id)

    def _change(self, name: ChangeId, owner: TaskId | None, attempt: AttemptId | None) -> Change:
        return Change(
            name,
            owner,
            attempt,
            self.tip,
            sha(name),
            Tree(f"tree of {name}"),
            ("calc.py",),
            1,
            1,
            "title",
            "Ada",
            self._tick(),
        )

    def _find(
        self, job: Decision, verdict: Verdict, because: str, signature: str = "", *,
        failing: tuple[str, ...] = (), complete: bool = False,
    ) -> None:  # fmt: skip
        said = "all passed" if verdict is Verdict.PASSED else because
        found = Finding(verdict, said, self._tick(), signature, failing=failing, complete=complete)
        self.findings[job.key] = (job.scope, found)

    def _task(self, end: AttemptEnd) -> Task:
        return self.tasks[self.attempts[end.attempt].task]

    def _past(self, end: AttemptEnd) -> Past:
        """One attempt alone: adding them up changes nothing."""
        task, tried = self._task(end), end.end is not End.CANCELLED
        agent, landed = self.attempts[end.attempt].agent, ChangeId(end.attempt) in self.landed
        return Past(task.spec, agent, task.kind, int(tried), int(landed), spending(end))

    def _land_one(self, change: Change) -> None:
        assert change.id not in self.landed, f"{change.id} landed twice"
        assert change.task not in self.landed_tasks, f"{change.task} landed twice"
        self.landed.append(change.id)
        if change.task:
            self.landed_tasks.add(change.task)

    def _in_scope(self, scope: str) -> bool:
        work = "/" in scope or ":" in scope
        lasting = scope == REUSE or scope in {one.commit for one in self.landings if one.composed}
        return (
            scope == self.tip
            or lasting
            or (work and scope not in self.landed_tasks and scope not in self.landed)
        )

    def _is_called_off(self, change: Change) -> bool:
        return progress_of_change(self.facts(), change).state is not State.QUEUED

    def _is_about_now(self, one: Decision | Failure) -> bool:
        if one.act is Act.LAND:
            return one.subject not in self.recorded
        return self._in_scope(one.scope) or (one.act is Act.WEAVE and self._is_live(one.subject))

    def _lands(self, candidate: str) -> bool:
        return candidate not in self.recorded and f"{Act.LAND}:{candidate}" in self.decisions

    def _is_live(self, candidate: str) -> bool:
        """Whether one of those that shall be in it is still to be integrated."""
        weave = self.decisions.get(f"{Act.WEAVE}:{candidate}")
        return weave is not None and any(
            name not in self.landed
            and self.changes[name].task not in self.landed_tasks
            and f"{Act.SEND_BACK}:{name}" not in self.decisions
            and (name not in self.reviews or self.reviews[name].answer is Answer.APPROVE)
            for name in map(ChangeId, weave.data["members"])
        )

    def _done(self, job: Decision) -> None:
        self.jobs.remove(job)

    def _tick(self) -> float:
        self.now += 1.0
        return self.now

    def _happened(self, what: str) -> None:
        self.watch(self, what)


def work_through(world: World, *, limit: int = 500) -> None:
    """Do every job, each with the best outcome, until nothing is left to do."""
    for _ in range(limit):
        world.advance()
        if not world.jobs:
            return
        succeed(world, world.jobs[0])
    raise AssertionError("no end to the work")


def succeed(world: World, job: Decision) -> None:
    if job.act is Act.ATTEMPT:
        world.end_attempt(job)
    elif job.act is Act.CHECK:
        world.judge(job, Word.APPROVE)
    elif job.act is Act.WEAVE:
        world.weave(job)
    elif job.act is Act.LAND:
        world.land(job)
    else:
        world.find(job, Verdict.PASSED)
