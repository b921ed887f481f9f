"""What a person may do with Podium: the one public face. It delegates and decides nothing."""

import time
from collections.abc import Callable, Iterator
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
    briefing,
    detail,
    drafting,
    gating,
    history,
    intake,
    overview,
    queueing,
    sittings,
    specs,
)
from podium.project.drafting import Draft
from podium.project.location import find_target
from podium.project.state import open_store
from podium.project.views import (
    AgentView,
    BriefView,
    Detail,
    FindingView,
    GateView,
    Overview,
    PlanView,
    QueueView,
    ReviewItem,
    TranscriptView,
)
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
            UsageError: it does not wait for a person, or a reason is missing.
        """
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

    def gate(self, revision: str) -> GateView:
        """Run the gate of the target branch on any revision; nothing is recorded but the evidence."""
        return gating.gate(self.site, revision)

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
