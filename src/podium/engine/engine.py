"""The engine: facts are recorded, what follows is decided, and its work is queued, all in one transaction.

DBOS Transact does the queueing, the limits, the retries and the recovery after a crash; it lives in this file and in
`worker.py`, and nowhere else. A decision's key is its workflow's id, so asking twice runs once.
"""

import json
from collections.abc import Callable

from dbos import DBOSClient, EnqueueOptions
from sqlalchemy import Connection

from podium.base.errors import ConfigError, Unavailable
from podium.base.text import clean_line
from podium.engine.decide import Plan, decide, trouble_with_target
from podium.engine.jobs.registry import JOBS
from podium.engine.ownership import policy_of
from podium.engine.site import Site
from podium.engine.waking import Bell
from podium.model.decision import WORK, Act, Decision
from podium.model.facts import Facts
from podium.model.ids import Sha
from podium.store.records import Fact
from podium.store.store import Transaction

APPLICATION = "podium"
WORKFLOW = "podium.job"
_RENEWALS = 4
"""How often a job that could not even record its failure is queued again before the process gives up."""
_ROUNDS = 32
"""What is decided may settle what is decided next; a chain longer than this would be a fault of ours."""


class Engine:
    """Records and decides for one site. Any number of processes may do so; the database lets one in at a time."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.client = DBOSClient(
            system_database_engine=site.store.engine, application_name=APPLICATION, lazy=True
        )
        self._quiet: tuple[Sha, str, int] | None = None
        """The tip, what holds the checkout, and the newest event, when last nothing was left to decide."""
        self.bell = Bell()
        """Rings when work was queued."""
        self._again_at: float | None = None
        """When time alone changes what is decided: a day's budget comes back."""

    def advance(self, record: Callable[[Transaction], None] | None = None) -> bool:
        """Record something, decide what follows, queue its work. True when anything was decided.

        Where the configuration cannot be used, what is to be recorded is recorded, nothing is decided, and the note
        `trouble` says why.
        """
        tip, checkout = self.site.observe()
        seen = (tip, checkout, self.site.store.last_event())
        due = self._again_at is not None and self.site.clock() >= self._again_at
        if record is None and seen == self._quiet and not due:
            return False
        decided = False
        with self.site.store.transaction() as transaction:
            transaction.note_once("first-sight", tip)
            if record:
                record(transaction)
            for _ in range(_ROUNDS):
                facts = transaction.facts(tip, checkout, now=self.site.clock())
                plan = self._decide(facts, transaction)
                self._again_at = plan.again_at
                if not plan.decisions:
                    break
                decided = True
                self._apply(plan, transaction)
                if all(decision.act in WORK for decision in plan.decisions):
                    break  # work that begins settles nothing yet
        if decided:
            self.bell.ring()
        self._quiet = None if decided or record else seen
        return decided

    def record(self, fact: Fact) -> bool:
        """Record one fact and what follows from it. False when it was known already."""
        fresh = False

        def write(transaction: Transaction) -> None:
            nonlocal fresh
            fresh = transaction.write(fact)

        self.advance(write)
        return fresh

    def in_flight(self) -> int:
        """How many jobs are queued or being done, by whichever process."""
        return len(
            self.client.list_workflows(
                status=["ENQUEUED", "PENDING", "DELAYED", "ERROR"], load_input=False, limit=1000
            )
        )

    def begin_anew(self) -> None:
        """Queue again the jobs that ended without even a failure on record: a full disk, say, let nothing be written."""
        for job in self.client.list_workflows(status="ERROR"):
            key = job.input["args"][0] if job.input else ""
            decision = self.site.store.decision(key)
            tried = job.workflow_id.count("+")
            if decision:
                again = f"{job.workflow_id}+" if tried < _RENEWALS else f"{key}+{self.site.clock():.0f}"
                with self.site.store.transaction() as transaction:
                    self._enqueue(transaction.connection, decision, job=again)
            self.client.delete_workflow(job.workflow_id)
            if tried >= _RENEWALS:
                raise Unavailable(
                    f"{key} cannot be brought to an end: {clean_line(str(job.error))}", hint="podium doctor"
                )

    def close(self) -> None:
        self.client.destroy()

    def _decide(self, facts: Facts, transaction: Transaction) -> Plan:
        try:
            plan = decide(
                facts, self.site.settings(), now=self.site.clock(), owners=policy_of(self.site).owners,
                memory=self.site.memory(),
            )  # fmt: skip
            trouble = trouble_with_target(facts)
        except ConfigError as error:
            plan, trouble = Plan((), (), {}), f"{error}. {error.hint}"
        transaction.note("held", json.dumps(plan.held))
        transaction.note("trouble", trouble)
        return plan

    def _apply(self, plan: Plan, transaction: Transaction) -> None:
        for attempt in plan.attempts:
            transaction.write(attempt)
        for decision in plan.decisions:
            if transaction.write(decision) and decision.act in WORK:
                self._enqueue(transaction.connection, decision)

    def _enqueue(self, connection: Connection, decision: Decision, *, job: str = "") -> None:
        post = JOBS[Act(decision.act)]
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW, "queue_name": post.queue, "workflow_id": job or decision.key, "priority": post.priority_of(decision),
            "app_version": APPLICATION,
        }  # fmt: skip
        self.client.enqueue_in_transaction(connection, options, decision.key)
