"""Runners: pytest as the project runs it, and run in another way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from podium.config.settings import CheckSettings
from podium.gate.junit import read_report
from podium.gate.runners.base import PROBE, Wanted
from podium.gate.runners.pytest import Pytest, recognises
from podium.gate.runners.registry import runner_for
from podium.model.evidence import Cases

CALC = "LIMIT = 3\n\n\ndef add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
TWO = "from calc import add, sub\n\ndef test_add():\n    assert add(1, 2) == 3\n\ndef test_sub():\n    assert sub(3, 2) == 1\n"


def write(tree: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    write(tree, {"calc.py": CALC, "test_calc.py": TWO})
    return tree


def order(tree: Path, run: str = "python -m pytest -q", **wanted: object) -> tuple[Cases, str]:
    """Run it and read its report; what it printed comes with it."""
    report = tree.parent / "report.xml"
    report.unlink(missing_ok=True)
    command = Pytest().order(run, Wanted(str(report), str(PROBE), **wanted))  # type: ignore[arg-type]
    env = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        ["sh", "-c", command], cwd=tree, env=env, capture_output=True, text=True, check=False
    )
    cases = read_report(report)
    assert isinstance(cases, Cases), done.stdout + done.stderr
    return cases, done.stdout + done.stderr


@pytest.mark.parametrize(
    "run",
    [
        "pytest", "py.test -q", "python -m pytest tests", "python3.11 -X dev -m pytest", "A=1 PYTHONPATH='s rc' pytest -k 'a b'",
        ".venv/bin/pytest", "uv run pytest -q --junitxml={report}", "env CI=1 pytest", "python -B -m pytest -n 4",
    ],
)  # fmt: skip
def test_a_plain_run_of_pytest_is_recognised(run: str) -> None:
    assert recognises(run)
    assert runner_for(CheckSettings(name="t", run=run)) is not None


@pytest.mark.parametrize(
    "run",
    [
        "make test", "pytest | tee log", "pytest; true", "pytest || true", "(pytest)", "cd x && pytest", "echo pytest", "tox",
        "pytest `cat list`", "pytest $(cat list)", "pytest # {report}", "python -I -m pytest", "python -m pytest_cov", "pytest 'x",
        "pytest > log", "pytest -p no:junitxml", "pytest --junitxml=own.xml", "pytest &", "pytest\nruff check", "", "A=b",
    ],
)  # fmt: skip
def test_what_may_be_more_than_one_run_of_pytest_is_not(run: str) -> None:
    assert not recognises(run)


def test_settings_may_say_who_runs_the_tests_and_that_nobody_does() -> None:
    assert runner_for(CheckSettings(name="t", run="make test", runner="pytest")) is not None
    assert runner_for(CheckSettings(name="t", run="pytest", runner="none")) is None
    assert runner_for(CheckSettings(name="t", run="go test ./...")) is None


@pytest.mark.parametrize("run", ["pytest -q -p no:cacheprovider", "python -m pytest --junitxml={report}"])
def test_a_run_is_reported_with_and_without_a_place_for_the_report(tree: Path, run: str) -> None:
    write(tree, {"conftest.py": ""})
    assert order(tree, run)[0].passed == ("test_calc::test_add", "test_calc::test_sub")


def test_what_run_sets_itself_keeps_its_meaning(tree: Path) -> None:
    write(tree, {"lib/extra.py": "", "test_extra.py": "import extra\n\ndef test_extra(): pass\n"})
    cases, _ = order(
        tree, "PYTHONPATH=lib:$PYTHONPATH PYTEST_ADDOPTS='-k extra' PYTEST_PLUGINS=pytester python -m pytest"
    )
    assert cases.passed == ("test_extra::test_extra",)


def test_the_tests_find_the_environment_as_it_would_be_without_us(tree: Path) -> None:
    write(
        tree, {"test_env.py": "import os\n\ndef test_env():\n    print(sorted(os.environ))\n    assert 0\n"}
    )
    _, output = order(tree, "python -m pytest test_env.py")
    assert "PATH" in output
    assert not [
        name
        for name in ("PODIUM", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONPATH", "AUTOLOAD")
        if name in output
    ]
    _, output = order(tree, "PYTHONPATH=lib python -m pytest test_env.py")
    assert "'PYTHONPATH'" in output


def test_only_the_wanted_files_are_run_and_the_others_not_even_imported(tree: Path) -> None:
    write(
        tree, {"tests/__init__.py": "", "tests/test_b.py": "def test_b(): pass\n", "test_bad.py": "raise 1\n"}
    )
    assert order(tree, tests=("tests/test_b.py",))[0] == Cases(("tests.test_b::test_b",))
    assert order(tree, "pytest test_calc.py tests", tests=("tests/test_b.py",))[0] == Cases(
        ("tests.test_b::test_b",)
    )


def sequence(output: str) -> list[str]:
    return [line.split()[0] for line in output.splitlines() if " PASSED" in line]


def test_a_seed_shuffles_and_the_same_seed_shuffles_alike(tree: Path) -> None:
    many = "\n".join(f"def test_{n}(): pass" for n in range(20))
    write(tree, {"test_many.py": many, "test_more.py": many})
    plain = sequence(order(tree, "python -m pytest -v")[1])
    one, again, other = (sequence(order(tree, "python -m pytest -v", shuffle=seed)[1]) for seed in (1, 1, 2))
    assert sorted(one) == sorted(plain)
    assert one == again
    assert plain != one != other
    files = [name.partition("::")[0] for name in one]
    assert len(set(files)) == sum(a != b for a, b in zip([None, *files], files, strict=False))


def recorded(tree: Path, run: str = "python -m pytest -q", **more: object) -> dict[str, dict[str, list[int]]]:
    lines = tree.parent / "lines.json"
    order(tree, run, lines=str(lines), watch=("calc.py", "src/calc.py"), **more)
    found = json.loads(lines.read_text())["lines"]
    assert isinstance(found, dict)
    return found


def test_lines_are_recorded_by_the_ids_of_the_report(tree: Path) -> None:
    assert recorded(tree) == {
        "": {"calc.py": [1, 4, 8]},
        "test_calc::test_add": {"calc.py": [5]},
        "test_calc::test_sub": {"calc.py": [9]},
    }


def test_ids_of_classes_and_parameters_equal_those_of_the_report(tree: Path) -> None:
    test = (
        "import pytest, calc\n\nclass TestIt:\n"
        "    @pytest.mark.parametrize('a', ['x/y.py::z', '[b]', '\\x00', 'ü'])\n    def test_it(self, a): calc.add(a, a)\n"
    )
    write(tree, {"sub/test_deep.py": test})
    cases, _ = order(tree, tests=("sub/test_deep.py",))
    assert len(cases.passed) == 4
    assert set(recorded(tree, tests=("sub/test_deep.py",))) == {"", *cases.passed}


def test_src_layout_and_threads_are_recorded(tree: Path) -> None:
    (tree / "calc.py").unlink()
    thread = "import threading, calc\n\ndef test_t():\n    t = threading.Thread(target=calc.add, args=(1, 2))\n    t.start()\n    t.join()\n"
    write(tree, {"src/calc.py": CALC, "test_calc.py": thread, "pytest.ini": "[pytest]\npythonpath = src\n"})
    assert recorded(tree)["test_calc::test_t"] == {"src/calc.py": [5]}


@pytest.mark.parametrize("options", ["-n 2", ""])
def test_xdist_in_the_projects_own_configuration_works(tree: Path, options: str) -> None:
    write(tree, {"pytest.ini": f"[pytest]\naddopts = {options}\n", "sub/test_s.py": "def test_s(): pass\n"})
    found = recorded(tree, "pytest", shuffle=3)
    assert found["test_calc::test_add"] == {"calc.py": [5]}
    cases, output = order(tree, "python -m pytest -v", tests=("sub/test_s.py",))
    assert cases == Cases(("sub.test_s::test_s",))
    assert ("2 workers" in output) is bool(options)


PLUGIN = (
    "import os, pytest\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
    "    out = yield\n    if call.excinfo:\n        out.get_result().outcome = 'passed'\n"
)


def egg(name: str) -> dict[str, str]:
    return {
        f"{name}.egg-info/PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        f"{name}.egg-info/entry_points.txt": f"[pytest11]\n{name} = helpful\n",
        "helpful.py": PLUGIN,
    }


def test_a_plug_in_that_the_tree_brings_along_is_not_loaded(tree: Path) -> None:
    write(tree, {**egg("helpful"), "test_wrong.py": "def test_wrong():\n    assert 0\n"})
    plain = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "test_wrong.py"], cwd=tree, check=False, env={"PATH": os.environ["PATH"]},
        capture_output=True,
    )  # fmt: skip
    assert plain.returncode == 0, "the cheat works where Podium does not look"
    write(
        tree,
        {
            "helpful.egg-info/entry_points.txt": "[pytest11]\npodium_probe = helpful\nxdist = helpful\na = helpful\n"
        },
    )
    assert order(tree)[0].failed == ("test_wrong::test_wrong",)


def test_the_plug_ins_may_be_named_and_none_at_all_is_a_choice(tree: Path) -> None:
    plain = "python -m pytest -q"
    assert "xdist" in order(tree, f"{plain} --trace-config")[1]
    assert "xdist" not in order(tree, f"{plain} --trace-config", plugins=())[1]
    assert "xdist" in order(tree, f"{plain} --trace-config", plugins=("xdist.plugin",))[1]
    assert "xdist" not in order(tree, f"PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 {plain} --trace-config")[1]


def test_blocked_plug_ins_stay_blocked(tree: Path) -> None:
    write(tree, {"pytest.ini": "[pytest]\naddopts = -p no:xdist --strict-config --strict-markers -W error\n"})
    assert "xdist-" not in order(tree, "python -m pytest -q --trace-config")[1]


def test_a_test_is_found_in_its_file_wherever_pytest_has_its_root() -> None:
    names = ["a/tests/test_x.py", "b/tests/test_x.py", "tests/test_y.py", "calc.py", "x.txt"]
    files = Pytest().files
    assert files(["tests.test_y.TestY::test_y[a::b.c]"], names) == frozenset({"tests/test_y.py"})
    assert files(["a.tests.test_x::t", "tests.test_y"], names) == frozenset(
        {"a/tests/test_x.py", "tests/test_y.py"}
    )
    assert files(["tests.test_x::t"], names) == frozenset({"a/tests/test_x.py", "b/tests/test_x.py"})
    assert files(["tests.test_y::t", "elsewhere::t"], names) is None
    assert files([], names) == frozenset()
