"""The broker over real sockets: what passes, what is refused, what is recorded, and that nothing hurts it."""

import asyncio
import json
import socket
import ssl
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPResponse, IncompleteRead
from pathlib import Path

import pytest
from egress_scene import (
    SECRET,
    WAIT_S,
    Scene,
    Site,
    anywhere,
    broker,
    make_certificate,
    read_all,
    route,
    upstream,
)

from podium.agents.egress.broker import Bounds, Broker
from podium.agents.egress.rules import Route, Rules
from podium.base.errors import UsageError


@pytest.fixture
def site() -> Iterator[Site]:
    with upstream() as found:
        yield found


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "egress.jsonl"


@pytest.fixture
def scene(site: Site, log: Path) -> Iterator[Scene]:
    """A broker with one route, to `site`."""
    with broker(Rules(routes=(route(site),)), log) as found:
        yield found


def test_a_route_adds_the_secret_and_drops_what_the_agent_sent_for_it(scene: Scene, site: Site) -> None:
    sent = {
        "X-Api-Key": "dummy", "x_api_key": "dummy", "Authorization": "Bearer dummy", "Connection": "close, X-Hop", "X-Hop": "1",
        "Accept-Encoding": "gzip", "X-Kept": "yes", "Host": "127.0.0.1:3128", "Proxy-Authorization": "Basic dummy",
        "TE": "trailers", "Upgrade": "websocket",
    }  # fmt: skip
    answer = scene.get("/model/v1/messages?beta=true", method="POST", body=b"hello", headers=sent)
    assert (answer.status, answer.body) == (200, b"you said hello")
    [asked] = site.asked
    assert (asked["method"], asked["target"], asked["body"]) == ("POST", "/v1/messages?beta=true", b"hello")
    assert sorted(asked["headers"]) == [
        ("accept-encoding", "gzip"), ("connection", "close"), ("content-length", "5"), ("host", f"127.0.0.1:{site.port}"),
        ("x-api-key", SECRET), ("x-kept", "yes"),
    ]  # fmt: skip


def test_a_chunked_body_passes_as_it_is(scene: Scene, site: Site) -> None:
    answer = scene.get("/model/x", method="POST", body=iter([b"one ", b"two"]))
    assert answer.body == b"you said one two"
    assert ("transfer-encoding", "chunked") in site.asked[0]["headers"]


def test_a_large_body_passes_both_ways(scene: Scene) -> None:
    body = bytes(range(256)) * 40_000
    assert scene.get("/model/x", method="POST", body=body).body == b"you said " + body


