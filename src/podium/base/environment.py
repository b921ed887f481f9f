"""The only door to the environment variables of this process."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path


def variable(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def variables(names: Iterable[str]) -> dict[str, str]:
    """The named variables that are set."""
    return {name: os.environ[name] for name in names if name in os.environ}


def everything() -> Mapping[str, str]:
    """All variables, for a program of the person's own (an editor, a pager)."""
    return os.environ


def append_to_path(directory: Path) -> None:
    """Let this process, and what it starts, find programs in one more directory, after all others."""
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:{directory}"
