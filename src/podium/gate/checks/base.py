"""What a check is: it looks at one tree and comes back with a verdict and the reason."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from podium.gate.delta import Delta
from podium.git.repository import Repository
from podium.model.evidence import CheckResult
from podium.model.ids import Sha, Tree
from podium.workspaces.sandboxes.base import Sandbox

GATE_VERSION = 2
"""Part of every check's digest: raise it when the same definition comes to judge differently."""


@dataclass(frozen=True)
class Context:
    """What a check has to work with.

    `tree` is judged; `base` is the commit it was built on. `export()` gives a directory with just the files of `tree`,
    made on first use and for this check alone, so that no check can tamper for the next; `scratch` is empty, outside
    that tree. `look` finds what a check sees on another tree (the base's, or one composed for it), looking there now where
    nobody looked before; that tree stands for itself, nothing is compared. `delta` is what the change did to each file.
    `secret` is known to no maker: what chance decides is drawn from it. `should_stop` is asked while programs run.
    """

    repository: Repository
    sandbox: Sandbox
    tree: Tree
    base: Sha
    base_tree: Tree
    at: float
    scratch: Path
    export: Callable[[], Path]
    look: "Callable[[Check, Tree], CheckResult]"
    delta: Callable[[], Delta]
    should_stop: Callable[[], bool]
    secret: bytes = b""
    read: tuple[str, ...] = ()
    """Further host paths that commands may read, from the configuration."""
    env: Mapping[str, str] = field(default_factory=dict)
    network: bool = False

    @property
    def compares(self) -> bool:
        """Whether there is a base to compare with: the tree is not the base's own."""
        return self.tree != self.base_tree

    def baseline(self, check: "Check") -> CheckResult | None:
        """What `check` sees on the base; None where the tree is the base's own."""
        return self.look(check, self.base_tree) if self.compares else None

    def draw(self, *what: str) -> str:
        """64 hex digits that nobody without `secret` can foresee, the same for the same words (HMAC-SHA-256)."""
        return hmac.new(self.secret, "\0".join(what).encode(), "sha256").hexdigest()


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

    @property
    def instant(self) -> bool:
        """Whether it runs nothing of the tree's: such checks go first, the others side by side."""
        ...

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
