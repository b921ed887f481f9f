import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.agents.quoting import ANSWER_PLACE
from podium.formats.keys import KEYS
from podium.formats.registry import read
from podium.model.spec import Fault, Spec
from podium.planning.draft import (
    LIMIT_BYTES,
    TASK_SYNTAX,
    draft_faults,
    faults_as_feedback,
    in_draft,
    merged,
    planner_brief,
    repository_map,
    unfaithful,
)
from podium.planning.lint import lint

HEAD = b"""# Sums that add up

Because they do not.

### Requirement: Sum
The function SHALL return the sum.

#### Scenario: two and three
- **WHEN** add(2, 3) is called
- **THEN** it returns 5
"""
OLD = b"""
## Tasks
- [ ] 1 Something else
  - kind: fix
"""
TAIL = b"""
## Notes
- [ ] not a task
"""
DRAFT = b"- [ ] 1 Make add return the Sum\n  - kind: fix\n  - paths: calc.py\n  - accept: `true`\n"


def spec(data: bytes) -> Spec:
    found = read(data, path="calc.md", spec_id="calc").spec
    assert found
    return found


def titles(data: bytes) -> list[str]:
    return [task.title for task in spec(data).tasks]


def test_the_syntax_that_a_planner_is_shown_is_syntax_without_a_fault() -> None:
    reading = read(HEAD + b"\n" + TASK_SYNTAX.encode(), path="x.md", spec_id="x")
    assert reading.spec
    assert (reading.faults, lint(reading.spec)) == ((), ())
    assert len(reading.spec.tasks) == 2


def test_a_planner_is_told_every_key_of_a_task() -> None:
    brief = planner_brief("# Spec", files=["a.py"])
    assert [key for key in KEYS if f"`{key}`" not in brief] == []


def test_a_planner_is_told_the_spec_the_rules_and_the_repository() -> None:
    brief = planner_brief(
        HEAD.decode(), files=["src/calc.py", "README.md"], guide="Be brief.", protected=["ci/**"]
    )
    for said in (
        "The function SHALL return the sum.",
        "src/calc.py",
        "Be brief.",
        "`ci/**`",
        f"{ANSWER_PLACE}/tasks.md",
        "submit_tasks",
    ):
        assert said in brief


def test_a_planners_brief_is_bounded() -> None:
    files = [f"folder{number}/sub{number}/file{number}.py" for number in range(20_000)]
    brief = planner_brief("\x1b[0m`" * 100_000, files=files, guide="g" * 100_000, protected=["p" * 90] * 900)
    assert len(brief) < 90_000
    assert "\x1b" not in brief


@pytest.mark.parametrize(
    ("limit", "shown"),
    [
        (100, "a/b/c.py\na/b/d.py\ne.md"),
        (20, "a/b/ (2 files)\ne.md"),
        (18, "a/ (2 files)\ne.md"),
    ],
)
def test_a_map_shows_as_deep_as_there_is_room(limit: int, shown: str) -> None:
    assert repository_map(["a/b/c.py", "a/b/d.py", "e.md"], limit=limit) == shown


def test_a_map_of_nothing_is_empty() -> None:
    assert repository_map([]) == ""


def test_a_draft_is_added_where_a_spec_has_no_tasks() -> None:
    assert merged(HEAD, DRAFT) == HEAD + b"\n## Tasks\n" + DRAFT
    assert merged(HEAD.rstrip(), b"## Tasks\n" + DRAFT) == HEAD.rstrip() + b"\n\n## Tasks\n" + DRAFT
    assert merged(b"", DRAFT) == b"## Tasks\n" + DRAFT


def test_a_draft_takes_the_place_of_the_tasks_and_of_nothing_else() -> None:
    found = merged(
        HEAD + OLD + TAIL, b"# My plan\nHere it is.\n\n## Tasks\n" + DRAFT + b"\n## Thoughts\nNone.\n"
    )
    assert found == HEAD + b"\n## Tasks\n" + DRAFT + TAIL


def test_a_requirement_that_stands_among_the_tasks_stays() -> None:
    wish = b"\n### Requirement: Product\nIt SHALL multiply.\n"
    found = merged(HEAD + OLD + wish + b"\n## Tasks:\n- [ ] 2 And this\n", DRAFT)
    assert titles(found) == ["Make add return the Sum"]
    assert [requirement.name for requirement in spec(found).requirements] == ["Sum", "Product"]


def test_a_draft_follows_the_line_ends_of_the_spec() -> None:
    data = (HEAD + OLD).replace(b"\n", b"\r\n")
    assert b"\n" not in merged(data, DRAFT).replace(b"\r\n", b"")


