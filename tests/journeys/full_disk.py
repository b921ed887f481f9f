"""Runs on a small file system of its own: fills it while Podium works, makes room again, and looks at what became of it.

Usage: full_disk.py DIRECTORY, where DIRECTORY is that file system, empty.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

AGENT = "name=${PODIUM_TASK##*/}; sleep 0.$(( name % 7 )); head -c 20000 /dev/urandom | base64 > f$name"
CONFIG = f"""
[[gate.check]]
name = "green"
run = "sleep 0.2"
[agents.maker]
command = ["sh", "-c", '''{AGENT}''']
[policy]
review = "never"
[sandbox]
kind = "none"
[limits]
attempts = 20
"""
TASKS = 8
PATIENCE_S = 150


def main(disk: Path) -> None:
    repository = disk / "repo"
    repository.mkdir()
    os.environ["TMPDIR"] = str(disk)
    (repository / "podium.toml").write_text(CONFIG)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "set up"]):
        git(repository, *words)
    spec = disk / "spec.md"
    spec.write_text(
        "# A job\n\n## Tasks\n\n" + "".join(f"- [ ] {n} Do {n}\n  - kind: chore\n" for n in range(TASKS))
    )
    podium = start(repository, "run", str(spec))
    while git(repository, "rev-list", "--count", "main") == "1":
        time.sleep(0.1)
    fill(disk / "filler")
    print("full", os.statvfs(disk).f_bavail)
    time.sleep(4)
    (disk / "filler").unlink()
    code = podium.wait(timeout=PATIENCE_S)
    print("first run:", code)
    for _ in range(3):
        if code == 0:
            break
        code = start(repository, "run").wait(timeout=PATIENCE_S)
        if code == 3:
            for number in range(TASKS):
                start(repository, "retry", str(number)).wait(timeout=PATIENCE_S)
        print("and again:", code)
    assert code == 0, code
    assert all((repository / f"f{number}").exists() for number in range(TASKS))
    trailers = git(
        repository, "log", "--no-merges", "--format=%(trailers:key=Podium-Task,valueonly)", "main"
    ).split()
    assert len(trailers) == len(set(trailers)) == TASKS, trailers
    assert git(repository, "status", "--porcelain") == ""
    git(repository, "fsck", "--strict")


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 512):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue


def start(repository: Path, *words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "podium", "--repo", str(repository), *words])


def git(repository: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=repository, check=True, capture_output=True, text=True
    ).stdout.strip()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
