"""The two ways bytes pass: unread through a tunnel, or as one request and its answer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import h11

from podium.agents.egress.decide import Delivery
from podium.agents.egress.headers import Blotter, incoming, is_encoded, outgoing
from podium.agents.egress.journal import Entry
from podium.agents.egress.upstreams import Streams
from podium.agents.egress.wire import CHUNK, Renew, Wire, idle_limit


async def tunnel(agent: Wire, streams: Streams, entry: Entry, *, idle_s: float) -> None:
    """Let bytes pass both ways until both sides are done.

    Raises:
        TimeoutError: none passed for `idle_s`.
    """
    reader, writer = streams
    writer.transport.set_write_buffer_limits(high=0)
    entry.status = 200
    async with idle_limit(idle_s) as renew:

        def sent(size: int) -> None:
            entry.up_bytes += size
            renew()

        def received(size: int) -> None:
            entry.down_bytes += size
            renew()

        await agent.send(h11.Response(status_code=200, headers=[], reason=b"Connection established"))
        early, _ended = agent.http.trailing_data
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(_pump(agent.reader, writer, first=early, passed=sent))
                pumps.create_task(_pump(reader, agent.writer, first=b"", passed=received))
        except* OSError:
            entry.reason = "one side broke off"


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    first: bytes,
    passed: Callable[[int], None],
) -> None:
    data = first or await reader.read(CHUNK)
    while data:
        writer.write(data)
        await writer.drain()
        passed(len(data))
        data = await reader.read(CHUNK)
    writer.write_eof()


async def deliver(
    agent: Wire, request: h11.Request, delivery: Delivery, upstream: Wire, entry: Entry, *, idle_s: float
) -> None:
    """Pass a request on and its answer back, both as they come. It ends with the answer, or when the agent hangs up.

    Raises:
        TimeoutError: nothing passed for `idle_s`.
        h11.ProtocolError: a side did not speak HTTP, or broke off in mid-message.
        OSError: the upstream broke off.
    """
    async with idle_limit(idle_s) as renew:
        sending = asyncio.create_task(_send(agent, outgoing(request, delivery), upstream, entry, renew))
        answering = asyncio.create_task(_answer(agent, upstream, Blotter(delivery.route), entry, renew))
        try:
            await asyncio.wait((sending, answering), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                entry.reason = "the agent hung up"
            (answering if answering.done() else sending).result()
        finally:
            for task in (sending, answering):
                task.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)


async def _send(agent: Wire, request: h11.Request, upstream: Wire, entry: Entry, renew: Renew) -> None:
    """Send the request and its body, then wait for the agent to hang up."""
    with suppress(ConnectionError):  # the upstream may answer and close before it has read everything
        await upstream.send(request)
        while isinstance(event := await agent.receive(), h11.Data):
            await upstream.send(h11.Data(data=event.data))
            entry.up_bytes += len(event.data)
            renew()
        await upstream.send(h11.EndOfMessage())
    await agent.hung_up()


async def _answer(agent: Wire, upstream: Wire, blot: Blotter, entry: Entry, renew: Renew) -> None:
    while isinstance(event := await upstream.receive(), h11.InformationalResponse):
        renew()
    if not isinstance(event, h11.Response):
        raise h11.RemoteProtocolError("it closed without an answer")
    entry.status = event.status_code
    encoded = is_encoded(event)
    await agent.send(incoming(event, blot))
    while isinstance(part := await upstream.receive(), h11.Data):
        await _pass_on(agent, bytes(part.data) if encoded else blot.part(bytes(part.data)))
        entry.down_bytes += len(part.data)
        renew()
    await _pass_on(agent, blot.rest())
    await agent.send(h11.EndOfMessage())


async def _pass_on(agent: Wire, data: bytes) -> None:
    if data:
        await agent.send(h11.Data(data=data))
