"""A broker on a thread of its own, an upstream that plays tricks, and a client on the broker's unix socket."""

import asyncio
import json
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from podium.agents.egress.broker import Bounds, Broker
from podium.agents.egress.rules import Route, Rules, refused_address

SECRET = "sk-live-0123456789abcdefghij"  # the broker's own, which no agent may see
WAIT_S = 20.0


def anywhere(_address: str) -> str:
    """Lets the agent connect to the loopback, where the tests' upstreams are."""
    return ""


@dataclass
class Scene:
    """Where the broker listens and what it has recorded."""

    at: Path
    log: Path
    loop: asyncio.AbstractEventLoop | None = None

    def connect(self) -> socket.socket:
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(WAIT_S)
        stream.connect(str(self.at))
        return stream

    def say(self, raw: bytes) -> bytes:
        """Send bytes, and read all that comes until the broker closes."""
        with self.connect() as stream:
            stream.sendall(raw)
            return read_all(stream)

    def get(
        self, target: str, *, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None
    ) -> "Answer":
        connection = UnixConnection(self.at)
        try:
            connection.request(method, target, body=body, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.read(), dict(response.getheaders()))
        finally:
            connection.close()

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_bytes().splitlines()]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]


class UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("127.0.0.1:3128", timeout=WAIT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(WAIT_S)
        self.sock.connect(str(self._path))


def read_all(stream: socket.socket) -> bytes:
    found = b""
    while data := stream.recv(65536):
        found += data
    return found


@contextmanager
def broker(
    rules: Rules,
    log: Path,
    *,
    bounds: Bounds | None = None,
    refuse: Any = refused_address,
    log_limit_bytes: int = 1 << 20,
) -> Iterator[Scene]:
    """Serve until the block ends; what was under way is then over, and all of it is in the record."""
    with tempfile.TemporaryDirectory(prefix="egress-") as short:
        scene, ready, over = Scene(Path(short) / "egress.sock", log), Event(), asyncio.Event()
        faults: list[str] = []

        async def serve() -> None:
            scene.loop = asyncio.get_running_loop()
            scene.loop.set_exception_handler(lambda _loop, context: faults.append(repr(context)))
            async with Broker(
                rules,
                socket=scene.at,
                log=log,
                bounds=bounds or Bounds(),
                refuse=refuse,
                log_limit_bytes=log_limit_bytes,
            ):
                ready.set()
                await over.wait()

        thread = Thread(target=asyncio.run, args=(serve(),))
        thread.start()
        assert ready.wait(WAIT_S)
        assert scene.loop
        try:
            yield scene
        finally:
            scene.loop.call_soon_threadsafe(over.set)
            thread.join(WAIT_S)
        assert not thread.is_alive()
        assert not faults, faults


@dataclass
class Site:
    """An upstream: what it was asked, and the signal it waits for in the middle of an answer."""

    port: int
    asked: list[dict[str, Any]] = field(default_factory=list)
    go: Event = field(default_factory=Event)
    hung_up: Event = field(default_factory=Event)


@contextmanager
def upstream(trust: ssl.SSLContext | None = None) -> Iterator[Site]:
    server = _Server(("127.0.0.1", 0), _Handler)
    if trust:
        server.socket = trust.wrap_socket(server.socket, server_side=True)
    site = Site(server.server_address[1])
    server.site = site  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.go.set()
        server.shutdown()
        server.server_close()
        thread.join(WAIT_S)


def route(site: Site, **more: Any) -> Route:
    given = {"headers": {"x-api-key": SECRET}, "drop": ("authorization",), **more}
    return Route("/model", f"http://127.0.0.1:{site.port}", **given)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with the usual 5, the kernel resets some of many connections at once

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that broke off is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def site(self) -> Site:
        return self.server.site  # type: ignore[attr-defined, no-any-return]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        body = b"" if path == "/early" else self._read_body()
        self.site.asked.append({
            "method": self.command, "target": self.path, "headers": [(k.lower(), v) for k, v in self.headers.items()],
            "body": body,
        })  # fmt: skip
        getattr(self, "play_" + path.rpartition("/")[2], self.play_echo)(body)

    do_POST = do_HEAD = do_PUT = do_GET  # noqa: N815 - the base class's names

    def play_echo(self, body: bytes) -> None:
        self._answer(200, b"you said " + body)

    def play_redirect(self, _body: bytes) -> None:
        self._answer(302, b"", location="https://elsewhere.example/login")

    def play_mirror(self, _body: bytes) -> None:
        key = self.headers["x-api-key"].encode()
        self._chunked(
            [b"bad key " + key[:10], key[10:] + b", says ", b"sk-", b"the server"],
            tried=key.decode(),
        )

    def play_early(self, _body: bytes) -> None:
        self.close_connection = True
        self._answer(413, b"too much")

    def play_stream(self, _body: bytes) -> None:
        self._chunked([b"data: one\n\n"], end=False)
        self.site.go.wait(WAIT_S)
        self._chunk(b"data: two\n\n")
        self._chunk(b"")

    def play_endless(self, _body: bytes) -> None:
        self._chunked([b"data: one\n\n"], end=False)
        self.close_connection = True
        try:
            while not self.site.go.wait(0.02):
                self._chunk(b": still here\n\n")
        except OSError:
            self.site.hung_up.set()

    def play_broken(self, _body: bytes) -> None:
        self._chunked([b"data: one\n\n"], end=False)
        self.close_connection = True

    def play_old(self, _body: bytes) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")
        self.close_connection = True

    def play_both(self, _body: bytes) -> None:
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n"
        )

    def play_nonsense(self, _body: bytes) -> None:
        self.wfile.write(b"\x00\x01 nonsense " + self.headers["x-api-key"].encode() + b"\r\n\r\n")
        self.close_connection = True

    def _read_body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _chunked(self, parts: list[bytes], *, end: bool = True, tried: str = "") -> None:
        self.send_response(200)
        for name, value in {
            "content-type": "text/event-stream",
            "transfer-encoding": "chunked",
            **({"x-tried": tried} if tried else {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        for part in parts:
            self._chunk(part)
        if end:
            self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


def make_certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate for localhost that is its own authority, and its key."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key
