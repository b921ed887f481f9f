"""The gate: runs the checks on one tree in order, up to the first that does not pass, and returns the evidence.

What is already known of the very tree is not run again, as long as it is a verdict on the tree: `passed` or `failed`. Which
checks there are is the registry's business, storing what was seen the caller's.
"""

import contextlib
import functools
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from podium.base.digest import digest
from podium.base.errors import PodiumError
from podium.base.files import remove_tree
from podium.base.text import clean_line
from podium.gate.checks.base import GATE_VERSION, Check, Context
from podium.gate.delta import Delta, read_delta
from podium.gate.stopwatch import Stopwatch
from podium.git.repository import Repository
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import Sha, Tree
from podium.model.verdict import Verdict
from podium.workspaces.sandboxes.base import Sandbox

Answer = tuple[bool, CheckResult]
"""Whether it was known already, and what was seen."""

_VERDICTS_ON_THE_TREE = frozenset({Verdict.PASSED, Verdict.FAILED})


@dataclass(frozen=True)
class Surroundings:
    """Where a gate runs. `scratch` is a directory for this run alone: emptied before, removed after.

    `read`, `env` and `network` are what the configuration grants to commands; for `secret` see `Context`.
    """

    repository: Repository
    sandbox: Sandbox
    scratch: Path
    read: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    network: bool = False
    secret: bytes = b""
    parallel: int = 1
    """How many checks run at a time."""


@dataclass(frozen=True)
class Memory:
    """What was seen before, and where to keep what is seen now; `keep` is called after each check."""

    known: Callable[[Tree, str], CheckResult | None]
    keep: Callable[[CheckResult], None]


@dataclass(frozen=True)
class Subject:
    """What is judged: the decision `id` asks about `subject`, which is `tree`, built on the commit `base`.

    A commit that is gated as it stands (the target branch's tip) is its own base: nothing is compared.
    """

    id: str
    subject: str
    tree: Tree
    base: Sha


def run_gate(
    checks: Sequence[Check], judged: Subject, *, around: Surroundings, memory: Memory,
    should_stop: Callable[[], bool], at: float,
) -> Evidence:  # fmt: skip
    """Judge one tree. Trouble of this machine is a verdict (`could-not-run`), not an error."""
    watch = Stopwatch()
    gate = _Gate(judged, around, memory, should_stop, at)
    try:
        answers = gate.ask_all(checks)
    finally:
        _discard(around.scratch)
    return Evidence(
        judged.id, judged.subject, judged.tree, judged.base, gate_digest(checks),
        tuple(result for _known, result in answers), at,
        reused=bool(answers) and all(known for known, _result in answers), took_s=watch.total_s(),
    )  # fmt: skip


def gate_digest(checks: Sequence[Check]) -> str:
    """The name of a gate: the definitions of its checks, in order."""
    return digest([GATE_VERSION, *(check.digest for check in checks)])


