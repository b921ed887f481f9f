"""The scripted agent: plays a script, for demonstrations, tests and simulations. No model is involved."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from podium.agents import desk
from podium.agents.base import Bench, Brief, Report
from podium.agents.script import Script, Turn, played
from podium.agents.starting import Program, beside, by_system_python
from podium.base import environment
from podium.base.digest import canonical
from podium.config.settings import AgentSettings

_PLAYER = Path(__file__).with_name("player.py")
_ACTIONS = "actions.json"


@dataclass(frozen=True, slots=True)
class ScriptedAgent:
    """Plays the turn that its script has for a task and an attempt."""

    name: str
    settings: AgentSettings
    script: Script

    @property
    def assisted_by(self) -> str:
        return self.settings.assisted_by or self.name

    def work(self, bench: Bench, brief: Brief, *, should_stop: Callable[[], bool]) -> Report:
        turn = self.script.turn(brief.task.rpartition("/")[2], brief.attempt)
        if turn is None:
            return _nothing_to_play(self.settings.script, brief.task)
        return desk.work(
            _program(turn, brief), self.settings, bench=bench, brief=brief, should_stop=should_stop
        )


def _program(turn: Turn, brief: Brief) -> Program:
    return Program(
        argv=by_system_python("player", beside(brief, _PLAYER.name), beside(brief, _ACTIONS)),
        files={_PLAYER.name: _PLAYER.read_bytes(), _ACTIONS: canonical(played(turn)).encode()},
        env=environment.variables(["PODIUM_PACE"]),
    )


def _nothing_to_play(script: str, task: str) -> Report:
    return Report(127, "not-started", 0.0, "", note=f"{script} has nothing for task {task}")
