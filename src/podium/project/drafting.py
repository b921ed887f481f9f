"""`podium plan --agent`: an agent drafts the tasks of a spec; the spec changes only when a person accepts the draft.

What a good draft is, is said in `planning/draft.py`; the reader and the lint that judge it are those of every spec.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from podium.base.errors import PodiumError, SpecError, UsageError
from podium.base.files import write_atomically
from podium.config.load import resolve_agent
from podium.engine.asking import Asked, Question, ask
from podium.engine.site import Site
from podium.model.spec import Fault, Spec
from podium.planning.draft import (
    FILE,
    draft_faults,
    faults_as_feedback,
    in_draft,
    merged,
    planner_brief,
    unfaithful,
)
from podium.project.specs import listing, read_as, read_bytes, view
from podium.project.views.plan import DraftView, PlanView

_TRIES = 2
"""How often an agent is asked again for a draft without faults."""
_TOOLS = ("task_brief", "submit_tasks")


@dataclass(frozen=True, slots=True)
class Draft:
    """Drafted tasks, not accepted yet: `before` and `after` are the bytes of the spec without and with them."""

    path: Path
    agent: str
    before: bytes
    after: bytes
    section: str
    plan: PlanView
    asked: Asked

    def diff(self) -> str:
        """The unified diff of the spec, for people."""
        before, after = (
            data.decode(errors="replace").splitlines(keepends=True) for data in (self.before, self.after)
        )
        return "".join(difflib.unified_diff(before, after, str(self.path), f"{self.path} (draft)"))

    def as_view(self, *, accepted: bool) -> DraftView:
        used = self.asked.usage
        return DraftView(
            str(self.path), self.agent, self.asked.because, self.after.decode(errors="replace"), self.plan, accepted,
            used.tokens, used.cost_usd, str(self.asked.transcript),
        )  # fmt: skip


def draft(site: Site, path: Path, *, agent: str, progress: Callable[[str], None]) -> Draft:
    """Have an agent draft the tasks of a spec; nothing is written.

    Raises:
        SpecError: the spec cannot be read.
        UsageError: there is nothing in it to draft tasks from, or no such agent.
        PodiumError: the agent left no draft.
    """
    agent = resolve_agent(site.settings(), agent)
    judge = _judge(site, path, read_bytes(path))
    base = site.tip()
    brief = planner_brief(
        judge.before.decode(), files=[entry.path for entry in site.repository.objects.entries(base)],
        guide=(site.repository.objects.read(base, "AGENTS.md") or b"").decode(errors="replace"),
        protected=site.settings().gate.protected,
    )  # fmt: skip
    question = Question(f"plan:{judge.spec.id}@{site.clock():.6f}", brief, FILE, base, tools=_TOOLS)
    asked = ask(site, question, agent=agent, judge=judge, tries=_TRIES, progress=progress)
    found = asked.answer if asked.answer is not None else judge.last
    if found is None:
        what = f"{agent} left no draft: {asked.because}"
        raise PodiumError(what, hint=f"what it said and did is in {asked.transcript}")
    return judge.draft(found, agent, asked)


def edited(site: Site, drafted: Draft, section: str) -> Draft:
    """The draft with the tasks as a person wrote them."""
    judge = _judge(site, drafted.path, drafted.before)
    return judge.draft(section.encode(), drafted.agent, drafted.asked)


def accept(drafted: Draft) -> None:
    """Write the spec with the drafted tasks.

    Raises:
        SpecError: they have errors.
        UsageError: the spec was changed since it was read.
    """
    if not drafted.plan.usable:
        raise SpecError(f"the tasks drafted for {drafted.path} have errors", hint="mend them first")
    if read_bytes(drafted.path) != drafted.before:
        raise UsageError(
            f"{drafted.path} was changed since it was read", hint="run it again; nothing was written"
        )
    write_atomically(drafted.path.resolve(), drafted.after)


@dataclass
class _Judge:
    """Says what is wrong with drafts for one spec, and remembers the last."""

    site: Site
    before: bytes
    path: Path
    spec: Spec
    last: bytes | None = None

    def __call__(self, answer: bytes) -> str:
        self.last = answer
        after, _spec, faults = self._joined(answer)
        return faults_as_feedback(draft_faults(answer) or in_draft(faults, after, answer))

    def draft(self, answer: bytes, agent: str, asked: Asked) -> Draft:
        after, spec, faults = self._joined(answer)
        plan = view(self.path, spec, (*draft_faults(answer), *faults))
        return Draft(self.path, agent, self.before, after, answer.decode(errors="replace"), plan, asked)

    def _joined(self, answer: bytes) -> tuple[bytes, Spec | None, tuple[Fault, ...]]:
        after = merged(self.before, answer)
        spec, faults = read_as(self.site, self.path, after)
        return after, spec, (*faults, *(unfaithful(self.spec, spec) if spec else ()))


def _judge(site: Site, path: Path, before: bytes) -> _Judge:
    spec, faults = read_as(site, path, before)
    if spec is None:
        raise SpecError(listing(path, list(faults)), hint="mend these first; no agent was asked")
    if not spec.requirements and not spec.why:
        hint = "write `### Requirement: NAME` and below it what SHALL hold"
        raise UsageError(f"{path} asks for nothing that tasks could be drafted from", hint=hint)
    return _Judge(site, before, path, spec)
