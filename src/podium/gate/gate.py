"""The gate: runs the checks on one tree in order, up to the first that does not pass, and returns the evidence.

What is already known of the very tree is not run again, as long as it is a verdict on the tree: `passed` or `failed`. Which
checks there are is the registry's business, storing what was seen the caller's.
"""

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from podium.base.digest import digest
from podium.base.errors import PodiumError
from podium.base.files import remove_tree
from podium.base.text import clean_line
from podium.gate.checks.base import GATE_VERSION, Check, Context
from podium.git.repository import Repository
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import Sha, Tree
from podium.model.verdict import Verdict
from podium.workspaces.sandboxes.base import Sandbox

_VERDICTS_ON_THE_TREE = frozenset({Verdict.PASSED, Verdict.FAILED})


@dataclass(frozen=True)
class Surroundings:
    """Where a gate runs. `scratch` is a directory for this run alone: emptied before, removed after.

    `read`, `env` and `network` are what the configuration grants to commands.
    """

    repository: Repository
    sandbox: Sandbox
    scratch: Path
    read: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    network: bool = False


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
    gate = _Gate(judged, around, memory, should_stop, at)
    results: list[CheckResult] = []
    reused = True
    try:
        for number, check in enumerate(checks):
            known, result = gate.ask(check, around.scratch / str(number))
            results.append(result)
            reused = reused and known
            if result.verdict is not Verdict.PASSED:
                break
    finally:
        _discard(around.scratch)
    return Evidence(
        judged.id, judged.subject, judged.tree, judged.base, gate_digest(checks), tuple(results), at,
        reused=reused and bool(results),
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

    def ask(self, check: Check, room: Path) -> tuple[bool, CheckResult]:
        """Whether the answer was known, and the answer. `room` is for this check alone."""
        context = self._context(self.judged.tree, room, lambda _digest: self._on_base(check, room / "base"))
        try:
            remove_tree(room)
            known = self._recall(check, context)
            result = known or check.run(context)
        except (OSError, PodiumError) as error:
            known, result = None, self._in_trouble(check, error)
        _discard(room)
        if not known:
            self.memory.keep(result)
        return known is not None, result

    def _recall(self, check: Check, context: Context) -> CheckResult | None:
        """What this check saw on this tree, if that still is a verdict on the tree before this base."""
        known = self._known(context.tree, check)
        again = check.reconsider(known, context) if known else None
        return again if again and again.verdict in _VERDICTS_ON_THE_TREE else None

    def _known(self, tree: Tree, check: Check) -> CheckResult | None:
        known = self.memory.known(tree, check.digest)
        return known if known and known.verdict in _VERDICTS_ON_THE_TREE else None

    def _on_base(self, check: Check, room: Path) -> CheckResult | None:
        tree = self.around.repository.objects.tree_of(self.judged.base)
        if tree == self.judged.tree:
            return None
        known = self._known(tree, check)
        if known is None:
            known = check.run(self._context(tree, room, lambda _digest: None))
            self.memory.keep(known)
        return known

    def _context(self, tree: Tree, room: Path, baseline: Callable[[str], CheckResult | None]) -> Context:
        around = self.around
        return Context(
            around.repository, around.sandbox, tree, self.judged.base, self.at,
            scratch=room / "scratch", export=_export_once(around.repository, tree, room / "tree"),
            baseline=functools.cache(baseline), should_stop=self.should_stop,
            read=around.read, env=around.env, network=around.network,
        )  # fmt: skip

    def _in_trouble(self, check: Check, error: OSError | PodiumError) -> CheckResult:
        hint = error.hint if isinstance(error, PodiumError) and error.hint else ""
        because = f"this machine could not run it: {clean_line(str(error))}" + (f" ({hint})" if hint else "")
        return CheckResult(
            check.name, check.digest, self.judged.tree, Verdict.COULD_NOT_RUN, because,
            sandbox=self.around.sandbox.kind, at=self.at,
        )  # fmt: skip


def _export_once(repository: Repository, tree: Tree, directory: Path) -> Callable[[], Path]:
    @functools.cache
    def export() -> Path:
        repository.objects.export(tree, directory)
        return directory

    return export


def _discard(room: Path) -> None:
    with contextlib.suppress(OSError):  # what cannot be removed is no reason to lose the evidence
        remove_tree(room)
