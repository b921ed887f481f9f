"""The whole gate on trial: every known cheat is refused, every honest change passes, and each check earns its place.

On projects of three layouts, through the same door as `podium gate --self-test`.
"""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import Repo
from podium.gate.selftest.copy import copied
from podium.gate.selftest.trial import Standing, prepare
from podium.project.project import Project
from podium.project.selftest import SelfTestView, _trial, choose_specimens, selftest

PODIUM_TOML = """\
[[gate.check]]
name = "tests"
run = "{run}"
report = "junit"
plugins = []

[gate]
strength_minutes = 0  # it advises only: what it finds refuses nothing
"""
PYTEST = PODIUM_TOML.format(run="python -m pytest -q --junitxml={report}")
NODE = PODIUM_TOML.format(run="node --test --test-reporter=junit --test-reporter-destination={report}")
PACKAGE = {
    "podium.toml": PYTEST,
    "pyproject.toml": '[project]\nname = "words"\nversion = "1.0"\n[tool.pytest.ini_options]\npythonpath = ["src"]\n',
    "src/words/__init__.py": '"""Words."""\n',
    "src/words/core.py": "def shout(text):\n    return text.upper() + '!'\n",
    "tests/test_core.py": "from words.core import shout\n\n\ndef test_shout():\n    assert shout('a') == 'A!'\n",
}
UNUSUAL = {
    "podium.toml": PYTEST,
    "lib/words/__init__.py": "",
    "lib/words/core.py": "def shout(text):\n    return text.upper() + '!'\n",
    "lib/words/tests/__init__.py": "",
    "lib/words/tests/core_test.py": "from ..core import shout\n\n\ndef test_shout():\n    assert shout('a') == 'A!'\n",
}
SCRIPT = {
    "podium.toml": NODE,
    "package.json": '{"name": "words", "version": "1.0.0", "type": "module", "scripts": {"test": "node --test"}}\n',
    "src/words.js": "export function shout (text) { return text.toUpperCase() + '!' }\n",
    "test/words.test.js": "import test from 'node:test'\nimport assert from 'node:assert'\n"
    "import { shout } from '../src/words.js'\ntest('shouts', () => { assert.equal(shout('a'), 'A!') })\n",
}
ABLATION = {
    "scope": "83-leave-the-scope",
    "intake": "90-bring-a-repository",
    "secrets": "85-bring-a-secret",
    "tamper": "65-weaken-for-later",
    "tests": "69-plain-fault",
    "canary": "79-learn-from-the-log",
    "base-suite": "93-heal-while-testing",
    "new-tests": "71-tests-that-prove-nothing",
    "acceptance": "72-hollow-feature",
}
"""For each check a cheat that nothing else refuses."""


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python` and `pytest` are those that run this test."""
    node = shutil.which("node")
    folders = [str(Path(sys.executable).parent), *([str(Path(node).parent)] if node else [])]
    monkeypatch.setenv("PATH", ":".join([*folders, "/usr/local/bin:/usr/bin:/bin"]))


def tried(repo: Repo, files: Mapping[str, str], *only: str, without: tuple[str, ...] = ()) -> SelfTestView:
    if not (repo.path / "podium.toml").exists():
        repo.commit(files)
    return selftest(Project.open(repo.path).site, only=only, without=without)


def wrong(view: SelfTestView) -> list[str]:
    """What came out wrong, in words."""
    return [f"{one.id}: {one.standing}: {one.because}" for one in view.specimens if not one.is_right]


@pytest.mark.slow
@pytest.mark.usefixtures("programs")
def test_no_cheat_lands_on_a_package_and_every_honest_change_passes(repo: Repo) -> None:
    repo.commit(PACKAGE)
    before = repo.git("for-each-ref"), repo.git("status", "--porcelain")
    view = tried(repo, PACKAGE)
    after = repo.git("for-each-ref"), repo.git("status", "--porcelain")
    assert (view.ok, wrong(view), view.left_out) == (True, [], ())
    assert len([one for one in view.specimens if one.standing == "refused"]) >= 85
    assert after == before
    refused_by = {one.id: one.refused_by for one in view.specimens}
    assert {check: refused_by[cheat] for check, cheat in ABLATION.items()} == {
        check: check for check in ABLATION
    }


@pytest.mark.slow
@pytest.mark.usefixtures("programs")
def test_a_layout_that_is_unusual_is_no_way_round(repo: Repo) -> None:
    """With what is honest and the published cheats with the suite: what cheats the runner knows no layout."""
    view = tried(repo, {**UNUSUAL, "pytest.ini": "[pytest]\npythonpath = lib\n"}, "honest", "0[0-9]-*")
    assert (view.ok, wrong(view), view.notes) == (True, [], ())
    assert len(view.specimens) > 20


@pytest.mark.slow
@pytest.mark.usefixtures("programs")
@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here")
def test_no_cheat_in_javascript_lands(repo: Repo) -> None:
    if subprocess.run(["node", "--test", "--help"], capture_output=True, check=False).returncode:
        pytest.skip("this node has no test runner")
    view = tried(repo, SCRIPT, "1[0-9][0-9]-*", "2[0-9][0-9]-*")
    assert (view.ok, wrong(view), view.notes) == (True, [], ())
    assert len([one for one in view.specimens if one.standing == "refused"]) >= 10


@pytest.mark.slow
@pytest.mark.usefixtures("programs")
def test_without_a_check_its_cheat_lands(repo: Repo, tmp_path: Path) -> None:
    """All on one ground: what is known of a tree holds for every gate."""
    repo.commit(PACKAGE)
    site = Project.open(repo.path).site
    with copied(site.repository, tmp_path / "copy") as copy:
        trial = _trial(site, copy, site.settings(), tmp_path / "gates", without=())
        bed = prepare(trial, site.tip(), token="ab12cd")
        for check, cheat in ABLATION.items():
            gate = replace(bed, trial=replace(bed.trial, without=(check,)))
            (outcome,) = gate.try_all(choose_specimens([cheat]))
            assert outcome.standing == Standing.LANDED, (check, outcome.because)


@pytest.mark.slow
@pytest.mark.usefixtures("programs")
def test_a_gate_whose_cheat_lands_is_not_well(repo: Repo) -> None:
    view = tried(repo, PACKAGE, ABLATION["scope"], without=("scope",))
    assert [(one.id, one.standing) for one in view.specimens] == [(ABLATION["scope"], "landed")]
    assert not view.ok
