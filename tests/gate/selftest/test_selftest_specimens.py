"""The specimens themselves, without a gate: that each is what it says, on every kind of ground."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from podium.gate.selftest.cheats.published import PUBLISHED
from podium.gate.selftest.ground import Ground, Victim
from podium.gate.selftest.kinds import KINDS
from podium.gate.selftest.registry import SPECIMENS
from podium.gate.selftest.specimen import Specimen
from podium.gate.selftest.survey import survey
from podium.policies.roles import judges

FILES = {
    "src/pkg/__init__.py": b'"""A package."""\n',
    "tests/test_a.py": b"from pkg import f\n\ndef test_f():\n    assert f\n",
    "src/a.js": b"",
    "test/a.test.js": b"const test = require('node:test')\nconst f = require('../src/a.js')\n",
}
GROUNDS = {ground.language: ground for ground in survey(FILES, FILES.get, token="ab12")}
OWN = {"scope", "intake", "tamper", "secrets"}


def ground_for(specimen: Specimen) -> Ground:
    ground = GROUNDS[specimen.language]
    files = {**FILES, **ground.planted, ground.spec: b"- [ ] 1. Make it\n"}
    return Ground(
        ground.token, ground.language, ground.module, ground.tests, ground.record, ground.imported, ground.root,
        ground.wares, frozenset(files), files.get, ("tests.test_a::test_f",), Victim("tests/test_a.py", "test_f", 3, 4),
    )  # fmt: skip


def test_every_specimen_has_a_number_of_its_own() -> None:
    assert len({specimen.number for specimen in SPECIMENS}) == len(SPECIMENS)
    assert [specimen.number for specimen in PUBLISHED] == list(range(1, 21))


def test_there_are_twenty_more_and_ten_honest_ones_and_ten_in_javascript() -> None:
    cheats = [specimen for specimen in SPECIMENS if not specimen.honest]
    assert len([cheat for cheat in cheats if cheat.language != "javascript"]) >= 20 + 20
    assert len([cheat for cheat in cheats if cheat.language == "javascript"]) >= 10
    assert len([one for one in SPECIMENS if one.honest and one.language != "javascript"]) >= 10


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda specimen: specimen.id)
def test_a_specimen_changes_something_and_says_who_catches_it(specimen: Specimen) -> None:
    ground = ground_for(specimen)
    edits = specimen.make(ground)
    assert edits is not None
    assert edits or specimen.name == "nothing-done"
    assert any(ground.read(path) != edit for path, edit in edits.items()) or not edits
    assert set(specimen.caught_by) <= {*KINDS.values(), *OWN}
    assert specimen.does.endswith(".")
    for path, edit in edits.items():
        if path.endswith(".py") and isinstance(edit, bytes) and path != "podium_specimen_access.py":
            compile(edit, path, "exec")


@pytest.mark.parametrize(
    "specimen", [one for one in SPECIMENS if one.honest], ids=lambda specimen: specimen.id
)
def test_an_honest_specimen_changes_nothing_that_judges_without_approval(specimen: Specimen) -> None:
    ground = ground_for(specimen)
    terms = specimen.on(ground)
    judging = {path for path in specimen.make(ground) or {} if judges(path) and path in ground.names}
    if not terms.approved:
        assert all(
            (ground.read(path) or b"").rstrip() in ((specimen.make(ground) or {})[path] or b"")  # type: ignore[operator]
            for path in judging
        ), "tests are only added to"


PARSE = """\
import { SourceTextModule, Script } from 'node:vm'
import { readFileSync } from 'node:fs'
for (const path of process.argv.slice(1)) {
  const text = readFileSync(path, 'utf8')
  path.endsWith('mjs') ? new SourceTextModule(text) : new Script(text)
}
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here")
def test_the_javascript_specimens_are_javascript(tmp_path: Path) -> None:
    made: list[Path] = []
    for ending, test in (
        ("mjs", "import 'node:test'; import '../src/a.mjs'"),
        ("cjs", "require('node:test'); require('../src/a.cjs')"),
    ):
        files = {f"src/a.{ending}": b"", f"test/a.test.{ending}": test.encode()}
        ground, _anywhere = survey(files, files.get, token="ab12")
        for specimen in SPECIMENS:
            edits = (specimen.make(ground) or {}) if specimen.language == "javascript" else {}
            for path, edit in {**ground.planted, **edits}.items():
                if path.endswith(ending) and isinstance(edit, bytes):
                    made.append(tmp_path / f"{specimen.number}-{path.replace('/', '-')}")
                    made[-1].write_bytes(edit)
    command = ["node", "--experimental-vm-modules", "--input-type=module", "-e", PARSE, "--", *map(str, made)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_planted_module_is_right_but_for_what_is_to_be_mended(tmp_path: Path) -> None:
    ground = GROUNDS["python"]
    module = tmp_path / "shop.py"
    module.write_bytes(ground.planted[ground.module])
    asked = (
        "import shop; print(shop.net([80, 40], discount=50), shop.label('jug', 1234), shop.cheapest([3, 2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "60 jug 12.34 2\n"


def test_the_page_on_the_gate_names_every_specimen() -> None:
    page = (Path(__file__).parents[3] / "docs" / "gate.md").read_text()
    assert [one.id for one in SPECIMENS if f"| {one.id} | {one.does} |" not in page] == []
