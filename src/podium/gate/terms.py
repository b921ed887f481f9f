"""The terms on which a change is judged: who made it, where it may write, what people approved beforehand."""

from dataclasses import dataclass

from podium.model.ids import Sha
from podium.model.task import Kind
from podium.policies.paths import matches


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known of a change beside its tree.

    `files` are those it touched on `base`. Globs: `allowed` is where its task may write (anything when empty),
    `protected` what no change may touch, `approved` what people let it change of that which judges it (existing tests,
    runner configuration, dependencies, CI). `maker` is the agent that made it, empty for a person.
    """

    base: Sha
    files: tuple[str, ...]
    allowed: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()
    kind: Kind | None = None
    maker: str = ""
    woven: bool = False
    """It stands for changes that each passed alone, merged onto the tip: what was asked of each is not asked again."""

    def approves(self, path: str) -> bool:
        """Whether people let this change touch the file at `path`, though it judges."""
        return any(matches(glob, path) for glob in self.approved)
