"""What is known well enough to act on without a gate: what can land, and what has to go back."""

from collections.abc import Iterator, Mapping

from podium.landing.planner.cover import Rivals
from podium.landing.planner.line import Ended, Land, Line, Return, Waiting
from podium.landing.planner.states import Ground, Name, mark, overlap


def settle(line: Line, rivals: Rivals) -> list[Land | Return]:
    """The landings and returns that are due, in order, each in view of those before it.

    Nobody lands ahead of several under way whose verdict that would make void: see `rivals`.
    """
    moves: list[Land | Return] = []
    waiting, tip = dict(line.waiting), line.tip.copy()
    while found := _next(line, waiting, tip, rivals):
        moves += found
        if isinstance(found[0], Return):
            break  # a failure that one of them explains says nothing of the others any more
        for move in found:
            for change in move.changes if isinstance(move, Land) else ():
                tip.add(change, waiting.pop(change).keys)
    return moves


def _next(line: Line, waiting: Mapping[Name, Waiting], tip: Ground, rivals: Rivals) -> list[Land | Return]:
    """The next landing, else the next that share one position, else all returns."""
    if not line.stays:
        for change in waiting.values():
            if (
                _may_land(change, waiting)
                and proven(line, tip, change)
                and not _robs(change, waiting, rivals)
            ):
                return [
                    Land((change.id,), f"all {len(change.keys)} of its targets passed in this very state")
                ]
        for run in line.ended:
            if group := _together(line, waiting, tip, run):
                return [Land(group, f"its targets passed in this very state, in {run.id} with each other")]
    return [
        found
        for change in _doubtful(line, waiting)
        if not change.held and (found := refused(line, waiting, tip, change))
    ]


def _doubtful(line: Line, waiting: Mapping[Name, Waiting]) -> Iterator[Waiting]:
    """Those of whom a failure may tell."""
    failing = frozenset(key for key, _state in line.refuted)
    blamed = {name for run in line.ended if run.blind for name in run.members}
    for change in waiting.values():
        if change.id in blamed or not failing.isdisjoint(change.keys):
            yield change


def proven(line: Line, tip: Ground, change: Waiting) -> bool:
    """Whether every target of a change was seen to pass in the state it would be in with the change on the tip."""
    one, seen = mark(change.id), line.proven
    return all((key, tip[key] ^ one) in seen for key in change.keys)


def refused(line: Line, waiting: Mapping[Name, Waiting], tip: Ground, change: Waiting) -> Return | None:
    """Why a change goes back: it fails on the tip itself, whoever else was in the tree where that was seen."""
    one = mark(change.id)
    if any(other in waiting for other in change.after):
        return None
    failing = tuple(
        key
        for key in change.keys
        if (key, tip[key] ^ one) in line.refuted and (key, tip[key] ^ one) not in line.proven
    )
    if failing:
        return Return(
            change.id, tuple(sorted(failing, key=str)), (), "on the target branch as it stands it fails"
        )
    for run in line.ended:
        if not run.blind or change.id not in run.members:
            continue
        if _left(run, waiting) == [change.id] and _as_then(run, tip, change):
            return Return(change.id, (), (), "on the target branch as it stands it fails before its tests")
    return None


def _left(run: Ended, waiting: Mapping[Name, Waiting]) -> list[Name]:
    return [name for name in run.members if name in waiting]


def _as_then(run: Ended, tip: Ground, change: Waiting) -> bool:
    """Whether all that a change touches is with it on the tip as it was in that run."""
    one = mark(change.id)
    return all(run.states[key] == tip[key] ^ one for key in change.keys)


def _may_land(change: Waiting, waiting: Mapping[Name, Waiting]) -> bool:
    return not change.held and all(other not in waiting for other in change.after)


def _robs(change: Waiting, waiting: Mapping[Name, Waiting], rivals: Rivals) -> bool:
    """Whether those who would have to be gated anew are worth more than it: several, or one that came before."""
    robbed = [waiting[other] for other in rivals.of(change.id) if other in waiting]
    return not change.urgent and (len(robbed) > 1 or any(other.since < change.since for other in robbed))


def _together(line: Line, waiting: Mapping[Name, Waiting], tip: Ground, run: Ended) -> tuple[Name, ...]:
    """Members of a run that can land as one, as each would fail to be proven without the others; empty where there are none."""
    members = {name: waiting[name].keys for name in run.members if name in waiting}
    if len(members) < 2:  # noqa: PLR2004 - one alone is not together
        return ()
    top = Ground()
    for name, keys in members.items():
        top.add(name, keys)
    proven = {
        name
        for name, keys in members.items()
        if all((key, tip[key] ^ top[key]) in line.proven for key in keys)
    }
    if len(proven) < 2:  # noqa: PLR2004
        return ()
    for group in _components(members, waiting):
        if (
            len(group) > 1
            and proven.issuperset(group)
            and all(_stands(waiting[name], waiting, group) for name in group)
        ):
            return group
    return ()


def _stands(change: Waiting, waiting: Mapping[Name, Waiting], group: tuple[Name, ...]) -> bool:
    return not change.held and all(other not in waiting or other in group for other in change.after)


def _components(
    members: Mapping[Name, frozenset[Name]], waiting: Mapping[Name, Waiting]
) -> Iterator[tuple[Name, ...]]:
    """The members that share targets or come after each other, directly or through others, each group in the order of the run."""
    left = dict(members)
    while left:
        first = next(iter(left))
        group, frontier = {first}, [first]
        while frontier:
            one = waiting[frontier.pop()]
            near = [
                name
                for name in left
                if name not in group and (name in one.after or overlap(members[one.id], left[name]))
            ]
            group.update(near)
            frontier += near
        yield tuple(name for name in members if name in group)
        for name in group:
            del left[name]
