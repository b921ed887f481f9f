"""The plain gate: pytest in a clean export of a tree, on a bounded number of slots. No queue shares what another one saw."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from weave.tree import Repository

PYTEST = "python -m pytest -q --no-header -p no:cacheprovider --assert=plain"
"""Plain assertions: rewriting them in a fresh export costs more than the tests of a fast suite."""
_ENVIRONMENT = {
    **os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1",
    "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
}  # fmt: skip
_LONGEST_S = 300


@dataclass(frozen=True, slots=True)
class Suite:
    """The one check of the project: pytest without the tests that are left out."""

    left_out: tuple[str, ...] = ()

    def command(self, *more: str, also_without: Iterable[str] = ()) -> str:
        without = (f"--deselect={test}" for test in (*self.left_out, *also_without))
        return " ".join([PYTEST, *map(shlex.quote, (*more, *without))])


@dataclass(frozen=True, slots=True)
class Run:
    """One gate run: when it began, what it took by the clock on the wall, and how it ended."""

    tree: str
    passed: bool
    began_s: float
    took_s: float
    said: str


@dataclass(slots=True)
class Gate:
    """Runs `command` on trees, no more than `slots` at a time, and keeps account of it."""

    repository: Repository
    command: str
    slots: int
    runs: list[Run] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, tree: str) -> bool:
        began = time.monotonic()
        directory = Path(tempfile.mkdtemp(prefix="bench-gate-"))
        try:
            self.repository.export(tree, directory / "tree")
            done = subprocess.run(
                self.command, shell=True, cwd=directory / "tree", env=_ENVIRONMENT, capture_output=True,
                text=True, errors="replace", timeout=_LONGEST_S, check=False,
            )  # fmt: skip
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        run = Run(tree, done.returncode == 0, began, time.monotonic() - began, done.stdout[-2000:])
        with self._lock:
            self.runs.append(run)
        return run.passed

    def each(self, trees: Iterable[str]) -> list[bool]:
        """The same of many, as many at a time as there are slots."""
        with ThreadPoolExecutor(self.slots) as pool:
            return list(pool.map(self, trees))
