"""The attendant: starts a server under test and asks it, as HTTP, what it is told to ask. Runs inside the child's sandbox.

`python3 -I -S attendant.py ROOM PORT WAIT_S -- ARGV...`: a program of its own, standard library only, any Python from 3.8
on. ROOM holds the pipes `ask` and `answer`; each line in them is a JSON object. The first answer, of number 0, says whether
the server came to listen; after that there is one for each request. Nothing here is trusted by whoever reads them.
"""

# ruff: noqa: PTH118, PTH123, TID251 - no pathlib: it adds to the start of every server

import base64
import http.client
import json
import os
import socket
import sys
import time
from typing import Any, BinaryIO

LIMIT_BYTES = 1024 * 1024
MOST_HEADERS = 100
STEP_S = 0.02
NOT_FOUND = 127


def main(room: str, port: int, wait_s: float, argv: "list[str]") -> None:
    ask = open(os.path.join(room, "ask"), "rb")  # noqa: SIM115 - open as long as this process lives
    answer = open(os.path.join(room, "answer"), "wb")  # noqa: SIM115 - as above
    try:
        nothing = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
        server = os.posix_spawnp(argv[0], argv, os.environ, file_actions=nothing)
    except OSError:
        tell(answer, {"number": 0, "up": False, "code": NOT_FOUND})
        return
    up, code = comes_to_listen(server, port, wait_s)
    if not up:
        tell(answer, {"number": 0, "up": False, "code": code})
        return
    tell(answer, {"number": 0, "up": True})
    for line in ask:
        request = json.loads(line)
        tell(answer, {"number": request["number"], **ask_server(request, port)})


def comes_to_listen(server: int, port: int, wait_s: float) -> "tuple[bool, int | None]":
    """Whether it does, and with which exit code it ended before, if it did."""
    until = time.monotonic() + wait_s
    while time.monotonic() < until:
        ended, status = os.waitpid(server, os.WNOHANG)
        if ended:
            return False, os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        try:
            socket.create_connection(("127.0.0.1", port), timeout=wait_s).close()
        except OSError:
            time.sleep(STEP_S)
        else:
            return True, None
    return False, None


def ask_server(request: "dict[str, Any]", port: int) -> "dict[str, Any]":
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=request["timeout"])
    try:
        body = base64.b64decode(request["body"])
        connection.request(request["method"], request["path"], body or None, request["headers"])
        found = connection.getresponse()
        data = found.read(LIMIT_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return {"failed": f"no answer: {type(error).__name__}"}
    finally:
        connection.close()
    if len(data) > LIMIT_BYTES:
        return {"failed": f"the answer is longer than {LIMIT_BYTES} bytes"}
    return {
        "status": found.status,
        "headers": found.getheaders()[:MOST_HEADERS],
        "body": base64.b64encode(data).decode(),
    }


def tell(answer: BinaryIO, value: "dict[str, Any]") -> None:
    answer.write(json.dumps(value).encode() + b"\n")
    answer.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[5:])
