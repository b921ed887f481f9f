"""`podium evidence` and `podium verify`: here, and on a machine that has nothing but a clone and the public key."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from terminal import Ran, podium, process

from conftest import Repo

CONFIG = """
[[gate.check]]
name = "tests"
run = "grep -q return calc.py"

[agents.sed]
command = ["sed", "-i", "s/a - b/a + b/", "calc.py"]

[policy]
review = "never"
"""
SPEC = """# Addition

### Requirement: Sum
The function SHALL return the sum.

## Tasks
- [ ] 1 Make add return the sum
  - kind: fix
  - paths: calc.py
  - agent: sed
  - accept: `grep -c "a + b" calc.py` → 1
  - proves: Sum
"""


@pytest.fixture
def project(repo: Repo) -> Repo:
    calc = "def add(a, b):\n    return a - b\n"
    repo.commit({"podium.toml": CONFIG, "calc.py": calc, "spec.md": SPEC}, "begin")
    return repo


def ask(repo: Repo, *words: str | Path) -> Ran:
    return podium(*map(str, words), "--repo", str(repo.path))


def points(ran: Ran) -> dict[str, str]:
    view: dict[str, Any] = json.loads(ran.out)
    return {point["what"]: point["holds"] for point in view["points"]}


def export(repo: Repo, name: str, folder: Path) -> tuple[Path, Path]:
    """The signed statement about something, and the public key, in files as they are handed on."""
    statement, key = folder / "evidence.json", folder / "key.pub"
    assert ask(repo, "evidence", name, "--export", statement).code == 0
    key.write_text(ask(repo, "evidence", "--public-key").out)
    return statement, key


def clone(repo: Repo, to: Path, *, with_refs: bool = True) -> Repo:
    repo.git("clone", "-q", str(repo.path), str(to))
    made = Repo(to)
    if with_refs:
        made.git("fetch", "-q", "origin", "refs/podium/*:refs/podium/*")
    return made


def test_what_landed_is_verified_on_another_machine_by_the_key_and_the_repository_alone(
    project: Repo, tmp_path: Path
) -> None:
    ran = process("run", "spec.md", cwd=project.path)
    assert ran.code == 0, ran
    proof = json.loads(ask(project, "evidence", "1", "--json").out)
    assert proof["id"].startswith("land:")
    assert [(one["name"], one["standing"]) for one in proof["criteria"]] == [("Sum", "passing")]
    statement, key = export(project, "1", tmp_path)
    elsewhere = clone(project, tmp_path / "elsewhere")
    found = ask(elsewhere, "verify", statement, "--key", key, "--json")
    assert found.code == 0, found
    assert set(points(found)) == {"signature", "tree", "gate", "podium.toml", "checks", "verdict", "chain"}
    assert set(points(found).values()) == {"yes"}
    assert not (elsewhere.path / ".git" / "podium" / "podium.db").exists(), "no store was needed"
    said = json.loads(statement.read_text())
    assert said["payloadType"] == "application/vnd.in-toto+json"


@pytest.fixture
def gated(project: Repo) -> Repo:
    """A project where a person has run the gate once."""
    assert ask(project, "gate", "HEAD").code == 0
    return project


def test_evidence_shows_what_proved_it_and_how_to_see_it_again(gated: Repo) -> None:
    ran = ask(gated, "evidence", "HEAD")
    assert ran.code == 0
    assert "tests" in ran.out
    assert "grep -q return calc.py" in ran.out
    view = json.loads(ask(gated, "evidence", "HEAD", "--json").out)
    assert (view["signed"], view["gate"]["verdict"]) == (True, "passed")


def test_here_it_is_verified_by_its_name(gated: Repo) -> None:
    ran = ask(gated, "verify", "HEAD", "--json")
    assert ran.code == 0, ran
    assert points(ran)["signature"] == "yes"
    assert points(ran)["chain"] == "not checked", "nothing has landed yet"


def test_a_clone_without_the_chain_says_what_it_did_not_check(gated: Repo, tmp_path: Path) -> None:
    statement, key = export(gated, "HEAD", tmp_path)
    found = ask(clone(gated, tmp_path / "c", with_refs=False), "verify", statement, "--key", key)
    assert found.code == 0, found
    assert "git fetch origin" in found.out


def chain_of_two(repo: Repo, folder: Path) -> tuple[Path, Path]:
    """Two gate runs that are both anchored; the first of them, and the key, in files."""
    statement, key = export(repo, "HEAD", folder)
    assert ask(repo, "gate", repo.commit({"calc.py": "def add(a, b):\n    return a + b\n"})).code == 0
    (folder / "last").mkdir()
    export(repo, "HEAD", folder / "last")
    return statement, key


def test_a_chain_whose_end_was_cut_off_under_its_anchor_is_refused_everywhere(
    gated: Repo, tmp_path: Path
) -> None:
    statement, key = chain_of_two(gated, tmp_path)
    assert points(ask(gated, "verify", statement, "--key", key, "--json"))["chain"] == "yes"
    anchor = "refs/podium/evidence"
    first, both = gated.git("rev-parse", f"{anchor}^"), gated.git("rev-parse", anchor)
    cut = gated.git("commit-tree", "-p", both, "-m", "Evidence up to 2", f"{first}^{{tree}}")
    gated.git("update-ref", anchor, cut)
    for repo in (gated, clone(gated, tmp_path / "c")):
        found = ask(repo, "verify", statement, "--key", key, "--json")
        assert (found.code, points(found)["chain"]) == (1, "no"), found
        assert "its end was cut off" in found.out


def test_a_chain_whose_end_was_cut_off_in_the_state_is_refused(gated: Repo, tmp_path: Path) -> None:
    statement, key = chain_of_two(gated, tmp_path)
    with closing(sqlite3.connect(gated.path / ".git/podium/podium.db")) as database:
        database.execute("DELETE FROM envelopes WHERE seq = 2")
        database.commit()
    found = ask(gated, "verify", statement, "--key", key, "--json")
    assert (found.code, points(found)["chain"]) == (1, "no"), found
    assert "state ends at number 1, the anchor at 2" in found.out


def test_a_byte_that_was_changed_is_refused_with_what_is_wrong(gated: Repo, tmp_path: Path) -> None:
    statement, key = export(gated, "HEAD", tmp_path)
    data = statement.read_bytes()
    for place in (*range(0, len(data), len(data) // 12), len(data) - 1):
        statement.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        found = ask(gated, "verify", statement, "--key", key)
        assert found.code == 1, (place, found)
        assert "it does not hold" in found.out


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{}", b"[1]", b"[" * 200_000, b"\x1b[31mred"])
def test_what_is_no_evidence_is_refused_and_nothing_worse(data: bytes, gated: Repo, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_bytes(data)
    found = ask(gated, "verify", tmp_path / "odd.json")
    assert found.code == 1
    assert "this should not have happened" not in found.err
    assert "\x1b" not in found.out


def test_another_key_is_refused(gated: Repo, tmp_path: Path) -> None:
    statement, _key = export(gated, "HEAD", tmp_path)
    (tmp_path / "other.pub").write_text("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n")
    found = ask(gated, "verify", statement, "--key", tmp_path / "other.pub")
    assert found.code == 1
    assert "not by" in found.out


def test_without_a_key_that_is_trusted_nothing_is_proven(gated: Repo, tmp_path: Path) -> None:
    statement, _key = export(gated, "HEAD", tmp_path)
    found = ask(clone(gated, tmp_path / "c"), "verify", statement, "--json")
    assert found.code == 1
    assert points(found)["signature"] == "not checked"


def test_evidence_of_a_commit_that_is_not_here_is_not_proof(gated: Repo, tmp_path: Path) -> None:
    statement, key = export(gated, "HEAD", tmp_path)
    (tmp_path / "other").mkdir()
    other = Repo(tmp_path / "other")
    other.git("init", "-q")
    other.commit({"a": "b"})
    found = ask(other, "verify", statement, "--key", key, "--json")
    assert found.code == 1
    assert points(found)["tree"] == "not checked"


def test_a_file_that_is_no_key_is_a_mistake_of_usage(gated: Repo, tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text("no key")
    found = ask(gated, "verify", "HEAD", "--key", tmp_path / "key.pub")
    assert found.code == 2
    assert "podium evidence --public-key" in found.err


def test_what_nobody_gated_is_said_to_have_no_evidence(project: Repo) -> None:
    found = ask(project, "evidence", "HEAD")
    assert found.code == 2
    assert "podium gate" in found.err
