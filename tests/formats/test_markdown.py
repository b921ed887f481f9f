"""The Markdown format: a valid spec is read as written, and every fault is named with its place."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.formats.base import Reading
from podium.formats.registry import read
from podium.model.ids import TaskId
from podium.model.spec import Fault, Requirement, Scenario, Spec
from podium.model.task import Acceptance, Kind, Means, Task

SUM = """\
# Addition that adds

Sums are wrong, and
people notice.

### Requirement: Sum
The function SHALL return the sum.

#### Scenario: two and three
- **WHEN** add(2, 3) is called
- **THEN** it returns 5

## Tasks
- [ ] 1 Make add return the sum
  - kind: fix
  - paths: calc.py
  - agent: sed
  - accept: `python3 -c "import calc; print(calc.add(2, 3))"` → 5
"""


def _read(text: str) -> Reading:
    return read(text.encode(), path="docs/sum.md", spec_id="sum")


def _spec(text: str) -> Spec:
    reading = _read(text)
    assert reading.errors == ()
    assert reading.spec is not None
    return reading.spec


def _task(below: str, *, head: str = "- [ ] 1 Title") -> Task:
    return _spec(f"# T\n\n## Tasks\n{head}\n  - kind: fix\n{below}").tasks[0]


def _faults(below: str) -> tuple[Fault, ...]:
    """The faults of the lines after line 5, the kind of a task."""
    return _read(f"# T\n\n## Tasks\n- [ ] 1 Title\n  - kind: fix\n{below}").faults


def _only(below: str) -> Fault:
    (fault,) = _faults(below)
    return fault


def test_the_spec_of_the_readme_is_read_as_written() -> None:
    spec = _spec(SUM)
    assert _read(SUM).faults == ()
    assert (spec.id, spec.path, spec.title) == ("sum", "docs/sum.md", "Addition that adds")
    assert spec.why == "Sums are wrong, and\npeople notice."
    steps = ("**WHEN** add(2, 3) is called", "**THEN** it returns 5")
    expected = Requirement("Sum", "The function SHALL return the sum.", (Scenario("two and three", steps),))
    assert spec.requirements == (expected,)
    (task,) = spec.tasks
    assert task.checkbox is not None
    assert task.checkbox.line == "- [ ] 1 Make add return the sum"
    command = 'python3 -c "import calc; print(calc.add(2, 3))"'
    assert replace(task, checkbox=None) == Task(
        TaskId("sum/1"), "sum", "Make add return the sum", Kind.FIX, paths=("calc.py",), agent="sed",
        accept=(Acceptance(command, "5"),), line=14,
    )  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_checkbox_is_found_in_the_bytes_as_they_are(end: str, mark: str) -> None:
    data = (mark + SUM.replace("adds", "addş ✓")).replace("\n", end).encode()
    reading = read(data, path="sum.md", spec_id="sum")
    assert reading.spec is not None
    assert reading.faults == ()
    box = reading.spec.tasks[0].checkbox
    assert box is not None
    assert data[box.offset - 3 :].startswith(b"- [ ] 1 Make")


def test_a_title_in_the_first_line_is_found_behind_a_byte_order_mark() -> None:
    assert _spec("\ufeff" + SUM).title == "Addition that adds"


@pytest.mark.parametrize("head", ["- [x] 1 T", "* [X] 1 T", "+ [x] 1 T"])
def test_a_ticked_box_is_a_done_task_whatever_the_bullet(head: str) -> None:
    assert _task("", head=head).done


@pytest.mark.parametrize(
    ("head", "local_id", "title"),
    [
        ("- [ ] 1. Do it", "1", "Do it"),
        ("- [ ] T-1.2_b: Do it", "T-1.2_b", "Do it"),
        ("- [ ]   a)  Do\n  it   now", "a", "Do it now"),
    ],
)
def test_the_first_word_is_the_id_and_the_rest_of_the_paragraph_the_title(
    head: str, local_id: str, title: str
) -> None:
    task = _task("", head=head)
    assert (task.local_id, task.title) == (local_id, title)


def test_tasks_may_be_grouped_under_headings_and_end_at_the_next_section() -> None:
    spec = _spec("# T\n## Tasks\n### First\n- [ ] 1 a\n### Second\n- [ ] 2 b\n## Notes\n- [ ] 3 c\n")
    assert [task.local_id for task in spec.tasks] == ["1", "2"]


def test_nothing_in_code_or_comments_is_a_task() -> None:
    hidden = "```\n- [ ] 2 b\n```\n\n    - [ ] 3 c\n\n<!--\n- [ ] 4 d\n-->\n\n- [ ] 5 e\n"
    assert [task.local_id for task in _spec(f"# T\n## Tasks\n{hidden}").tasks] == ["5"]


def test_tasks_in_a_fenced_block_are_no_tasks_even_below_a_task() -> None:
    task = _task("\n  ```\n  - [ ] 2 b\n  - kind: docs\n  ```\n")
    assert (task.kind, task.notes) == (Kind.FIX, "```\n- [ ] 2 b\n- kind: docs\n```")


def test_nested_blocks_that_are_no_settings_become_notes_as_written() -> None:
    below = "  - see the manual\n    - page 3: above\n  - agent: sed\n  - http://example.org\n\n  Mind the\n  gap.\n"
    assert _task(below).notes == "- see the manual\n  - page 3: above\n- http://example.org\n\nMind the\ngap."


@pytest.mark.parametrize(
    "key", ["paths: a,b", "**paths**: a, b", "**paths:** `a`,`b`", "Paths: a, b", "paths:a,\n    b"]
)
def test_keys_are_read_however_they_are_dressed(key: str) -> None:
    assert _task(f"  - {key}\n").paths == ("a", "b")


@pytest.mark.parametrize(
    ("written", "paths"),
    [
        ("src/**, tests/*_a.py", ("src/**", "tests/*_a.py")),
        ("`src/**`, `a,b.py`", ("src/**", "a,b.py")),
        (r"src/\*\*, my\_file", ("src/**", "my_file")),
    ],
)
def test_paths_are_globs_with_commas_between(written: str, paths: tuple[str, ...]) -> None:
    assert _task(f"  - paths: {written}\n").paths == paths


@pytest.mark.parametrize(("written", "after"), [("2, `b`,2", ("sum/2", "sum/b")), ("none", ()), ("None", ())])
def test_after_names_tasks_of_the_same_spec(written: str, after: tuple[str, ...]) -> None:
    assert _task(f"  - after: {written}\n").after == after


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("`make test`", Acceptance("make test")),
        ("`echo 5` → 5", Acceptance("echo 5", "5")),
        ("`echo 5`->`5`", Acceptance("echo 5", "5")),
        ("`` echo `date` ``", Acceptance("echo `date`")),
        ("``a `b` c`` → two words", Acceptance("a `b` c", "two words")),
        (r"`seq 2` → `1\n2`", Acceptance("seq 2", "1\n2")),
        (r"`f` → C:\\new\tx", Acceptance("f", "C:\\new\tx")),
        ("`a → b` → `-> c`", Acceptance("a → b", "-> c")),
        ("`f` → a `b` c", Acceptance("f", "a `b` c")),
        ("`one\n    two`\n    → 3", Acceptance("one two", "3")),
    ],
)
def test_an_acceptance_is_a_command_and_perhaps_its_output(written: str, expected: Acceptance) -> None:
    assert _task(f"  - accept: {written}\n").accept == (expected,)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("pytest `accept/test_sum.py`", Acceptance("accept/test_sum.py", kind=Means.PYTEST)),
        ("gherkin `accept/sum.feature`", Acceptance("accept/sum.feature", kind=Means.GHERKIN)),
        (
            "gherkin `a b.feature` :: Two  and three",
            Acceptance("a b.feature", kind=Means.GHERKIN, only="Two and three"),
        ),
        ("`pytest -q`", Acceptance("pytest -q")),
    ],
)
def test_an_acceptance_may_be_a_file_of_tests_or_scenarios(written: str, expected: Acceptance) -> None:
    (one,) = _task(f"  - accept: {written}\n").accept
    assert one == expected
    assert (one.line, one.column) == (6, 13)


CRITERIA = "### Requirement: Sum\nIt MUST add.\n#### Scenario: two and three\n- **WHEN** a\n- **THEN** b\n"


def _proving(lines: str) -> Reading:
    return _read(f"# T\n{CRITERIA}## Tasks\n- [ ] 1 a\n  - kind: fix\n{lines}")


def test_what_an_acceptance_proves_is_written_below_it_by_the_names_of_the_spec() -> None:
    reading = _proving(
        "  - accept: `a`\n  - proves: sum\n  - proves: SUM /  Two and three\n  - proves: Sum\n  - accept: `b`\n"
    )
    assert reading.faults == ()
    assert reading.spec is not None
    assert [one.proves for one in reading.spec.tasks[0].accept] == [("Sum", "Sum / two and three"), ()]
    assert reading.spec.criteria == ("Sum", "Sum / two and three")


@pytest.mark.parametrize(
    ("lines", "column", "message", "suggestion"),
    [
        ("  - accept: `a`\n  - proves: Sums\n", 13, 'no criterion "Sums"', 'did you mean "Sum"?'),
        ("  - accept: `a`\n  - proves: x\n", 13, "no criterion", "write one of: Sum, Sum / two and three"),
        ("  - kinds: x\n  - proves: Sum\n", 13, "stands below no accept", "put it below"),
        ("  - accept: `a`\n  - proves:\n", 5, "names no criterion", "write `proves: Requirement`"),
    ],
)
def test_a_criterion_that_is_not_there_is_an_error_with_its_place_and_a_near_match(
    lines: str, column: int, message: str, suggestion: str
) -> None:
    fault = _proving(lines).errors[-1]
    assert message in fault.message
    assert suggestion in fault.suggestion
    assert (fault.line, fault.column) == (11, column)


def test_a_spec_without_criteria_says_how_to_write_one() -> None:
    assert "### Requirement" in _faults("  - accept: `a`\n  - proves: Sum\n")[0].suggestion


def test_what_a_task_may_change_of_what_judges_it_is_a_list_of_globs() -> None:
    assert _task("  - approves: tests/*.py, `setup.cfg`\n").approves == ("tests/*.py", "setup.cfg")


def test_a_task_may_have_several_acceptances_in_order() -> None:
    assert _task("  - accept: `a`\n  - accept: `b` → 1\n").accept == (Acceptance("a"), Acceptance("b", "1"))


@pytest.mark.parametrize(
    ("written", "budget"),
    [("20m", timedelta(minutes=20)), ("1h30m", timedelta(hours=1.5)), ("90s", timedelta(seconds=90)), ("`1h 5s`", timedelta(seconds=3605))],
)  # fmt: skip
def test_a_budget_is_a_time(written: str, budget: timedelta) -> None:
    assert _task(f"  - budget: {written}\n").budget == budget


def test_the_why_may_be_a_section_of_its_own() -> None:
    assert _spec("# T\n## Why\nBecause.\n\n```\nno\n```\n## Tasks\n- [ ] 1 a\n").why == "Because."


def test_an_unknown_key_is_an_error_with_its_place_and_a_near_match() -> None:
    assert _only("  - acept: `true`\n") == Fault(6, 5, 'unknown key "acept"', 'did you mean "accept"?')


def test_an_unknown_key_without_a_near_match_says_which_there_are() -> None:
    assert "kind, paths, after, agent, accept, budget" in _only("  - colour: red\n").suggestion


@pytest.mark.parametrize(
    ("below", "column", "message"),
    [
        ("  - budget: soon\n", 13, '"soon" is not a budget'),
        ("  - budget: 0m\n", 13, "is not a budget"),
        ("  - budget: 999999h\n", 13, "is not a budget"),
        ("  - accept:\n", 5, "accept has no command"),
        ("  - accept: make test\n", 13, "not in backticks"),
        ("  - accept: ` `\n", 13, "is empty"),
        ("  - accept: pytset `a.py`\n", 13, "is no way to accept"),
        ("  - accept: pytest a.py\n", 13, "not in backticks"),
        ("  - accept: pytest ` `\n", 13, "path of accept is empty"),
        ("  - accept: pytest `../a.py`\n", 13, "leaves the repository"),
        ("  - accept: gherkin `/etc/passwd`\n", 13, "leaves the repository"),
        ("  - accept: pytest `a.py` :: one\n", 13, "follows the path"),
        ("  - accept: gherkin `a.feature` → 5\n", 13, "follows the path"),
        ("  - approves:\n", 5, "approves names no path"),
        ("  - approves: ../x\n", 15, "leaves the repository"),
        ("  - accept: `a` →\n", 13, "nothing follows the arrow"),
        ("  - accept: `a` 5\n", 13, '"5" follows the command'),
        ("  - paths: ,\n", 12, "paths names no path"),
        ("  - paths: ../x\n", 12, "leaves the repository"),
        ("  - after: other/3\n", 12, "is not the id of a task"),
        ("  - after:\n", 5, "after names no task"),
        ("  - agent: two words\n", 12, "is not the name of an agent"),
        ("  - kind: docs\n", 5, "kind is said twice"),
        ("  - paths:\n    - a\n", 5, "nothing may stand below paths"),
    ],
)
def test_a_bad_value_is_an_error_with_its_place_and_what_to_write(
    below: str, column: int, message: str
) -> None:
    fault = _only(below)
    assert message in fault.message
    assert (fault.line, fault.column, fault.is_error) == (6, column, True)
    assert fault.suggestion


def test_an_unknown_kind_is_an_error_with_a_near_match() -> None:
    (fault,) = _read("# T\n## Tasks\n- [ ] 1 a\n  - kind: feture\n").faults
    assert fault == Fault(4, 11, 'unknown kind "feture"', 'did you mean "feature"?')


def test_a_missing_kind_is_a_feature_and_a_warning() -> None:
    reading = _read("# T\n## Tasks\n- [ ] 1 a\n")
    assert reading.spec is not None
    assert reading.spec.tasks[0].kind is Kind.FEATURE
    assert [(fault.line, fault.is_error) for fault in reading.faults] == [(3, False)]


def test_two_tasks_with_one_id_are_an_error_that_names_the_first() -> None:
    reading = _read("# T\n## Tasks\n- [ ] 1 a\n- [ ] 2 b\n- [ ] 1 c\n")
    (fault,) = reading.errors
    assert (fault.line, fault.column) == (5, 7)
    assert "line 3" in fault.message
    assert reading.spec is not None
    assert [task.title for task in reading.spec.tasks] == ["a", "b"]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("- [ ]", "this task has no id"),
        ("- [ ] `code` first", "this task has no id"),
        ("- [ ] 1", "task 1 has no title"),
        ("- [ ] a..b Title", 'ends in ".lock"'),
        ("- [ ] a.lock Title", 'ends in ".lock"'),
        (f"- [ ] {'a' * 65} Title", "too long"),
        ("1. [ ] 1 Title", "stands where none is read"),
        ("- Setup\n  - [ ] 1 Title", "stands where none is read"),
        ("- kind: fix", "belongs to no task"),
        ("- just words", "there is no task below"),
        ("", "there is no task below"),
    ],
)
def test_what_is_no_whole_task_is_an_error_that_says_what_to_write(head: str, message: str) -> None:
    (fault,) = _read(f"# T\n\n## Tasks\n{head}\n").errors
    assert message in fault.message
    assert fault.suggestion


def test_a_first_word_that_looks_like_a_title_is_pointed_out() -> None:
    faults = _read("# T\n## Tasks\n- [ ] Make it so\n").faults
    assert any("taken as the id" in fault.message and not fault.is_error for fault in faults)


def test_a_box_within_a_task_is_pointed_out_and_kept_as_a_note() -> None:
    assert "is a note of task 1" in _only("  - [ ] 1.1 step\n").message
    assert _task("  - [ ] 1.1 step\n").notes == "- [ ] 1.1 step"


def test_a_spec_without_tasks_says_what_to_write() -> None:
    (fault,) = _read("# T\n\nwhy\n").errors
    assert "## Tasks" in fault.message
    assert "- [ ] 1" in fault.suggestion


@pytest.mark.parametrize("heading", ["# Tasks", "### Tasks", "## Task", "## 3. Tasks:"])
def test_an_almost_right_heading_of_tasks_is_pointed_at(heading: str) -> None:
    (fault,) = _read(f"# T\n\n{heading}\n- [ ] 1 a\n").errors
    assert (fault.line, fault.suggestion) == (3, "write `## Tasks`")


@pytest.mark.parametrize(
    ("requirement", "message"),
    [
        (
            "### Requirement: A\nIt works.\n#### Scenario: S\n- **WHEN** a\n- **THEN** b\n",
            "does not say SHALL or MUST",
        ),
        ("### Requirement: A\nIt MUST work.\n", "has no scenario"),
        ("### Requirement: A\nIt MUST work.\n#### Scenario: S\n- **WHEN** a\n", "has no THEN"),
        ("## Requirement: A\nIt MUST work.\n", "is not read"),
    ],
)
def test_a_weak_requirement_is_a_warning(requirement: str, message: str) -> None:
    reading = _read(f"# T\n{requirement}## Tasks\n- [ ] 1 a\n  - kind: fix\n")
    (fault,) = reading.faults
    assert message in fault.message
    assert not fault.is_error


def test_a_spec_without_a_title_is_called_after_its_file() -> None:
    reading = _read("## Tasks\n- [ ] 1 a\n")
    assert reading.spec is not None
    assert reading.spec.title == "sum"
    assert reading.faults[0].message == "the spec has no title"


def test_bytes_that_are_no_text_are_an_error_with_their_place() -> None:
    reading = read("# Tï\r\nab".encode() + b"\xffc", path="s.md", spec_id="s")
    assert reading == Reading(None, (Fault(2, 3, "byte 0xff is not UTF-8 text", "save the file as UTF-8"),))


def test_a_file_of_unreasonable_size_is_not_read() -> None:
    assert read(b"x" * (8 * 1024 * 1024 + 1), path="s.md", spec_id="s").spec is None


def test_faults_quote_escape_codes_harmlessly() -> None:
    fault = _only("  - budget: \x1b[2Jx\u202e\x07\n")
    assert not re.search("[\x1b\x07\u202e]", fault.message + fault.suggestion)


_word = st.text("abcxyzäé→*_[](){}<>#!|~:;'\"\\/$&%-+=.0", min_size=1, max_size=12)
_glob = st.from_regex(r"[a-z*?]{1,6}(/[a-z*?.]{1,6}){0,2}", fullmatch=True).filter(
    lambda glob: ".." not in glob.split("/")
)
_command = st.text("abc `\"'$→->|;\\{}5", min_size=1, max_size=20).filter(
    lambda text: text.strip() == text and not text.startswith("`") and not text.endswith("`")
)
_expected = st.none() | st.text("abc5 \n\t\\→", min_size=1, max_size=10).filter(
    lambda text: text.strip() == text
)
_budget = st.none() | st.integers(1, 86_400).map(lambda seconds: timedelta(seconds=seconds))


@st.composite
def _tasks(draw: st.DrawFn) -> list[Task]:
    names = draw(
        st.lists(
            st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,7}", fullmatch=True),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    ids = [TaskId(f"s/{name}") for name in names]
    return [
        Task(
            name, "s", " ".join(draw(st.lists(_word, min_size=1, max_size=4))), draw(st.sampled_from(Kind)),
            paths=tuple(draw(st.lists(_glob, max_size=3))), after=tuple(draw(st.lists(st.sampled_from(ids), max_size=3, unique=True))),
            agent=draw(st.sampled_from(["", "sed", "codex-2"])),
            accept=tuple(Acceptance(draw(_command), draw(_expected)) for _ in range(draw(st.integers(0, 2)))),
            budget=draw(_budget), done=draw(st.booleans()),
        )
        for name in ids
    ]  # fmt: skip


def _written(task: Task) -> str:
    lines = [f"- [{'x' if task.done else ' '}] {task.local_id} {task.title}", f"  - kind: {task.kind}"]
    lines += [f"  - paths: {', '.join(f'`{path}`' for path in task.paths)}"] if task.paths else []
    lines += [f"  - after: {', '.join(name.removeprefix('s/') for name in task.after) or 'none'}"]
    lines += [f"  - agent: {task.agent}"] if task.agent else []
    lines += [f"  - accept: {_accepted(one)}" for one in task.accept]
    lines += [f"  - budget: {int(task.budget.total_seconds())}s"] if task.budget else []
    return "\n".join(lines) + "\n"


def _accepted(one: Acceptance) -> str:
    fence = "`" * (max((len(run) for run in re.findall("`+", one.command)), default=0) + 1)
    if one.expected is None:
        return f"{fence}{one.command}{fence}"
    escaped = one.expected.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    return f"{fence}{one.command}{fence} → `{escaped}`"


@settings(deadline=None)
@given(_tasks(), st.sampled_from(["\n", "\r\n"]))
def test_a_valid_spec_is_read_back_as_the_tasks_it_was_written_from(tasks: list[Task], end: str) -> None:
    text = "# T\n\n## Tasks\n\n" + "".join(_written(task) for task in tasks)
    reading = read(text.replace("\n", end).encode(), path="s.md", spec_id="s")
    assert reading.errors == ()
    assert reading.spec is not None
    assert [replace(task, checkbox=None, line=0) for task in reading.spec.tasks] == tasks
