"""What becomes of a request: a pure decision on its method and target, before anything is looked up or opened."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from podium.agents.egress.rules import HTTPS_PORT, Route, Rules, allowed

_HTTP_PORT = 80
_HIGHEST_PORT = 65535
_AUTHORITY = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)"
_CONNECT_TARGET = re.compile(rf"{_AUTHORITY}:(?P<port>[0-9]{{1,5}})")
_ABSOLUTE_TARGET = re.compile(
    rf"http://{_AUTHORITY}(?::(?P<port>[0-9]{{1,5}}))?(?P<rest>[/?].*)?", re.IGNORECASE
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""TRACE is left out: its answer holds the request's headers, and with them the secret."""
_DECODINGS = 4


@dataclass(frozen=True, slots=True)
class Tunnel:
    """Bytes to and from an allowed host, unread."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where requests of a route go. `base` is the path its own URL has, without a slash at its end."""

    host: str
    port: int
    tls: bool
    base: str

    @property
    def authority(self) -> str:
        """The Host header's value."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = HTTPS_PORT if self.tls else _HTTP_PORT
        return host if self.port == usual else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request, passed on to `upstream` with `target`; `route` is None for plain HTTP to an allowed host."""

    upstream: Upstream
    target: str
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the agent is told instead, in one line, and whom it asked for where that is known."""

    status: int
    reason: str
    host: str = ""
    port: int = 0


Decision = Tunnel | Delivery | Refusal


def decide(rules: Rules, *, method: str, target: str) -> Decision:
    """Tunnel, deliver or refuse."""
    if method == "CONNECT":
        return _tunnel(rules, target)
    if method not in _METHODS:
        return Refusal(403, "no such method passes here")
    if target.startswith("/"):
        return _routed(rules, target)
    return _forwarded(rules, target)


def read_upstream(url: str) -> Upstream:
    """The parts of a route's upstream.

    Raises:
        ValueError: it is no http or https address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"not an http or https address without a query: {url}")
    tls = parts.scheme == "https"
    return Upstream(
        parts.hostname, parts.port or (HTTPS_PORT if tls else _HTTP_PORT), tls, parts.path.rstrip("/")
    )


def _tunnel(rules: Rules, target: str) -> Decision:
    found = _CONNECT_TARGET.fullmatch(target)
    if not found or not 0 < int(found["port"]) <= _HIGHEST_PORT:
        return Refusal(400, "CONNECT takes host:port")
    host, port = found["host"].strip("[]"), int(found["port"])
    return Tunnel(host, port) if allowed(rules, host, port) else _not_allowed(host, port)


def _forwarded(rules: Rules, target: str) -> Decision:
    found = _ABSOLUTE_TARGET.fullmatch(target)
    if not found:
        return Refusal(403, "neither a route, nor CONNECT, nor a plain http address")
    host, port = found["host"].strip("[]"), int(found["port"] or _HTTP_PORT)
    if port == HTTPS_PORT:
        return Refusal(403, "plain http does not pass to a port for https", host, port)
    if not allowed(rules, host, port) or not 0 < port <= _HIGHEST_PORT:
        return _not_allowed(host, port)
    rest = found["rest"] or "/"
    return Delivery(Upstream(host, port, tls=False, base=""), rest if rest.startswith("/") else f"/{rest}")


def _routed(rules: Rules, target: str) -> Decision:
    path, mark, query = target.partition("?")
    for route in sorted(rules.routes, key=lambda route: len(route.prefix), reverse=True):
        prefix = route.prefix.rstrip("/")
        if path == prefix or path.startswith(f"{prefix}/"):
            rest = path[len(prefix) :]
            if _leaves(rest):
                return Refusal(403, "the path has empty, dotted or control parts")
            upstream = read_upstream(route.upstream)
            target = f"{upstream.base}{rest}" or "/"
            return Delivery(upstream, f"{target}{mark}{query}", route)
    return Refusal(403, "no route has this path")


def _not_allowed(host: str, port: int) -> Refusal:
    return Refusal(403, f"{host}:{port} is not among the hosts this agent may reach", host, port)


def _leaves(path: str) -> bool:
    """Whether some server might read this path as one outside the folder it is put in, however often it decodes."""
    if "#" in path:
        return True
    for _ in range(_DECODINGS):
        decoded = unquote(path, errors="replace")
        parts = re.split(r"[/\\]", decoded)[1:]
        if any(_is_dotted(part) for part in parts) or "" in parts[:-1] or not _is_clean(decoded):
            return True
        if decoded == path:
            return False
        path = decoded
    return True


def _is_clean(text: str) -> bool:
    return all(character >= " " and character != "\x7f" for character in text)


def _is_dotted(part: str) -> bool:
    """`.`, `..`, and what servers with path parameters take for them."""
    return part.partition(";")[0].strip() in {".", ".."}
