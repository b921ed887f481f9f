"""What a check is: it looks at one tree and comes back with a verdict and the reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from podium.git.repository import Repository
from podium.model.evidence import CheckResult
from podium.model.ids import Sha, Tree
from podium.workspaces.sandboxes.base import Sandbox

GATE_VERSION = 1
"""Part of every check's digest: raise it when the same definition comes to judge differently."""


@dataclass(frozen=True)
class Context:
    """What a check has to work with.

    `tree` is judged; `base` is the commit it was built on. `export()` gives a directory with just the files of `tree`,
    made on first use and for this check alone, so that no check can tamper for the next; `scratch` is empty, outside
    that tree. `baseline` finds what the check of the same digest saw on the tree of `base`, looking there now where
    nobody looked before; None where `tree` is the base's own. `should_stop` is asked while programs run.
    """

    repository: Repository
    sandbox: Sandbox
    tree: Tree
    base: Sha
    at: float
    scratch: Path
    export: Callable[[], Path]
    baseline: Callable[[str], CheckResult | None]
    should_stop: Callable[[], bool]
    read: tuple[str, ...] = ()
    """Further host paths that commands may read, from the configuration."""
    env: Mapping[str, str] = field(default_factory=dict)
    network: bool = False


class Check(Protocol):
    """One check. `digest` names its definition: the same digest sees the same on the same tree.

    What it saw is in its result and holds for the tree whatever the base; only the verdict may depend on the base, and
    `reconsider` draws it again. So what was seen on a candidate serves as the baseline of the next change, unrun.
    A check that looks at what changed has the change in its digest.
    """

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def run(self, context: Context) -> CheckResult:
        """Judge. Never raises for what a tree or a command may do; that is what the verdicts are for.

        Raises:
            OSError: this machine is in trouble (a full disk); nothing is known of the tree.
            PodiumError: as above (git, the sandbox).
        """
        ...

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:
        """`known`, which this check saw on this very tree, with the verdict that this base gives it."""
        ...
