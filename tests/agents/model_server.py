"""A model that plays scripts: it speaks the APIs of the providers on loopback, so that real agents work without a login.

    with ModelServer({"fix": [Read("calc.py"), Edit(...), Finish("Done.")]}) as server:
        ...  # an agent whose base URL is server.url, and whose prompt says [[script:fix]]

The last tag that was said counts, so a session is told once which script it plays, and plays it for each prompt from the
beginning. Without a tag it is the script named `default`, or the only one. What a script is: `model_script.py`. What agents
asked, with which key, is in `server.requests`; what cannot be played is answered with 500, and is in there too.
"""

import argparse
import json
import re
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import model_anthropic
import model_chat
import model_gemini
import model_responses
from model_play import Answer, Player
from model_reply import Dialect
from model_script import Asked, Edit, Finish, Read, Script, Shell

_LOCAL = "127.0.0.1"
_GENERATE = re.compile(r"/models/([^/:]+):(\w+)$")
_KEY_HEADERS = ("authorization", "x-api-key", "x-goog-api-key")
_KINDS = {401: "authentication_error", 429: "rate_limit_error"}
_LONGEST_BODY = 64 << 20


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as it was answered. `key` is what came as a key, under whatever name; `error` what went wrong."""

    path: str
    key: str
    status: int = 200
    error: str = ""
    dialect: str = ""
    script: str = ""
    step: int = 0
    model: str = ""
    tools: tuple[str, ...] = ()
    aside: bool = False
    """It wanted a title or the like, beside the script."""
    system: str = ""
    prompt: str = ""
    text: str = ""
    """All that the model was told."""


class ModelServer:
    """Plays `scripts` at `url` while it is entered."""

    def __init__(self, scripts: Mapping[str, Script], *, port: int = 0) -> None:
        self.player = Player(scripts)
        self.stopped = Event()
        self._requests: list[Logged] = []
        self._lock = Lock()
        self._listener = _Listener((_LOCAL, port), partial(_Handler, self))
        self._thread = Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://{_LOCAL}:{self._listener.server_address[1]}"

    @property
    def requests(self) -> tuple[Logged, ...]:
        """What was asked so far, oldest first."""
        with self._lock:
            return tuple(self._requests)

    def log(self, logged: Logged) -> None:
        with self._lock:
            self._requests.append(logged)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Answer what waits at once, and nothing more."""
        self.stopped.set()
        self._listener.shutdown()
        self._listener.server_close()


class _Listener(ThreadingTCPServer):
    """Without what `HTTPServer` adds: a look-up of the machine's name."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    """One connection: finds the dialect by the address, and answers in it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def __init__(self, server: ModelServer, *arguments: Any) -> None:
        self._server = server
        super().__init__(*arguments)

    def handle(self) -> None:
        with suppress(ConnectionError):  # an agent may go whenever it likes
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the log is `ModelServer.requests`."""

    def do_HEAD(self) -> None:
        self._send(200, {})

    def do_GET(self) -> None:
        logged = Logged(self.path, self._key())
        if not urlsplit(self.path).path.endswith("/models"):
            self._fail(404, f"there is nothing at {self.path}", logged)
            return
        self._server.log(logged)
        model = {"id": "scripted", "object": "model", "type": "model", "display_name": "Scripted"}
        self._send(200, {"data": [model], "models": [], "has_more": False})

    def do_POST(self) -> None:
        logged = Logged(self.path, self._key())
        raw = self.rfile.read(min(int(self.headers.get("content-length") or 0), _LONGEST_BODY))
        try:
            dialect, asked = _read(urlsplit(self.path).path, json.loads(raw))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._fail(500, f"this is no request to a model: {error!r}", logged)
            return
        logged = _noted(logged, dialect, asked)
        if self.path.split("?")[0].endswith((":countTokens", "/count_tokens")):
            self._server.log(logged)
            self._send(200, {"totalTokens": len(raw) // 4, "input_tokens": len(raw) // 4})
            return
        self._answer(dialect, asked, logged)

    def _answer(self, dialect: Dialect, asked: Asked, logged: Logged) -> None:
        answer = self._server.player.answer(asked)
        self._server.stopped.wait(answer.delay_s)
        logged = replace(logged, script=answer.script)
        if answer.reply is None:
            self._fail(answer.status, answer.error, logged)
            return
        self._server.log(replace(logged, error="dropped" if answer.broken else ""))
        if asked.stream:
            self._stream(dialect.frames(answer.reply), answer)
        else:
            self._send(200, dialect.whole(answer.reply), broken=answer.broken)

    def _stream(self, frames: Iterable[str], answer: Answer) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        data = "".join(frames).encode()
        sent = data[: len(data) // 2] if answer.broken else data
        self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent))
        self.wfile.write(b"" if answer.broken else b"0\r\n\r\n")
        self.close_connection |= answer.broken

    def _send(self, status: int, body: Mapping[str, Any], *, broken: bool = False) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if broken else data)
        self.close_connection |= broken

    def _fail(self, status: int, message: str, logged: Logged) -> None:
        self._server.log(replace(logged, status=status, error=message))
        kind = _KINDS.get(status, "api_error")
        error = {"type": kind, "code": status, "status": kind.upper(), "message": message}
        self._send(status, {"type": "error", "error": error})

    def _key(self) -> str:
        asked = parse_qs(urlsplit(self.path).query).get("key", [])
        return next(filter(None, (*(self.headers.get(name) for name in _KEY_HEADERS), *asked)), "")


def _read(path: str, body: Mapping[str, Any]) -> tuple[Dialect, Asked]:
    """The dialect that an address is of, whatever prefix a proxy left on it, and what the body asks in it."""
    if path.endswith(("/messages", "/messages/count_tokens")):
        return model_anthropic, model_anthropic.asked(body)
    if path.endswith("/responses"):
        return model_responses, model_responses.asked(body)
    if path.endswith("/chat/completions"):
        return model_chat, model_chat.asked(body)
    if found := _GENERATE.search(path):
        model, method = found.groups()
        streamed = method.startswith("stream")
        return model_gemini, replace(model_gemini.asked(body), model=model, stream=streamed)
    raise ValueError(f"no API has the address {path}")


def _noted(logged: Logged, dialect: Dialect, asked: Asked) -> Logged:
    return replace(
        logged, dialect=dialect.NAME, step=asked.step, model=asked.model, aside=asked.aside,
        tools=tuple(tool.name for tool in asked.tools), system=asked.system, prompt=asked.prompt, text=asked.text,
    )  # fmt: skip


def _main() -> None:
    """Play one small repair for whoever asks, until interrupted."""
    parser = argparse.ArgumentParser(description=_main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    fix: Script = [
        Read("calc.py"), Edit("calc.py", "    return a - b", "    return a + b"),
        Shell("python3 -m unittest"), Finish("It adds now."),
    ]  # fmt: skip
    with ModelServer({"fix": fix}, port=parser.parse_args().port) as server, suppress(KeyboardInterrupt):
        print(server.url, flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    _main()
