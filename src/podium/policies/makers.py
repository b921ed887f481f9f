"""Who makes a task: the agent it names, else the one that `[[policy.makers]]` chooses, else the default one. Pure.

The first rule that fits the task's kind and paths holds. Of its agents the one it prefers is chosen; an agent stays with
the task it began. One that there are doubts about comes after all others, and the reason says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from podium.config.load import resolve_agent
from podium.config.settings import MakerRule, Settings
from podium.model.past import Record
from podium.model.task import Kind, Task
from podium.policies.paths import matches

Track = Mapping[tuple[str, str], Record]
"""By agent and kind of task."""
Ranked = list[tuple[str, str]]
"""Agents, the preferred one first, each with how it stands."""

_NOTHING_KNOWN: Track = {}
_NO_DOUBTS: Mapping[str, str] = {}
_DEEPER = "any/any"
"""What lies below a folder, on every depth that a rule can name without naming the folder's own files."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`because` is empty where there was no choice. `converses` says whether a session of its can be gone on with."""

    agent: str
    because: str = ""
    converses: bool = False


def choose(
    task: Task,
    settings: Settings,
    track: Track = _NOTHING_KNOWN,
    *,
    last: str = "",
    doubts: Mapping[str, str] = _NO_DOUBTS,
) -> Choice:
    """The agent of the next attempt at a task. `last` made the one before, if any.

    `doubts` says of agents why they should rather not make it.

    Raises:
        ConfigError: there is no such agent, or no telling which one.
    """
    agent, because = _choose(task, settings, track, last, doubts)
    return Choice(agent, because, bool(settings.agents[agent].acp))


def _choose(
    task: Task, settings: Settings, track: Track, last: str, doubts: Mapping[str, str]
) -> tuple[str, str]:
    rule = None if task.agent else next((one for one in settings.policy.makers if _fits(one, task)), None)
    if rule is None:
        return resolve_agent(settings, task.agent), ""
    known = [name for name in rule.agents if name in settings.agents]
    if not known:
        return resolve_agent(settings, rule.agents[0]), ""
    if last in known and last not in doubts:
        return last, f"{last} made the attempt before"
    ranked = _RANKINGS[rule.prefer](known, task.kind, track)
    wanted = [one for one in ranked if one[0] not in doubts] or _after(ranked, last)
    return wanted[0][0], _because(wanted, [name for name, _ in ranked], doubts)


def _fits(rule: MakerRule, task: Task) -> bool:
    if rule.kinds and task.kind not in rule.kinds:
        return False
    return not rule.paths or any(_lies_in(path, glob) for path in task.paths for glob in rule.paths)


def _lies_in(path: str, glob: str) -> bool:
    """Whether everything that a task's glob covers is covered by a rule's: stars are read as names like any other."""
    path = path.rstrip("/")
    return matches(glob, path) or matches(glob, f"{path}/{_DEEPER}")


def _by_order(agents: Sequence[str], _kind: Kind, _track: Track) -> Ranked:
    return [(name, f"{name} is number {number} of the rule") for number, name in enumerate(agents, start=1)]


def _by_trust(agents: Sequence[str], kind: Kind, track: Track) -> Ranked:
    """The most often landed first, by Laplace's rule of succession: one success and one failure are taken for granted."""

    def rate(name: str) -> float:
        record = track.get((name, kind), Record())
        return (record.landed + 1) / (record.tried + 2)

    def standing(name: str) -> str:
        record = track.get((name, kind), Record())
        return f"{name} {record.landed} of {record.tried} landed on {kind} tasks"

    return [(name, standing(name)) for name in sorted(agents, key=rate, reverse=True)]


def _by_cost(agents: Sequence[str], kind: Kind, track: Track) -> Ranked:
    """The cheapest for each landed change first; of whom nobody knows, last."""
    costs = {name: cost_of_landing(track.get((name, kind), Record())) for name in agents}

    def standing(name: str) -> str:
        cost = costs[name]
        return (
            f"{name} ${cost:,.2f} for each landed {kind} task"
            if cost is not None
            else f"{name} of unknown cost"
        )

    unknown = float("inf")
    known_first = sorted(agents, key=lambda name: unknown if costs[name] is None else costs[name] or 0.0)
    return [(name, standing(name)) for name in known_first]


def cost_of_landing(record: Record) -> float | None:
    """What a landed change cost with all the attempts that led to it, those of unknown cost taken for average ones.

    None where nothing landed, or no cost is known.
    """
    known = record.spent.attempts - record.spent.unknown
    if not record.landed or not known:
        return None
    return record.spent.cost_usd / known * record.spent.attempts / record.landed


def _after(ranked: Ranked, last: str) -> Ranked:
    """From the one after `last` on, and around."""
    place = next((number for number, one in enumerate(ranked, start=1) if one[0] == last), 0)
    return ranked[place:] + ranked[:place]


def _because(wanted: Ranked, everybody: Sequence[str], doubts: Mapping[str, str]) -> str:
    against = f", against {wanted[1][1]}" if len(wanted) > 1 else ""
    passed_over = [f"{name}: {doubts[name]}" for name in everybody if name in doubts]
    but = f"; passed over {', '.join(passed_over)}" if passed_over and wanted[0][0] not in doubts else ""
    anyway = f"; nobody is without doubts: {', '.join(passed_over)}" if wanted[0][0] in doubts else ""
    return f"{wanted[0][1]}{against}{but}{anyway}"


_RANKINGS: Mapping[str, Callable[[Sequence[str], Kind, Track], Ranked]] = {
    "order": _by_order,
    "trust": _by_trust,
    "cost": _by_cost,
}
