"""What the worker hands to the client process, and what the two tell each other while it runs: all of it as files.

    session/assignment.json   how to start the agent and within what bounds; read once and removed, as it holds secrets
    session/inbox/            messages to the client, taken in the order of their names
    session/turns/            how each prompt ended, by the id of the prompt

Files outlive both sides: a worker that was killed finds every answer where it would have got it.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from podium.agents.acp.meter import Rule
from podium.agents.egress.rules import Rules
from podium.base.digest import digest
from podium.base.files import read_json, write_atomically, write_json
from podium.model.usage import Allowance, Usage


@dataclass(frozen=True, slots=True)
class SessionOrder:
    """The session to ask for. `cwd` and `tools` are as the agent sees them; `tools` the argv of an MCP server, or nothing."""

    cwd: str
    tools: tuple[str, ...] = ()
    authenticate: str = ""
    mode: str = ""
    model: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assignment:
    """How to run one agent. `argv`, `env` and `cwd` are those of the contained command; `session` is None for a plain command."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    session: SessionOrder | None = None
    rules: Rules | None = None
    """What it may reach through the broker; None where there is none."""
    secrets: tuple[str, ...] = ()
    rule: Rule = Rule()
    failure_marks: tuple[str, ...] = ()
    idle_s: float = 600.0
    linger_s: float = 600.0
    grace_s: float = 5.0
    """Between a cancel and the end of patience."""
    farewell_s: float = 2.0
    """At the end, for its program to go by itself, and then once more when it is asked to."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something for the client: a prompt to work on, a person's word, the end of all.

    `id` names the attempt; `limit_s` and `allowance` bound a prompt's turn; `transcript` is where it is written down.
    """

    kind: Literal["prompt", "tell", "cancel"]
    id: str = ""
    text: str = ""
    transcript: str = ""
    limit_s: float = 0.0
    allowance: Allowance = Allowance()
    now: bool = False
    """Of a tell: interrupt the turn for it."""


@dataclass(frozen=True, slots=True)
class TurnResult:
    """How a prompt ended. `stopped` is `over-budget`, `timeout` or `cancelled` where Podium ended it, else empty."""

    end: str
    because: str
    stop_reason: str = ""
    stopped: str = ""
    duration_s: float = 0.0
    said: str = ""
    """The agent's last words."""
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The directory in which the two sides meet."""

    directory: Path

    def assign(self, assignment: Assignment) -> None:
        for name in ("inbox", "turns"):
            (self.directory / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self._assignment, _ASSIGNMENT.dump_json(assignment))

    def take_assignment(self) -> Assignment | None:
        """The assignment, gone from the disk; None when there is none."""
        if not self._assignment.is_file():
            return None
        found = _ASSIGNMENT.validate_json(self._assignment.read_bytes())
        self._assignment.unlink()
        return found

    def post(self, message: Message, *, name: str) -> None:
        """Leave a message; under a name that was used before, it is the same message once more."""
        write_json(self.directory / "inbox" / f"{name}.json", asdict(message))

    def posted(self, name: str) -> float | None:
        """When the message of that name was left, in seconds since the epoch; None where there is none."""
        with suppress(FileNotFoundError):
            return (self.directory / "inbox" / f"{name}.json").stat().st_mtime
        return None

    def messages(self, seen: set[str]) -> list[Message]:
        """The messages that are new, oldest first; their names are added to `seen`."""
        found = []
        for path in sorted((self.directory / "inbox").glob("*.json")):
            if path.name in seen:
                continue
            seen.add(path.name)
            try:
                found.append(_MESSAGE.validate_python(read_json(path)))
            except ValidationError:  # not one of ours; it says nothing
                continue
        return found

    def knows(self, prompt: str) -> bool:
        """Whether this prompt was posted."""
        return any(message.id == prompt and message.kind == "prompt" for message in self.messages(set()))

    def finish(self, prompt: str, result: TurnResult) -> None:
        write_json(self.directory / "turns" / f"{_file_name(prompt)}.json", asdict(result))

    def result(self, prompt: str) -> TurnResult | None:
        """How a prompt ended, or None while it is not known."""
        found: Any = read_json(self.directory / "turns" / f"{_file_name(prompt)}.json")
        return None if found is None else _RESULT.validate_python(found)

    @property
    def is_open(self) -> bool:
        """Whether there is a session to talk with; a plain command takes no messages."""
        return any((self.directory / "inbox").glob("prompt-*.json"))

    @property
    def _assignment(self) -> Path:
        return self.directory / "assignment.json"


def _file_name(prompt: str) -> str:
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', prompt)[-60:]}-{digest(prompt)[:8]}"


_ASSIGNMENT = TypeAdapter(Assignment)
_MESSAGE = TypeAdapter(Message)
_RESULT = TypeAdapter(TurnResult)
