"""`podium policy` on a real repository: what applies, who satisfies it, what people let pass, and whose word counts."""

import json

import pytest
from terminal import podium

from conftest import Repo
from podium.engine.jobs.change import Work, measured
from podium.git.objects import Signature
from podium.model.attempt import AttemptEnd, Change, End
from podium.model.decision import Act
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import AttemptId, ChangeId, Tree
from podium.model.verdict import Verdict
from podium.project.project import Project
from podium.store.store import Transaction

CONFIG = """
[[gate.check]]
name = "tests"
run = "true"

[agents.sed]
command = ["true"]

[policy]
review = "never"
[policy.people]
"@ada" = ["ada@example.org"]
"@bob" = ["bob@example.org"]

[[policy.rule]]
name = "sums"
paths = ["calc.py"]
humans = 1
because = "money is counted here"
"""
SPEC = """# Sums

## Tasks
- [ ] 1 Make add return the sum
  - kind: fix
  - paths: calc.py
  - accept: `true`
"""


def set_up(repo: Repo, *, codeowners: str = "") -> Project:
    """A project whose first change has passed its gate and waits for a person."""
    files = {"podium.toml": CONFIG, "calc.py": "def add(a, b):\n    return a - b\n", "spec.md": SPEC}
    repo.commit(files | ({".github/CODEOWNERS": codeowners} if codeowners else {}), "begin")
    project = Project.open(repo.path)
    project.take_in(repo.path / "spec.md")
    found(project, Act.BASELINE, project.repository.tip("main"))
    found(project, Act.GATE, produced(project).id)
    return project


def produced(project: Project) -> Change:
    objects, base, name = project.repository.objects, project.repository.tip("main"), AttemptId("spec/1@1")
    tree = objects.replace_file(objects.tree_of(base), "calc.py", b"def add(a, b):\n    return a + b\n")
    by = Signature("Ada Person <ada@example.org>", 1000.0)
    head = objects.commit(tree, [base], "work\n", author=by, committer=by)
    work = Work(head, base, "Make add return the sum", by.person, "sed")
    change = measured(project.site, ChangeId(name), work, attempt=project.store.attempt(name))
    end = AttemptEnd(name, End.PRODUCED, "its work was taken in", 1000.0, 2.0, 0, head, "bubblewrap")

    def record(transaction: Transaction) -> None:
        transaction.write(end)
        transaction.write(change)

    project.engine.advance(record)
    return change


def found(project: Project, act: Act, subject: str) -> None:
    result = CheckResult("tests", "d", Tree("t"), Verdict.PASSED, "all passed", at=1001.0)
    evidence = Evidence(f"{act}:{subject}", subject, Tree("t"), "b", "g", (result,), 1001.0)
    project.engine.advance(lambda transaction: _write(transaction, evidence))


def _write(transaction: Transaction, evidence: Evidence) -> None:
    transaction.write(evidence, scope=evidence.subject.rpartition("@")[0] or evidence.subject)


@pytest.fixture
def project(repo: Repo) -> Project:
    return set_up(repo, codeowners="* @bob\n*.md @org/ghost\n")


def at(project: Project) -> tuple[str, str]:
    return ("--repo", str(project.repository.root))


def test_the_rules_are_shown_with_what_is_wrong_about_the_owners(project: Project) -> None:
    shown = podium("policy", *at(project))
    assert shown.code == 0, shown
    for text in (
        "judges",
        "own-work",
        "sums",
        "money is counted here",
        "CODEOWNERS: 2 lines",
        "@org/ghost: who that is",
    ):
        assert text in shown.out
    view = json.loads(podium("policy", "show", "--json", *at(project)).out)
    assert (view["review"], view["unknown"], view["rules"][-1]["requires"]) == (
        "never", ["@org/ghost"], ["a person approves"],
    )  # fmt: skip


