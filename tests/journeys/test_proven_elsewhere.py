"""What landed is proven to somebody who has nothing but a clone and the public key."""

import json
import subprocess
from pathlib import Path

from podium_process import Stage
from test_newcomer import PODIUM_TOML, SPEC, shell, stage

__all__ = ["stage"]


def elsewhere(stage: Stage, directory: Path) -> Path:
    """A fresh clone with what Podium holds under its own refs, as on another machine."""
    clone = directory / "clone"
    subprocess.run(["git", "clone", "-q", stage.repo.path, clone], check=True)
    refs = ["refs/podium/*:refs/podium/*", "refs/notes/*:refs/notes/*"]
    subprocess.run(["git", "fetch", "-q", "origin", *refs], cwd=clone, check=True)
    return clone


def test_evidence_of_a_landing_holds_elsewhere_and_a_changed_byte_does_not(
    stage: Stage, tmp_path: Path
) -> None:
    stage.repo.commit({"podium.toml": PODIUM_TOML, "spec.md": SPEC}, "podium")
    stage.podium("run", stage.repo.path / "spec.md")
    head = stage.repo.git("rev-parse", "main")
    said = shell(stage, "podium evidence 1")
    assert "signed" in said
    assert "accept spec/1 #1" in said
    exported, key = tmp_path / "evidence.json", tmp_path / "key.pub"
    shell(stage, f"podium evidence {head} --export {exported}")
    key.write_text(shell(stage, "podium evidence --public-key"))

    there = Stage(type(stage.repo)(elsewhere(stage, tmp_path)))
    view = json.loads(there.podium("verify", exported, "--key", key, "--json"))
    assert view["ok"]
    assert {point["what"]: point["holds"] for point in view["points"]} == {
        "signature": "yes", "tree": "yes", "gate": "yes", "podium.toml": "yes", "verdict": "yes", "chain": "yes", "checks": "yes",
    }  # fmt: skip
    assert (
        not (there.repo.path / ".git" / "podium").exists()
        or not (there.repo.path / ".git/podium/keys").exists()
    )

    text = exported.read_text()
    exported.write_text(text.replace('"payload":"e', '"payload":"f', 1))
    there.podium("verify", exported, "--key", key, code=1)

    note = subprocess.run(
        ["git", "notes", "--ref=ai", "show", head],
        cwd=there.repo.path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "authorship/3.0.0" in note.stdout
    trace = json.loads(shell(stage, f"podium evidence {head} --agent-trace"))
    assert trace["vcs"]["revision"] == head
