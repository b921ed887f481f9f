"""The answer to a request, from the scripts: no socket and no dialect in here."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from model_reply import Reply
from model_script import Asked, Drop, Fault, Finish, Script, Status, Step, step_of
from model_tools import NoTool, call, placed

_WORDS = '{"title": "A scripted answer"}'
"""Serves whoever wants a title, in whatever form."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send: `reply`, or an error of that status. `broken`: only the first half of it."""

    script: str
    reply: Reply | None
    status: int = 200
    error: str = ""
    delay_s: float = 0
    broken: bool = False


class Player:
    """Plays scripts by name. It remembers nothing of conversations, only how often a fault has been shown."""

    def __init__(self, scripts: Mapping[str, Script]) -> None:
        self._scripts = dict(scripts)
        self._shown = Counter[tuple[object, ...]]()
        self._lock = Lock()

    def answer(self, asked: Asked) -> Answer:
        name = asked.script or (next(iter(self._scripts)) if len(self._scripts) == 1 else "default")
        if asked.aside:
            return Answer(name, Reply(_name(asked), asked.model, _WORDS))
        if name not in self._scripts:
            there = ", ".join(sorted(self._scripts)) or "none"
            return Answer(name, None, status=500, error=f"there is no script {name!r}, but {there}")
        step = step_of(self._scripts[name], asked)
        fault = self._fault(name, asked, step)
        if isinstance(fault, Status):
            return Answer(name, None, status=fault.code, error="the script says so", delay_s=step.delay_s)
        try:
            reply = _reply(step, asked)
        except NoTool as error:
            return Answer(name, None, status=500, error=str(error))
        return Answer(name, reply, delay_s=step.delay_s, broken=isinstance(fault, Drop))

    def _fault(self, name: str, asked: Asked, step: Step) -> Fault | None:
        """The fault to show this time, if one is left."""
        with self._lock:
            for at, fault in enumerate(step.faults):
                key = (name, asked.step, asked.prompt, at)
                if fault.times is None or self._shown[key] < fault.times:
                    self._shown[key] += 1
                    return fault
        return None


def _reply(step: Step, asked: Asked) -> Reply:
    last = step.action.text if isinstance(step.action, Finish) else ""
    return Reply(
        name=_name(asked),
        model=asked.model,
        text="\n".join(filter(None, (step.text, last))),
        call=call(placed(step.action, asked.directory), asked.tools),
        used=step.used,
    )


def _name(asked: Asked) -> str:
    """Another one for each turn of a conversation: agents take two answers of one name for one."""
    return f"{len(asked.turns)}_{asked.step}"
