"""`podium queue`: what waits to be integrated, in which order, why, until when, and what is being gated for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from statistics import median

from podium.base.errors import ConfigError, UsageError
from podium.config.settings import Settings
from podium.engine.site import Site
from podium.landing.explaining import Doubt, Explanation, explain
from podium.landing.outlook import Clock, Look, Outlook, outlooks
from podium.landing.planner.line import Line, Options, Running, Seen, Waiting
from podium.landing.planner.states import EVERYTHING, Ground, Name
from podium.landing.queue import queued
from podium.model.attempt import Change
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, TaskId
from podium.model.progress import Progress, State, progress_of_change, progress_of_tasks
from podium.model.review import Precedence
from podium.project.names import resolve
from podium.project.views.detail import DecisionView
from podium.project.views.queue import (
    CandidateView,
    DoubtView,
    ExplanationView,
    LandedView,
    NeighbourView,
    QueueItem,
    QueueView,
    TargetView,
)

_RECENT_EVENTS = 500
"""So far back in the history landings are looked for."""
_LANDINGS = 10
_ESTIMATE = (
    "as if every gate passed: a run takes as long as the longest of its changes is expected to, those that need one take"
    " their turn on the slot that is free first, and nobody lands before those it was gated on top of"
)


@dataclass(frozen=True, slots=True)
class _Queue:
    """The queue at one moment: the facts, and the same as its planner sees it."""

    facts: Facts
    settings: Settings
    look: Look
    gate_s: float | None


def queue(site: Site) -> QueueView:
    """The whole queue."""
    seen = _see(site)
    facts = seen.facts
    return QueueView(
        site.branch, facts.tip,
        tuple(_item(facts, position, one) for position, one in enumerate(outlooks(seen.look), start=1)),
        tuple(_candidate(facts, weave) for weave in _weaves(facts)),
        facts.checkout, seen.settings.gate.slots, seen.gate_s, _ESTIMATE, tuple(_landed(site))[-_LANDINGS:],
    )  # fmt: skip


def explained(site: Site, name: str) -> ExplanationView:
    """Everything that the queue knows of one change; `name` may be that of its task.

    Raises:
        UsageError: nothing is called that, or it is not in the queue; the message says where it is.
    """
    seen = _see(site)
    change = in_queue(site, seen.facts, name)
    found = explain(seen.look, change.id, source=lambda _seen: "")
    subjects = [change.id, *(run for run in found.outlook.runs if isinstance(run, str))]
    decisions = site.store.decisions_on(subjects)
    return _explanation(seen.facts, found, decisions)


def in_queue(site: Site, facts: Facts, name: str) -> Change:
    """The change in the queue that `name` means: its own id, that of its task, or either without the spec.

    Raises:
        UsageError: nothing is called that, or it is not in the queue; the message says where it is.
    """
    owner = owner_of(site, facts, name)
    for change in queued(facts):
        if owner in {change.task, change.id}:
            return change
    where = _whereabouts(site, facts, owner)
    raise UsageError(
        f"{owner} is not in the merge queue: it is {where.state}, {where.because}",
        hint=f"podium show {owner}",
    )


def owner_of(site: Site, facts: Facts, name: str) -> str:
    """The task, or the change that was submitted without one, that `name` means.

    Raises:
        UsageError: there is none, or there are several.
    """
    submitted = [change.id for change in site.store.changes() if change.task is None]
    known: list[str] = [*site.store.task_ids(), *submitted]
    wanted = facts.changes.get(ChangeId(name))
    try:
        return (wanted and wanted.task) or resolve(
            name if name in known else name.partition("@")[0], known, what="task or change"
        )
    except UsageError as error:
        short = {one.rpartition("/")[2]: one for one in known}
        near = get_close_matches(name, [*known, *short], n=1)
        if not near or "could be" in str(error):
            raise
        raise UsageError(str(error), hint=f"did you mean {short.get(near[0], near[0])}?") from error


def _whereabouts(site: Site, facts: Facts, owner: str) -> Progress:
    for change in [*site.store.changes(TaskId(owner)), *filter(None, [site.store.change(owner)])]:
        landing = site.store.landing_of(change.id)
        if landing:
            return Progress(State.LANDED, f"as {landing[0].commit[:10]}", landing[0].at)
    change_ = facts.changes.get(ChangeId(owner))
    if change_:
        return progress_of_change(facts, change_)
    done = Progress(State.LANDED, "its box was ticked in the spec")
    return progress_of_tasks(facts).get(TaskId(owner), done)


def _see(site: Site) -> _Queue:
    facts, settings = site.facts(), _settings(site)
    gate_s = _gate_s(facts)
    line = _line(facts, settings, gate_s or 60.0)
    since: dict[Name, float] = {weave.subject: weave.at for weave in _weaves(facts)}
    clock = Clock(site.clock(), since, measured=gate_s is not None)
    options = Options(pack=settings.queue.batch, kept=settings.queue.kept_slots)
    return _Queue(facts, settings, Look(line, clock, options, _landing(facts)), gate_s)


def _settings(site: Site) -> Settings:
    """The queue can be looked at even where the configuration cannot be used."""
    try:
        return site.settings()
    except ConfigError:
        return Settings()


def _gate_s(facts: Facts) -> float | None:
    """How long it takes from the wish for a gate run to its verdict: the median of what is known."""
    asked = [one for one in facts.decisions.values() if one.act in {Act.GATE, Act.WEAVE, Act.BASELINE}]
    took = [found.at - one.at for one in asked if (found := facts.findings.get(one.key))]
    return max(0.0, median(took)) if took else None


def _line(facts: Facts, settings: Settings, gate_s: float) -> Line:
    """The queue as a planner sees that knows of no targets: each change touches everything."""
    everything = frozenset([EVERYTHING])
    waiting: dict[Name, Waiting] = {}
    for change in queued(facts):
        said = precedence(facts, change)
        since = progress_of_change(facts, change).since
        waiting[change.id] = Waiting(
            change.id, everything, since, gate_s, priority=said.priority, urgent=said.urgent, held=said.held
        )
    running = tuple(_running(facts, weave) for weave in _weaves(facts) if _under_way(facts, weave))
    seen: frozenset[Seen] = frozenset()
    return Line(
        waiting, Ground(), seen, seen, running, (), settings.gate.slots, lambda _one, _other: 0.03,
        stays=facts.checkout,
    )  # fmt: skip


def _running(facts: Facts, weave: Decision) -> Running:
    members = _members(facts, weave)
    top = Ground()
    for name in members:
        top.add(name, frozenset([EVERYTHING]))
    heads = frozenset(_heads(weave, members))
    return Running(weave.subject, members, heads, {EVERYTHING: top[EVERYTHING]})


def precedence(facts: Facts, change: Change) -> Precedence:
    """What people said of a change's way through the queue."""
    return facts.precedences.get(change.task or change.id, Precedence())


