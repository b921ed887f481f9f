import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from podium.model.attempt import Change
from podium.model.ids import ChangeId, Sha, TaskId, Tree
from podium.model.task import Acceptance, Kind, Task
from podium.review.risk import score

SMALL = Change(
    ChangeId("s/1@1"),
    TaskId("s/1"),
    None,
    Sha("b" * 40),
    Sha("c" * 40),
    Tree("d" * 40),
    ("calc.py",),
    10,
    2,
    "Sum",
    "Ada <a@b>",
    1.0,
)
FIX = Task(TaskId("s/1"), "s", "Sum", Kind.FIX)
PROVEN = replace(FIX, accept=(Acceptance("true"),))

numbers = st.integers(min_value=0, max_value=10**7)
paths = st.lists(
    st.sampled_from(["a.py", "b/c.py", "tests/test_a.py", "src/auth.py", "go.mod"]), min_size=1, unique=True
).map(tuple)
changes = st.builds(
    lambda files, added, prior, entropy: replace(SMALL, files=files, added=added, prior_changes=prior, entropy=entropy),
    paths, numbers, numbers, st.floats(min_value=0, max_value=20),
)  # fmt: skip


def test_the_size_of_a_change_follows_the_published_formula() -> None:
    change = replace(SMALL, files=("a.py", "b.py", "c.py"), added=120, prior_changes=30, entropy=1.2)
    expected = 100 * (
        0.50 * math.log(121) / math.log(401)
        + 0.20 * math.log(4) / math.log(11)
        + 0.15 * math.log(31) / math.log(101)
        + 0.15 * math.log(2.2) / 1.5
    )
    assert score(change, attempts=1, task=PROVEN).score == round(expected)


def test_the_reasons_come_in_order_of_weight() -> None:
    change = replace(SMALL, files=("a.py", "b.py"), added=214, prior_changes=3, entropy=0.9)
    reasons = score(change, attempts=1, task=PROVEN).reasons
    assert reasons == (
        "214 lines added", "2 files touched", "spread over its files (0.9 bits)", "its files were changed 3 times before",
    )  # fmt: skip


def test_a_change_to_what_checks_the_others_scores_80_however_small() -> None:
    risk = score(
        replace(SMALL, files=("a.py", "tests/test_a.py", "tests/test_b.py"), added=1), attempts=1, task=PROVEN
    )
    assert risk.score == 80
    assert risk.reasons[0] == "touches tests/test_a.py and 1 more: tests"


def test_a_change_near_the_doors_scores_70_however_small() -> None:
    risk = score(replace(SMALL, files=("auth.py",), added=1), attempts=1, task=PROVEN)
    assert risk.score == 70
    assert risk.reasons[0] == "touches auth.py: who may do what"


def test_a_fix_that_nothing_proves_costs_15() -> None:
    unproven, proven = score(SMALL, attempts=1, task=FIX), score(SMALL, attempts=1, task=PROVEN)
    assert unproven.score == proven.score + 15
    assert "a fix with neither a test nor an acceptance command" in unproven.reasons


def test_what_needs_no_test_is_not_blamed_for_bringing_none() -> None:
    known = score(SMALL, attempts=1, task=PROVEN)
    assert score(SMALL, attempts=1, task=replace(FIX, kind=Kind.DOCS)) == known
    assert score(SMALL, attempts=1) == known


def test_each_retry_beyond_the_second_costs_5() -> None:
    first, *others = (score(SMALL, attempts=number, task=PROVEN).score for number in (1, 2, 3, 4, 5))
    assert [other - first for other in others] == [0, 0, 5, 10]


def test_a_file_name_cannot_smuggle_control_codes_into_a_reason() -> None:
    risk = score(replace(SMALL, files=("tests/\x1b[2Jx\n\u202e.py",)), attempts=1)
    assert all(reason.isprintable() for reason in risk.reasons)


@given(changes, st.integers(min_value=1, max_value=50), st.sampled_from([None, FIX, PROVEN]))
def test_a_score_is_a_whole_number_from_0_to_100_with_reasons(
    change: Change, attempts: int, task: Task | None
) -> None:
    risk = score(change, attempts=attempts, task=task)
    assert isinstance(risk.score, int)
    assert 0 <= risk.score <= 100
    assert risk.reasons


@given(changes, st.integers(min_value=1, max_value=1000))
def test_more_lines_never_lower_a_score(change: Change, more: int) -> None:
    larger = replace(change, added=change.added + more)
    assert score(larger, attempts=1).score >= score(change, attempts=1).score
