"""What gates found is signed as it is recorded, and no verdict is lost for a signature."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import Repo
from podium.base.errors import PodiumError
from podium.engine.evidence import ANCHOR, KEY, anchor, attest, key_of
from podium.engine.worker import prepare_state
from podium.model.attempt import Change
from podium.model.evidence import CheckResult, Evidence
from podium.model.grant import Grant
from podium.model.ids import ChangeId, Sha, Tree
from podium.model.review import Answer, Review
from podium.model.verdict import Verdict
from podium.project.project import Project
from podium.provenance.envelope import read, seal, unseal
from podium.provenance.verify import chain_fault

CONFIG = '[[gate.check]]\nname = "tests"\nrun = "true"\n[agents.sed]\ncommand = ["true"]\n'


@pytest.fixture
def project(repo: Repo) -> Iterator[Project]:
    repo.commit({"podium.toml": CONFIG}, "begin")
    project = Project.open(repo.path)
    prepare_state(project.site)
    yield project
    project.store.close()


def run_of(project: Project, name: str, **details: Any) -> Evidence:
    tip = project.repository.tip("main")
    tree = project.repository.objects.tree_of(tip)
    result = CheckResult("tests", "d", tree, Verdict.PASSED, "passed", details=details)
    return Evidence(f"gate:{name}", name, tree, tip, "g", (result,), 1000.0)


def record(project: Project, evidence: Evidence, *, changes: tuple[Change, ...] = ()) -> None:
    sign = attest(project.site, evidence, changes=changes)
    with project.store.transaction() as transaction:
        if transaction.write(evidence, scope="s"):
            sign(transaction)


def kinds(project: Project) -> list[str]:
    return [event.kind for event in project.store.events()]


def anchored(project: Project) -> dict[str, bytes]:
    objects, head = project.repository.objects, project.repository.ref(ANCHOR)
    return {entry.path: objects.blob(entry.object) for entry in objects.entries(head)} if head else {}


def chain_of(project: Project) -> list[str]:
    return [data.decode() for path, data in sorted(anchored(project).items()) if path != KEY]


def test_a_run_is_signed_once_by_the_key_of_this_state(project: Project) -> None:
    run = run_of(project, "a")
    for _ in range(2):
        record(project, run)
    [(seq, text)] = project.store.envelopes()
    said = unseal(text, key_of(project.site).public)
    assert seq == 1
    assert said["subject"][0]["digest"]["gitTree"] == run.tree
    assert said["predicate"]["result"] == "PASSED"
    assert "evidence.unsigned" not in kinds(project)


def test_signing_asked_twice_for_one_run_adds_nothing(project: Project) -> None:
    run = run_of(project, "a")
    with project.store.transaction() as transaction:
        attest(project.site, run)(transaction)
        attest(project.site, run)(transaction)
    assert len(project.store.envelopes()) == 1


@pytest.mark.parametrize(
    "details", [{"rate": float("nan")}, {"path": "\udcff.py"}, {"seen": {1, 2}}, {"raw": b"x"}], ids=str
)
def test_what_cannot_be_signed_is_recorded_all_the_same(details: dict[str, Any], project: Project) -> None:
    run, sign = run_of(project, "a"), attest(project.site, run_of(project, "a", **details))
    with project.store.transaction() as transaction:
        assert transaction.write(run, scope="s")
        sign(transaction)
    assert project.store.evidence(run.id) == run
    assert kinds(project)[-1] == "evidence.unsigned"
    record(project, run_of(project, "b"))
    assert len(project.store.envelopes()) == 1, "the next one is signed"


@pytest.mark.parametrize("torn", ["", "torn"])
def test_a_key_that_is_broken_loses_no_verdict_and_is_not_replaced(torn: str, project: Project) -> None:
    path = project.repository.state / "keys" / "evidence"
    path.parent.mkdir(parents=True)
    path.write_text(torn)
    run = run_of(project, "a")
    record(project, run)
    assert project.store.evidence(run.id) == run
    assert kinds(project)[-1] == "evidence.unsigned"
    assert path.read_text() == torn


def test_what_is_said_of_a_change_names_who_approved_it_and_what_they_let_pass(project: Project) -> None:
    tip, tree = Sha("a" * 40), Tree("b" * 40)
    name = ChangeId("submit:topic:1")
    change = Change(name, None, None, tip, tip, tree, ("a.py",), 1, 0, "Title", "Bob <b@c>", 1.0)
    with project.store.transaction() as transaction:
        transaction.write(change)
        transaction.write(Review(name, Answer.APPROVE, "I read it", "Ada <a@b>", 2.0))
        transaction.write(Grant(name, ("tests/**",), "the format goes", "Ada <a@b>", 1.5))
    record(project, run_of(project, name), changes=(change,))
    [(_seq, text)] = project.store.envelopes()
    [request] = read(text)["predicate"]["podium"]["requests"]
    assert [(one["by"], one["kind"], one["because"]) for one in request["approvals"]] == [
        ("Ada <a@b>", "grant", "the format goes"),
        ("Ada <a@b>", "person", "I read it"),
    ]
    assert request["id"] == name
    assert request["request"].startswith("pr_")


def test_the_chain_is_held_in_the_repository_with_its_key(project: Project) -> None:
    for name in ("a", "b"):
        record(project, run_of(project, name))
    anchor(project.site)
    first = project.repository.ref(ANCHOR)
    assert [text for _seq, text in project.store.envelopes()] == chain_of(project)
    assert anchored(project)[KEY].decode().strip() == key_of(project.site).public.text
    anchor(project.site)
    assert project.repository.ref(ANCHOR) == first, "nothing is new"
    record(project, run_of(project, "c"))
    anchor(project.site)
    assert len(chain_of(project)) == 3
    assert first is not None
    assert project.repository.objects.is_ancestor(first, project.repository.ref(ANCHOR) or first)


def test_an_anchor_that_was_lost_is_made_anew_from_the_store(project: Project) -> None:
    record(project, run_of(project, "a"))
    anchor(project.site)
    before = chain_of(project)
    project.repository.delete_ref(ANCHOR)
    anchor(project.site)
    assert chain_of(project) == before


def test_a_chain_goes_on_from_its_anchor_where_the_state_was_lost(repo: Repo, project: Project) -> None:
    for name in ("a", "b"):
        record(project, run_of(project, name))
    anchor(project.site)
    project.store.close()
    shutil.rmtree(project.repository.state)
    anew = Project.open(repo.path)
    record(anew, run_of(anew, "c"))
    record(anew, run_of(anew, "d"))
    anchor(anew.site)
    key = key_of(anew.site).public
    assert [read(text)["predicate"]["podium"]["seq"] for text in chain_of(anew)] == [1, 2, 3, 4]
    assert chain_fault(chain_of(anew), key) == ""
    assert anchored(anew)[KEY].decode().strip() == key.text
    anew.store.close()


def test_an_anchor_of_another_chain_is_left_as_it_is(project: Project) -> None:
    def link(seq: int, previous: str) -> str:
        return seal({"predicate": {"podium": {"seq": seq, "previous": previous}}}, key_of(project.site))

    record(project, run_of(project, "a"))
    anchor(project.site)
    with project.store.transaction() as transaction:
        transaction.connection.exec_driver_sql("DELETE FROM envelopes")
        for name in ("x", "y"):
            transaction.chain(name, make=link, at=1.0)
    before = project.repository.ref(ANCHOR)
    with pytest.raises(PodiumError, match="another"):
        anchor(project.site)
    assert project.repository.ref(ANCHOR) == before


def test_a_broken_key_keeps_the_anchor_waiting_and_says_so(project: Project) -> None:
    record(project, run_of(project, "a"))
    (project.repository.state / "keys" / "evidence").write_bytes(b"torn")
    with pytest.raises(PodiumError, match="not anchored"):
        anchor(project.site)


def test_the_key_is_where_no_sandbox_looks(project: Project) -> None:
    key_of(project.site)
    path = project.repository.state / "keys" / "evidence"
    assert project.repository.state in path.parents
    assert path.stat().st_mode & 0o077 == 0
