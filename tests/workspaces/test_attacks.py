"""What a hostile agent tries, in a real bubblewrap, and what comes of it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from players import BUBBLEWRAP, LIMIT_KB, Attempts

from podium.base.errors import GitError
from podium.base.files import read_json
from podium.git import objects as objects_file

Repo = Any
"""The `repo` fixture's helper."""


@pytest.fixture
def attempts(repo: Repo) -> Attempts:
    repo.commit({"src/a.py": "one\n", "sub/b.py": "b\n"})
    return Attempts(repo.open(), BUBBLEWRAP)


def test_the_persons_home_is_not_there(attempts: Attempts) -> None:
    home = Path(os.environ["HOME"])
    (home / ".ssh").mkdir()
    (home / ".ssh/id_ed25519").write_text("PRIVATE KEY")
    outcome = attempts.play(
        attempts.prepare(),
        f"cat {home}/.ssh/id_ed25519 {home}/.gitconfig; ls -a /home; cat ~/.gitconfig; ls -a /root/.ssh",
    )
    assert "PRIVATE KEY" not in outcome.said
    assert "Ada" not in outcome.said
    assert outcome.said.count("No such file or directory") == 4, outcome.said


def test_the_systems_secrets_are_not_there(attempts: Attempts) -> None:
    said = attempts.play(
        attempts.prepare(), "ls /etc; cat /etc/shadow; ls /etc/ssl; ls /var /opt /srv /mnt /boot /sys"
    ).said
    assert "root:" not in said
    assert "private" not in said
    assert {"shadow", "sudoers", "machine-id", "ssh"}.isdisjoint(said.split())


def test_another_workspace_is_not_there(attempts: Attempts) -> None:
    other = attempts.prepare()
    attempts.play(other, "echo SECRET > mine")
    assert (
        "SECRET"
        not in attempts.play(
            attempts.prepare(), f"cat {other.work}/mine; ls -R {other.directory.parent}"
        ).said
    )


def test_held_out_objects_cannot_be_reached(repo: Repo, attempts: Attempts) -> None:
    secret = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"],
        cwd=repo.path,
        input="HELD OUT",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    repo.git("update-ref", "refs/podium/acceptance/1", secret)
    script = (
        f"git cat-file -p {secret}; git rev-list --all --objects; git cat-file --batch-all-objects --batch-check; ls -R /run/podium;"
        f" GIT_ALTERNATE_OBJECT_DIRECTORIES={repo.path}/.git/objects git cat-file -p {secret}; ls {repo.path}/.git/podium"
    )
    said = attempts.play(attempts.prepare(), script).said
    assert "HELD OUT" not in said
    assert said.count(secret) == said.count(f"Not a valid object name {secret}"), said


def test_the_mirror_cannot_be_written(attempts: Attempts) -> None:
    workspace = attempts.prepare()
    before = {path: path.stat().st_mtime_ns for path in workspace.mirror.rglob("*")}
    attempts.play(
        workspace,
        "cd /run/podium/mirror.git; echo x > refs/heads/target; rm -rf objects; touch x; mount -o remount,rw .",
    )
    assert {path: path.stat().st_mtime_ns for path in workspace.mirror.rglob("*")} == before


def test_nothing_outside_the_work_directory_can_be_written(attempts: Attempts, tmp_path: Path) -> None:
    script = f"for p in {tmp_path}/canary /usr/canary /etc/canary /canary /home/canary; do echo x > $p; done; ls {tmp_path}"
    attempts.play(attempts.prepare(), script)
    assert not any(Path(place, "canary").exists() for place in (tmp_path, "/usr", "/etc", "/", "/home"))


