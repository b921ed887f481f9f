"""Path policy: a task's change stays in its paths, and no change touches what decides about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.policies.paths import ALWAYS_PROTECTED, matches, violations


@pytest.mark.parametrize(
    ("glob", "path", "match"),
    [
        ("calc.py", "calc.py", True),
        ("calc.py", "sub/calc.py", False),
        ("src", "src/a/b.py", True),
        ("src", "src", True),
        ("src", "srcs/a.py", False),
        ("src/", "src/a.py", True),
        ("src/", "src", False),
        ("/src/a.py", "src/a.py", True),
        ("./src/a.py", "src/a.py", True),
        ("src/*", "src/a.py", True),
        ("src/*", "src/a/b.py", False),
        ("src/*/", "src/a/b.py", True),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/a.pyc", False),
        ("src/**", "src/a/b.py", True),
        ("src/**", "src", False),
        ("src/**/b.py", "src/b.py", True),
        ("src/**/b.py", "src/x/y/b.py", True),
        ("**/b.py", "b.py", True),
        ("**", "any/thing", True),
        ("*", "a/b", False),
        ("a?.py", "ab.py", True),
        ("a?.py", "a.py", False),
        ("[a-c].py", "b.py", True),
        ("[!a-c].py", "b.py", False),
        ("app/[id]/page.tsx", "app/[id]/page.tsx", True),
        ("app/[id]", "app/[id]/page.tsx", True),
        ("a.b", "axb", False),
        (".", "any/thing", True),
        ("*.py", ".py", True),
        ("a*", "a\nb", True),
    ],
)
def test_a_glob_covers_what_it_says(glob: str, path: str, match: bool) -> None:
    assert matches(glob, path) is match


@given(st.text(), st.text(min_size=1))
def test_no_glob_and_no_path_raise(glob: str, path: str) -> None:
    matches(glob, path)


def _touched(*files: str, allowed: tuple[str, ...] = (), protected: tuple[str, ...] = ()) -> list[str]:
    return [one.path for one in violations(files, allowed=allowed, protected=protected)]


def test_files_within_the_tasks_paths_are_no_violation() -> None:
    assert _touched("src/a.py", "docs/x.md", allowed=("src/**", "docs")) == []


def test_files_outside_the_tasks_paths_are_named_with_the_paths() -> None:
    (found,) = violations(["src/a.py", "other.py"], allowed=("src/**",), protected=())
    assert (found.path, found.because) == ("other.py", "it is outside the task's paths (src/**)")


def test_without_paths_everything_is_allowed_that_is_not_protected() -> None:
    assert _touched("a.py", "podium.toml", "x/y") == ["podium.toml"]


def test_protection_wins_over_the_tasks_paths() -> None:
    (found,) = violations(["podium.toml"], allowed=("podium.toml", "**"), protected=())
    assert found.because == "it configures the gate (protected: podium.toml)"
    assert _touched("ci/run", allowed=("**",), protected=("ci/**",)) == ["ci/run"]


@pytest.mark.parametrize(
    "path",
    [".github/workflows/ci.yml", ".gitlab-ci.yml", ".circleci/config.yml", ".gitattributes", "src/.gitattributes",
     ".gitmodules", "Jenkinsfile", "docs/CODEOWNERS"],
)  # fmt: skip
def test_what_decides_about_changes_is_always_protected(path: str) -> None:
    assert _touched(path, allowed=("**",)) == [path]


@pytest.mark.parametrize("path", [".github", ".github/workflows", ".circleci"])
def test_a_file_in_the_place_of_a_protected_folder_is_a_violation(path: str) -> None:
    assert _touched(path) == [path]


def test_files_beside_a_protected_folder_are_free() -> None:
    assert _touched(".github/ISSUE_TEMPLATE.md", ".githubs", "src/podium.toml", "src") == []


def test_every_protection_gives_its_reason() -> None:
    assert all(ALWAYS_PROTECTED.values())
