"""The one place where a command's errors become words and an exit code.

With --json an error is a document on standard output like any other answer: `{"error": …, "hint": …}`.
"""

import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from podium.base.environment import variable
from podium.base.errors import PodiumError, SpecError, UsageError
from podium.base.text import clean, clean_line
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.git.repository import open_repository


def guarded(command: Callable[[], Any], invocation: Invocation, arguments: Sequence[str]) -> int:
    """Run a command; whatever goes wrong is said in one or two lines."""
    as_json = "--json" in arguments
    try:
        code = int(command() or Exit.OK)
        sys.stdout.flush()
    except click.Abort:
        return _interrupted()
    except (click.ClickException, PodiumError) as error:
        return _refused(error, as_json=as_json)
    except BrokenPipeError:
        return _nobody_reads()
    except Exception as error:  # noqa: BLE001 - the boundary of a command; the whole of it goes into a file
        return _crashed(error, invocation, as_json=as_json)
    return code


def _refused(error: click.ClickException | PodiumError, *, as_json: bool) -> int:
    if isinstance(error, click.ClickException):
        return _say(_worded(error), _help_for(error), as_json=as_json, code=Exit.USAGE)
    code = Exit.USAGE if isinstance(error, UsageError) else Exit.FAILED
    return _say(str(error), error.hint, as_json=as_json, code=code, bare=isinstance(error, SpecError))


def _worded(error: click.ClickException) -> str:
    """The message of click in the way of ours: it starts small and ends without a stop."""
    text = error.format_message()
    return (text[:1].lower() + text[1:]).rstrip(".")


def _help_for(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else 'podium'} --help"


def _say(message: str, hint: str, *, as_json: bool, code: Exit, bare: bool = False) -> int:
    if as_json:
        print(json.dumps({"error": message, "hint": hint}, indent=2))
        return code
    print(clean(message) if bare else f"error: {clean(message)}", file=sys.stderr)
    if hint:
        print(f"hint: {clean(hint)}", file=sys.stderr)
    return code


def _interrupted() -> int:
    print("interrupted; nothing is broken, run it again to continue", file=sys.stderr)
    return Exit.INTERRUPTED


def _nobody_reads() -> int:
    """The reader of a pipe has gone: say nothing, not even at the end of the process."""
    sys.stdout = None
    return Exit.FAILED


def _crashed(error: Exception, invocation: Invocation, *, as_json: bool) -> int:
    what = clean_line(f"{type(error).__name__}: {error}")
    text = "".join(traceback.format_exception(error))
    if variable("PODIUM_DEBUG"):
        print(clean(text), file=sys.stderr)
        return _say(f"this should not have happened: {what}", "", as_json=as_json, code=Exit.FAILED)
    hint = f"please report it with {_write_down(text, invocation.repo)}; nothing that was recorded is lost"
    return _say(f"this should not have happened: {what}", hint, as_json=as_json, code=Exit.FAILED)


def _write_down(text: str, repo: Path) -> Path:
    """Keep a traceback beside Podium's state, or with the temporary files where there is none."""
    try:
        folder = open_repository(repo).state / "crashes"
        folder.mkdir(parents=True, exist_ok=True)
    except (PodiumError, OSError):
        folder = Path(tempfile.gettempdir())
    descriptor, name = tempfile.mkstemp(prefix="podium-", suffix=".txt", dir=folder, text=True)
    with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123 - a descriptor
        file.write(text)
    return Path(name)
