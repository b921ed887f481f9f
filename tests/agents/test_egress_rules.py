"""What may be reached: names, addresses, and paths below a route."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.agents.egress.decide import Delivery, Refusal, Tunnel, decide, read_upstream
from podium.agents.egress.rules import Route, Rules, allowed, proxy_environment, refused_address

RULES = Rules(
    allow=("api.example.org", "*.cdn.example.org", "plain.example.org:80", "[2606:4700::1111]:443"),
    routes=(
        Route("/model", "https://model.example/v1/", {"x-api-key": "secret"}),
        Route("/model/local", "http://127.0.0.1:8080"),
    ),
)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("api.example.org", 443),
        ("API.Example.Org.", 443),
        ("a.cdn.example.org", 443),
        ("a.b.cdn.example.org", 443),
        ("plain.example.org", 80),
        ("2606:4700::1111", 443),
    ],
)
def test_what_is_named_is_allowed(host: str, port: int) -> None:
    assert allowed(RULES, host, port)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("example.org", 443),
        ("api.example.org", 80),
        ("api.example.org", 8443),
        ("plain.example.org", 443),
        ("cdn.example.org", 443),
        (".cdn.example.org", 443),
        ("evilcdn.example.org", 443),
        ("api.example.org.evil.test", 443),
        ("xapi.example.org", 443),
        ("127.0.0.1", 443),
        ("", 443),
    ],
)
def test_all_else_is_not(host: str, port: int) -> None:
    assert not allowed(RULES, host, port)


def test_a_star_alone_allows_nothing_and_no_star_matches_an_address() -> None:
    assert not allowed(Rules(allow=("*",)), "example.org", 443)
    assert not allowed(Rules(allow=("*.0.0.1",)), "127.0.0.1", 443)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.8.8", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "shared"),
        ("100.100.100.200", "shared"),
        ("169.254.169.254", "link-local"),
        ("168.63.129.16", "metadata"),
        ("192.0.0.192", "reserved"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),
        ("ff02::1", "multicast"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::127.0.0.1", "not a public"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("64:ff9b:1::1", "not a public"),
        ("2002:7f00:1::1", "loopback"),
        ("2002:a00:1::", "private"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "reserved"),
        ("fec0::1", "not a public"),
        ("localhost", "not an address"),
        ("127.1", "not an address"),
    ],
)
def test_addresses_that_lead_back_are_refused(address: str, why: str) -> None:
    assert why in refused_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "160.79.104.10",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "64:ff9b::101:101",
        "::ffff:1.1.1.1",
    ],
)
def test_public_addresses_are_fine(address: str) -> None:
    assert refused_address(address) == ""


@given(st.ip_addresses(network="10.0.0.0/8"))
def test_no_spelling_of_a_private_address_passes(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    assert refused_address(str(address))
    for prefix in ("::ffff:", "64:ff9b::"):
        assert refused_address(f"{prefix}{number >> 16:x}:{number & 0xFFFF:x}")
    assert refused_address(f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1")


def test_connect_is_a_tunnel_to_what_is_allowed() -> None:
    assert decide(RULES, method="CONNECT", target="api.example.org:443") == Tunnel("api.example.org", 443)
    assert decide(RULES, method="CONNECT", target="[2606:4700::1111]:443") == Tunnel("2606:4700::1111", 443)


@pytest.mark.parametrize(
    "target",
    [
        "evil.test:443", "api.example.org", "api.example.org:", "api.example.org:0", "api.example.org:70000", "api.example.org:80",
        "user@api.example.org:443", "http://api.example.org:443", "api.example.org:443/", "api.example.org:443:443", "/model",
        "api.example.org:٤٤٣",
    ],
)  # fmt: skip
def test_other_tunnels_are_refused(target: str) -> None:
    assert isinstance(decide(RULES, method="CONNECT", target=target), Refusal)


def test_plain_http_passes_only_where_its_port_is_named() -> None:
    found = decide(RULES, method="GET", target="http://plain.example.org?q=1")
    assert isinstance(found, Delivery)
    assert (found.upstream.host, found.upstream.port, found.target, found.route) == (
        "plain.example.org",
        80,
        "/?q=1",
        None,
    )
    for target in (
        "http://api.example.org/", "http://api.example.org:443/", "https://api.example.org/", "http://evil.test/",
        "http://user@plain.example.org/", "http://plain.example.org@evil.test/", "http://plain.example.org:80:80/",
        "ftp://plain.example.org/", "*", "plain.example.org:80",
    ):  # fmt: skip
        assert isinstance(decide(RULES, method="GET", target=target), Refusal), target


@pytest.mark.parametrize(
    ("target", "host", "passed"),
    [
        ("/model/messages?beta=true", "model.example", "/v1/messages?beta=true"),
        ("/model", "model.example", "/v1"),
        ("/model/", "model.example", "/v1/"),
        ("/model/a%2Fb/@scope%2fname", "model.example", "/v1/a%2Fb/@scope%2fname"),
        ("/model/m:stream?x=../..//", "model.example", "/v1/m:stream?x=../..//"),
        ("/model/local", "127.0.0.1", "/"),
        ("/model/local?x", "127.0.0.1", "/?x"),
        ("/model/local/chat", "127.0.0.1", "/chat"),
    ],
)
def test_the_longest_prefix_takes_a_path(target: str, host: str, passed: str) -> None:
    found = decide(RULES, method="POST", target=target)
    assert isinstance(found, Delivery)
    assert (found.upstream.host, found.target) == (host, passed)


@pytest.mark.parametrize(
    "path",
    [
        "/../admin", "/a/../../admin", "//evil.test/", "/a//b", "/%2e%2e/admin", "/%252e%252e/admin", "/.%2e/x", "/a/%2e", "/..",
        "/..;/admin", "/..%3bx/admin", "/..\\admin", "/%5c..%5cadmin", "/a%2f..%2f..%2fadmin", "/%2f/evil", "/a%0d%0aX:%20y", "/a%00",
        "/%25252525252e%25252525252e/x", "/a#b", "/a%7f",
    ],
)  # fmt: skip
def test_no_path_leaves_its_prefix(path: str) -> None:
    assert isinstance(decide(RULES, method="GET", target=f"/model{path}"), Refusal)


@given(st.text(alphabet="/.%2eEfF5cCa;\\?#", max_size=24))
def test_what_passes_stays_below_the_upstreams_path(path: str) -> None:
    found = decide(RULES, method="GET", target=f"/model/{path}")
    if isinstance(found, Delivery):
        passed = found.target.partition("?")[0]
        assert passed.startswith("/v1/")
        assert not re.search(r"(^|[/\\])\.\.?([/\\;]|$)", passed)


@pytest.mark.parametrize("target", ["/", "/modelx", "/Model/x", "/x/../model/y", "/%6dodel/x"])
def test_paths_of_no_route_are_refused(target: str) -> None:
    assert decide(RULES, method="GET", target=target) == Refusal(403, "no route has this path")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "get", "PROPFIND"])
def test_methods_that_might_show_headers_are_refused(method: str) -> None:
    assert isinstance(decide(RULES, method=method, target="/model/x"), Refusal)


@pytest.mark.parametrize(
    "url", ["ftp://x", "model.example", "https://", "https://x/?key=1", "https://x:port/"]
)
def test_an_upstream_is_an_http_address(url: str) -> None:
    with pytest.raises(ValueError):
        read_upstream(url)


def test_an_upstream_knows_its_host_header() -> None:
    assert read_upstream("https://model.example:443/v1/").authority == "model.example"
    assert read_upstream("http://[::1]:8080").authority == "[::1]:8080"


def test_secrets_are_not_in_the_text_of_a_route() -> None:
    assert "secret" not in repr(RULES)


def test_the_proxy_variables_name_the_port_in_both_cases() -> None:
    found = proxy_environment(3128)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        assert found[name] == found[name.lower()] == "http://127.0.0.1:3128"
    assert found["NO_PROXY"] == found["no_proxy"] == "127.0.0.1,localhost,::1"
    assert found["NODE_USE_ENV_PROXY"] == "1"