def test_an_event_arrives_before_the_stream_ends(scene: Scene, site: Site) -> None:
    with scene.connect() as stream:
        stream.sendall(b"GET /model/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        response = HTTPResponse(stream)
        response.begin()
        assert response.read1() == b"data: one\n\n"
        site.go.set()
        assert response.read() == b"data: two\n\n"


def test_an_agent_that_hangs_up_ends_the_request_upstream(scene: Scene, site: Site) -> None:
    with scene.connect() as stream:
        stream.sendall(b"GET /model/endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert stream.recv(1024)
    assert site.hung_up.wait(WAIT_S)


def test_an_agent_that_hangs_up_while_nothing_passes_is_noticed(scene: Scene, site: Site) -> None:
    with scene.connect() as stream:
        stream.sendall(b"GET /model/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert receive(stream, b"one\n\n")
    deadline = time.monotonic() + WAIT_S
    while not scene.records():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not site.go.is_set()
    assert scene.records()[0]["reason"] == "the agent hung up"


def test_a_stream_that_goes_on_outlives_the_idle_limit(site: Site, log: Path) -> None:
    impatient = broker(Rules(routes=(route(site),)), log, bounds=Bounds(idle_s=0.5))
    with impatient as scene, scene.connect() as stream:
        begun = time.monotonic()
        stream.sendall(b"GET /model/endless HTTP/1.1\r\nHost: x\r\n\r\n")
        while time.monotonic() - begun < 1.2:
            assert stream.recv(65536)


def test_an_answer_with_two_lengths_goes_by_its_chunks(scene: Scene) -> None:
    answer = scene.get("/model/both")
    assert answer.body == b"whole"
    assert "content-length" not in answer.headers


def test_an_answer_cut_short_is_seen_as_cut_short(scene: Scene) -> None:
    with pytest.raises(IncompleteRead):
        scene.get("/model/broken")


def test_an_answer_before_the_body_was_read_arrives(scene: Scene) -> None:
    assert scene.say(
        b"POST /model/early HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 1000
    ).startswith(b"HTTP/1.1 413")


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(scene: Scene) -> None:
    with scene.connect() as stream:
        stream.sendall(
            b"POST /model/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert stream.recv(1024).startswith(b"HTTP/1.1 100")
        stream.sendall(b"hi")
        assert read_all(stream).endswith(b"you said hi")


def test_redirects_and_old_servers_and_head_pass_untouched(scene: Scene) -> None:
    moved = scene.get("/model/redirect")
    assert (moved.status, moved.headers["location"]) == (302, "https://elsewhere.example/login")
    assert scene.get("/model/old").body == b"until the end"
    head = scene.get("/model/x", method="HEAD")
    assert (head.status, head.headers["content-length"], head.body) == (200, "9", b"")


def test_a_server_that_echoes_the_secret_does_not_tell_it(scene: Scene) -> None:
    answer = scene.get("/model/mirror")
    assert answer.body == b"bad key " + b"*" * len(SECRET) + b", says sk-the server"
    assert answer.headers["x-tried"] == "*" * len(SECRET)


def test_a_server_that_talks_nonsense_is_not_quoted(scene: Scene) -> None:
    answer = scene.get("/model/nonsense")
    assert (answer.status, answer.body) == (502, b"podium: the exchange broke off\n")


def test_an_upstream_that_is_not_there_is_said_to_be_so(log: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with broker(Rules(routes=(Route("/m", f"http://127.0.0.1:{free.getsockname()[1]}"),)), log) as scene:
            assert scene.get("/m/x").status == 502
    assert scene.records()[0]["kind"] == "route"


def test_tls_is_verified_by_the_systems_trust(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make_certificate(tmp_path)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate, key)
    with upstream(trust) as site:
        good = Route("/good", f"https://localhost:{site.port}", {"x-api-key": SECRET})
        other_name = Route("/other", f"https://127.0.0.1:{site.port}", {"x-api-key": SECRET})
        with broker(Rules(routes=(good,)), log) as scene:
            assert scene.get("/good/x").status == 502
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with broker(Rules(routes=(good, other_name)), log) as scene:
            assert scene.get("/good/x").body == b"you said "
            assert scene.get("/other/x").status == 502
        assert len(site.asked) == 1
    assert "did not prove who it is" in scene.records()[0]["reason"]


def test_a_tunnel_to_an_allowed_host_passes_bytes_both_ways(log: Path) -> None:
    with echo_server() as port:
        rules = Rules(allow=(f"localhost:{port}",))
        with broker(rules, log, refuse=anywhere) as scene, scene.connect() as stream:
            stream.sendall(
                f"CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\nearly ".encode()
            )
            assert receive(stream, b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
            assert receive(stream, b"early ") == b"early "
            stream.sendall(b"\x00\xff late")
            stream.shutdown(socket.SHUT_WR)
            assert read_all(stream) == b"\x00\xff late"
    [record] = scene.records()
    assert {**record, "at": 0, "seconds": 0} == {
        "at": 0, "kind": "connect", "method": "CONNECT", "host": "localhost", "port": port, "path": "", "status": 200,
        "up_bytes": 13, "down_bytes": 13, "seconds": 0, "reason": "",
    }  # fmt: skip


def test_an_allowed_name_that_leads_to_this_machine_is_refused(log: Path) -> None:
    with echo_server() as port, broker(Rules(allow=(f"localhost:{port}", "localhost:80")), log) as scene:
        said = scene.say(f"CONNECT localhost:{port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert said.startswith(b"HTTP/1.1 403")
        assert b"off limits: loopback" in said
        assert scene.get("http://localhost/").status == 403
    assert [record["kind"] for record in scene.records()] == ["refused", "refused"]


def test_plain_http_passes_to_a_named_port_without_any_secret(site: Site, log: Path) -> None:
    rules = Rules(allow=(f"localhost:{site.port}",), routes=(route(site),))
    with broker(rules, log, refuse=anywhere) as scene:
        answer = scene.get(f"http://localhost:{site.port}/page?q=1", headers={"X-Api-Key": "own"})
    assert answer.body == b"you said "
    assert site.asked[0]["target"] == "/page?q=1"
    assert ("x-api-key", "own") in site.asked[0]["headers"]
    assert scene.records()[0]["kind"] == "forward"


@pytest.mark.parametrize(
    "line",
    ["CONNECT evil.test:443", "CONNECT 127.0.0.1:22", "GET http://evil.test/", "GET https://evil.test/", "GET /", "GET /modelx",
     "GET /model/../admin", "GET /model//evil.test/", "OPTIONS *", "TRACE /model/x"],
)  # fmt: skip
def test_all_else_is_refused_with_a_reason(scene: Scene, site: Site, line: str) -> None:
    said = scene.say(f"{line} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 403")
    assert b"text/plain" in head
    assert body.startswith(b"podium: ")
    assert body.count(b"\n") == 1
    assert scene.records()[-1]["kind"] == "refused"
    assert not site.asked


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET /model/x\r\n\r\n",
        b"GET /model/x HTTP/1.1\r\n\r\n",
        b"GET /model/x HTTP/2.0\r\nHost: x\r\n\r\n",
        b"GET /model/x y HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /model/\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /model/\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /model/x HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"GET /model/x HTTP/1.1\r\nHost: x\r\nA: b\rX-Api-Key: mine\r\n\r\n",
        b"GET /model/x HTTP/1.1\r\nHost: x\r\nX-Api-Key : mine\r\n\r\n",
        b"POST /model/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /model/x HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /model/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"GET /model/x HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /model/" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /model/x HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 30_000 + b"\r\n",
        b"\r\n" * 100_000,
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_what_is_no_request_is_refused_and_hurts_nobody(scene: Scene, site: Site, raw: bytes) -> None:
    said = scene.say(raw)
    assert said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 501", b"HTTP/1.1 505")), said[:100]
    assert not site.asked
    assert scene.get("/model/x").status == 200


def test_smuggled_lengths_do_not_make_a_second_request(scene: Scene, site: Site) -> None:
    scene.say(
        b"POST /model/x HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /model/second HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    assert [asked["target"] for asked in site.asked] == ["/x"]
    assert "content-length" not in dict(site.asked[0]["headers"])


def test_bad_chunks_end_the_exchange(scene: Scene) -> None:
    said = scene.say(b"POST /model/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
    assert said.startswith(b"HTTP/1.1 502")


def test_half_a_request_ends_when_its_time_is_over(site: Site, log: Path) -> None:
    impatient = broker(Rules(routes=(route(site),)), log, bounds=Bounds(head_s=0.2, idle_s=0.3))
    with impatient as scene, scene.connect() as half, scene.connect() as silent, scene.connect() as half_body:
        half.sendall(b"GET /model/x HTTP/1.1\r\nHo")
        half_body.sendall(b"POST /model/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert read_all(half).startswith(b"HTTP/1.1 408")
        assert read_all(silent) == b""
        assert read_all(half_body).startswith(b"HTTP/1.1 504")
    assert sorted(record["status"] for record in scene.records()) == [408, 504]


def test_a_slow_head_is_bounded_however_steadily_it_drips(site: Site, log: Path) -> None:
    with (
        broker(Rules(routes=(route(site),)), log, bounds=Bounds(head_s=0.3)) as scene,
        scene.connect() as slow,
    ):
        slow.settimeout(0.05)
        said = b""
        for _ in range(200):
            try:
                slow.sendall(b"a")
                said += slow.recv(1024)
            except TimeoutError:
                continue
            except OSError:
                break
            if said:
                break
    assert said.startswith(b"HTTP/1.1 408")


def test_an_idle_tunnel_ends(log: Path) -> None:
    with echo_server() as port:
        rules = Rules(allow=(f"localhost:{port}",))
        with broker(rules, log, refuse=anywhere, bounds=Bounds(idle_s=0.2)) as scene:
            assert scene.say(f"CONNECT localhost:{port} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).startswith(
                b"HTTP/1.1 200"
            )
    assert scene.records()[0]["reason"] == "nothing passed for too long"


def test_many_at_once_are_all_served(scene: Scene, site: Site) -> None:
    with ThreadPoolExecutor(40) as pool:
        bodies = list(
            pool.map(lambda number: scene.get("/model/x", method="POST", body=str(number)).body, range(120))
        )
    assert bodies == [b"you said %d" % number for number in range(120)]
    assert len(site.asked) == 120


def test_more_than_the_bound_are_told_so_and_room_comes_back(site: Site, log: Path) -> None:
    with broker(Rules(routes=(route(site),)), log, bounds=Bounds(connections=3)) as scene:
        with ExitStack() as held:
            streams = [held.enter_context(scene.connect()) for _ in range(3)]
            for stream in streams:
                stream.sendall(b"GET /model/stream HTTP/1.1\r\nHost: x\r\n\r\n")
                assert stream.recv(1024)
            assert scene.say(b"").startswith(b"HTTP/1.1 503")
            site.go.set()
            for stream in streams:
                assert read_all(stream).endswith(b"0\r\n\r\n")
        for _ in range(200):  # its places are free a moment after the last stream is closed
            if scene.get("/model/x").status == 200:
                return
    raise AssertionError


def test_the_record_has_a_line_for_each_and_no_secret_nor_query(site: Site, log: Path) -> None:
    with broker(Rules(routes=(route(site),)), log) as scene:
        own = {"Authorization": "Bearer of-agent", "Connection": "close"}
        scene.get("/model/v1/messages?key=AIza-query", method="POST", body="ask", headers=own)
        scene.say(b"GET /nowhere?key=AIza-query HTTP/1.1\r\nHost: x\r\n\r\n")
        scene.say(f"GET /model/x HTTP/1.1\r\nbroken {SECRET}\r\n\r\n".encode())
        scene.get("/model/nonsense")
    lines = log.read_text()
    assert not any(word in lines for word in (SECRET, "AIza-query", "of-agent", "Bearer", "ask"))
    first, *rest = sorted((json.loads(line) for line in lines.splitlines()), key=lambda record: record["at"])
    assert first["seconds"] < WAIT_S
    assert (first["kind"], first["path"], first["status"], first["up_bytes"], first["down_bytes"]) == (
        "route",
        "/v1/messages",
        200,
        3,
        12,
    )
    assert [(record["kind"], record["status"]) for record in rest] == [
        ("refused", 403),
        ("refused", 400),
        ("route", 502),
    ]
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_record_is_bounded_and_says_that_it_is_full(site: Site, log: Path) -> None:
    with broker(Rules(routes=(route(site),)), log, log_limit_bytes=1000) as scene:
        for _ in range(12):
            assert scene.get("/nowhere/" + "x" * 2000).status == 403
    assert log.stat().st_size < 1500
    assert scene.records()[-1]["kind"] == "full"


def test_the_socket_is_private_replaces_a_dead_one_and_goes_with_the_broker(
    scene: Scene, tmp_path: Path
) -> None:
    assert stat.S_IMODE(scene.at.stat().st_mode) == 0o600
    stale = scene.at.with_name("stale.sock")
    stale.write_text("")

    async def serve_and_leave() -> None:
        async with Broker(Rules(), socket=stale, log=tmp_path / "log"):
            assert stale.is_socket()

    asyncio.run(serve_and_leave())
    assert not stale.exists()


def test_leaving_ends_what_is_under_way(site: Site, log: Path) -> None:
    with broker(Rules(routes=(route(site),)), log) as scene:
        stream = scene.connect()
        stream.sendall(b"GET /model/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert receive(stream, b"one\n\n")
    with stream:
        assert b"two" not in read_all(stream)
    assert scene.records()[0]["status"] == 200


@pytest.mark.parametrize(
    "bad",
    [
        Route("/x", "not a url"),
        Route("/x", "https://x", {"x-api-key": "line\r\nX-Evil: 1"}),
        Route("/x", "https://x", {"a b": "c"}),
    ],
)
def test_a_route_that_cannot_work_is_named_without_its_secret(bad: Route, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        Broker(Rules(routes=(bad,)), socket=tmp_path / "s", log=tmp_path / "l")
    assert "X-Evil" not in str(raised.value)


def receive(stream: socket.socket, end: bytes) -> bytes:
    """Read up to `end`, byte by byte, so that nothing after it is taken."""
    found = b""
    while not found.endswith(end):
        data = stream.recv(1)
        assert data, found
        found += data
    return found


class echo_server:  # noqa: N801 - used as a verb
    """Sends back what it gets, to one client."""

    def __enter__(self) -> int:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(WAIT_S)
        self._pool = ThreadPoolExecutor(1)
        self._pool.submit(self._serve)
        return int(self._listening.getsockname()[1])

    def _serve(self) -> None:
        stream, _ = self._listening.accept()
        with stream:
            stream.settimeout(WAIT_S)
            while data := stream.recv(65536):
                stream.sendall(data)

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        self._pool.shutdown(wait=False)
