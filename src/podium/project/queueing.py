"""`podium queue`: what waits to be integrated, in which order, why, until when, and what is being gated for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from statistics import median

from podium.base.errors import ConfigError, UsageError
from podium.config.settings import Settings
from podium.engine.site import Site
from podium.landing.explaining import Doubt, Explanation, explain
from podium.landing.outlook import Clock, Look, Outlook, outlooks
from podium.landing.planner.states import Name
from podium.landing.predictions.scores import Pair, brier
from podium.landing.queue import options_of, queued
from podium.landing.reading import Reading, read
from podium.landing.woven import Woven
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
    ForecastsView,
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
    reading: Reading
    look: Look
    gate_s: float | None


def queue(site: Site) -> QueueView:
    """The whole queue."""
    seen = _see(site)
    facts = seen.facts
    return QueueView(
        site.branch, facts.tip,
        tuple(_item(facts, position, one) for position, one in enumerate(outlooks(seen.look), start=1)),
        tuple(_candidate(facts, run) for run in sorted(seen.reading.woven, key=lambda run: run.decision.at)),
        facts.checkout, _settings(site).gate.slots, seen.gate_s, _ESTIMATE, tuple(_landed(site))[-_LANDINGS:],
        _forecasts(site.memory().said),
    )  # fmt: skip


def explained(site: Site, name: str) -> ExplanationView:
    """Everything that the queue knows of one change; `name` may be that of its task.

    Raises:
        UsageError: nothing is called that, or it is not in the queue; the message says where it is.
    """
    seen = _see(site)
    change = in_queue(site, seen.facts, name)
    known = {**seen.reading.refuted, **seen.reading.proven}
    found = explain(seen.look, change.id, source=lambda one: known.get(one, ""))
    runs = [run.decision.subject for run in seen.reading.woven if change.id in run.members]
    return _explanation(seen.facts, found, site.store.decisions_on([change.id, *runs]))


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
        short = {
            one.removeprefix("submit:").rpartition(":")[0] or one.rpartition("/")[2]: one for one in known
        }
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
    changes = [(progress_of_change(facts, change).since, change) for change in queued(facts)]
    reading, gate_s = read(facts, changes, settings, site.memory()), _gate_s(facts)
    line = replace(reading.line, stays=facts.checkout or reading.line.stays)
    since: dict[Name, float] = {run.decision.subject: run.decision.at for run in reading.woven}
    clock = Clock(site.clock(), since, measured=gate_s is not None)
    return _Queue(facts, reading, Look(line, clock, options_of(settings), _landing(facts)), gate_s)


def _settings(site: Site) -> Settings:
    """The queue can be looked at even where the configuration cannot be used."""
    try:
        return site.settings()
    except ConfigError:
        return Settings()


def _gate_s(facts: Facts) -> float | None:
    """How long a gate takes here: the median of those that are known."""
    took = [found.took_s for found in facts.findings.values() if found.took_s > 0]
    return median(took) if took else None


def precedence(facts: Facts, change: Change) -> Precedence:
    """What people said of a change's way through the queue."""
    return facts.precedences.get(change.task or change.id, Precedence())


def _landing(facts: Facts) -> frozenset[Name]:
    """Those whose landing has been decided and has not failed."""
    due = [one for one in facts.decisions.values() if one.act is Act.LAND and not facts.failed(one)]
    built = [facts.candidates.get(CandidateId(one.subject)) for one in due]
    listed = [name for one in due for name in one.data.get("members", ())]
    return frozenset([*listed, *(name for one in built if one for name in one.members)])


def _item(facts: Facts, position: int, one: Outlook) -> QueueItem:
    change = facts.changes[ChangeId(str(one.change))]
    said = precedence(facts, change)
    return QueueItem(
        position, change.id, change.title, progress_of_change(facts, change).since, one.because, change.task or "",
        _names(one.waits_for), _names(one.runs), round(one.chance, 3), one.lands_at, said.held, said.priority, said.urgent,
    )  # fmt: skip


def _candidate(facts: Facts, run: Woven) -> CandidateView:
    state, because = ("gating" if run.candidate else "merging"), run.decision.because
    if run.finding:
        state, because = run.finding.verdict, run.finding.because
    elif run.over:
        failure = facts.failed(run.decision)
        state, because = "no verdict", failure.because if failure else "nothing is left of it to gate"
    heads = tuple(name for name in run.members if name in run.heads)
    assumed = tuple(name for name in run.members if name not in run.heads)
    return CandidateView(
        run.decision.subject,
        run.members,
        run.onto,
        state,
        because,
        heads,
        assumed,
        run.decision.at,
        not run.over,
    )


def _landed(site: Site) -> Iterator[LandedView]:
    last = site.store.last_event()
    for event in site.store.events(after=max(0, last - _RECENT_EVENTS)):
        if event.kind == "landed":
            yield LandedView(event.data.get("change", event.subject), event.data.get("commit", ""), event.at)


def _forecasts(said: Sequence[Pair]) -> ForecastsView:
    if not said:
        return ForecastsView(0, None, None)
    rate = sum(landed for _chance, landed in said) / len(said)
    return ForecastsView(
        len(said), round(brier(said), 4), round(brier([(rate, came) for _said, came in said]), 4)
    )


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
