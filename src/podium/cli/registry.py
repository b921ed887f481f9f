"""The list of commands: name, where it belongs in the help, and one line about it.

The help is made from this list alone; a command's own module (`commands/NAME.py`, attribute NAME) is imported when it
is called.
"""

from dataclasses import dataclass

SECTIONS = ("Begin", "Work", "Answer", "Understand", "Around it")


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    section: str
    help: str

    @property
    def module(self) -> str:
        return f"podium.cli.commands.{self.name}"


_ENTRIES = (
    Entry("init", "Begin", "Look at a repository, write podium.toml, prove that its gate is green."),
    Entry("doctor", "Begin", "What works here, what does not, and what to do about it."),
    Entry("demo", "Begin", "The whole story on a sample repository; no model key needed."),
    Entry(
        "agents", "Begin", "The agents there are: installed or not, budget, trust; prove one on a real task."
    ),
    Entry("plan", "Work", "What a spec asks for: its tasks, their order, every fault of it."),
    Entry("brief", "Work", "What the agent of a task's next attempt is told, and why each part of it."),
    Entry("run", "Work", "Do it: agents, gate, merge queue, until nothing is left or a person is needed."),
    Entry("submit", "Work", "Put a change made anywhere on the same road."),
    Entry("gate", "Work", "Run the gate on any revision, standing alone."),
    Entry("worker", "Work", "A process that only works."),
    Entry("review", "Answer", "What needs a person's judgment, riskiest first; approve, return, reject."),
    Entry(
        "policy",
        "Answer",
        "The rules: what they say of a change, who satisfies them; grants and quarantines.",
    ),
    Entry("cancel", "Answer", "Stop a task, or take back a submitted change."),
    Entry("tell", "Answer", "Say something to the agent of a running attempt."),
    Entry("retry", "Answer", "Grant another round to what was refused, cancelled or alarmed."),
    Entry("status", "Understand", "What needs you, what runs, what waits, and why."),
    Entry("show", "Understand", "Everything about one task or change: attempts, evidence, decisions, diff."),
    Entry("queue", "Understand", "The merge queue: its order, its candidates, why each waits."),
    Entry("log", "Understand", "The history, one line for each event."),
    Entry(
        "evidence",
        "Understand",
        "What proves something: criteria, checks, strength, how to see the same again.",
    ),
    Entry(
        "verify", "Understand", "Whether signed evidence holds: with a public key and the repository alone."
    ),
    Entry("audit", "Understand", "Walk the target branch back: every commit accounted for."),
    Entry("report", "Understand", "What came of it: landed, sent back, refused, times and cost."),
    Entry(
        "bench",
        "Around it",
        "What Podium can do, measured: the merge queue in the simulator, beside the published ones.",
    ),
    Entry("completion", "Around it", "Print the completion script of a shell."),
    Entry("version", "Around it", "Print the version."),
)
COMMANDS = {entry.name: entry for entry in _ENTRIES}
