"""What a person may do with Podium: the one public face. It delegates and decides nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from podium.config.settings import Settings
from podium.engine.engine import Engine
from podium.engine.site import Site
from podium.engine.worker import Worker, prepare_state
from podium.git.repository import Repository, open_repository
from podium.model.event import Event
from podium.model.review import Answer, Wish
from podium.project import (
    agency,
    answers,
    attestation,
    briefing,
    detail,
    drafting,
    gating,
    history,
    intake,
    overview,
    policing,
    queueing,
    sittings,
    specs,
)
from podium.project.drafting import Draft
from podium.project.location import find_target
from podium.project.state import open_store
from podium.project.views.agent import AgentView
from podium.project.views.brief import BriefView
from podium.project.views.detail import Detail
from podium.project.views.evidence import EvidenceView, VerificationView
from podium.project.views.finding import FindingView
from podium.project.views.gate import GateView
from podium.project.views.overview import Overview
from podium.project.views.plan import PlanView
from podium.project.views.policy import PolicyView, RulingView
from podium.project.views.queue import QueueView
from podium.project.views.review import ReviewItem
from podium.project.views.transcript import TranscriptView
from podium.store.store import Store


class Project:
    """One repository under Podium. Opening it creates nothing; the first writing call creates the state."""

    def __init__(self, repository: Repository, *, clock: Callable[[], float] = time.time) -> None:
        self.repository = repository
        self.branch = find_target(repository)
        self._clock = clock

    @classmethod
    def open(cls, path: Path) -> "Project":
        """The project of the repository that `path` lies in.

        Raises:
            UsageError: there is no repository, or it cannot be used.
        """
        return cls(open_repository(path))

    @cached_property
    def store(self) -> Store:
        return open_store(self.repository)

    @cached_property
    def site(self) -> Site:
        """The site of this project, its state created where it was missing."""
        site = Site(self.repository, self.store, self.branch, self._clock)
        prepare_state(site)
        return site

    @cached_property
    def engine(self) -> Engine:
        return Engine(self.site)

    def settings(self) -> Settings:
        return self.site.settings()

    def plan(self, path: Path) -> PlanView:
        """Read a spec and lint it; nothing is taken in."""
        return specs.plan(self.site, path)

    def draft(self, path: Path, *, agent: str, progress: Callable[[str], None]) -> Draft:
        """Have an agent draft the tasks of a spec; `drafting.accept` writes them into it.

        Raises:
            UsageError: the spec cannot be read, asks for nothing, or there is no such agent.
        """
        return drafting.draft(self.site, path, agent=agent, progress=progress)

    def take_in(self, path: Path, *, agent: str = "") -> PlanView:
        """Take in a spec: its tasks are wanted from now on. `agent` makes every task of it that names none.

        Raises:
            SpecError: it has faults; they are in the text, with line and column.
        """
        return specs.take_in(self.engine, path, agent=agent)

    def worker(self) -> Worker:
        """A working process, to be entered with `with`."""
        return Worker(self.site)

    def overview(self) -> Overview:
        return overview.overview(self.repository, self.branch)

    def detail(self, name: str) -> Detail:
        """Everything about one task or change; `name` may leave out the spec where that is unambiguous.

        Raises:
            UsageError: nothing is called that, or several are.
        """
        return detail.detail(self.site, name)

    def brief(self, name: str) -> BriefView:
        """What the agent of a task's next attempt is told; `name` may leave out the spec where that is unambiguous.

        Raises:
            UsageError: nothing is called that, or no attempt at it is to come.
        """
        return briefing.brief(self.site, name)

    def agents(self) -> tuple[AgentView, ...]:
        """The agents that podium.toml names and those Podium knows; those that could work here first."""
        return agency.agents(self.site)

    def transcript(self, name: str) -> TranscriptView:
        """What was said and done in an attempt: `checkout/3@2`, or a task for its latest attempt.

        Raises:
            UsageError: there is no such attempt.
        """
        return sittings.transcript(self.site, name)

    def follow(self, name: str) -> Iterator[TranscriptView]:
        """The transcript of an attempt piece by piece, until it has ended."""
        return sittings.follow(self.site, name)

    def tell(self, name: str, text: str, *, now: bool = False) -> str:
        """Say something to the agent of a running attempt, at the end of its turn or `now`; returns the attempt's id.

        Raises:
            UsageError: it is not running, or its agent cannot be talked with.
        """
        return sittings.tell(self.engine, name, text, now=now)

    def cancel_attempt(self, name: str, *, reason: str = "") -> str:
        """End one attempt, keeping what it made; its task goes on. Returns the attempt's id.

        Raises:
            UsageError: it has ended.
        """
        return sittings.cancel(self.engine, name, reason=reason)

    def queue(self) -> QueueView:
        return queueing.queue(self.site)

    def reviews(self) -> tuple[ReviewItem, ...]:
        """What waits for a person's judgment, riskiest first."""
        return answers.waiting(self.site)

    def answer(self, name: str, answer: Answer, *, reason: str = "") -> str:
        """Record a person's judgment of a change that waits for one; returns the change's id.

        Raises:
            UsageError: it does not wait for a person, this one's approval is not enough, or a reason is missing.
        """
        waiting = [item.change for item in self.reviews()]
        policing.refuse_unfit(self.site, name, answer, waiting=waiting)
        return answers.answer(self.engine, name, answer, reason=reason)

    def order(self, name: str, wish: Wish, *, reason: str = "") -> str:
        """Cancel a task, or grant it another round; returns the id.

        Raises:
            UsageError: nothing is called that, or there is nothing to cancel or retry.
        """
        return answers.order(self.engine, name, wish, reason=reason)

    def submit(self, branch: str, *, task: str = "") -> str:
        """Put a branch on the road that every change takes; returns the change's id.

        Raises:
            UsageError: there is no such branch, or nothing in it is new.
        """
        return intake.submit(self.engine, branch, task=task)

    def gate(self, revision: str, *, base: str = "", approve: tuple[str, ...] = ()) -> GateView:
        """Run the gate of the target branch on any revision; nothing is recorded but the evidence.

        Raises:
            UsageError: there is no such revision, or nothing is known that could check it.
        """
        return gating.gate(self.site, revision, base=base, approve=approve)

    def policy(self) -> PolicyView:
        """The rules that changes are judged by, Podium's own and the project's."""
        return policing.show(self.site)

    def ruling(self, name: str) -> RulingView:
        """What the rules say of a change, and who or what satisfies them; `name` may be that of its task.

        Raises:
            UsageError: nothing is called that, or nothing of it has been made yet.
        """
        return policing.check(self.site, name)

    def grant(self, subject: str, globs: Sequence[str], *, reason: str) -> tuple[str, ...]:
        """Let a task, or a branch's submissions, touch paths that judge others; returns what it holds for.

        Raises:
            UsageError: nothing is called that, or a reason is missing.
        """
        return policing.grant(self.engine, subject, globs, reason=reason)

    def quarantine(self, check: str, test: str, *, days: float, reason: str) -> float:
        """Have a flaky test of a check decide nothing for some days; returns when that ends.

        Raises:
            UsageError: there is no such check, or a reason is missing.
        """
        return policing.quarantine(self.engine, check, test, days=days, reason=reason)

    def evidence(self, name: str) -> EvidenceView:
        """What proves a task, a change, a candidate, a commit or a gate run.

        Raises:
            UsageError: nothing is known by that name, or no gate has looked at it.
        """
        return attestation.evidence(self.site, name)

    def export(self, name: str) -> str:
        """The signed statement about the latest gate run of something, to be verified elsewhere.

        Raises:
            UsageError: there is none.
        """
        return attestation.export(self.site, name)

    def agent_trace(self, name: str) -> Iterator[str]:
        """What landed with a task, a change or a commit, as Agent Trace records.

        Raises:
            UsageError: nothing of that name has landed.
        """
        return attestation.agent_trace(self.site, name)

    def public_key(self) -> str:
        """The key that verifies this Podium's evidence, made now where there is none."""
        return attestation.own_key(self.site)

    def audit(
        self, *, rerun: bool = False, progress: Callable[[str], None] = lambda _line: None
    ) -> tuple[FindingView, ...]:
        """Account for every commit of the target branch; with `rerun`, gate each of them once more."""
        return history.audit(self.site, rerun=rerun, progress=progress)

    def report(self) -> dict[str, Any]:
        return history.report(self.site)

    def events(self, *, after: int = 0, subject: str | None = None) -> list[Event]:
        return self.site.store.events(after=after, subject=subject)

    def last_event(self) -> int:
        return self.site.store.last_event()


def verify_evidence(path: Path, wanted: str, *, key: Path | None, given: str | None) -> VerificationView:
    """Whether signed evidence holds. It needs the repository that `path` lies in, and a state of Podium only for an id.

    Raises:
        UsageError: there is no repository, the key cannot be read, or nothing is known by that id.
    """
    repository = open_repository(path)
    file = Path(wanted)
    if given is None:
        text = (
            attestation.read_envelope(file)
            if file.is_file()
            else attestation.envelope(Project(repository).site, wanted)
        )
    else:
        text = given
    return attestation.verification(repository, wanted, key=key, text=text.removesuffix("\n"))
