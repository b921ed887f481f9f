"""The door between a driver and the program under test: a socket that the driver's sandbox sees and the program's does not.

A frame is a line of JSON each way; bytes are in base64, so nothing that a child prints can pass for a frame. Whoever knocks
says first a word that only the driver was given. What goes wrong on this side is kept in `troubles`: no verdict is
drawn from a run that had any.
"""

import base64
import json
import os
import socketserver
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from podium.base.errors import PodiumError
from podium.base.text import clean_line
from podium.gate.acceptance.children import Call, Children, Ran, TooMuch

NAME = "door"
_LONGEST_LINE = 8 * 1024 * 1024
_LONGEST_WORD = 200
_MOST_WORDS, _MOST_VARIABLES = 1000, 200
_MOST_TROUBLES = 5

Frame = Mapping[str, Any]


class Door:
    """Opens a socket called `door` in `folder`, for whoever knows `word`, to these children."""

    def __init__(self, children: Children, folder: Path, *, word: str) -> None:
        self.troubles: list[str] = []
        self._children = children
        self._word = word
        self._does: Mapping[str, Callable[[Frame], Frame]] = {
            "run": self._run, "write": self._write, "read": self._read, "serve": self._serve,
            "ask": self._ask, "stop": self._stop, "renew": self._renew,
        }  # fmt: skip
        folder.mkdir(mode=0o700)
        self._listening = _listen(folder, self._welcome, self._note)
        self._thread = threading.Thread(target=self._listening.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let nobody in any more, and end what still runs."""
        self._listening.shutdown()
        self._listening.server_close()
        self._thread.join()
        self._children.close()

    def _welcome(self, handler: socketserver.StreamRequestHandler) -> None:
        if handler.rfile.readline(_LONGEST_WORD).strip() != self._word.encode():
            return
        while line := handler.rfile.readline(_LONGEST_LINE):
            handler.wfile.write(json.dumps(self._answer(line)).encode() + b"\n")

    def _answer(self, line: bytes) -> Frame:
        try:
            frame = json.loads(line)
            return self._does[frame["do"]](frame)
        except (OSError, PodiumError, TooMuch) as error:
            self._note(clean_line(str(error)))
            return {"broken": clean_line(str(error))}
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            return {"wrong": clean_line(str(error))}

    def _note(self, trouble: str) -> None:
        if trouble not in self.troubles and len(self.troubles) < _MOST_TROUBLES:
            self.troubles.append(trouble)

    def _run(self, frame: Frame) -> Frame:
        return _shown(self._children.run(_call(frame, stdin=_bytes(frame["input"]))))

    def _write(self, frame: Frame) -> Frame:
        self._children.write(str(frame["path"]), _bytes(frame["data"]))
        return {}

    def _read(self, frame: Frame) -> Frame:
        data = self._children.read(str(frame["path"]))
        return {"data": None if data is None else _text(data)}

    def _serve(self, frame: Frame) -> Frame:
        port = int(frame["port"])
        if not 0 < port < 65536:  # noqa: PLR2004 - that is what a port is
            raise ValueError(f"{port} is no port")
        number, failed = self._children.serve(_call(frame), port)
        return {"server": number, "failed": failed}

    def _ask(self, frame: Frame) -> Frame:
        request = frame["request"]
        asked = {"method": str(request["method"]), "path": str(request["path"]), "body": str(request["body"])}
        headers = {str(name): str(value) for name, value in request["headers"].items()}
        timeout_s = float(frame["timeout"])
        return _harmless(
            self._children.ask(int(frame["server"]), {**asked, "headers": headers}, timeout_s=timeout_s)
        )

    def _stop(self, frame: Frame) -> Frame:
        return {"printed": self._children.stop(int(frame["server"]))}

    def _renew(self, _frame: Frame) -> Frame:
        self._children.renew()
        return {}


def _listen(
    folder: Path, welcome: Callable[[socketserver.StreamRequestHandler], None], note: Callable[[str], None]
) -> socketserver.BaseServer:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            welcome(self)

    class Listening(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - whose it was is no matter
            """Note it: a driver that finds the door closed must not take that for a failure of the program."""
            note(f"the door broke: {clean_line(repr(sys.exception()))}")

    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return Listening(
            f"/proc/self/fd/{opened}/{NAME}", Handler
        )  # the whole path may be too long for a socket
    finally:
        os.close(opened)


def _call(frame: Frame, *, stdin: bytes = b"") -> Call:
    argv, env = tuple(str(word) for word in frame["argv"]), {str(k): str(v) for k, v in frame["env"].items()}
    words = [*argv, *env, *env.values()]
    if not argv or not argv[0] or len(argv) > _MOST_WORDS or len(env) > _MOST_VARIABLES:
        raise ValueError("a program is called with 1 to 1000 words and at most 200 variables")
    if any("\0" in word for word in words) or any(not name or "=" in name for name in env):
        raise ValueError("no word may hold a zero byte, no variable's name a =")
    return Call(argv, stdin, env, float(frame["timeout"]))


def _shown(ran: Ran) -> Frame:
    return {
        "code": ran.code,
        "out": _text(ran.out),
        "err": _text(ran.err),
        "hung": ran.hung,
        "flooded": ran.flooded,
    }


def _harmless(said: Mapping[str, object]) -> Frame:
    """An answer with just what an answer has; the tree's code may have written it."""
    try:
        if "failed" in said:
            return {"failed": clean_line(str(said["failed"]))}
        headers = [(str(name), str(value)) for name, value in said["headers"]]  # type: ignore[attr-defined]
        return {"status": int(str(said["status"])), "headers": headers, "body": _text(_bytes(said["body"]))}
    except (KeyError, TypeError, ValueError):
        return {"failed": "the answer makes no sense"}


def _bytes(text: object) -> bytes:
    return base64.b64decode(str(text), validate=True)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