def _weaves(facts: Facts) -> Iterator[Decision]:
    """The gate runs for the queue, each in its latest round, oldest first."""
    found = [one for one in facts.decisions.values() if one.act is Act.WEAVE]
    latest = [one for one in found if facts.decided(Act.WEAVE, one.subject) == one]
    return iter(sorted(latest, key=lambda one: one.at))


def _under_way(facts: Facts, weave: Decision) -> bool:
    built = facts.candidates.get(CandidateId(weave.subject))
    empty = built is not None and built.commit is None
    return weave.key not in facts.findings and facts.failed(weave) is None and not empty


def _landing(facts: Facts) -> frozenset[Name]:
    """Those whose landing has been decided and has not failed."""
    due = [one for one in facts.decisions.values() if one.act is Act.LAND and not facts.failed(one)]
    return frozenset(name for one in due for name in _members(facts, one))


def _members(facts: Facts, decision: Decision) -> tuple[str, ...]:
    built = facts.candidates.get(CandidateId(decision.subject))
    return tuple(built.members if built and built.members else decision.data.get("members", ()))


def _heads(weave: Decision, members: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(weave.data.get("heads", members))


def _item(facts: Facts, position: int, one: Outlook) -> QueueItem:
    change = facts.changes[ChangeId(str(one.change))]
    said = precedence(facts, change)
    return QueueItem(
        position, change.id, change.title, progress_of_change(facts, change).since, one.because, change.task or "",
        _names(one.waits_for), _names(one.runs), round(one.chance, 3), one.lands_at, said.held, said.priority, said.urgent,
    )  # fmt: skip


def _candidate(facts: Facts, weave: Decision) -> CandidateView:
    built = facts.candidates.get(CandidateId(weave.subject))
    members = _members(facts, weave)
    heads = tuple(name for name in _heads(weave, members) if name in members)
    assumed = tuple(name for name in members if name not in heads)
    found, failure = facts.findings.get(weave.key), facts.failed(weave)
    state, because = ("gating" if built else "merging"), weave.because
    if found:
        state, because = found.verdict, found.because
    elif failure:
        state, because = "no verdict", failure.because
    return CandidateView(
        weave.subject, members, weave.data.get("onto", facts.tip), state, because, heads, assumed, weave.at,
        _under_way(facts, weave),
    )  # fmt: skip


def _landed(site: Site) -> Iterator[LandedView]:
    last = site.store.last_event()
    for event in site.store.events(after=max(0, last - _RECENT_EVENTS)):
        if event.kind == "landed":
            yield LandedView(event.data.get("change", event.subject), event.data.get("commit", ""), event.at)


def _explanation(facts: Facts, found: Explanation, decisions: list[Decision]) -> ExplanationView:
    return ExplanationView(
        _item(facts, found.position, found.outlook),
        found.next,
        tuple(
            TargetView(str(one.name), one.standing, one.evidence, one.because, _names(one.others))
            for one in found.targets
        ),
        found.target_count,
        found.proven_count,
        tuple(NeighbourView(str(one.change), one.shared) for one in found.neighbours),
        found.neighbour_count,
        tuple(map(_doubt, found.doubts)),
        tuple(DecisionView(one.act, one.subject, one.because, one.at) for one in decisions),
    )


def _doubt(one: Doubt) -> DoubtView:
    return DoubtView(one.target, one.suspect, _names(one.together), one.because)


def _names(names: tuple[Name, ...]) -> tuple[str, ...]:
    return tuple(map(str, names))