ESCAPES = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print("capabilities", [line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")])
print("remount", libc.mount(b"none", b"/usr", None, 4096 | 32, None))
print("mount", libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
print("namespace", libc.unshare(0x10000000))
print("processes", sum(name.isdigit() for name in os.listdir("/proc")))
"""


def test_no_capability_no_mount_and_no_namespace_is_left_to_it(attempts: Attempts) -> None:
    workspace = attempts.prepare()
    (workspace.private / "escape.py").write_text(ESCAPES)
    inside = Path("/run/podium/escape.py")
    lines = attempts.play(
        workspace, f"python3 {inside}", read={workspace.private / "escape.py": inside}
    ).said.splitlines()
    found = dict(line.split(" ", 1) for line in lines)
    assert found["capabilities"] == "['0000000000000000']"
    assert (found["remount"], found["mount"]) == ("-1", "-1")
    assert found["namespace"] == "-1"
    assert int(found["processes"]) < 5


def test_a_listener_on_this_machine_cannot_be_reached(attempts: Attempts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        script = f"python3 -c \"import socket; socket.create_connection(('127.0.0.1', {port}), 2)\"; echo $?"
        assert attempts.play(attempts.prepare(), script).said.endswith("1\n")


PLANT = """
for hook in pre-commit post-checkout post-index-change reference-transaction post-commit; do
  mkdir -p .git/hooks; printf '#!/bin/sh\\ntouch %s\\n' CANARY > .git/hooks/$hook; chmod +x .git/hooks/$hook; done
git config core.fsmonitor 'touch CANARY; false'
git config core.hooksPath .git/hooks
git config filter.evil.clean 'touch CANARY; cat'
git config filter.evil.smudge 'touch CANARY; cat'
git config filter.evil.process 'touch CANARY'
git config diff.evil.textconv 'touch CANARY; cat'
git config diff.evil.command 'touch CANARY'
git config diff.external 'touch CANARY'
git config merge.evil.driver 'touch CANARY'
git config gpg.program 'touch CANARY'
git config core.worktree /
git config include.path ../evil
echo '* filter=evil diff=evil merge=evil' > .gitattributes
echo '* filter=evil diff=evil merge=evil' > sub/.gitattributes
cp .git/config evil
echo two > src/a.py
"""


def test_what_it_plants_in_its_git_directory_never_runs(attempts: Attempts, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    found = attempts.make(PLANT.replace("CANARY", str(canary)))
    assert found
    assert found.head
    assert found.refused == ()
    objects = attempts.repository.objects
    base = attempts.repository.tip("main")
    assert objects.read(found.head, "src/a.py") == b"two\n"
    objects.diff(base, found.head)
    objects.export(found.head, tmp_path / "export")
    assert not canary.exists()


def test_its_git_directory_may_lie_or_be_gone(attempts: Attempts) -> None:
    for script in (
        "rm -rf .git",
        "rm -rf .git; echo gitdir: /run/podium/mirror.git > .git",
        "rm -rf .git; ln -s /etc .git",
    ):
        found = attempts.make(f"{script}; echo two > src/a.py")
        assert found
        assert found.head
        base = attempts.repository.tip("main")
        assert [change.path for change in attempts.repository.objects.changed(base, found.head)] == [
            "src/a.py"
        ]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("ln -s /etc/passwd out", "outside the tree"),
        ("ln -s ../../.. sub/out", "outside the tree"),
        ("ln -s .git/config in", "belongs to git"),
        (
            "git init -q n && git -C n -c user.name=x -c user.email=x commit -q --allow-empty -m x",
            "repository of its own",
        ),
        ("echo x > 'a\033[31mb'", "invisible characters"),
        ("echo x > SRC", "only in case"),
        ("head -c 70000 /dev/urandom > big", "69 KiB"),
    ],
)
def test_a_tree_that_deceives_is_refused_and_kept(attempts: Attempts, script: str, reason: str) -> None:
    found = attempts.make(script)
    assert found
    assert found.head, "what there was is kept for people to look at"
    assert reason in found.refused[0]
    assert len(found.refused) == 1


def test_a_pipe_in_the_tree_does_not_hang_the_collector(attempts: Attempts) -> None:
    assert attempts.make("mkfifo pipe") is None


@pytest.mark.parametrize("loose", [True, False])
def test_a_bundle_with_a_git_directory_in_its_tree_is_refused(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loose: bool
) -> None:
    """git before 2.46 takes such a bundle in, whatever transfer.fsckObjects says."""
    evil = tmp_path / "evil"
    repo.git("clone", "-q", str(repo.path), str(evil))
    there = type(repo)(evil)
    blob = there.git("rev-parse", "HEAD:README.md")

    def tree(line: str) -> str:
        return subprocess.run(
            ["git", "mktree"], cwd=evil, input=line, capture_output=True, text=True, check=True
        ).stdout.strip()

    inner = tree(f"100644 blob {blob}\tconfig")
    commit = there.git("commit-tree", tree(f"040000 tree {inner}\t.git"), "-p", "HEAD", "-m", "evil")
    there.git("update-ref", "refs/heads/change", commit)
    there.git("bundle", "create", "-q", str(tmp_path / "bundle"), "refs/heads/change", "^HEAD")
    monkeypatch.setattr(objects_file, "_LOOSE_LIMIT", 100 if loose else 0)
    with pytest.raises(GitError, match="hasDotgit"):
        repo.open().objects.fetch_bundle(tmp_path / "bundle", "refs/heads/change")
    assert repo.open().objects.resolve(commit) is None


SUPERVISOR = """
import sys, time
from datetime import timedelta
from pathlib import Path
from podium.git.repository import open_repository
from podium.workspaces.mirror import sync
from podium.workspaces.sandboxes.registry import choose
from podium.workspaces.workspace import prepare
repository = open_repository(Path(sys.argv[1]))
mirror = sync(repository, "main")
workspace = prepare(repository, choose("bubblewrap"), attempt="spec/1@1", base=repository.tip("main"), mirror=mirror)
command = workspace.contain(("sh", "-c", sys.argv[2]), env={}, read={}, write={}, network=False)
workspace.start(command, time_limit=timedelta(seconds=20), output_limit_bytes=1000)
print("started", flush=True)
time.sleep(60)
"""


def test_an_agent_outlives_a_killed_supervisor_and_is_taken_up(repo: Repo, attempts: Attempts) -> None:
    script = "echo begun >> log; while [ ! -e go ]; do sleep 0.02; done; rm go; echo two > src/a.py"
    command = [sys.executable, "-c", SUPERVISOR, str(repo.path), script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout
        assert supervisor.stdout.readline() == b"started\n"
        supervisor.send_signal(signal.SIGKILL)
    workspace = attempts.prepare(attempt="spec/1@1")
    (workspace.work / "go").touch()
    assert attempts.play(workspace, "echo again >> log").code == 0
    assert (workspace.work / "log").read_text() == "begun\n"
    found = workspace.collect(limit_kb=LIMIT_KB)
    assert found
    assert found.head


def test_when_even_the_shim_is_killed_the_agents_whole_tree_dies(attempts: Attempts) -> None:
    command = [
        sys.executable,
        "-c",
        SUPERVISOR,
        str(attempts.repository.root),
        "(setsid sh -c 'while sleep 0.03; do date +%N > beat; done' &); sleep 60",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout
        assert supervisor.stdout.readline() == b"started\n"
        workspace = attempts.prepare(attempt="spec/1@1")
        beat = workspace.work / "beat"
        while not beat.exists() or not beat.read_text():
            time.sleep(0.01)
        started: dict[str, int] = read_json(workspace.directory / "run/started.json") or {}
        os.kill(started["pid"], signal.SIGKILL)
        supervisor.send_signal(signal.SIGKILL)
    time.sleep(0.1)
    last = beat.read_text()
    time.sleep(0.2)
    assert beat.read_text() == last
