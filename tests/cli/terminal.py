"""The command line as a person meets it: in this process where that is enough, as a process of its own where not."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click
from rich.console import Console, RenderableType

from podium.cli.application import podium as program
from podium.cli.application import run
from podium.cli.screen import show


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def podium(*arguments: str) -> Ran:
    """Run a command in this process; its output is no terminal."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments)
    return Ran(code, out.getvalue(), err.getvalue())


def begin(*arguments: str, cwd: Path, more: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start a command as a process."""
    command = [sys.executable, "-m", "podium", *arguments]
    environment = {**os.environ, **(more or {})}
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def process(*arguments: str, cwd: Path, more: Mapping[str, str] | None = None) -> Ran:
    """Run a command as a process to its end."""
    started = begin(*arguments, cwd=cwd, more=more)
    out, err = started.communicate(timeout=60)
    return Ran(started.returncode, out, err)


def printed(parts: Iterable[RenderableType], *, columns: int = 100, terminal: bool = False) -> str:
    """What a page looks like, on a terminal of that width or in a pipe."""
    out = io.StringIO()
    console = Console(
        file=out, width=columns, force_terminal=terminal, color_system="truecolor" if terminal else None,
        no_color=False, highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    show(console, *parts)
    return out.getvalue()


def commands(
    group: click.Group | None = None, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command there is, those inside others too, with the words that call it."""
    group = group or program
    context = click.Context(group, info_name="podium")
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name in group.list_commands(context):
        command = cast("click.Command", group.get_command(context, name))
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
    return found


def option_names(command: click.Command) -> set[str]:
    found: set[str] = set()
    for parameter in command.params:
        found |= set(cast("Any", parameter).opts)
    return found
