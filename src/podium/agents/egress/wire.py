"""HTTP/1.1 over a stream: h11 reads and writes the messages, this moves their bytes and counts how long nothing came."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import h11

CHUNK = 64 * 1024
_LINGER_S = 2.0
_LINGER_BYTES = 4 * 1024 * 1024

Event = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]
Renew = Callable[[], None]


class Wire:
    """One peer of an exchange. Each call waits as long as it takes; whoever calls sets the limit."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        role: type[h11.CLIENT] | type[h11.SERVER],
        head_bytes: int,
    ) -> None:
        self.reader, self.writer = reader, writer
        self.http = h11.Connection(role, max_incomplete_event_size=head_bytes)
        writer.transport.set_write_buffer_limits(
            high=0
        )  # a peer that does not read holds up the one who sends

    async def receive(self) -> Event:
        """The next event of the peer.

        Raises:
            h11.RemoteProtocolError: it is not HTTP, or ends too early.
        """
        event = self.http.next_event()
        while event is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                await self.send(h11.InformationalResponse(status_code=100, headers=[]))
            self.http.receive_data(await self.reader.read(CHUNK))
            event = self.http.next_event()
        return event

    async def send(self, event: h11.Event) -> None:
        data = self.http.send(event)
        if data:
            self.writer.write(data)
            await self.writer.drain()

    async def hung_up(self) -> None:
        """Wait until the peer closes its side, or breaks off; what it says before is nobody's."""
        with suppress(ConnectionError):
            while await self.reader.read(CHUNK):
                pass

    async def part(self) -> None:
        """Close after a last word: without reading on a little, the peer's kernel might throw that word away."""
        with suppress(OSError, TimeoutError):
            if self.writer.can_write_eof():
                self.writer.write_eof()
            async with asyncio.timeout(_LINGER_S):
                for _ in range(_LINGER_BYTES // CHUNK):
                    if not await self.reader.read(CHUNK):
                        break
        self.cut()

    def cut(self) -> None:
        """Close at once; everything sent is with the kernel already."""
        self.writer.transport.abort()


@asynccontextmanager
async def idle_limit(seconds: float) -> AsyncIterator[Renew]:
    """End what is inside with `TimeoutError` when `seconds` pass without a call of what is yielded."""
    now = asyncio.get_running_loop().time
    async with asyncio.timeout(seconds) as limit:

        def renew() -> None:
            if not limit.expired():
                limit.reschedule(now() + seconds)

        yield renew
