"""A sealed world for every test: its own HOME, git identity and dates, and real repositories in temporary directories."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from podium.git.repository import Repository, open_repository
from podium.model.ids import Sha

# A busy machine is no fault of the code: examples are bounded by their number, not by the clock.
settings.register_profile("podium", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("podium")

# Whoever runs the tests may be deaf to some, as `nohup` and background jobs are, and so would be all that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
_IDENTITY = """
[user]
name = Ada Person
email = ada@example.org
[init]
defaultBranch = main
[core]
editor = false
"""


@dataclass(frozen=True)
class Repo:
    """A real repository and the few things a person does to one."""

    path: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def commit(self, files: Mapping[str, str], message: str = "change") -> Sha:
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return Sha(self.git("rev-parse", "HEAD"))

    def open(self) -> Repository:
        return open_repository(self.path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _sealed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(_IDENTITY)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    for name in [
        name for name in os.environ if name.startswith(("GIT_DIR", "GIT_WORK", "GIT_INDEX", "PODIUM_"))
    ]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def _first_commit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository to copy: git is started once for it, not for each test."""
    home = tmp_path_factory.mktemp("made")
    (home / ".gitconfig").write_text(_IDENTITY)
    world = {**os.environ, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    path = home / "repo"
    path.mkdir()
    (path / "README.md").write_text("# sample\n")
    for words in (["init", "-q", "--template="], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=path, env=world, check=True)
    for name in ("hooks", "info"):
        (path / ".git" / name).mkdir(exist_ok=True)
    return path


@pytest.fixture
def repo(tmp_path: Path, _first_commit: Path) -> Repo:
    """A repository with one commit on main."""
    path = tmp_path / "repo"
    shutil.copytree(_first_commit, path, symlinks=True)
    return Repo(path)
