"""A command of the project's own, whatever it does, in real bubblewrap."""

import shlex
from pathlib import Path

import pytest
from conftest import Repo
from gatehouse import Gatehouse, check, open_gatehouse

from podium.model.verdict import Verdict

ONE_CASE = "<testsuites><testsuite><testcase classname='t' name='a'/></testsuite></testsuites>"


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    return open_gatehouse(repo, tmp_path, monkeypatch)


@pytest.fixture
def head(repo: Repo) -> "str":
    return repo.commit({"a.txt": "a\n"})
