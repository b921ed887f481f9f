"""Which headers pass, and the secrets that go in and must not come out: pure."""

from collections.abc import Iterable

import h11

from podium.agents.egress.decide import Delivery
from podium.agents.egress.rules import Route

Header = tuple[bytes, bytes]

_OF_ONE_HOP = frozenset({
    b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer",
    b"transfer-encoding", b"upgrade",
})  # fmt: skip
_OURS = frozenset({b"host", b"content-length", b"expect"})
_SHORTEST_SECRET = 16
"""A shorter value (a version, a flag) may well stand in an answer for another reason."""


def outgoing(request: h11.Request, delivery: Delivery) -> h11.Request:
    """The agent's request as its upstream gets it: Host and the route's headers are ours, whatever the agent sent."""
    given = delivery.route.headers if delivery.route else {}
    dropped = {_key(name.encode()) for name in (*given, *(delivery.route.drop if delivery.route else ()))}
    kept = [
        (name, value)
        for name, value in passing(request.headers)
        if name not in _OURS and _key(name) not in dropped
    ]
    own = [(name.encode(), value.encode()) for name, value in given.items()]
    return h11.Request(
        method=request.method,
        target=delivery.target,
        headers=[
            (b"host", delivery.upstream.authority.encode()), *kept, *own,
            *_framing(request.headers), (b"connection", b"close"),
        ],
    )  # fmt: skip


def incoming(response: h11.Response, blot: "Blotter") -> h11.Response:
    """The upstream's response as the agent gets it. Where the length is unknown, h11 chunks it."""
    chunked = any(name == b"transfer-encoding" for name, _ in response.headers)
    kept = [
        (name, blot.whole(value))
        for name, value in passing(response.headers)
        if not (chunked and name == b"content-length")
    ]
    return h11.Response(
        status_code=response.status_code,
        reason=blot.whole(response.reason),
        headers=[*kept, (b"connection", b"close")],
    )


def passing(headers: Iterable[Header]) -> list[Header]:
    """Without those meant for one hop only, be they so by standard or because the sender says so."""
    found = list(headers)
    named = {
        word.strip().lower() for name, value in found if name == b"connection" for word in value.split(b",")
    }
    return [(name, value) for name, value in found if name not in _OF_ONE_HOP | (named - {b"content-length"})]


def is_encoded(response: h11.Response) -> bool:
    return any(
        name == b"content-encoding" and value.lower() != b"identity" for name, value in response.headers
    )


def check(route: Route) -> None:
    """See that the route's headers can be sent.

    Raises:
        ValueError: one cannot; the text names it and not its value.
    """
    for name, value in route.headers.items():
        try:
            h11.Request(method="GET", target="/", headers=[("host", "x"), (name, value)])
        except (h11.LocalProtocolError, UnicodeEncodeError):
            raise ValueError(
                f"route {route.prefix}: header {name!r} holds what no header may (a line break?)"
            ) from None


class Blotter:
    """Puts stars over the route's secrets in a stream, as many as they are long, and holds back nothing but a part of one.

    It guards against an upstream that echoes what it got, in an error for instance; not against one that encodes it.
    """

    def __init__(self, route: Route | None) -> None:
        values = route.headers.values() if route else ()
        words = {word for value in values for word in value.split() if len(word) >= _SHORTEST_SECRET}
        self._secrets = sorted((word.encode() for word in words), key=len)
        self._held = b""

    def whole(self, data: bytes) -> bytes:
        for secret in self._secrets:
            data = data.replace(secret, b"*" * len(secret))
        return data

    def part(self, data: bytes) -> bytes:
        """What may pass of a stream up to here."""
        data = self.whole(self._held + data)
        held = max((_begun(data, secret) for secret in self._secrets), default=0)
        self._held = data[len(data) - held :]
        return data[: len(data) - held]

    def rest(self) -> bytes:
        """What was held back, at the end."""
        rest, self._held = self._held, b""
        return rest


def _begun(data: bytes, secret: bytes) -> int:
    """How many bytes at the end of `data` may be the beginning of `secret`."""
    longest = min(len(data), len(secret) - 1)
    return next((size for size in range(longest, 0, -1) if data.endswith(secret[:size])), 0)


def _framing(headers: Iterable[Header]) -> list[Header]:
    """How the body is delimited: h11 has made sure that this is said once, and chunked goes first."""
    found = dict(headers)
    if b"transfer-encoding" in found:
        return [(b"transfer-encoding", b"chunked")]
    return [(b"content-length", found[b"content-length"])] if b"content-length" in found else []


def _key(name: bytes) -> bytes:
    """Header names as the laxest servers compare them."""
    return name.lower().replace(b"_", b"-")
