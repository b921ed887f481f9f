"""What a scripted model does, in words that fit every agent, and which step of which script a request asks for.

A script is a list of items. Each step of it answers one request and ends with an action; before the action stand what is
said with it, the tokens it reports, and the faults that come first:

    [Read("calc.py"), Used(900, 400, 30), Say("A minus."), Edit("calc.py", "return a - b", "return a + b"), Finish("Done.")]

The server keeps no conversation: the step is the number of turns the model has had since the last thing a person said, as
the request itself tells. So retries, agents side by side and requests for a title cannot disturb a script.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Read:
    path: str


@dataclass(frozen=True, slots=True)
class Write:
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `new` where `old` stands: whole lines both, which is what a patch can say."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Shell:
    command: str


@dataclass(frozen=True, slots=True)
class Mcp:
    """Call a tool of an MCP server, whatever the agent puts before its name."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finish:
    text: str


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with this status: the first `times` that this step is asked for, or always."""

    code: int
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """Break the connection in the middle of the answer: the first `times`, or always."""

    times: int | None = None


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class Delay:
    seconds: float


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens a step reports: `cached` of the `input` ones came from a cache."""

    input: int = 1000
    cached: int = 0
    output: int = 50


TYPICAL = Used()
"""What a step reports that says nothing of it."""

Action: TypeAlias = Read | Write | Edit | Shell | Mcp | Finish
Fault: TypeAlias = Status | Drop
Item: TypeAlias = Action | Fault | Say | Delay | Used
"""An action ends a step; every other item stands before the action of its step."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a request offers. A custom one takes plain text; `namespace` is where Responses keep an MCP server's."""

    name: str
    custom: bool = False
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation as a dialect tells it."""

    role: Literal["user", "assistant", "tool"]
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a model, in no dialect."""

    model: str
    system: str
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...]
    stream: bool = True
    structured: bool = False
    """It wants its answer in a form of its own."""

    @property
    def aside(self) -> bool:
        """Whether it wants words and no work: a title, a summary. Agents ask for such beside what they are told to do."""
        return self.structured or not self.tools

    @property
    def prompt(self) -> str:
        """The last thing a person said."""
        return next(filter(None, map(_said_by_a_person, reversed(self.turns))), "")

    @property
    def text(self) -> str:
        """All that the model is told."""
        return "\n".join((self.system, *(turn.text for turn in self.turns)))

    @property
    def step(self) -> int:
        """How many turns the model has had since the last thing a person said; parts in a row are one turn."""
        last = max((at for at, turn in enumerate(self.turns) if _said_by_a_person(turn)), default=-1)
        roles = ["user", *(turn.role for turn in self.turns[last + 1 :])]
        return sum(before != "assistant" == role for before, role in pairwise(roles))

    @property
    def script(self) -> str:
        """The script's name in the last tag `[[script:NAME]]`, or nothing."""
        tags = [tag for turn in self.turns if turn.role == "user" for tag in _TAG.findall(turn.text)]
        return str(tags[-1]) if tags else ""

    @property
    def directory(self) -> str:
        """The working directory, as agents tell it to their models."""
        found = _DIRECTORY.search(self.text)
        return next(filter(None, found.groups())).rstrip("/") if found else ""


Script: TypeAlias = Sequence[Item] | Callable[[Asked], Item | Sequence[Item]]
"""All steps in a row; or a function that gives the items of the one step that is asked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """The items of one answer, in order of when they matter."""

    faults: tuple[Fault, ...]
    delay_s: float
    text: str
    action: Action
    used: Used


_TAG = re.compile(r"\[\[script:([\w.-]+)")
_DIRECTORY = re.compile(
    r"working directory: (/[^\s<]*)|<cwd>(/[^<]*)</cwd>|Workspace Directories:\**\s+- (/[^\s<]*)",
    re.IGNORECASE,
)
_NOTES = "system-reminder|environment_context|user_instructions|session_context"
_NOTE = re.compile(rf"<({_NOTES})>.*?</\1>|\[Request interrupted by user[^]]*\]", re.DOTALL)
_ENDING = (Read, Write, Edit, Shell, Mcp, Finish)


def step_of(script: Script, asked: Asked) -> Step:
    """The step that this request asks for; past the end of a script there is nothing more to do."""
    if callable(script):
        given = script(asked)
        return _step(given if isinstance(given, Sequence) else [given])
    steps = _steps(script)
    return steps[asked.step] if asked.step < len(steps) else _step([])


def _steps(script: Sequence[Item]) -> list[Step]:
    steps, items = list[Step](), list[Item]()
    for item in script:
        items.append(item)
        if isinstance(item, _ENDING):
            steps.append(_step(items))
            items = []
    return [*steps, _step(items)] if items else steps


def _step(items: Sequence[Item]) -> Step:
    used = [item for item in items if isinstance(item, Used)]
    actions = [item for item in items if isinstance(item, _ENDING)]
    return Step(
        faults=tuple(item for item in items if isinstance(item, Status | Drop)),
        delay_s=sum(item.seconds for item in items if isinstance(item, Delay)),
        text="\n".join(item.text for item in items if isinstance(item, Say)),
        action=actions[0] if actions else Finish("There is nothing left to do."),
        used=used[-1] if used else TYPICAL,
    )


def _said_by_a_person(turn: Turn) -> str:
    """What of a message is no note that an agent put there."""
    return _NOTE.sub("", turn.text).strip() if turn.role == "user" else ""
