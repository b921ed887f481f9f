"""A sitting: the prompts of one session, one after the other, each kept within its bounds and brought to an end.

A turn that breaks a bound is cancelled as the protocol has it, gets a moment to end, and ends the session if it was
Podium that stopped it: what an agent does after a cancel is not worth waiting for.
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from podium.agents.acp.assignment import Assignment, Mailbox, Message, TurnResult
from podium.agents.acp.conversation import Conversation, Turn
from podium.agents.acp.transport import Frames
from podium.agents.acp.updates import Reader
from podium.agents.events import FILE, EventKind, Transcript
from podium.base.conversing import Conversing
from podium.base.redaction import Redactor
from podium.base.text import clean_line, tail

_LOOK_S = 0.2
_GRACE_S = 5.0
"""Between a cancel and the end of patience."""
_SAID_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Stop:
    """Why Podium ends a turn; `reason` is empty where it is only interrupted for a person's word."""

    reason: str
    because: str


class Sitting:
    """Serves the messages of one session until it is closed, cancelled or left alone for too long."""

    def __init__(
        self, mailbox: Mailbox, conversation: Conversation, frames: Frames, reader: Reader, program: Conversing, *,
        assignment: Assignment, redact: Redactor,
    ) -> None:  # fmt: skip
        self._mailbox = mailbox
        self._conversation = conversation
        self._frames = frames
        self._reader = reader
        self._program = program
        self._assignment = assignment
        self._redact = redact
        self._seen: set[str] = set()
        self._waiting: deque[Message] = deque()
        self._prompts = 0
        self.prompt = ""
        """The id of the prompt that is being worked on, or was last."""

    async def serve(self) -> None:
        """Work through what is asked, and wait for more as long as the session may linger."""
        until = time.monotonic() + self._assignment.linger_s + _GRACE_S
        while time.monotonic() < until and self._program.code is None:
            message = self._next()
            if message is None:
                await asyncio.sleep(_LOOK_S)
            elif message.kind in ("cancel", "close"):
                return
            elif message.kind == "prompt":
                result = await self._attempt(message)
                self._mailbox.finish(message.id, result)
                if result.end != "ok":
                    return
                until = time.monotonic() + self._assignment.linger_s

    def _next(self) -> Message | None:
        self._waiting.extend(self._mailbox.messages(self._seen))
        return self._waiting.popleft() if self._waiting else None

    async def _attempt(self, prompt: Message) -> TurnResult:
        """All the turns of one prompt: its own, and those that people's words add to it."""
        begun = time.monotonic()
        self._begin(prompt)
        told: Message | None = prompt
        turn, stop = Turn("unknown", ""), None
        while told:
            self._reader.transcript.say(EventKind.TOLD, told.text)
            turn, stop, told = await self._turn(told.text, prompt, begun=begun)
        result = TurnResult(
            end=turn.end, because=turn.because, stop_reason=clean_line(turn.stop_reason, limit=80), stopped=stop.reason if stop else "",
            duration_s=round(time.monotonic() - begun, 3), said=self._redact(tail(self._reader.last_message, characters=_SAID_CHARACTERS)),
            usage=self._reader.meter.usage(),
        )  # fmt: skip
        if stop:
            result = replace(result, because=stop.because)
        result = replace(result, because=self._redact(result.because))
        self._reader.transcript.say(EventKind.TURN_DONE, f"{result.end}: {result.because}", end=result.end, stopped=result.stopped,
                                    stop_reason=result.stop_reason, seconds=result.duration_s)  # fmt: skip
        return result

    def _begin(self, prompt: Message) -> None:
        """Another attempt is another transcript."""
        self._prompts += 1
        self.prompt = prompt.id
        if self._prompts > 1:
            self._reader.transcript.close()
            self._reader.transcript = Transcript(
                Path(prompt.transcript) / FILE, clock=time.time, redact=self._redact
            )
            self._reader.transcript.say(
                EventKind.STARTED,
                f"prompt {self._prompts} of the same session with {self._conversation.agent}",
            )
        self._reader.meter.begin()

    async def _turn(
        self, text: str, prompt: Message, *, begun: float
    ) -> tuple[Turn, Stop | None, Message | None]:
        """One turn: how it ended, why Podium ended it if it did, and what is to be said next."""
        asked = asyncio.create_task(self._conversation.prompt(text))
        stop, words = await self._watch(asked, prompt, begun=begun)
        if not asked.done():
            await self._conversation.cancel()
            await asyncio.wait({asked}, timeout=_GRACE_S)
        turn = await self._outcome(asked)
        if stop and stop.reason:
            return Turn("cancelled", turn.because, turn.stop_reason), stop, None
        goes_on = words and turn.end in (("ok", "cancelled") if stop else ("ok",))
        return turn, None, words if goes_on else None

    async def _outcome(self, asked: "asyncio.Task[tuple[Turn, dict[str, Any]]]") -> Turn:
        if not asked.done():
            asked.cancel()
            return Turn("cancelled", "it did not heed the cancel")
        turn, result = asked.result()
        self._reader.meter.turned(result)
        return turn

    async def _watch(
        self, asked: "asyncio.Task[tuple[Turn, dict[str, Any]]]", prompt: Message, *, begun: float
    ) -> tuple[Stop | None, Message | None]:
        """Look until the turn ends or must end. A person's word waits for the end of the turn, unless it is urgent."""
        words: Message | None = None
        while not asked.done():
            await asyncio.wait({asked}, timeout=_LOOK_S)
            self._reader.transcript.flush()
            for message in self._mailbox.messages(self._seen):
                if message.kind in ("cancel", "close"):
                    return Stop("cancelled", message.text or "it was cancelled"), None
                if message.kind == "tell":
                    words = _joined(words, message)
                    if message.now:
                        return Stop("", "a person's word"), words
                else:
                    self._waiting.append(message)
            stop = None if asked.done() else self._bound(prompt, begun=begun)
            if stop:
                return stop, None
        return None, words

    def _bound(self, prompt: Message, *, begun: float) -> Stop | None:
        """The bound that is broken, if one is."""
        usage, allowed = self._reader.meter.usage(), prompt.allowance
        silent = asyncio.get_running_loop().time() - self._frames.last_heard
        if allowed.cost_usd is not None and (usage.cost_usd or 0) >= allowed.cost_usd:
            return Stop(
                "over-budget", f"it cost ${usage.cost_usd:.2f} of the ${allowed.cost_usd:.2f} it was allowed"
            )
        if allowed.tokens is not None and self._reader.meter.at_least_tokens() >= allowed.tokens:
            return Stop(
                "over-budget",
                f"it used {self._reader.meter.at_least_tokens()} of the {allowed.tokens} tokens it was allowed",
            )
        if time.monotonic() - begun >= prompt.limit_s:
            return Stop("timeout", f"it was still at work after {prompt.limit_s:.0f} s")
        if silent >= self._assignment.idle_s:
            return Stop("timeout", f"it said nothing for {silent:.0f} s")
        return None


def _joined(words: Message | None, more: Message) -> Message:
    return more if words is None else replace(more, text=f"{words.text}\n\n{more.text}")
