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
_SAID_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Stop:
    """Why Podium ends a turn; `reason` is empty where it is only interrupted for a person's word."""

    reason: str
    because: str


_URGENT = Stop("", "a person's word")


class Sitting:
    """Serves the messages of one session until it is cancelled or left alone for too long.

    A person's word is never lost while the session lives: it is told when the turn it came in ends, or at once where that
    is urgent, or with the next prompt when it came between two.
    """

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
        """Prompts."""
        self._words: Message | None = None
        """What people said and the agent was not told yet."""
        self._end: Message | None = None
        self._prompts = 0
        self.prompt = ""
        """The id of the prompt that is being worked on, or was last."""

    async def serve(self) -> None:
        """Work through what is asked, and wait for more as long as the session may linger."""
        until = time.monotonic() + self._assignment.linger_s + self._assignment.grace_s
        while time.monotonic() < until and self._program.code is None:
            self._look()
            if self._waiting:  # also where it is cancelled already: whoever waits for its end must hear of it
                prompt = self._waiting.popleft()
                result = await self._attempt(prompt)
                self._mailbox.finish(prompt.id, result)
                if result.end != "ok":
                    return
                until = time.monotonic() + self._assignment.linger_s
            elif self._end:
                return
            else:
                await asyncio.sleep(_LOOK_S)

    def _look(self) -> None:
        """Take in all messages that are new."""
        for message in self._mailbox.messages(self._seen):
            if message.kind == "prompt":
                self._waiting.append(message)
            elif message.kind == "tell":
                self._words = _joined(self._words, message)
            else:
                self._end = message

    async def _attempt(self, prompt: Message) -> TurnResult:
        """All the turns of one prompt: its own, and those that people's words add to it."""
        begun = time.monotonic()
        self._begin(prompt)
        self._reader.transcript.say(EventKind.TOLD, prompt.text)
        text = "\n\n".join([prompt.text, *self._say_words()])
        turn, stop = await self._turn(text, prompt, begun=begun)
        while self._goes_on(turn, stop):
            turn, stop = await self._turn("\n\n".join(self._say_words()), prompt, begun=begun)
        broken = stop if stop and stop.reason else None
        result = TurnResult(
            end=turn.end, because=turn.because, stop_reason=clean_line(turn.stop_reason, limit=80), stopped=broken.reason if broken else "",
            duration_s=round(time.monotonic() - begun, 3), said=self._redact(tail(self._reader.last_message, characters=_SAID_CHARACTERS)),
            usage=self._reader.meter.settle(),
        )  # fmt: skip
        if broken:
            result = replace(result, because=broken.because)
        result = replace(result, because=self._redact(result.because))
        self._reader.transcript.say(EventKind.TURN_DONE, f"{result.end}: {result.because}", end=result.end, stopped=result.stopped,
                                    stop_reason=result.stop_reason, seconds=result.duration_s)  # fmt: skip
        return result

    def _say_words(self) -> list[str]:
        """What people said, as far as the agent was not told: written down, to be told now."""
        words, self._words = self._words, None
        if words is None:
            return []
        self._reader.transcript.say(EventKind.TOLD, words.text)
        return [words.text]

    def _goes_on(self, turn: Turn, stop: Stop | None) -> bool:
        """Whether another turn follows, for a person's word."""
        if not self._words or self._end or (stop and stop.reason):
            return False
        return turn.end == "ok" or (turn.end == "cancelled" and stop is not None)

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

    async def _turn(self, text: str, prompt: Message, *, begun: float) -> tuple[Turn, Stop | None]:
        """One turn: how it ended, and why Podium ended it if it did."""
        asked = asyncio.create_task(self._conversation.prompt(text))
        self._frames.last_heard = asyncio.get_running_loop().time()  # a session that lingered was not silent
        stop = await self._watch(asked, prompt, begun=begun)
        if not asked.done():
            await self._conversation.cancel(within_s=self._assignment.grace_s)
            await asyncio.wait({asked}, timeout=self._assignment.grace_s)
        turn = self._outcome(asked)
        self._look()  # what came in the last moment of the turn
        if stop and stop.reason:
            turn = Turn("cancelled", turn.because, turn.stop_reason)
        return turn, stop

    def _outcome(self, asked: "asyncio.Task[tuple[Turn, dict[str, Any]]]") -> Turn:
        if not asked.done():
            asked.cancel()
            return Turn("cancelled", "it did not heed the cancel")
        turn, result = asked.result()
        self._reader.meter.turned(result)
        return turn

    async def _watch(
        self, asked: "asyncio.Task[tuple[Turn, dict[str, Any]]]", prompt: Message, *, begun: float
    ) -> Stop | None:
        """Look until the turn ends or must end. A person's word waits for the end of the turn, unless it is urgent."""
        while not asked.done():
            await asyncio.wait({asked}, timeout=_LOOK_S)
            self._reader.transcript.flush()
            self._look()
            if self._end:
                return Stop("cancelled", self._end.text or "it was cancelled")
            if asked.done():
                break
            urgent = self._words and self._words.now and self._conversation.stands
            stop = _URGENT if urgent else self._bound(prompt, begun=begun)
            if stop:
                return stop
        return None

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
    if words is None:
        return more
    return replace(more, text=f"{words.text}\n\n{more.text}", now=words.now or more.now)
