"""What a scripted agent plays: a TOML file with, for each task, one list of actions per attempt.

    [[task.1]]                                  # the first attempt at task 1
    do = [
      { say = "reading calc.py" },
      { sleep = 2 },
      { edit = { path = "calc.py", old = "a - b", new = "a + b" } },
    ]

    [[task.1]]                                  # the second one, and all after it
    do = [{ hang = true }]

    [[task."*"]]                                # any task not named
    do = [{ lie = "done" }]

An id with dots is quoted: `[[task."1.2"]]`. The actions themselves are done by player.py.
"""

import signal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from podium.config.faults import faulty, parse, validate

ANY = "*"
_LONG_S = 24 * 3600


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Edit(_Part):
    """Replace the first `old` in a file by `new`; it must be there."""

    path: str = Field(min_length=1)
    old: str = Field(min_length=1)
    new: str


class Text(_Part):
    """A file and the text for it."""

    path: str = Field(min_length=1)
    text: str


def _signal_number(value: Any) -> Any:
    """Take a signal by its name too: `KILL`, `SIGSEGV`."""
    if not isinstance(value, str):
        return value
    name = f"SIG{value.upper().removeprefix('SIG')}"
    if name not in signal.Signals.__members__:
        raise ValueError(f'there is no signal "{value}"')
    return int(signal.Signals[name])


class Action(_Part):
    """One thing the agent does: just one of these."""

    edit: Edit | None = None
    write: Text | None = None
    append: Text | None = None
    """Adds to the end of a file, which need not be there yet."""
    delete: str | None = Field(default=None, min_length=1)
    say: str | None = None
    sleep: float | None = Field(default=None, ge=0, le=_LONG_S)
    """Seconds, times PODIUM_PACE."""
    run: str | None = Field(default=None, min_length=1)
    """A shell command; the play goes on whatever comes of it."""
    crash: int | None = Field(default=None, ge=1, le=255)
    """Ends with this exit code."""
    die: Annotated[int | None, BeforeValidator(_signal_number)] = Field(default=None, ge=1, le=64)
    """Ends by this signal: a number, or a name such as "KILL"."""
    hang: Literal[True] | None = None
    """Never ends, and ignores polite signals."""
    flood: int | None = Field(default=None, ge=1, le=2**30)
    """Prints this many bytes."""
    fork: int | None = Field(default=None, ge=1, le=64)
    """Leaves this many processes behind, each in a session of its own."""
    lie: Literal["done"] | None = None
    """Says that it is done, and does nothing."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Action":
        if len(self.model_fields_set) != 1:
            raise ValueError('an action does just one thing: write { say = "…" }, { sleep = 2 }')
        return self


class Turn(_Part):
    """What the agent does in one attempt."""

    do: tuple[Action, ...]


class Script(_Part):
    """Turns by the task's id as its spec writes it, or `*` for any other task."""

    task: dict[str, tuple[Turn, ...]]

    def turn(self, local_id: str, attempt: int) -> Turn | None:
        """Find what to play in the n-th attempt; the last turn repeats. None when the script knows no such task."""
        turns = self.task.get(local_id) or self.task.get(ANY) or ()
        return turns[min(attempt, len(turns)) - 1] if turns else None


def read_script(text: str, *, origin: str) -> Script:
    """Read a script; `origin` names it in errors.

    Raises:
        ConfigError: it cannot be played; each line of the message is one fault.

    """
    script, faults = validate(Script, parse(text, origin=origin))
    if script is None:
        raise faulty(faults, text, origin=origin)
    return script


def played(turn: Turn) -> list[dict[str, Any]]:
    """Write the actions as the player reads them: one key each."""
    return [action.model_dump(exclude_unset=True) for action in turn.do]
