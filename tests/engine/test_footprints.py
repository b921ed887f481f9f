"""What a change affects, as its merge tells; and what failed in a gate run, by target."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from conftest import Repo
from podium.engine.footprints import attributed, footprint, footprints
from podium.engine.jobs.candidate import build_candidate
from podium.engine.worker import prepare_state
from podium.model.attempt import Change
from podium.model.evidence import Cases, CheckResult, Evidence
from podium.model.grant import Quarantine
from podium.model.ids import ChangeId, Sha, TaskId
from podium.model.queue import EVERYTHING
from podium.model.spec import Spec
from podium.model.task import Acceptance, Checkbox, Kind, Task
from podium.model.verdict import Verdict
from podium.project.project import Project

CONFIG = '[[gate.check]]\nname = "tests"\nrun = "pytest -q"\n'
SPEC = "# A job\n\n- [ ] 1 Do it\n"
FILES = {
    "podium.toml": CONFIG,
    "specs/job.md": SPEC,
    "one.py": "VALUE = 1\n",
    "two.py": "VALUE = 2\n",
    "test_one.py": "import one\n\n\ndef test_one():\n    assert one.VALUE\n",
    "test_two.py": "import two\n\n\ndef test_two():\n    assert two.VALUE\n",
}


@pytest.fixture
def project(repo: Repo) -> Iterator[Project]:
    repo.commit(FILES, "begin")
    project = Project.open(repo.path)
    prepare_state(project.site)
    yield project
    project.store.close()


def change(
    repo: Repo, name: str, files: Mapping[str, str], *, base: str = "main", task: TaskId | None = None
) -> Change:
    onto = Sha(repo.git("rev-parse", base))
    repo.git("switch", "-q", "--detach", onto)
    head = repo.commit(files, name)
    repo.git("switch", "-q", "main")
    tree = repo.open().objects.tree_of(head)
    return Change(
        ChangeId(f"submit:{name}:1"), task, None, onto, head, tree, tuple(files), 1, 0, name, "Ada <a@b>", 1.7e9
    )  # fmt: skip


def keys(project: Project, one: Change) -> set[str]:
    tip = project.site.tip()
    built = build_candidate(project.site, tip, [one])
    assert built.tree
    return set(footprint(project.site, one, "gate:x", onto=tip, tree=built.tree).keys)


def define(project: Project, **more: Any) -> TaskId:
    task = Task(
        TaskId("specs/job/1"), "specs/job", "Do it", Kind.FIX, checkbox=Checkbox(12, "- [ ] 1 Do it"), **more
    )
    with project.store.transaction() as transaction:
        transaction.define(Spec("specs/job", "specs/job.md", "d", "A job", "", (), (task,)), at=1.0)
    return task.id


def test_a_change_affects_its_files_and_the_tests_that_import_them(project: Project, repo: Repo) -> None:
    assert keys(project, change(repo, "a", {"one.py": "VALUE = 11\n"})) == {"one.py", "test_one.py"}


def test_that_podium_ticks_a_box_affects_nothing(project: Project, repo: Repo) -> None:
    done = change(repo, "a", {"one.py": "VALUE = 11\n"}, task=define(project))
    built = build_candidate(project.site, project.site.tip(), [done])
    assert built.commit
    assert "- [x] 1" in repo.git("show", f"{built.commit}:specs/job.md")
    assert keys(project, done) == {"one.py", "test_one.py"}


def test_what_has_to_meet_acceptance_criteria_affects_everything(project: Project, repo: Repo) -> None:
    task = define(project, accept=(Acceptance("true"),))
    assert keys(project, change(repo, "a", {"one.py": "VALUE = 11\n"}, task=task)) == {EVERYTHING}


def test_where_reuse_is_off_a_change_affects_everything(project: Project, repo: Repo) -> None:
    repo.commit({"podium.toml": f"{CONFIG}[queue]\nreuse = false\n"}, "no reuse")
    assert keys(project, change(repo, "a", {"one.py": "VALUE = 11\n"})) == {EVERYTHING}


def test_each_member_of_a_candidate_is_told_on_top_of_those_before_it(project: Project, repo: Repo) -> None:
    one = change(repo, "a", {"one.py": "VALUE = 11\n"})
    test = "import one\n\n\ndef test_more():\n    assert one.VALUE\n"
    more = change(repo, "b", {"test_more.py": test})
    tip = project.site.tip()
    built = build_candidate(project.site, tip, [more, one])
    assert built.commit
    first, second = footprints(project.site, [more, one], "weave:c", onto=tip, commit=built.commit)
    assert (first.change, first.onto) == (more.id, tip)
    assert set(second.keys) == {"one.py", "test_one.py", "test_more.py"}, "there is one more test of it now"


def run(project: Project, *results: tuple[Verdict, Cases | None]) -> Evidence:
    tip = project.site.tip()
    tree = project.site.repository.objects.tree_of(tip)
    told = tuple(
        CheckResult(f"check{number}", f"d{number}", tree, verdict, "because", cases=cases)
        for number, (verdict, cases) in enumerate(results)
    )
    return Evidence("weave:c", "c", tree, tip, "g", told, 1.0)


def test_what_failed_is_named_by_the_file_that_holds_the_test(project: Project) -> None:
    cases = Cases(passed=("test_two::test_two",), failed=("test_one::test_one",))
    found = attributed(project.site, run(project, (Verdict.FAILED, cases)), asked=1)
    assert (found.failing, found.blind, found.complete) == (("test_one.py",), False, True)
    assert found.finding().failing == ("test_one.py",)


def test_where_checks_were_left_out_it_is_not_complete(project: Project) -> None:
    found = attributed(project.site, run(project, (Verdict.FAILED, Cases(failed=("test_one::x",)))), asked=2)
    assert not found.complete


@pytest.mark.parametrize(
    "results",
    [
        [(Verdict.FAILED, None)],
        [(Verdict.FAILED, Cases(failed=("somewhere::else",)))],
        [(Verdict.FAILED, Cases(failed=("test_one::x",))), (Verdict.FAILED, None)],
    ],
    ids=["no cases", "an unknown test", "another check that names none"],
)
def test_what_cannot_be_named_is_a_failure_without_a_name(
    project: Project, results: list[tuple[Verdict, Cases | None]]
) -> None:
    found = attributed(project.site, run(project, *results), asked=2)
    assert found.blind
    assert not found.complete


def test_a_check_without_a_verdict_leaves_what_failed_named_and_the_rest_open(project: Project) -> None:
    named = (Verdict.FAILED, Cases(failed=("test_one::x",)))
    found = attributed(project.site, run(project, named, (Verdict.COULD_NOT_RUN, None)), asked=2)
    assert (found.failing, found.blind, found.complete) == (("test_one.py",), False, False)


def test_a_test_in_quarantine_is_no_reason(project: Project) -> None:
    with project.store.transaction() as transaction:
        transaction.write(Quarantine("check0", "test_one::x", "it flakes", "Ada", 1.0, 4e9))
    cases = Cases(failed=("test_one::x", "test_two::y"))
    found = attributed(project.site, run(project, (Verdict.FAILED, cases)), asked=1)
    assert found.failing == ("test_two.py",)


def test_what_passed_is_complete_and_what_came_to_no_verdict_is_not(project: Project) -> None:
    assert attributed(project.site, run(project, (Verdict.PASSED, None)), asked=1).complete
    assert not attributed(project.site, run(project, (Verdict.COULD_NOT_RUN, None)), asked=1).complete
