"""Where a checker may put a test: a new file, inside the tree, beside everything that decides."""

import pytest

from podium.git.objects import Entry
from podium.review.overlay import refusal

ENTRIES = [
    Entry(mode, "blob", "x", 1, path)
    for mode, path in [
        ("100644", "calc.py"), ("100644", "tests/test_calc.py"), ("120000", "linked"), ("160000", "module"),
    ]
]  # fmt: skip


@pytest.mark.parametrize(
    "path", ["tests/test_new.py", "test_new.py", "checks/deep/below/test.sh", "tests/ünï.py"]
)
def test_a_new_file_inside_the_tree_is_fine(path: str) -> None:
    assert refusal(path, ENTRIES, protected=("spec.md",)) == ""


@pytest.mark.parametrize(
    ("path", "because"),
    [
        ("../outside.py", "no path inside"), ("/etc/passwd", "no path inside"), ("a//b.py", "no path inside"),
        ("./a.py", "no path inside"), ("tests/", "no path inside"), ("calc.py", "is there already"), ("tests", "is there already"),
        ("linked/a.py", "lies below linked"), ("module/a.py", "lies below module"), ("calc.py/a.py", "lies below calc.py"),
        ("podium.toml", "configures the gate"), (".github/workflows/x.yml", "configures CI"), ("spec.md", "protects it"),
        (".podium", "decides by"), (".git/hooks/pre-commit", "belongs to git"), ("a/.GIT/config", "belongs to git"),
        ("Calc.py", "only in case"), ("TESTS/x.py", "only in case"), ("a\nb.py", "control"), ("a\u202eb.py", "control"),
        ("x/.gitattributes", "changes what git checks out"), (".gitmodules", "other repositories"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_the_reason(path: str, because: str) -> None:
    assert because in refusal(path, ENTRIES, protected=("spec.md",))
