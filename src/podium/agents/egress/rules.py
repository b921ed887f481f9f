"""What an agent may reach, and why not the rest: the rules of one attempt and the questions they answer.

Pure, but for one question to the kernel: whether an address is this machine's own. `decide.py` reads requests by these
rules, `broker.py` acts on them.
"""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

HTTPS_PORT = 443

IPv4 = ipaddress.IPv4Address
IPv6 = ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Route:
    """The agent talks plain HTTP to us below `prefix`; we talk to `upstream` and add what the agent must not hold.

    `headers` replace what the agent sent under these names and are never shown; `drop` names further headers of the agent
    that do not pass. A person named the upstream, so it may be this machine or the local network.
    """

    prefix: str
    upstream: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """`allow` holds `host`, `*.host` (what lies below it, not itself) and `host:port`; the port is 443 unless named."""

    allow: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()


def allowed(rules: Rules, host: str, port: int) -> bool:
    """Whether the agent may reach this name at this port. What the name resolves to is another question.

    >>> allowed(Rules(allow=("*.example.org", "example.net:80")), "Api.Example.org.", 443)
    True
    >>> allowed(Rules(allow=("*.example.org", "example.net:80")), "example.net", 443)
    False
    """
    return any(_matches(pattern, _plain(host), port) for pattern in rules.allow)


def refused_address(address: str) -> str:
    """Why a resolved address is off limits, or an empty string. What is not known to be public is refused."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "not an address"
    return _off_limits(found) or ("an address of this machine" if _is_own(found) else "")


def proxy_environment(port: int) -> dict[str, str]:
    """The variables that lead programs to the broker's port on their own loopback."""
    proxy = f"http://127.0.0.1:{port}"
    local = "127.0.0.1,localhost,::1"
    return {
        **{name: proxy for kind in ("HTTPS", "HTTP", "ALL") for name in _both(f"{kind}_PROXY")},
        **dict.fromkeys(_both("NO_PROXY"), local),
        "NODE_USE_ENV_PROXY": "1",
    }


def _both(name: str) -> tuple[str, str]:
    return name, name.lower()


def _matches(pattern: str, host: str, port: int) -> bool:
    name, wanted = _split(pattern)
    if port != wanted:
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) > len(name[1:]) and not _is_address(host)
    return host == name


def _split(pattern: str) -> tuple[str, int]:
    """Name and port of an entry; an IPv6 address stands in brackets when a port follows."""
    head, colon, tail = pattern.rpartition(":")
    if colon and tail.isdecimal() and (":" not in head or head.endswith("]")):
        return _plain(head), int(tail)
    return _plain(pattern), HTTPS_PORT


def _plain(host: str) -> str:
    return host.lower().removeprefix("[").removesuffix("]").removesuffix(".")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


_NOT_PUBLIC = tuple(
    (ipaddress.ip_network(network), why)
    for network, why in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a provider's customers"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud's metadata"),  # Azure's, the one that lies among public addresses
        ("169.254.0.0/16", "link-local, where clouds keep metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "reserved"),
        ("198.51.100.0/24", "reserved"),
        ("203.0.113.0/24", "reserved"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "reserved"),  # Teredo is in it, which carries an IPv4 address we would have to trust
        ("2001:db8::/32", "reserved"),
        ("3fff::/20", "reserved"),
    )
)
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


def _off_limits(address: IPv4 | IPv6) -> str:
    if isinstance(address, IPv6) and (carried := _carried(address)) is not None:
        return _off_limits(carried)
    for network, why in _NOT_PUBLIC:
        if address.version == network.version and address in network:
            return why
    return "" if address.version == IPv4(0).version or address in _GLOBAL_UNICAST else "not a public address"


def _carried(address: IPv6) -> IPv4 | None:
    """The IPv4 address that is really meant: mapped, translated by NAT64, or tunnelled by 6to4."""
    if address in _TRANSLATED:
        return IPv4(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_own(address: IPv4 | IPv6) -> bool:
    """Whether the kernel would answer from the very address it sends to. Nothing is sent."""
    family = socket.AF_INET if isinstance(address, IPv4) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), HTTPS_PORT))
            return ipaddress.ip_address(probe.getsockname()[0]) == address
    except OSError:  # there is no way to it, so it is not here
        return False
