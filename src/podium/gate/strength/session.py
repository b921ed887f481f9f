"""Tries mutants: puts each into its file, has the tests run, and puts the file back. Runs inside the sandbox.

`python3 -I -S session.py PLAN.json RESULTS`: a program of its own, standard library only, any Python from 3.8 on, started
in the root of the tree. PLAN is `{"seconds": box, "files": {path: text}, "commands": [shell command], "mutants":
[{"path", "start", "end", "text", "command"}]}`; `command` counts from 0. RESULTS gets a JSON line for each thing seen:

    {"command": 0, "end": "green" | "red" | "late", "s": 0.4}            before its first mutant, and again at the end
    {"mutant": 3, "end": "killed" | "survived" | "timeout", "s": 0.2}

A command that is red without a mutant tries none. One that is red again at the end was spoilt by some mutant (a lock left
behind, a fixture deleted): what it said before is then worth nothing, and whoever reads on is told by that line. All of it
ends within the box: mutants that do not fit in are not tried.
"""

# ruff: noqa: PTH123 - a program of its own

import contextlib
import json
import os
import signal
import sys
import time

FACTOR = 3  # how many times the time that the tests take without a mutant they get with one
SLACK_S = 2.0  # what a busy machine may add
POLL_S = 0.004


def main(plan_file: str, results_file: str) -> None:
    with open(plan_file, encoding="utf-8") as file:
        plan = json.load(file)
    with open(results_file, "w", encoding="utf-8") as results:
        Session(plan, results).run()


class Session:
    """One run through the plan, within its time."""

    def __init__(self, plan: dict, results) -> None:  # type: ignore[no-untyped-def, type-arg] # noqa: ANN001 - JSON, a text file
        self.plan = plan
        self.results = results
        self.ends_at: float = time.monotonic() + plan["seconds"]
        self.stamp = time.time()
        self.took_s: dict[int, float] = {}  # of each command without a mutant; 0 where it does not pass

    def run(self) -> None:
        for number, mutant in enumerate(self.plan["mutants"]):
            if self.left_s() <= 0:
                break
            if self.is_green(mutant["command"]) and not self.try_out(number, mutant):
                break
        for command, took_s in self.took_s.items():
            if took_s:
                self.look(command)

    def is_green(self, command: int) -> bool:
        """Whether a command passes without a mutant; it is looked at once."""
        if command not in self.took_s:
            self.took_s[command] = self.look(command)
        return self.took_s[command] > 0

    def look(self, command: int) -> float:
        """The seconds a command takes without a mutant; 0 where it does not pass, or not in time."""
        code, took_s = run(self.plan["commands"][command], self.left_s())
        self.say(
            {"command": command, "end": "late" if code is None else "red" if code else "green", "s": took_s}
        )
        return took_s if code == 0 else 0.0

    def try_out(self, number: int, mutant: dict) -> bool:  # type: ignore[type-arg] # JSON
        """False where the time is over."""
        usual_s = self.took_s[mutant["command"]]
        limit_s = max(FACTOR * usual_s, usual_s + SLACK_S)
        left_s = self.left_s() - 1.5 * sum(self.took_s.values())  # for the looks at the end
        if left_s <= usual_s:
            return False
        path, text = mutant["path"], self.plan["files"][mutant["path"]].encode()
        self.put(path, text[: mutant["start"]] + mutant["text"].encode() + text[mutant["end"] :])
        try:
            code, took_s = run(self.plan["commands"][mutant["command"]], min(limit_s, left_s))
        finally:
            self.put(path, text)
        if code is None and took_s < limit_s:
            return False
        end = "timeout" if code is None else "killed" if code else "survived"
        self.say({"mutant": number, "end": end, "s": took_s})
        return True

    def put(self, path: str, data: bytes) -> None:
        """Each text gets a time of its own, so that no compiled file of another one passes for it."""
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        self.stamp += 2
        os.utime(path, (self.stamp, self.stamp))

    def left_s(self) -> float:
        return self.ends_at - time.monotonic()

    def say(self, line: dict) -> None:  # type: ignore[type-arg] # JSON
        self.results.write(json.dumps(line) + "\n")
        self.results.flush()


def run(command: str, limit_s: float) -> "tuple[int | None, float]":
    """The exit code, negative for a signal, None where the time was over; and the seconds it took. Not `subprocess`: one door."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        become(command)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        took_s: float = time.monotonic() - began
        if ended:
            code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
            return code, took_s
        if took_s >= limit_s:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None, took_s
        time.sleep(POLL_S)


def become(command: str) -> None:
    """Of the child: be the shell, in a session of its own, heard by nobody."""
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        os.execv("/bin/sh", ["sh", "-c", command])  # noqa: S606 - running the tests is what this program is for
    finally:
        os._exit(127)


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004 - the plan, the results
        sys.exit("usage: session.py PLAN.json RESULTS")
    main(sys.argv[1], sys.argv[2])