def test_a_ruling_names_each_rule_and_what_it_lacks(project: Project) -> None:
    ran = podium("policy", "check", "1", "--json", *at(project))
    view = json.loads(ran.out)
    assert (ran.code, view["change"], view["actors"], view["satisfied"]) == (1, "spec/1@1", ["sed"], False)
    rows = {(one["rule"], one["what"]): one for one in view["requires"]}
    assert rows["gate", "its gate has passed"]["satisfied_by"] == "1 of 1 checks passed"
    assert rows["sums", "a person approves"]["because"] == "money is counted here"
    assert (
        rows[".github/CODEOWNERS:1", "an owner of calc.py approves"]["missing"] == "waits for bob@example.org"
    )
    shown = podium("policy", "check", "spec/1@1", *at(project))
    assert "not satisfied" in shown.out
    assert "waits for bob@example.org" in shown.out


def test_an_approval_by_somebody_else_than_the_owner_is_not_taken(repo: Repo, project: Project) -> None:
    refused = podium("review", "approve", "1", *at(project))
    assert refused.code == 2
    assert "the approval of Ada Person <ada@example.org> is not enough for spec/1@1" in refused.err
    assert "waits for bob@example.org" in refused.err
    assert [item.change for item in project.reviews()] == ["spec/1@1"], "it goes on waiting"
    repo.git("config", "user.email", "Bob@example.org")
    assert podium("review", "approve", "1", *at(project)).code == 0
    assert project.reviews() == ()


def test_anybody_may_return_a_change(project: Project) -> None:
    assert podium("review", "return", "1", "--reason", "name it sum", *at(project)).code == 0


def test_a_grant_is_kept_with_its_reason_and_its_giver(project: Project) -> None:
    assert podium("policy", "grant", "1", "pytest.ini", *at(project)).code == 2
    granted = podium(
        "policy", "grant", "1", "pytest.ini", "tests/**", "--reason", "a new \x1b[31mmark", *at(project)
    )
    assert (granted.code, granted.out.strip()) == (0, "granted: spec/1 may change pytest.ini, tests/**")
    (grant,) = project.store.grants("spec/1")
    assert (grant.paths, grant.reason, grant.by) == (
        ("pytest.ini", "tests/**"),
        "a new mark",
        "Ada Person <ada@example.org>",
    )
    view = json.loads(podium("policy", "check", "1", "--json", *at(project)).out)
    assert view["grants"][0]["reason"] == "a new mark"
    assert "\x1b" not in podium("log", "1", *at(project)).out


def test_a_grant_for_a_branch_holds_for_what_is_submitted_from_it(repo: Repo, project: Project) -> None:
    repo.git("branch", "fix-login")
    granted = podium("policy", "grant", "fix-login", "pytest.ini", "--reason", "it moves", *at(project))
    assert granted.out.startswith("granted: submit:fix-login:1 may change")
    assert project.store.grants("submit:fix-login:1")
    refused = podium("policy", "grant", "nothing", "pytest.ini", "--reason", "it moves", *at(project))
    assert (refused.code, "no task or branch is called nothing" in refused.err) == (2, True)


def test_a_quarantine_ends(project: Project) -> None:
    words = ("policy", "quarantine", "tests", "tests.test_clock::test_tick")
    ran = podium(*words, "--days", "14", "--reason", "it looks at the clock", *at(project))
    assert ran.code == 0, ran
    assert ran.out.startswith("quarantined until ")
    shown = json.loads(podium("policy", "--json", *at(project)).out)["quarantines"]
    assert [(one["check"], one["test"], one["reason"]) for one in shown] == [
        ("tests", "tests.test_clock::test_tick", "it looks at the clock")
    ]
    assert podium(*words, "--days", "400", "--reason", "never mind", *at(project)).code == 2
    assert podium(*words, *at(project)).code == 2
    other = podium("policy", "quarantine", "lint", "x", "--reason", "y", *at(project))
    assert "the gate has no check lint" in other.err
