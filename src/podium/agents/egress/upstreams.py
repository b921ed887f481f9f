"""Connections to where an agent may go."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

from podium.agents.egress.decide import Refusal, Upstream

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Refuse = Callable[[str], str]


async def connect_checked(host: str, port: int, *, refuse: Refuse, limit_s: float) -> Streams | Refusal:
    """Connect to a name the agent chose.

    Looked up once: every address is judged, and those very addresses are connected to. One bad address is enough to
    refuse, as whoever owns the name decides which of them is taken.
    """
    try:
        async with asyncio.timeout(limit_s):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return Refusal(502, f"{host} has no address that could be found")
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    for address in addresses:
        if why := refuse(address):
            return Refusal(403, f"{host} resolves to {address}, which is off limits: {why}")
    for address in addresses:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(limit_s):
                return await asyncio.open_connection(address, port)
    return Refusal(502, f"no connection to {host}:{port}")


async def connect_named(upstream: Upstream, *, trust: ssl.SSLContext, limit_s: float) -> Streams | Refusal:
    """Connect to what a person named as a route's upstream, wherever it is."""
    host, port = upstream.host, upstream.port
    try:
        async with asyncio.timeout(limit_s):
            return await asyncio.open_connection(host, port, ssl=trust if upstream.tls else None)
    except ssl.SSLCertVerificationError as error:
        return Refusal(502, f"{host} did not prove who it is: {error.verify_message}")
    except (OSError, UnicodeError, TimeoutError):
        return Refusal(502, f"no connection to {host}:{port}")


def system_trust() -> ssl.SSLContext:
    """The certificates this machine trusts; SSL_CERT_FILE and SSL_CERT_DIR name others."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
