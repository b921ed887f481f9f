"""What is said to a session reaches it: a real agent program, and the client that talks with it, in this process."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rogues import PROGRAM, PYTHON

from podium.agents.acp.assignment import Assignment, Mailbox, Message, SessionOrder, TurnResult
from podium.agents.acp.client import attend
from podium.agents.events import FILE, EventKind, read_events

_WAIT_S = 20.0


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(_WAIT_S):
        while not condition():  # noqa: ASYNC110 - it comes about in files
            await asyncio.sleep(0.01)


@dataclass(frozen=True)
class Room:
    """A mailbox, and a directory in which the agent works."""

    root: Path

    @property
    def box(self) -> Mailbox:
        return Mailbox(self.root / "session")

    @property
    def work(self) -> Path:
        return self.root / "work"

    def prompt(self, number: int, text: str = "Do it.") -> None:
        message = Message(
            "prompt", f"s/1@{number}", text, str(self.root / f"transcript-{number}"), limit_s=60
        )
        self.box.post(message, name=f"prompt-0-{number}")

    def tell(self, text: str, *, now: bool = False) -> None:
        self.box.post(Message("tell", text=text, now=now), name=f"tell-{text}")

    def cancel(self) -> None:
        self.box.post(Message("cancel", text="a person cancelled it"), name="zz-cancel")

    async def result(self, number: int) -> TurnResult:
        await until(lambda: self.box.result(f"s/1@{number}") is not None)
        result = self.box.result(f"s/1@{number}")
        assert result
        return result

    def told(self, number: int) -> list[str]:
        events = read_events(self.root / f"transcript-{number}" / FILE)
        return [event.text for event, _offset in events if event.kind is EventKind.TOLD]

    def play(self, scene: Callable[[], Awaitable[None]], *, mode: str = "good") -> None:
        """Have the client attend to an agent of that mode while the scene is played; then it is cancelled."""
        order = SessionOrder(str(self.work))
        argv, env = (PYTHON, str(PROGRAM), mode), {"PATH": os.environ["PATH"]}
        self.box.assign(Assignment(argv, env, self.work, order, linger_s=_WAIT_S, grace_s=1, farewell_s=1))

        async def played() -> None:
            client = asyncio.create_task(attend(self.box))
            try:
                await scene()
            finally:
                self.cancel()
                async with asyncio.timeout(_WAIT_S):
                    assert await client == 0

        asyncio.run(played())


@pytest.fixture
def room(tmp_path: Path) -> Room:
    (tmp_path / "work").mkdir()
    return Room(tmp_path)


def test_a_word_that_comes_between_two_prompts_is_told_with_the_next(room: Room) -> None:
    async def scene() -> None:
        room.prompt(1, "first")
        await room.result(1)
        room.tell("use the fixtures")
        await asyncio.sleep(0.5)  # the client looks five times a second
        room.prompt(2, "second")
        assert (await room.result(2)).end == "ok"

    room.play(scene)
    assert (room.told(1), room.told(2)) == (["first"], ["second", "use the fixtures"])
    assert (room.work / "done.md").read_text().startswith("prompts: 2\n")


def test_a_word_that_comes_with_the_prompt_is_told_with_it(room: Room) -> None:
    async def scene() -> None:
        room.prompt(1, "first")
        room.tell("use the fixtures")
        assert (await room.result(1)).end == "ok"

    room.play(scene)
    assert room.told(1) == ["first", "use the fixtures"]


def test_words_that_come_in_a_turn_are_told_when_it_ends(room: Room) -> None:
    async def scene() -> None:
        room.prompt(1, "first [[until go]]")
        await until(lambda: room.told(1))
        room.tell("a")
        room.tell("b")
        await asyncio.sleep(0.5)
        (room.work / "go").touch()
        assert (await room.result(1)).end == "ok"

    room.play(scene)
    assert room.told(1) == ["first [[until go]]", "a\n\nb"]


def test_an_urgent_word_interrupts_the_turn(room: Room) -> None:
    async def scene() -> None:
        room.prompt(1, "first [[until never]]")
        await until(lambda: room.told(1))
        await asyncio.sleep(0.5)
        room.tell("stop that", now=True)
        room.tell("thanks")
        assert (await room.result(1)).end == "ok"

    room.play(scene)
    assert room.told(1) == ["first [[until never]]", "stop that\n\nthanks"]


def test_a_cancel_that_comes_with_an_urgent_word_is_heeded(room: Room) -> None:
    async def scene() -> None:
        room.prompt(1)
        await until((room.work / "done.md").exists)
        room.tell("stop that", now=True)
        room.cancel()
        assert (await room.result(1)).stopped == "cancelled"

    room.play(scene, mode="heeds-cancel")
    assert room.told(1) == ["Do it."]


def test_a_prompt_that_is_cancelled_as_it_comes_is_told_to_have_been(room: Room) -> None:
    async def scene() -> None:
        room.prompt(1)
        await room.result(1)
        room.prompt(2, "second")
        room.cancel()
        assert (await room.result(2)).stopped == "cancelled"

    room.play(scene)
