"""One session with one agent that speaks ACP: opened, prompted, cancelled; what it says is written down as it comes.

Protocol version 1 is asked for and nothing else accepted. Podium offers an agent no files and no terminals: it has those
of its sandbox. How a turn ended is put into words of ours at once (`Turn`), so that the next version of the protocol,
which tells it in another way, changes this file only.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from acp.connection import Connection
from acp.exceptions import RequestError
from acp.schema import (
    AuthenticateRequest,
    CancelNotification,
    ClientCapabilities,
    Implementation,
    InitializeRequest,
    McpServerStdio,
    NewSessionRequest,
    PromptRequest,
    SetSessionConfigOptionSelectRequest,
    SetSessionModeRequest,
    TextContentBlock,
)
from pydantic import BaseModel

from podium.agents.acp import permissions
from podium.agents.acp.assignment import SessionOrder
from podium.agents.acp.transport import Frames
from podium.agents.acp.updates import Reader, tables
from podium.agents.events import EventKind, Transcript
from podium.base.text import clean_line

PROTOCOL = 1
_ENDS = {"end_turn": "ok", "cancelled": "cancelled", "refusal": "failed", "max_tokens": "failed", "max_turn_requests": "failed"}  # fmt: skip


class NoSession(Exception):
    """There is no session to be had; the text says why."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How a turn ended: `end` is ok, failed, cancelled or unknown; `stop_reason` the agent's own word."""

    end: str
    because: str
    stop_reason: str = ""


