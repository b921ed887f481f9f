import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.review.floors import FLOORS, floor_of, touched


@pytest.mark.parametrize(
    ("path", "what", "least"),
    [
        ("tests/unit/data.json", "tests", 80),
        ("src/test_thing.py", "tests", 80),
        ("web/button.spec.ts", "tests", 80),
        (".github/workflows/build.yml", "continuous integration", 80),
        ("Jenkinsfile", "continuous integration", 80),
        ("podium.toml", "the gate and its tools", 80),
        ("Makefile", "the gate and its tools", 80),
        ("docs/CODEOWNERS", "policy", 80),
        ("pyproject.toml", "dependencies", 80),
        ("sub/requirements-dev.txt", "dependencies", 80),
        ("Cargo.lock", "dependencies", 80),
        ("src/auth.py", "who may do what", 70),
        ("src/userLogin.ts", "who may do what", 70),
        ("lib/crypto/box.c", "cryptography", 70),
        ("app/migrations/0007_names.py", "migration of data", 70),
        ("run/sub_exec.go", "running programs", 70),
        ("net/http/client.go", "the network", 70),
    ],
)
def test_a_path_that_deserves_a_look_has_its_floor(path: str, what: str, least: int) -> None:
    floor = floor_of(path)
    assert floor is not None
    assert (floor.what, floor.least) == (what, least)


@pytest.mark.parametrize(
    "path",
    [
        "src/calc.py",
        "src/author.py",
        "contest.py",
        "latest.js",
        "docs/executive.md",
        "specs/shop.md",
        "cli/commands/run.py",
    ],
)
def test_an_ordinary_path_has_none(path: str) -> None:
    assert floor_of(path) is None


def test_every_floor_says_why_and_the_highest_come_first() -> None:
    assert all(floor.what and floor.because for floor in FLOORS)
    assert [floor.least for floor in FLOORS] == sorted((floor.least for floor in FLOORS), reverse=True)
    assert len({floor.what for floor in FLOORS}) == len(FLOORS)


def test_a_changes_files_are_grouped_under_their_floors() -> None:
    found = touched(("a.py", "src/auth.py", "go.mod", "go.sum"))
    assert [(floor.what, files) for floor, files in found] == [
        ("dependencies", ("go.mod", "go.sum")),
        ("who may do what", ("src/auth.py",)),
    ]


@given(st.text())
def test_no_path_is_too_strange(path: str) -> None:
    floor = floor_of(path)
    assert floor is None or floor in FLOORS
