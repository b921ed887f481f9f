"""What the gate costs over the project's own plain test run: a small project whose tests take a few seconds, a change with a test.

Each round gates the change in a fresh clone, so nothing is known; then once more, when everything is.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from measure import PODIUM, Figure, Scale, timed

TESTS = 60
TEST_S = 0.05
_MODULE = "def double(number):\n    return 2 * number\n"
_NEW = "\n\ndef triple(number):\n    if number < 0:\n        return -triple(-number)\n    return 3 * number\n"
_TEST = "import time\nfrom calc import double\n\n\ndef test_{n}():\n    time.sleep({s})\n    assert double({n}) == {twice}\n"
_NEW_TEST = "from calc import triple\n\n\ndef test_triple():\n    assert triple(2) == 6\n\n\ndef test_below():\n    assert triple(-1) == -3\n"
_CONFIG = """[[gate.check]]
name = "tests"
run = "python3 -m pytest -q -p no:cacheprovider --junitxml={report}"
report = "junit"
"""


def run(directory: Path, scale: Scale) -> list[Figure]:
    origin = _project(directory / "origin")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    rounds = max(3, scale.runs // 5)
    plain = [
        timed(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=origin).wall_s
        for _ in range(rounds)
    ]
    first, again = [], []
    for number in range(rounds):
        clone = directory / f"clone-{number}"
        subprocess.run(["git", "clone", "-q", "-b", "main", origin, clone], check=True)
        first.append(_gate(clone, environment))
        again.append(_gate(clone, environment))
        shutil.rmtree(clone)
    middle = sorted(plain)[len(plain) // 2]
    names = [check["check"] for check in first[0]["checks"]]
    spent = {name: tuple(_took(view, name) / middle for view in first) for name in names}
    return [
        Figure("the project's own tests, plain", "s", tuple(plain)),
        Figure("the whole gate of a change, nothing known", "s", tuple(view["took_s"] for view in first)),
        Figure("  over the plain run", "x", tuple(view["took_s"] / middle for view in first)),
        *(
            Figure(f"  {name}", "x", values, note="side by side with others")
            for name, values in spent.items()
        ),
        Figure(
            "the same gate once more",
            "x",
            tuple(view["took_s"] / middle for view in again),
            note="everything is known",
        ),
    ]


def _project(root: Path) -> Path:
    (root / "tests").mkdir(parents=True)
    (root / "calc.py").write_text(_MODULE)
    (root / "podium.toml").write_text(_CONFIG)
    (root / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    for number in range(TESTS):
        text = _TEST.format(n=number, s=TEST_S, twice=2 * number)
        (root / "tests" / f"test_{number}.py").write_text(text)
    _git(root, "init", "-q", "-b", "main")
    _commit(root, "base")
    _git(root, "checkout", "-q", "-b", "change")
    (root / "calc.py").write_text(_MODULE + _NEW)
    (root / "tests" / "test_triple.py").write_text(_NEW_TEST)
    _commit(root, "Triple")
    return root


def _gate(clone: Path, environment: dict[str, str]) -> dict[str, Any]:
    words = [str(PODIUM), "gate", "origin/change", "--json"]
    done = subprocess.run(words, cwd=clone, env=environment, capture_output=True, text=True, check=True)
    view = json.loads(done.stdout)
    assert view["verdict"] == "passed", view["because"]
    return dict(view)


def _took(view: dict[str, Any], name: str) -> float:
    return next(float(check["took_s"]) for check in view["checks"] if check["check"] == name)


def _commit(root: Path, message: str) -> None:
    _git(root, "add", "-A")
    _git(root, "-c", "user.name=Bench", "-c", "user.email=bench@example.org", "commit", "-q", "-m", message)


def _git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True)
