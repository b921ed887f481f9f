"""The ACP agent, as the worker meets it: a client process is started beside the workspace, prompted, and waited for."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from podium.agents import blocked, starting
from podium.agents.acp.assignment import Mailbox, Message, SessionOrder, TurnResult
from podium.agents.base import Bench, Brief, Report
from podium.agents.limits import time_limit
from podium.agents.program import program
from podium.agents.starting import Program, mailbox
from podium.agents.toolbox import toolbox
from podium.agents.wiring import wire
from podium.base.errors import Unavailable
from podium.base.processes import Ended, Running
from podium.base.redaction import Redactor
from podium.base.text import clean_line, tail
from podium.config.settings import AgentSettings
from podium.model.usage import Allowance

_Number = TypeVar("_Number", int, float)
_POLL_S = 0.05
_POLLS_PER_QUESTION = 10
_PATIENCE_S = 9.0
"""After a cancel: the agent's grace, and a moment for the client to write down how it ended."""
_STOPPED = {"cancelled": "stopped", "timeout": "timeout", "over-budget": "over-budget"}


@dataclass(frozen=True, slots=True)
class AcpAgent:
    """A program that speaks the Agent Client Protocol."""

    name: str
    settings: AgentSettings

    @property
    def assisted_by(self) -> str:
        return self.settings.assisted_by or f"{self.name}:{self.settings.model}".rstrip(":")

    def work(self, bench: Bench, brief: Brief, *, should_stop: Callable[[], bool]) -> Report:
        """Prompt the session that lives at this bench, or a new one, and wait for the end of the turn.

        Raises:
            Unavailable: its program, its key or its login is missing; the text says what to do.
        """
        running = bench.running()
        posted = self._post(bench, brief, again=running is None)
        if running is None:
            running = self._start(bench, brief)
        end = _await_end(mailbox(bench), _prompt_id(bench, brief), running, should_stop)
        report = _report(end) if isinstance(end, TurnResult) else _lost(end, running, since=posted)
        return self._told(report, bench, brief)

    def _post(self, bench: Bench, brief: Brief, *, again: bool) -> float:
        """Leave the prompt, where it was not left already for what runs there; when it was, in seconds since the epoch."""
        box, name = mailbox(bench), f"prompt-{brief.round}-{bench.attempt.rpartition('@')[2]}"
        posted = None if again else box.posted(name)
        if posted is None:
            blocked.forget(bench)
            box.post(self._message(bench, brief, _prompt_id(bench, brief)), name=name)
        return posted or time.time()

    def _told(self, report: Report, bench: Bench, brief: Brief) -> Report:
        """The report with what the agent itself says of it, and without what must not be kept."""
        wiring = wire(self.settings, port=starting.port(bench, self.settings))
        redact = Redactor(starting.secrets(self.settings, wiring))
        note = report.note or (blocked.excuse(bench) if report.turn == "ok" else "")
        return replace(report, note=redact(note), output=redact(report.output), continued=brief.continues)

    def _start(self, bench: Bench, brief: Brief) -> Running:
        wiring = wire(self.settings, port=starting.port(bench, self.settings))
        found = program(self.settings)
        if wiring.missing or found.missing:
            raise Unavailable(
                f"{self.name}: {found.missing or wiring.missing}", hint=f"podium agents test {self.name}"
            )
        tools = toolbox(bench, brief) if self.settings.mcp else None
        order = SessionOrder(
            cwd=str(bench.inside), tools=tools.argv if tools else (), authenticate=self.settings.authenticate,
            mode=self.settings.mode, model=_model_option(self.settings), options=self.settings.options,
        )  # fmt: skip
        return starting.start(
            Program(self.settings.acp, files=tools.files if tools else {}, mounts=found.mounts),
            self.settings, wiring, bench=bench, brief=brief, session=order, time_limit=time_limit(self.settings, brief),
        )  # fmt: skip

    def _message(self, bench: Bench, brief: Brief, prompt: str) -> Message:
        return Message(
            "prompt", id=prompt, text=brief.text, transcript=str(bench.transcript), limit_s=time_limit(self.settings, brief).total_seconds(),
            allowance=_bounds(self.settings, brief.allowance),
        )  # fmt: skip


def _await_end(
    box: Mailbox, prompt: str, running: Running, should_stop: Callable[[], bool]
) -> TurnResult | Ended:
    """Wait for the end of the turn, or of the client where that never told it; have it cancelled when told to stop."""
    polls, told = 0, 0.0
    while (result := box.result(prompt)) is None:
        ended = running.ended()
        if ended:
            return box.result(prompt) or ended
        if not told and polls % _POLLS_PER_QUESTION == 0 and should_stop():
            told = time.monotonic()
            box.post(Message("cancel", text="a person cancelled it"), name="zz-cancel")
        if told and time.monotonic() - told > _PATIENCE_S:
            running.stop()
        polls += 1
        time.sleep(_POLL_S)
    return result


def _model_option(settings: AgentSettings) -> str:
    """The model to choose in the session; nothing where the agent is told another way."""
    told = (*settings.variables.values(), *settings.files.values())
    return "" if any("{model}" in text for text in told) else settings.model


def _prompt_id(bench: Bench, brief: Brief) -> str:
    return f"{bench.attempt}#{brief.round}" if brief.round else bench.attempt


def _bounds(settings: AgentSettings, allowed: Allowance | None) -> Allowance:
    """The agent's own bounds, and the attempt's where they are tighter."""
    given = allowed or Allowance()
    return Allowance(_least(settings.tokens, given.tokens), _least(settings.cost_usd, given.cost_usd))


def _least(one: _Number | None, other: _Number | None) -> _Number | None:
    return other if one is None else one if other is None else min(one, other)


def _report(result: TurnResult) -> Report:
    """What the end of a turn says. An unknown end is no failure: the work itself will tell."""
    reason = _STOPPED.get(result.stopped, "exit")
    failed = reason == "exit" and result.end not in ("ok", "unknown")
    return Report(
        exit_code=1 if failed else 0, reason=reason, duration_s=result.duration_s, output=result.said, usage=result.usage,
        note="" if result.end == "ok" else clean_line(result.because), turn=result.end,
    )  # fmt: skip


def _lost(ended: Ended, running: Running, *, since: float) -> Report:
    """The client ended without a word about the prompt: it was stopped, killed, or left before the prompt came."""
    said = tail(running.output.read_text(errors="replace"), lines=5) if running.output.exists() else ""
    reason = "vanished" if ended.reason == "exit" and ended.code == 0 else ended.reason
    note = clean_line(said) or ended.note or f"the process beside the agent ended with code {ended.code}"
    seconds = max(0.0, min(ended.duration_s, time.time() - since))
    return Report(ended.code or 1, reason, round(seconds, 3), said, note=note, turn="unknown")
