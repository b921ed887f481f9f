"""What an acceptance test starts the program under test with. The program is never here: it runs in a sandbox of its own.

    from podium_accept import fresh, run, serve

    def test_the_sum_is_right():
        a, b = fresh().sample(range(1000), 2)
        assert run("python3", "-m", "calc", "add", str(a), str(b)).text == str(a + b)

Standard library only, any Python from 3.8 on; part of the driver's sandbox, and a plug-in of pytest's there. Each test
finds the tree as it was exported. What is here stands in the documentation of specs.
"""

# ruff: noqa: PTH123, S311, TID251 - a program of its own; its random numbers keep no secrets

import base64
import collections
import itertools
import json
import os
import random
import socket
import threading
from typing import Any, BinaryIO, cast

__all__ = [
    "Answer",
    "Broken",
    "Flooded",
    "Hung",
    "Ran",
    "Server",
    "Unanswered",
    "fresh",
    "read",
    "run",
    "serve",
    "write",
]

LONGEST_LINE = 8 * 1024 * 1024


class Hung(AssertionError):
    """The program did not end in its time."""


class Flooded(AssertionError):
    """The program printed more than 1 MiB."""


class Unanswered(AssertionError):
    """The server did not listen, or gave no answer that can be read."""


class Broken(Exception):
    """The program could not be tried at all; whatever the tests say now is no verdict on it."""


class Ran:
    """How the program ended: its exit code, and the bytes it wrote to standard output and standard error."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def text(self) -> str:
        """Standard output as text, without the white space around it."""
        return self.out.decode("utf-8", "replace").strip()

    def __repr__(self) -> str:
        return f"Ran(code={self.code}, out={self.out[:300]!r}, err={self.err[:300]!r})"


class Answer:
    """A server's answer: status, headers by lower-case name, and the bytes of the body."""

    def __init__(self, status: int, headers: "dict[str, str]", body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; an AssertionError where it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise AssertionError(f"the answer is not JSON: {self.body[:300]!r}") from error

    def __repr__(self) -> str:
        return f"Answer({self.status}, {self.body[:300]!r})"


class Server:
    """A server under test that runs until its test ends."""

    def __init__(self, number: int) -> None:
        self._number = number

    def get(self, path: str, headers: "dict[str, str] | None" = None, timeout: float = 10) -> Answer:
        return self.ask("GET", path, b"", headers=headers, timeout=timeout)

    def post(
        self,
        path: str,
        body: "bytes | str" = b"",
        headers: "dict[str, str] | None" = None,
        timeout: float = 10,
    ) -> Answer:
        return self.ask("POST", path, body, headers=headers, timeout=timeout)

    def ask(
        self, method: str, path: str, body: "bytes | str" = b"",
        headers: "dict[str, str] | None" = None, timeout: float = 10,
    ) -> Answer:  # fmt: skip
        """The answer to a request by any method. Raises Unanswered."""
        said = call(
            do="ask", server=self._number, timeout=timeout,
            request={"method": method, "path": path, "headers": headers or {}, "body": packed(body)},
        )  # fmt: skip
        if "failed" in said:
            raise Unanswered(f"{method} {path}: {said['failed']}")
        named = {str(name).lower(): str(value) for name, value in said["headers"]}
        return Answer(int(said["status"]), named, unpacked(said["body"]))

    def stop(self) -> str:
        """End it; what it printed."""
        return str(call(do="stop", server=self._number)["printed"])


def run(
    *argv: str, input: "bytes | str" = b"",  # noqa: A002 - the name that subprocess has for it
    files: "dict[str, bytes | str] | None" = None, env: "dict[str, str] | None" = None, timeout: float = 10,
) -> Ran:  # fmt: skip
    """Start the program and wait for its end; `files` are written into its tree before. Raises Hung and Flooded."""
    for path, data in (files or {}).items():
        write(path, data)
    said = call(do="run", argv=argv, input=packed(input), env=env or {}, timeout=timeout)
    ran = Ran(int(said["code"]), unpacked(said["out"]), unpacked(said["err"]))
    if said["hung"]:
        raise Hung(f"it did not end within {timeout:g} s: {ran!r}")
    if said["flooded"]:
        raise Flooded(f"it printed more than is kept: {ran!r}")
    return ran


def serve(*argv: str, port: int = 8000, env: "dict[str, str] | None" = None, timeout: float = 10) -> Server:
    """Start a server and wait until it listens on 127.0.0.1 at `port`. Raises Unanswered."""
    said = call(do="serve", argv=argv, port=port, env=env or {}, timeout=timeout)
    if said["failed"]:
        raise Unanswered(str(said["failed"]))
    return Server(int(said["server"]))


def write(path: str, data: "bytes | str") -> None:
    """Put a file into the program's tree."""
    call(do="write", path=path, data=packed(data))


def read(path: str) -> "bytes | None":
    """The first MiB of a file of the program's tree; None where there is no plain file."""
    data = call(do="read", path=path)["data"]
    return None if data is None else unpacked(data)


def fresh() -> random.Random:
    """Random numbers that no one could know before this run of the gate. The evidence keeps the seed."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
    return random.Random(f"{os.environ.get('PODIUM_SEED', '')} {test} {next(_numbers[test])}")


def pytest_runtest_setup(item: object) -> None:  # noqa: ARG001 - pytest's name for it
    """Give each test the tree as it was exported."""
    call(do="renew")


_numbers: "collections.defaultdict[str, itertools.count[int]]" = collections.defaultdict(itertools.count)
"""A count for each test, so that a test run alone finds the numbers it found among others."""
_lock = threading.Lock()
_stream: "list[BinaryIO]" = []


def call(**frame: Any) -> "dict[str, Any]":
    """Ask at the door, and wait for the answer."""
    asked = json.dumps(frame).encode() + b"\n"
    if len(asked) > LONGEST_LINE:
        raise ValueError("that is more than 8 MiB at a time")
    with _lock:
        try:
            stream = open_stream()
            stream.write(asked)
            stream.flush()
            line = stream.readline(LONGEST_LINE)
        except OSError as error:
            raise Broken(f"the door is closed: {error}") from error
    if not line.endswith(b"\n"):
        raise Broken("the door was closed")
    said: dict[str, Any] = json.loads(line)
    if "broken" in said:
        raise Broken(said["broken"])
    if "wrong" in said:
        raise ValueError(said["wrong"])
    return said


def open_stream() -> "BinaryIO":
    if not _stream:
        folder = os.open(os.environ["PODIUM_DOOR"], os.O_RDONLY | os.O_DIRECTORY)
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"/proc/self/fd/{folder}/door")  # a path may be too long for a socket
        os.close(folder)
        stream = cast("BinaryIO", connection.makefile("rwb"))
        with open(os.environ["PODIUM_WORD"], "rb") as file:
            stream.write(file.read() + b"\n")
        _stream.append(stream)
    return _stream[0]


def packed(data: "bytes | str") -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def unpacked(text: str) -> bytes:
    return base64.b64decode(text)
