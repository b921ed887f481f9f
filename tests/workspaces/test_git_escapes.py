"""What an agent can do to git and to its tree so that the host does or takes in what it should not."""

from pathlib import Path
from typing import Any

import pytest
from players import BUBBLEWRAP, Attempts

Repo = Any
"""The `repo` fixture's helper."""


@pytest.fixture
def attempts(repo: Repo) -> Attempts:
    repo.commit({"src/a.py": "one\n", "sub/b.py": "b\n"})
    return Attempts(repo.open(), BUBBLEWRAP)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("mkdir .GIT; echo x > .GIT/config", "invalid path"),
        ("mkdir git~1; echo x > git~1/config", "invalid path"),
        ("mkdir '.git '; echo x > '.git /config'", "invalid path"),
        ("mkdir '.git.'; echo x > '.git./config'", "invalid path"),
        ("echo x > '.git::$INDEX_ALLOCATION'", "invalid path"),
        ("echo x > '.git\\config'", "invalid path"),
        ("d=$(printf '.g\\342\\200\\214it'); mkdir $d; echo x > $d/config", "hasDotgit"),
        ("echo x > 'a\nb'", "invisible characters"),
        ("echo x > $(printf 'a\\377')", "not UTF-8"),
        ("echo x > $(printf 'e\\314\\201'); echo x > $(printf '\\303\\251')", "only in case or form"),
        ("rm -rf src; ln -s /etc src", "outside the tree"),
        ("ln -s sub d; ln -s d/../../etc e", "goes up again"),
        ("ln -s sub/../../../etc/passwd l", "goes up again"),
        ("mkdir n; echo 'gitdir: /run/podium/mirror.git' > n/.git; echo x > n/x", "repository of its own"),
        ("ln -s sub/b.py .gitmodules", "invalid path"),
        ("printf '[submodule \"x\"]\\n path = sub\\n url = --upload-pack=touch\\n' > .gitmodules", "submodule url"),
        ("echo two > src/a.py; chmod 000 src", "could not open directory"),
    ],
)  # fmt: skip
def test_a_tree_that_would_harm_a_checkout_is_refused(attempts: Attempts, script: str, reason: str) -> None:
    found = attempts.make(script)
    assert found
    assert reason in " ".join(found.refused)


HIDING = {
    "assume unchanged": "git update-index --assume-unchanged src/a.py",
    "skip the work tree": "git update-index --skip-worktree src/a.py",
    "sparse": "git config core.sparseCheckout true; mkdir -p .git/info; echo /none > .git/info/sparse-checkout",
    "ignore": "mkdir -p .git/info; echo '*' > .git/info/exclude; echo '*' > .gitignore",
    "garbage for an index": "head -c 1000 /dev/urandom > .git/index",
    "entries of nothing": "git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),gone;"
    " git update-index --add --cacheinfo 120000,$(printf /etc/shadow | git hash-object -w --stdin),evil",
    "replacements": "git replace $(git rev-parse HEAD:src/a.py) $(echo evil | git hash-object -w --stdin);"
    " git replace -f HEAD $(git commit-tree HEAD^{tree} -m other)",
    "grafts": "git rev-parse HEAD > .git/shallow",
    "alternates": "echo /root > .git/objects/info/alternates; echo ../../../../etc >> .git/objects/info/alternates",
    "programs": "git config core.pager 'touch CANARY'; git config core.sshCommand 'touch CANARY';"
    " git config core.editor 'touch CANARY'; git config credential.helper '!touch CANARY';"
    " git config alias.add '!touch CANARY'; git config uploadpack.packObjectsHook 'touch CANARY';"
    " git config sequence.editor 'touch CANARY'; git config core.alternateRefsCommand 'touch CANARY'",
    "conversions": "echo '* ident export-subst export-ignore filter=none' > .gitattributes; git add .gitattributes",
    "a socket": "python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('s')\"",
}


@pytest.mark.parametrize("hiding", HIDING.values(), ids=HIDING.keys())
def test_nothing_in_its_git_directory_hides_the_work_or_runs(
    attempts: Attempts, tmp_path: Path, hiding: str
) -> None:
    canary = tmp_path / "canary"
    found = attempts.make(f"{hiding.replace('CANARY', str(canary))}; echo two > src/a.py")
    assert found
    assert found.head
    assert found.refused == ()
    objects, base = attempts.repository.objects, attempts.repository.tip("main")
    assert objects.read(found.head, "src/a.py") == b"two\n"
    assert objects.commit_info(found.head).parents == (base,)
    assert {each.path for each in objects.changed(base, found.head)} <= {
        "src/a.py",
        ".gitignore",
        ".gitattributes",
    }
    objects.export(found.head, tmp_path / "export")
    assert (tmp_path / "export/src/a.py").read_text() == "two\n"
    assert not canary.exists()


def test_names_that_look_like_options_are_only_names(attempts: Attempts, tmp_path: Path) -> None:
    found = attempts.make(
        "echo x > ./--output=mine; echo y > ./-rf; echo z > 'a\\b'; echo w > '$(touch mine)'"
    )
    assert found
    assert found.head
    assert found.refused == ()
    objects, base = attempts.repository.objects, attempts.repository.tip("main")
    objects.diff(base, found.head)
    objects.export(found.head, tmp_path / "export")
    assert (tmp_path / "export/--output=mine").read_text() == "x\n"
    assert not (attempts.repository.root / "mine").exists()


DEEP = "import os\nfor _ in range(2500): os.mkdir('d'); os.chdir('d')\nopen('f', 'w')"


def test_a_folder_too_deep_to_read_is_said_and_can_be_removed(attempts: Attempts) -> None:
    workspace = attempts.prepare()
    (workspace.private / "deep.py").write_text(DEEP)
    inside = Path("/run/podium/deep.py")
    try:
        attempts.play(workspace, f"python3 {inside}", read={workspace.private / "deep.py": inside})
        found = workspace.collect(limit_kb=64)
    finally:
        workspace.remove()
    assert found
    assert "git cannot take its files in" in found.refused[0]
    assert not workspace.directory.exists()


def test_a_file_that_is_all_hole_is_refused_for_its_size(attempts: Attempts) -> None:
    found = attempts.make("truncate -s 20M hole")
    assert found
    assert "the limit is" in found.refused[0]


def test_a_file_larger_than_the_bound_cannot_be_made(attempts: Attempts) -> None:
    outcome = attempts.play(attempts.prepare(), "truncate -s 2G hole")
    assert outcome.code
    assert "too large" in outcome.said