@dataclass(frozen=True)
class _Gate:
    """One run of the gate."""

    judged: Subject
    around: Surroundings
    memory: Memory
    should_stop: Callable[[], bool]
    at: float
    rooms: Iterator[int] = field(default_factory=itertools.count)
    looking: dict[tuple[Tree, str], threading.RLock] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    """Set once a check did not pass: what still runs has no say any more."""

    def ask_all(self, checks: Sequence[Check]) -> list[Answer]:
        """The answers in the order of the checks, up to the first that does not pass."""
        instant = [check for check in checks if check.instant]
        slow = [check for check in checks if not check.instant]
        answers = list(_up_to_a_fault(map(self.ask, instant)))
        if _all_passed(answers):
            with ThreadPoolExecutor(max_workers=max(1, self.around.parallel)) as pool:
                try:
                    answers += _up_to_a_fault(pool.map(self.ask, slow))
                finally:
                    self.over.set()
                    pool.shutdown(cancel_futures=True)
        return answers

    def ask(self, check: Check) -> Answer:
        """Whether the answer was known, and the answer."""
        room, watch = self._room(), Stopwatch()
        with watch.on("waiting"):
            mine = self._only_one(self.judged.tree, check)
            mine.acquire()
        try:
            return self._ask(check, room, watch)
        finally:
            mine.release()

    def _ask(self, check: Check, room: Path, watch: Stopwatch) -> Answer:
        try:
            context = self._context(self.judged.tree, self.judged.base, self._base_tree, room, watch)
            known = self._recall(check, context)
            result = known or check.run(context)
        except (OSError, PodiumError) as error:
            known, result = None, self._in_trouble(check, error)
        _discard(room)
        if not known and not self.over.is_set():
            details = {**result.details, "seconds": watch.spent()}
            result = replace(result, took_s=watch.total_s(), details=details)
            self.memory.keep(result)
        return known is not None, result

    def look(self, check: Check, tree: Tree) -> CheckResult:
        """What `check` sees on a tree that stands for itself; two that ask at a time look once."""
        with self._only_one(tree, check):
            known = self._known(tree, check)
            if known is None:
                room = self._room()
                known = check.run(self._context(tree, self.judged.base, tree, room, Stopwatch()))
                _discard(room)
                if not self.over.is_set():
                    self.memory.keep(known)
            return known

    def _only_one(self, tree: Tree, check: Check) -> threading.RLock:
        """Held while a check looks at a tree, so that nobody looks there a second time meanwhile."""
        return self.looking.setdefault((tree, check.digest), threading.RLock())

    def _recall(self, check: Check, context: Context) -> CheckResult | None:
        """What this check saw on this tree, if that still is a verdict on the tree before this base."""
        known = self._known(context.tree, check)
        again = check.reconsider(known, context) if known else None
        return again if again and again.verdict in _VERDICTS_ON_THE_TREE else None

    def _known(self, tree: Tree, check: Check) -> CheckResult | None:
        known = self.memory.known(tree, check.digest)
        return known if known and known.verdict in _VERDICTS_ON_THE_TREE else None

    @functools.cached_property
    def _base_tree(self) -> Tree:
        return self.around.repository.objects.tree_of(self.judged.base)

    @functools.cached_property
    def _delta(self) -> Delta:
        return read_delta(self.around.repository.objects, self._base_tree, self.judged.tree)

    def _room(self) -> Path:
        room = self.around.scratch / str(next(self.rooms))
        remove_tree(room)
        return room

    def _context(self, tree: Tree, base: Sha, base_tree: Tree, room: Path, watch: Stopwatch) -> Context:
        around = self.around
        return Context(
            around.repository, around.sandbox, tree, base, base_tree, self.at,
            scratch=room / "scratch", export=_export_once(around.repository, tree, room / "tree", watch),
            look=watch.timed("other trees", self.look), delta=lambda: self._delta, should_stop=self._should_stop, secret=around.secret,
            read=around.read, env=around.env, network=around.network,
        )  # fmt: skip

    def _should_stop(self) -> bool:
        return self.over.is_set() or self.should_stop()

    def _in_trouble(self, check: Check, error: OSError | PodiumError) -> CheckResult:
        hint = error.hint if isinstance(error, PodiumError) and error.hint else ""
        because = f"this machine could not run it: {clean_line(str(error))}" + (f" ({hint})" if hint else "")
        return CheckResult(
            check.name, check.digest, self.judged.tree, Verdict.COULD_NOT_RUN, because,
            sandbox=self.around.sandbox.kind, at=self.at,
        )  # fmt: skip


def _up_to_a_fault(answers: Iterable[Answer]) -> Iterator[Answer]:
    for answer in answers:
        yield answer
        if answer[1].verdict is not Verdict.PASSED:
            return


def _all_passed(answers: Sequence[Answer]) -> bool:
    return all(result.verdict is Verdict.PASSED for _known, result in answers)


def _export_once(repository: Repository, tree: Tree, directory: Path, watch: Stopwatch) -> Callable[[], Path]:
    @functools.cache
    def export() -> Path:
        with watch.on("writing the tree"):
            repository.objects.export(tree, directory)
        return directory

    return export


def _discard(room: Path) -> None:
    with contextlib.suppress(OSError):  # what cannot be removed is no reason to lose the evidence
        remove_tree(room)
