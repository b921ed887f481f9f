"""What is wrong between tasks is named, with the line and what to write instead."""

from podium.model.ids import TaskId
from podium.model.spec import Fault, Spec
from podium.model.task import Acceptance, Kind, Task
from podium.planning.lint import lint

_ACCEPT = (Acceptance("true"),)


def _task(name: str, *after: str, paths: tuple[str, ...] = ("{0}.py",), line: int = 1, agent: str = "",
          kind: Kind = Kind.FIX, accept: tuple[Acceptance, ...] = _ACCEPT, done: bool = False) -> Task:  # fmt: skip
    ids = tuple(TaskId(f"s/{one}") for one in after)
    scope = tuple(path.format(name) for path in paths)
    return Task(TaskId(f"s/{name}"), "s", name, kind, scope, ids, agent, accept, line=line, done=done)


def _spec(*tasks: Task) -> Spec:
    return Spec("s", "s.md", "", "S", "", (), tasks)


def _only(*tasks: Task, agents: tuple[str, ...] | None = None) -> Fault:
    (fault,) = lint(_spec(*tasks), agents)
    return fault


def test_a_sound_spec_has_no_faults() -> None:
    assert lint(_spec(_task("a"), _task("b", "a"), _task("c", agent="sed")), ["sed"]) == ()


def test_an_unknown_task_is_an_error_with_a_near_match() -> None:
    fault = _only(_task("setup"), _task("b", "setpu", line=7))
    assert fault == Fault(
        7, 1, 'task b comes after "setpu", which this spec does not define', 'did you mean "setup"?'
    )


def test_a_task_after_itself_is_named_once() -> None:
    assert _only(_task("a", "a", line=4)) == Fault(
        4, 1, "task a comes after itself", "take a out of its `after`"
    )


def test_every_cycle_is_named_in_full() -> None:
    faults = lint(
        _spec(
            _task("a", "b", line=1), _task("b", "a", line=2), _task("c", "d", line=3), _task("d", "c", line=4)
        )
    )
    assert [(fault.line, fault.message, fault.is_error) for fault in faults] == [
        (1, "tasks wait for each other: a → b → a", True),
        (3, "tasks wait for each other: c → d → c", True),
    ]


def test_overlapping_scopes_without_an_order_are_a_warning_that_says_how_to_order_them() -> None:
    fault = _only(
        _task("a", paths=("src/**",), line=3), _task("b", paths=("src/x.py",), line=9), _task("c", "b")
    )
    assert (fault.line, fault.is_error) == (9, False)
    assert (
        fault.message == 'tasks a and b can touch the same files ("src/**" and "src/x.py") at the same time'
    )
    assert fault.suggestion == "write `after: a` in task b"


def test_the_order_proposed_keeps_the_order_there_is() -> None:
    fault = _only(
        _task("z", line=1), _task("a", paths=("src",), line=2), _task("b", "z", paths=("src",), line=3)
    )
    assert fault.suggestion == "write `after: z, a` in task b"


def test_a_task_without_paths_is_one_warning_however_many_run_beside_it() -> None:
    fault = _only(_task("a", paths=(), line=2), *(_task(f"t{number}") for number in range(5)))
    assert (fault.line, fault.is_error) == (2, False)
    assert "5 other tasks" in fault.message


def test_a_task_without_paths_that_runs_alone_is_fine() -> None:
    assert lint(_spec(_task("a", paths=()), _task("b", "a"))) == ()


def test_a_task_without_acceptance_is_a_warning_unless_the_gate_alone_can_tell() -> None:
    kinds = [kind for kind in Kind if lint(_spec(_task("a", kind=kind, accept=())))]
    assert kinds == [Kind.FEATURE, Kind.FIX, Kind.TEST]
    assert not _only(_task("a", accept=())).is_error


def test_an_unknown_agent_is_an_error_with_a_near_match() -> None:
    fault = _only(_task("a", agent="cluade", line=5), agents=("claude", "sed"))
    assert (fault.line, fault.is_error, fault.suggestion) == (5, True, 'did you mean "claude"?')


def test_agents_are_looked_at_only_when_they_are_known() -> None:
    assert lint(_spec(_task("a", agent="x"))) == ()
    assert "[agents.x]" in _only(_task("a", agent="x"), agents=()).suggestion


def test_a_done_task_is_left_in_peace() -> None:
    done = _task("a", "nowhere", "b", paths=("src",), agent="gone", accept=(), done=True)
    assert lint(_spec(done, _task("b", "a", paths=("src",))), ["sed"]) == ()


def test_many_overlaps_are_cut_and_the_cut_is_said() -> None:
    faults = lint(_spec(*(_task(str(number), paths=("src",), line=number) for number in range(1, 60))))
    assert len(faults) == 501
    assert any("more than 500 pairs" in fault.message for fault in faults)


def test_thousands_of_unknown_tasks_are_all_named() -> None:
    tasks = [_task(str(number), f"x{number}") for number in range(5_000)]
    assert len(lint(_spec(*tasks))) == 5_000
