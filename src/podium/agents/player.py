"""Plays one attempt of a script: the scripted agent's program.

Runs inside the sandbox as a program of its own, `python3 -I -S player.py ACTIONS`: standard library only, no imports of
ours, any Python from 3.8 on. ACTIONS is a JSON list of actions, each an object with one key (script.py says which).
An action that cannot be done ends the play with exit code 3. PODIUM_PACE stretches or shortens every `sleep`.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

CANNOT = 3
LONG_S = 3600


def main(actions: str) -> None:
    for action in json.loads(Path(actions).read_text(encoding="utf-8")):
        [(verb, value)] = action.items()
        try:
            VERBS[verb](value)
        except OSError as error:
            cannot(f"{verb}: {error.strerror}: {error.filename}")


def edit(value: dict) -> None:  # type: ignore[type-arg] # JSON, checked by script.py
    text = read(value["path"])
    if value["old"] not in text:
        cannot(f"edit: {value['path']} does not contain {value['old']!r}")
    write({"path": value["path"], "text": text.replace(value["old"], value["new"], 1)})


def write(value: dict) -> None:  # type: ignore[type-arg] # as above
    path = Path(value["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(value["text"].encode())
    say(f"wrote {path}")


def append(value: dict) -> None:  # type: ignore[type-arg] # as above
    path = value["path"]
    write({"path": path, "text": (read(path) if Path(path).exists() else "") + value["text"]})


def delete(path: str) -> None:
    Path(path).unlink()
    say(f"deleted {path}")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def sleep(seconds: float) -> None:
    time.sleep(seconds * float(os.environ.get("PODIUM_PACE") or 1))


def crash(code: int) -> None:
    say("Traceback (most recent call last): something broke")
    sys.exit(code)


def die(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(LONG_S)


def hang(_always: bool) -> None:  # noqa: FBT001 - the value of the action
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(LONG_S)


def flood(size_bytes: int) -> None:
    line = b"all work and no play makes a dull log\n" * 1724
    while size_bytes > 0:
        size_bytes -= os.write(1, line[:size_bytes])


def fork(children: int) -> None:
    """Leave children in sessions of their own, as shells of real agents do."""
    for _ in range(children):
        if os.fork() == 0:
            os.setsid()
            time.sleep(LONG_S)
            os._exit(0)
    say(f"left {children} processes behind")


def run(command: str) -> None:
    say(f"$ {command}")
    status = os.system(command)  # noqa: S605 - the script's author asked for a shell, inside the agent's sandbox
    say(f"exit code {os.waitstatus_to_exitcode(status) if hasattr(os, 'waitstatus_to_exitcode') else status}")


def lie(what: str) -> None:
    say(f"All tests pass. The task is {what}.")


def read(path: str) -> str:
    return Path(path).read_bytes().decode()


def cannot(why: str) -> None:
    say(f"cannot {why}")
    sys.exit(CANNOT)


VERBS = {
    function.__name__: function
    for function in (edit, write, append, delete, say, sleep, crash, die, hang, flood, fork, run, lie)
}

if __name__ == "__main__":
    main(sys.argv[1])
