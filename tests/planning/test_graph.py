"""The task graph: an order that can be followed, what can run side by side, and who may touch the same files."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.base.errors import SpecError
from podium.model.ids import TaskId
from podium.model.task import Kind, Task
from podium.planning.graph import build, cycle
from podium.planning.scopes import MAXIMUM_OVERLAPS
from podium.policies.globs import parse


def _task(name: str, *after: str, paths: tuple[str, ...] = (), done: bool = False) -> Task:
    return Task(TaskId(name), "s", name, Kind.FIX, paths=paths, after=tuple(map(TaskId, after)), done=done)


def _pairs(*tasks: Task) -> list[tuple[str, str]]:
    return [(one.first, one.second) for one in build(tasks).scopes.overlaps]


def test_levels_are_what_can_run_side_by_side_in_the_order_of_the_spec() -> None:
    graph = build([_task("d", "b", "c"), _task("b", "a"), _task("c", "a"), _task("a"), _task("e")])
    assert graph.levels == (("a", "e"), ("b", "c"), ("d",))
    assert graph.order == ("a", "e", "b", "c", "d")
    assert graph.critical_path == ("a", "b", "d")


def test_done_and_unknown_tasks_hold_nobody_up() -> None:
    graph = build([_task("a", done=True), _task("b", "a", "nobody"), _task("c", "b")])
    assert graph.levels == (("b",), ("c",))


def test_no_tasks_are_an_empty_graph() -> None:
    graph = build([])
    assert (graph.order, graph.levels, graph.critical_path, graph.scopes.overlaps) == ((), (), (), ())


def test_a_cycle_is_named_in_full_and_stops_the_graph() -> None:
    tasks = [_task("x"), _task("c", "b"), _task("a", "x", "c"), _task("b", "a")]
    assert cycle(tasks) == ("c", "a", "b", "c")
    with pytest.raises(SpecError, match="c → a → b → c"):
        build(tasks)


def test_a_task_after_itself_is_a_cycle_and_a_done_one_is_not() -> None:
    assert cycle([_task("a", "a")]) == ("a", "a")
    assert build([_task("a", "a", done=True)]).order == ()


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 11), max_size=3), max_size=12))
def test_either_there_is_a_cycle_or_everything_comes_after_what_it_needs(edges: list[list[int]]) -> None:
    tasks = [_task(str(name), *map(str, after)) for name, after in enumerate(edges)]
    circle = cycle(tasks)
    needs = {task.id: {name for name in task.after if int(name) < len(tasks)} for task in tasks}
    if circle:
        assert circle[0] == circle[-1]
        assert all(before in needs[behind] for before, behind in itertools.pairwise(circle))
        return
    graph = build(tasks)
    seen: set[TaskId] = set()
    for level in graph.levels:
        assert all(needs[name] <= seen for name in level)
        seen |= set(level)
    assert sorted(graph.order) == sorted(needs)
    assert len(graph.critical_path) == len(graph.levels)
    assert all(before in needs[behind] for before, behind in itertools.pairwise(graph.critical_path))


def test_tasks_that_can_touch_the_same_file_side_by_side_are_named() -> None:
    one = _task("a", paths=("docs/x.md", "src/**"))
    (overlap,) = build([one, _task("b", paths=("src/calc.py",))]).scopes.overlaps
    assert (overlap.first, overlap.second, overlap.globs) == ("a", "b", ("src/**", "src/calc.py"))


def test_tasks_in_order_may_touch_the_same_file() -> None:
    same = ("src",)
    assert _pairs(_task("a", paths=same), _task("b", "a"), _task("c", "b", paths=same)) == []


def test_done_tasks_touch_nothing_any_more() -> None:
    assert _pairs(_task("a", paths=("src",), done=True), _task("b", paths=("src",))) == []


def test_tasks_without_paths_are_counted_once_each_not_paired() -> None:
    scopes = build([_task("a"), _task("b", paths=("x",)), _task("c", "a", paths=("y",)), _task("d")]).scopes
    assert scopes.overlaps == ()
    assert scopes.anywhere == {"a": 2, "d": 3}


_globs = st.lists(
    st.sampled_from(["a", "a/*", "a/**", "a/b", "b/*.py", "b/c.py", "**/c.py", "*", "b", "c/?", "c/[xy]"]),
    max_size=3,
)


@settings(deadline=None)
@given(st.lists(st.tuples(_globs, st.lists(st.integers(0, 7), max_size=2)), max_size=8))
def test_overlaps_are_just_the_unordered_pairs_whose_globs_meet(
    drawn: list[tuple[list[str], list[int]]],
) -> None:
    tasks = [
        _task(str(name), *(str(before) for before in after if before < name), paths=tuple(globs))
        for name, (globs, after) in enumerate(drawn)
    ]
    reach: dict[str, set[str]] = {}
    for task in tasks:
        reach[task.id] = set(task.after).union(*(reach[name] for name in task.after))
    expected = {
        frozenset({one.id, other.id})
        for one, other in itertools.combinations(tasks, 2)
        if one.id not in reach[other.id]
        and any(parse(mine).meets(parse(theirs)) for mine in one.paths for theirs in other.paths)
    }
    assert {frozenset(pair) for pair in _pairs(*tasks)} == expected


@pytest.mark.parametrize(
    "glob",
    ["src/m{0}/**", "src/file_{0}.py", "m{0}/*.py", "src/*_{0}.py", "src/{0}_*.py"],
    ids=lambda glob: glob,
)
def test_ten_thousand_disjoint_scopes_are_compared_in_seconds(glob: str) -> None:
    few = 400 if "*_" in glob or "_*" in glob else 10_000
    started = time.perf_counter()
    assert _pairs(*(_task(str(name), paths=(glob.format(f"{name:05}"),)) for name in range(few))) == []
    assert time.perf_counter() - started < 10


def test_ten_thousand_tasks_that_all_overlap_are_named_up_to_a_bound() -> None:
    scopes = build([_task(str(name), paths=("src/**", f"src/*{name}*")) for name in range(10_000)]).scopes
    assert len(scopes.overlaps) == MAXIMUM_OVERLAPS
    assert scopes.is_cut


def test_ten_thousand_tasks_in_a_row_overlap_nowhere() -> None:
    chain = [_task("0", paths=("src",))]
    chain += [_task(str(name), str(name - 1), paths=("src",)) for name in range(1, 10_000)]
    graph = build(chain)
    assert graph.scopes.overlaps == ()
    assert len(graph.critical_path) == 10_000