class Conversation:
    """The session, and the connection below it. `transcript` may be another one for each attempt."""

    def __init__(
        self, frames: Frames, reader: Reader, *, order: SessionOrder, failure_marks: Sequence[str]
    ) -> None:
        self._connection = Connection(self._asked, frames)
        self._frames = frames
        self._reader = reader
        self._order = order
        self._marks = tuple(failure_marks)
        self._session = ""
        self.agent = ""

    @property
    def transcript(self) -> Transcript:
        return self._reader.transcript

    @property
    def stands(self) -> bool:
        """Whether there is a session, so that a turn can be cancelled and another begun."""
        return bool(self._session)

    async def prompt(self, text: str) -> tuple[Turn, dict[str, Any]]:
        """One turn, in the session that stands or a new one: how it ended, and the answer it ended with."""
        self._reader.begin()
        try:
            if not self._session:
                await self._open()
            request = PromptRequest(
                session_id=self._session, prompt=[TextContentBlock(type="text", text=text)]
            )
            result = await self._ask("session/prompt", request)
        except NoSession as error:
            return Turn("failed", str(error)), {}
        except RequestError as error:
            return Turn("failed", _said(error)), {}
        except (ConnectionError, OSError):
            because = self._frames.broken or f"its program ended in the middle of a turn{self._heard()}"
            return Turn("failed", because), {}
        return self._turn(result), result

    async def cancel(self, *, within_s: float) -> None:
        """Ask it to stop; whether it does is seen at the end of the prompt. One that does not read is not waited for."""
        if self._session:
            note = CancelNotification(session_id=self._session)
            with suppress(ConnectionError, OSError, TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._connection.send_notification("session/cancel", _dumped(note))

    async def close(self) -> None:
        await self._connection.close()

    def _turn(self, result: dict[str, Any]) -> Turn:
        reason = str(result.get("stopReason", ""))
        end = _ENDS.get(reason, "unknown")
        if end != "ok":
            return Turn(end, f"it stopped: {clean_line(reason) or 'it does not say why'}", reason)
        mark = next(
            (mark for mark in self._marks if self._reader.last_message.lstrip().startswith(mark)), None
        )
        if mark:
            return Turn("failed", clean_line(self._reader.last_message), reason)
        if self._reader.trouble:
            return Turn("failed", clean_line(f"{self._reader.trouble}: {self._reader.last_message}"), reason)
        return Turn("ok", "it ended its turn", reason)

    async def _open(self) -> None:
        """Come to a session.

        Raises:
            NoSession: the agent refuses, or speaks another protocol.
        """
        try:
            await self._initialize()
            if self._order.authenticate:
                await self._ask("authenticate", AuthenticateRequest(method_id=self._order.authenticate))
            made = await self._new_session()
        except RequestError as error:
            raise NoSession(f"it opens no session: {_said(error)}") from error
        except (ConnectionError, OSError) as error:
            because = self._frames.broken or f"its program ended before there was a session{self._heard()}"
            raise NoSession(because) from error
        await self._configure(made)

    async def _initialize(self) -> None:
        request = InitializeRequest(
            protocol_version=PROTOCOL, client_capabilities=ClientCapabilities(),
            client_info=Implementation(name="podium", version=version("podium")),
        )  # fmt: skip
        answer = await self._ask("initialize", request)
        spoken = answer.get("protocolVersion")
        if spoken != PROTOCOL:
            raise NoSession(f"it speaks protocol {clean_line(str(spoken))}; Podium speaks {PROTOCOL}")
        info = answer.get("agentInfo")
        known = info if isinstance(info, dict) else {}
        self.agent = clean_line(f"{known.get('name', '')} {known.get('version', '')}".strip(), limit=80)

    async def _new_session(self) -> dict[str, Any]:
        tools = self._order.tools
        servers: list[Any] = []
        if tools:
            servers.append(McpServerStdio(name="podium", command=tools[0], args=list(tools[1:]), env=[]))
        made = await self._ask("session/new", NewSessionRequest(cwd=self._order.cwd, mcp_servers=servers))
        self._session = str(made.get("sessionId", ""))
        if not self._session:
            raise NoSession("it opened a session without a name")
        self.transcript.say(
            EventKind.STARTED,
            f"a session with {self.agent or 'an agent'}",
            session=self._session,
            protocol=PROTOCOL,
        )
        return made

    async def _configure(self, made: dict[str, Any]) -> None:
        """Set mode, model and further options: by configuration option where it has one, else by session mode."""
        wanted = {"mode": self._order.mode, "model": self._order.model, **self._order.options}
        for name, value in wanted.items():
            if value and not await self._set(made, name, value):
                self.transcript.say(
                    EventKind.NOTE, f"it offers no {name} {value}; it works as it is by default"
                )

    async def _set(self, made: dict[str, Any], name: str, value: str) -> bool:
        for option in tables(made.get("configOptions")):
            if "id" in option and name in (option["id"], option.get("category")):
                request = SetSessionConfigOptionSelectRequest(
                    session_id=self._session, config_id=str(option["id"]), value=value
                )
                return await self._accepted("session/set_config_option", request)
        if name == "mode":
            return await self._accepted(
                "session/set_mode", SetSessionModeRequest(session_id=self._session, mode_id=value)
            )
        return False

    async def _accepted(self, method: str, request: BaseModel) -> bool:
        try:
            await self._ask(method, request)
        except RequestError:
            return False
        return True

    async def _ask(self, method: str, request: BaseModel) -> dict[str, Any]:
        answer = await self._connection.send_request(method, _dumped(request))
        return answer if isinstance(answer, dict) else {}

    async def _asked(self, method: str, params: Any, is_notification: bool) -> Any:  # noqa: FBT001 - the SDK's shape
        """Answer what the agent asks of us: permission, and nothing else."""
        given = params if isinstance(params, dict) else {}
        if method == "session/request_permission":
            return self._permit(given)
        self.transcript.say(
            EventKind.UNKNOWN, f"it asked for {clean_line(method)}, which Podium does not offer"
        )
        if is_notification:
            return None
        raise RequestError.method_not_found(method)

    def _permit(self, given: dict[str, Any]) -> dict[str, Any]:
        options = [
            permissions.Option(str(one["optionId"]), str(one.get("kind", "")), str(one.get("name", "")))
            for one in tables(given.get("options"))
            if "optionId" in one
        ]
        answer = permissions.answer(options)
        tool = given.get("toolCall")
        title = clean_line(
            str(tool.get("title") or tool.get("toolCallId")) if isinstance(tool, dict) else "something"
        )
        chosen = answer.option.kind if answer.option else "cancelled"
        self.transcript.say(EventKind.PERMISSION, f"{title}: {chosen}", because=answer.because)
        if answer.option is None:
            return {"outcome": {"outcome": "cancelled"}}
        return {"outcome": {"outcome": "selected", "optionId": answer.option.id}}

    def _heard(self) -> str:
        """What it wrote instead of frames, if anything."""
        return f"; it wrote {clean_line(self._frames.first_fault)}" if self._frames.first_fault else ""


def _said(error: RequestError) -> str:
    """What a refusal says, its details too: some agents put nothing else into words."""
    data = error.data
    detail = (data.get("details") or data.get("message")) if isinstance(data, dict) else data
    words = (
        f"{error} ({error.code})"
        if not detail or str(detail) in str(error)
        else f"{error}: {detail} ({error.code})"
    )
    return clean_line(words)


def _dumped(value: BaseModel) -> dict[str, Any]:
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)
