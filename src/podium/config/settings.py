"""`podium.toml`: everything a project can say about how its changes are made, proven and landed.

Always read from the tip of the target branch, never from a change.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Minutes = Annotated[float, Field(gt=0, le=24 * 60)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CheckSettings(_Section):
    """One `[[gate.check]]`: a command, run by `sh -c` on a clean copy of the tree."""

    name: Name
    run: str = Field(min_length=1)
    """`{report}` stands for the file it shall write its report to, outside the tree."""
    report: Literal["junit"] | None = None
    minutes: Minutes = 30


class GateSettings(_Section):
    check: tuple[CheckSettings, ...] = ()
    protected: tuple[str, ...] = ()
    """Globs no change may touch, besides podium.toml, the spec itself and CI configuration."""
    slots: int = Field(default=2, ge=1, le=256)
    """How many gates run at the same time."""
    tries: int = Field(default=2, ge=1, le=10)
    """How often a gate that came to no verdict is tried before a person is called."""


class AgentSettings(_Section):
    """One `[agents.NAME]`: a command (`{brief}`, `{paths}` and `{task}` are filled in) or a script to play."""

    command: tuple[str, ...] = ()
    script: str = ""
    """Path of a script in the repository, read from the target branch."""
    env: tuple[str, ...] = ()
    """Variables of the person's environment that the agent gets; everything else is withheld."""
    minutes: Minutes = 30
    network: bool = False
    read: tuple[str, ...] = ()
    """Further host paths it may read."""
    assisted_by: str = ""


class SandboxSettings(_Section):
    kind: Literal["bubblewrap", "landlock", "none"] = "bubblewrap"
    read: tuple[str, ...] = ()
    """Further host paths that gate commands and agents may read."""
    network: bool = False
    """Whether gate commands reach the network."""
    env: tuple[str, ...] = ()
    """Variables of the person's environment that gate commands get."""


class PolicySettings(_Section):
    review: Literal["risky", "always", "never"] = "risky"
    threshold: int = Field(default=60, ge=0, le=100)
    """With `review = "risky"`: the risk from which on a person is asked."""


class LimitSettings(_Section):
    agents: int = Field(default=4, ge=1, le=1000)
    """Attempts running at the same time."""
    attempts: int = Field(default=3, ge=1, le=20)
    """Attempts at one task before a person is asked."""
    reviews_per_day: int = Field(default=20, ge=1, le=10_000)
    waiting_reviews: int | None = Field(default=None, ge=1, le=10_000)
    """Changes that may wait for people before no more agents start; by default what can be reviewed in half a day."""
    change_kb: int = Field(default=1024, ge=1)
    """The largest file a change may add, in KiB."""


class QueueSettings(_Section):
    batch: int = Field(default=4, ge=1, le=64)
    """The most changes that share one gate run."""


class Settings(_Section):
    """The whole of `podium.toml`."""

    target: str = ""
    """The branch that changes land on. `podium init` remembers it; a clone of the repository finds it here."""
    gate: GateSettings = GateSettings()
    agents: dict[Name, AgentSettings] = Field(default_factory=dict)
    agent: str = ""
    """The agent for tasks that name none; not needed when there is only one."""
    sandbox: SandboxSettings = SandboxSettings()
    policy: PolicySettings = PolicySettings()
    limits: LimitSettings = LimitSettings()
    queue: QueueSettings = QueueSettings()
