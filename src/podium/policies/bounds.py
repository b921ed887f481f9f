"""What rules of `spend` and `network` bound, and the same said in an agent's own settings. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from podium.config.settings import PolicyRule


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound of a rule, and how what is asked for stands to it; what nobody knows does not keep it."""

    what: str
    asked: str
    kept: bool


def bounds_of(rule: PolicyRule, *, usd: float | None, tokens: int | None) -> Iterator[Bound]:
    """The bounds that a rule sets on what is spent."""
    if rule.usd is not None:
        asked = "an unknown cost" if usd is None else f"${usd:,.2f}"
        yield Bound(f"at most ${rule.usd:,.2f}", asked, usd is not None and usd <= rule.usd)
    if rule.tokens is not None:
        asked = "an unknown number" if tokens is None else f"{tokens:,} tokens"
        yield Bound(f"at most {rule.tokens:,} tokens", asked, tokens is not None and tokens <= rule.tokens)


def names_host(patterns: Sequence[str], host: str) -> bool:
    """Whether one of the patterns means a host: `api.example.com`, `*.example.com`, either with `:port`.

    >>> names_host(["*.example.com"], "API.example.com:443"), names_host(["*.example.com"], "example.com")
    (True, False)
    >>> names_host(["example.com:443"], "example.com:80"), names_host(["a.b"], "")
    (False, False)
    """
    name, _, port = host.casefold().rstrip(".").partition(":")
    return bool(name) and any(_means(pattern.casefold(), name, port) for pattern in patterns)


def meets_host(patterns: Sequence[str], host: str) -> bool:
    """Whether one of the patterns and a host, which may be a pattern too, can mean the same one.

    >>> meets_host(["api.example.com"], "*.example.com"), meets_host(["a.b:80"], "a.b"), meets_host(["a.b:80"], "a.b:443")
    (True, True, False)
    """
    return any(_meet(pattern.casefold(), host.casefold()) for pattern in patterns)


def _meet(one: str, other: str) -> bool:
    (name, _, port), (others, _, others_port) = one.partition(":"), other.partition(":")
    if port and others_port and port != others_port:
        return False
    return bool(name and others) and (_means(name, others, "") or _means(others, name, ""))


def _means(pattern: str, name: str, port: str) -> bool:
    wanted, _, wanted_port = pattern.partition(":")
    if wanted_port and wanted_port != port:
        return False
    if wanted.startswith("*."):
        return name.endswith(wanted[1:])
    return wanted in {name, "*"}
