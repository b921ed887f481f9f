"""The egress broker: the one way out of a sandbox without a network.

It listens on a unix socket, which `porch.py` brings to the agent as a port on its own loopback. There it is two things: a
proxy to the hosts its rules allow, and, below the prefixes of its routes, a way to an upstream whose secret is added here.
What the rules say is in `rules.py`, what becomes of a request in `decide.py`, how bytes pass in `exchange.py`.

Everything the agent sends is hostile: whatever it does, a connection ends in bounded time with one line in the record.
"""

import asyncio
import os
import socket as sockets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import h11

from podium.agents.egress.decide import Delivery, Refusal, Tunnel, decide, read_upstream
from podium.agents.egress.exchange import deliver, tunnel
from podium.agents.egress.headers import check
from podium.agents.egress.journal import Entry, Journal
from podium.agents.egress.rules import Rules, refused_address
from podium.agents.egress.upstreams import Refuse, Streams, connect_checked, connect_named, system_trust
from podium.agents.egress.wire import Wire
from podium.base.errors import UsageError

LOG_LIMIT_BYTES = 4 * 1024 * 1024
_TOO_LARGE = 431
_VERSIONS = (b"1.0", b"1.1")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one agent can take: connections at once, bytes of a head, seconds for a head, to connect, and without a byte."""

    connections: int = 128
    head_bytes: int = 64 * 1024
    head_s: float = 30.0
    connect_s: float = 20.0
    idle_s: float = 600.0


_BOUNDS = Bounds()


class Broker:
    """Serves one attempt, from entering to leaving it."""

    def __init__(
        self,
        rules: Rules,
        *,
        socket: Path,
        log: Path,
        log_limit_bytes: int = LOG_LIMIT_BYTES,
        bounds: Bounds = _BOUNDS,
        refuse: Refuse = refused_address,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare to listen at `socket`, which may be relative where its whole path is too long for one.

        Raises:
            UsageError: a route cannot work as it is written.
        """
        try:
            for route in rules.routes:
                read_upstream(route.upstream)
                check(route)
        except ValueError as error:
            raise UsageError(str(error), hint="correct the agent's route in podium.toml") from None
        self._rules, self._bounds, self._refuse, self._clock = rules, bounds, refuse, clock
        self._socket, self._log, self._log_limit_bytes = socket, log, log_limit_bytes
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._journal = Journal(self._log, limit_bytes=self._log_limit_bytes)
        self._trust = system_trust()
        self._server = await asyncio.start_unix_server(
            self._welcome, sock=_bind(self._socket), backlog=self._bounds.connections
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self._journal.close()
        self._socket.unlink(missing_ok=True)

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agent = Wire(reader, writer, role=h11.SERVER, head_bytes=self._bounds.head_bytes)
        crowded = len(self._serving) >= self._bounds.connections
        task = asyncio.create_task(self._turn_away(agent) if crowded else self._attend(agent))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _turn_away(self, agent: Wire) -> None:
        entry = Entry(at=self._clock())
        with suppress(OSError):
            await _tell(agent, entry, Refusal(503, "too many connections at once"))
        agent.cut()
        self._journal.write(entry)

    async def _attend(self, agent: Wire) -> None:
        """Serve one connection, which is one request, and write it down before the agent sees its end."""
        begun, entry = time.monotonic(), Entry(at=self._clock())
        try:
            try:
                await self._serve(agent, entry)
            except OSError:
                entry.reason = entry.reason or "the agent hung up"
            finally:
                entry.seconds = time.monotonic() - begun
                if entry.method or entry.status:
                    self._journal.write(entry)
            await agent.part()
        finally:
            agent.cut()

    async def _serve(self, agent: Wire, entry: Entry) -> None:
        request = await self._read_head(agent)
        refusal = await self._obey(agent, request, entry) if isinstance(request, h11.Request) else request
        if refusal:
            await _tell(agent, entry, refusal)

    async def _read_head(self, agent: Wire) -> h11.Request | Refusal | None:
        """The agent's request; None when it said nothing."""
        try:
            async with asyncio.timeout(self._bounds.head_s):
                event = await agent.receive()
        except TimeoutError:
            said, _ended = agent.http.trailing_data
            return Refusal(408, "the request did not come to its end in time") if said else None
        except h11.RemoteProtocolError as error:  # its text quotes what came, which may be anything
            large = error.error_status_hint == _TOO_LARGE
            return Refusal(
                error.error_status_hint, "too much in one head" if large else "this is not HTTP/1.1"
            )
        if not isinstance(event, h11.Request):
            return None
        return event if event.http_version in _VERSIONS else Refusal(505, "this is not HTTP/1.1")

    async def _obey(self, agent: Wire, request: h11.Request, entry: Entry) -> Refusal | None:
        """Do what the rules say of a request; why it could not be done, where the agent is to be told."""
        method, target = request.method.decode(), request.target.decode()
        entry.method, entry.path = method, target if target.startswith("/") else ""
        decision = decide(self._rules, method=method, target=target)
        if isinstance(decision, Refusal):
            entry.host, entry.port = decision.host, decision.port
            return decision
        if isinstance(decision, Tunnel):
            entry.kind, entry.host, entry.port = "connect", decision.host, decision.port
        else:
            entry.kind = "route" if decision.route else "forward"
            entry.host, entry.port = decision.upstream.host, decision.upstream.port
            entry.path = decision.target
        try:
            return await self._pass(agent, request, decision, entry)
        except TimeoutError:
            return Refusal(504, "nothing passed for too long")
        except (h11.ProtocolError, OSError):
            return Refusal(502, "the exchange broke off")

    async def _pass(
        self, agent: Wire, request: h11.Request, decision: Tunnel | Delivery, entry: Entry
    ) -> Refusal | None:
        if isinstance(decision, Tunnel) and isinstance(await agent.receive(), h11.Data):
            return Refusal(400, "CONNECT has no body")
        streams = await self._connect(decision)
        if isinstance(streams, Refusal):
            return streams
        idle_s = self._bounds.idle_s
        try:
            if isinstance(decision, Tunnel):
                await tunnel(agent, streams, entry, idle_s=idle_s)
            else:
                upstream = Wire(*streams, role=h11.CLIENT, head_bytes=self._bounds.head_bytes)
                await deliver(agent, request, decision, upstream, entry, idle_s=idle_s)
        finally:
            streams[1].transport.abort()
        return None

    async def _connect(self, decision: Tunnel | Delivery) -> Streams | Refusal:
        limit_s = self._bounds.connect_s
        if isinstance(decision, Delivery) and decision.route:
            return await connect_named(decision.upstream, trust=self._trust, limit_s=limit_s)
        place = decision.upstream if isinstance(decision, Delivery) else decision
        return await connect_checked(place.host, place.port, refuse=self._refuse, limit_s=limit_s)


async def _tell(agent: Wire, entry: Entry, refusal: Refusal) -> None:
    """Answer with a refusal, unless another answer has begun: then the cut connection says it."""
    entry.reason = refusal.reason
    if agent.http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
        return
    entry.status = refusal.status
    if refusal.status < 500:  # noqa: PLR2004 - from there on it is not the rules that say no
        entry.kind = "refused"
    body = f"podium: {refusal.reason}\n".encode()
    headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-length", str(len(body))),
        ("connection", "close"),
    ]
    phrase = HTTPStatus(refusal.status).phrase.encode()
    await agent.send(h11.Response(status_code=refusal.status, reason=phrase, headers=headers))
    if entry.method != "HEAD":
        await agent.send(h11.Data(data=body))
        await agent.send(h11.EndOfMessage())


def _bind(path: Path) -> sockets.socket:
    """A socket nobody but this user can ever connect to, in place of one that a dead broker left."""
    path.unlink(missing_ok=True)
    listening = sockets.socket(sockets.AF_UNIX)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    except OSError:
        listening.close()
        raise
    finally:
        os.umask(before)
    return listening