def test_what_is_no_text_is_no_draft_and_leaves_the_spec_as_it_is() -> None:
    assert merged(HEAD, b"\xff") == HEAD
    assert merged(b"\xff", DRAFT) == b"\xff"
    assert "is not UTF-8 text" in draft_faults(b"\xff")[0].message


def test_a_draft_is_small_and_plain() -> None:
    assert draft_faults(DRAFT) == ()
    assert "larger than 256 KiB" in draft_faults(b"x" * (LIMIT_BYTES + 1))[0].message
    assert draft_faults("ok\n\x1b[2J\n\u202e".encode()) == (
        Fault(2, 1, "control or invisible characters", "write plain text"),
        Fault(3, 1, "control or invisible characters", "write plain text"),
    )


@given(
    before=st.binary(max_size=60) | st.text("#-[] \nxT").map(str.encode),
    draft=st.text("#-[] \n`xTasks").map(str.encode),
)
def test_every_byte_of_a_spec_without_tasks_stays(before: bytes, draft: bytes) -> None:
    found = merged(before + b"\n\n" + HEAD, draft)
    assert found.startswith(before + b"\n\n" + HEAD)


@pytest.mark.parametrize(
    "draft",
    [
        b"### Requirement: Product\nIt SHALL multiply.\n",
        b"```\nnever closed\n",
        b"<!-- never closed\n",
    ],
)
def test_a_draft_that_changes_what_is_asked_for_is_refused(draft: bytes) -> None:
    before = OLD + HEAD
    [fault] = unfaithful(spec(before), spec(merged(before, DRAFT + draft)))
    assert fault.message == "the draft changes what is asked for"


def test_a_draft_that_only_drafts_is_faithful() -> None:
    assert not list(unfaithful(spec(HEAD + OLD), spec(merged(HEAD + OLD, DRAFT))))


def test_what_is_done_stays_and_nothing_else_is_ticked() -> None:
    before = HEAD + b"\n## Tasks\n- [x] 1 Done already\n  - kind: fix\n"
    kept = b"- [x] 1 Done already\n  - kind: fix\n- [ ] 2 New\n"
    assert not list(unfaithful(spec(before), spec(merged(before, kept))))
    rewritten = kept.replace(b"already", b"by me")
    assert [fault.message for fault in unfaithful(spec(before), spec(merged(before, rewritten)))] == [
        "task 1 is done"
    ]
    assert [fault.message for fault in unfaithful(spec(before), spec(merged(before, b"- [ ] 2 New\n")))] == [
        "task 1 is done"
    ]
    ticked = kept.replace(b"[ ]", b"[x]")
    [fault] = unfaithful(spec(before), spec(merged(before, ticked)))
    assert fault.message == "task 2 is ticked, but not done"


@pytest.mark.parametrize("start", [b"", b"Prose.\n\n## Tasks\n", b"\n\n"])
def test_faults_are_told_at_the_lines_of_the_draft(start: bytes) -> None:
    draft = start + b"- [ ] 1 Sum\n  - kind: fix\n  - knd: fix\n"
    before = OLD + HEAD
    after = merged(before, draft)
    reading = read(after, path="x.md", spec_id="x")
    assert reading.spec
    found = in_draft((*reading.faults, *lint(reading.spec)), after, draft)
    lines = draft.decode().split("\n")
    assert [(lines[fault.line - 1], fault.message) for fault in found] == [
        ("- [ ] 1 Sum", "task 1 has no acceptance: only the gate will tell whether it is done"),
        ("  - knd: fix", 'unknown key "knd"'),
    ]
    feedback = faults_as_feedback(found)
    assert re.search(r'^- \d+:5: unknown key "knd" \(did you mean "kind"\?\)$', feedback, re.MULTILINE)


def test_what_is_wrong_with_the_persons_own_part_is_not_the_drafts_fault() -> None:
    before = b"# T\n\nWhy.\n\n### Requirement: Vague\nIt should work.\n"
    after = merged(before, DRAFT)
    reading = read(after, path="x.md", spec_id="x")
    assert len(reading.faults) == 2
    assert in_draft(reading.faults, after, DRAFT) == ()


def test_feedback_is_bounded_and_empty_where_nothing_is_wrong() -> None:
    assert faults_as_feedback([]) == ""
    feedback = faults_as_feedback([Fault(1, 1, "m" * 5000)] * 500)
    assert feedback.endswith("- and 460 more")
    assert len(feedback) < 30_000
