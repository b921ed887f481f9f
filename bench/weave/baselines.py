"""Two queues to compare with, made here to be fair and small: one change at a time, and batches that are halved where they fail (bors).

They get the changes as they arrive, merge with the same git, run the same command on the same machine, and know that each change
passed alone: that is not charged to them. What fails goes back at its first failure, as in the queues they stand for.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence

from weave.course import Course, Fate, Outcome, took
from weave.gate import Gate
from weave.proposal import Proposal, Trace
from weave.tree import Repository


class _Branch:
    """The target branch, and those that have arrived and not been settled."""

    def __init__(self, trace: Trace, repository: Repository) -> None:
        self.repository = repository
        self.tip = trace.start
        self.positions: list[str] = []
        self.fates: list[Fate] = []
        self._coming = deque(trace.proposals)
        self._began = time.monotonic()

    def wait(self) -> list[Proposal]:
        """Those that have arrived since it was last asked; it waits for one where nobody has. Empty: nobody is to come."""
        if self._coming:
            time.sleep(max(0.0, self._coming[0].arrives_s - self.now()))
        return self.arrived()

    def arrived(self) -> list[Proposal]:
        found = []
        while self._coming and self._coming[0].arrives_s <= self.now():
            found.append(self._coming.popleft())
        return found

    def now(self) -> float:
        return time.monotonic() - self._began

    def land(self, tree: str, members: Sequence[Proposal]) -> None:
        names = ", ".join(one.name for one in members)
        self.tip = self.repository.commit(tree, f"land {names}", self.tip)
        self.repository.git("update-ref", "refs/heads/main", self.tip)
        self.positions.append(self.tip)
        for one in members:
            self.settle(one, Outcome.LANDED)

    def settle(self, one: Proposal, outcome: Outcome) -> None:
        self.fates.append(
            Fate(one.name, outcome, one.arrives_s, one.arrives_s, self.now(), self.tip)
        )  # fmt: skip

    def course(self, queue: str, gate: Gate) -> Course:
        return Course(queue, tuple(self.fates), tuple(self.positions), took(gate.runs), self.now())


def one_at_a_time(trace: Trace, repository: Repository, gate: Gate) -> Course:
    """Each change in turn is merged with the tip and gated there."""
    branch = _Branch(trace, repository)
    while arrived := branch.wait():
        waiting = deque(arrived)
        while waiting:
            one = waiting.popleft()
            tree = repository.merge(branch.tip, one.head)
            if tree is None:
                branch.settle(one, Outcome.CONFLICT)
            elif gate(tree):
                branch.land(tree, [one])
            else:
                branch.settle(one, Outcome.FAILED)
            waiting += branch.arrived()
    return branch.course("one at a time", gate)


def batches(size: int) -> Callable[[Trace, Repository, Gate], Course]:
    """All that wait, at most `size`, become one position. A batch that fails is halved, the first half goes first."""

    def run(trace: Trace, repository: Repository, gate: Gate) -> Course:
        branch, halves, waiting = _Branch(trace, repository), deque[list[Proposal]](), list[Proposal]()
        while True:
            waiting += branch.arrived() or ([] if halves or waiting else branch.wait())
            if not halves:
                if not waiting:
                    return branch.course(f"batches of {size}, halved", gate)
                halves.append(waiting[:size])
                waiting = waiting[size:]
            left = _try(branch, repository, gate, halves.popleft(), halves)
            waiting = left + waiting

    return run


def _try(
    branch: _Branch, repository: Repository, gate: Gate, batch: list[Proposal], halves: deque[list[Proposal]]
) -> list[Proposal]:
    """Land a batch, or put its halves in front. Returns those that do not merge with others of it: they wait for the next."""
    tree, members, left = repository.tree(branch.tip), list[Proposal](), list[Proposal]()
    position = branch.tip
    for one in batch:
        if repository.merge(branch.tip, one.head) is None:
            branch.settle(one, Outcome.CONFLICT)
        elif (merged := repository.merge(position, one.head)) is None:
            left.append(one)
        else:
            tree = merged
            position = repository.commit(tree, one.name, position, one.head)
            members.append(one)
    if members and gate(tree):
        branch.land(tree, members)
    elif len(members) == 1:
        branch.settle(members[0], Outcome.FAILED)
    elif members:
        middle = len(members) // 2
        halves.extendleft([members[middle:], members[:middle]])
    return left
