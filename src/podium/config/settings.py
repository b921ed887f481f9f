"""`podium.toml`: everything a project can say about how its changes are made, proven and landed.

Always read from the tip of the target branch, never from a change.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _below_home(path: str) -> str:
    if any(part in ("", ".", "..") for part in path.split("/")) or not path.isprintable():
        raise ValueError("must be a path below HOME, as in .config/agent.json")
    return path


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
HomePath = Annotated[str, AfterValidator(_below_home)]
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
    runner: Literal["auto", "pytest", "none"] = "auto"
    """Whose tests `run` runs, so that Podium can plant tests that must fail, shuffle, and run some of them; `auto` looks at `run`."""
    reach: Literal["auto", "tree", "imports", "files"] = "auto"
    """How far a change of a file reaches in the verdict: the whole tree, whatever imports it, or that file alone. `auto`: `imports` where
    Podium can steer the runner of tests, else `tree`."""
    plugins: tuple[str, ...] | None = None
    """The pytest plug-ins that are loaded, by module; those installed on this machine where nothing is said. Never one of the tree's."""


class GateSettings(_Section):
    check: tuple[CheckSettings, ...] = ()
    protected: tuple[str, ...] = ()
    """Globs no change may touch, besides podium.toml, the spec itself and CI configuration."""
    slots: int = Field(default=2, ge=1, le=256)
    """How many gates run at the same time."""
    parallel: int = Field(default=2, ge=1, le=64)
    """How many checks of one gate run at the same time."""
    strength_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = 1
    """How long the tests of the changed lines may be tried by mutation; 0: not at all."""
    tries: int = Field(default=2, ge=1, le=10)
    """How often a gate that came to no verdict is tried before a person is called."""


class RouteSettings(_Section):
    """One `[[agents.NAME.route]]`: a model provider reached through Podium, which adds the secret on its own side.

    The agent gets `variable` set to an address inside its sandbox; what it asks there goes to `upstream`.
    """

    variable: str = Field(min_length=1)
    """The agent's variable for the provider's base URL."""
    upstream: str = Field(pattern=r"^https?://")
    upstream_from: str = ""
    """A variable of the person's environment that replaces `upstream` where it is set."""
    path: str = ""
    """What the agent's base URL ends in, beyond the address."""
    secret: str = ""
    """The variable of the person's environment that holds the key. Unset there: this route is not used."""
    header: str = "authorization"
    value: str = "Bearer {secret}"
    placeholder: str = ""
    """The agent's variable for the key, which gets a word that is none; many refuse to start without."""
    variables: dict[str, str] = Field(default_factory=dict)
    """Variables set for the agent while this route is in use; `{url}` is the address it is to ask."""
    files: dict[HomePath, str] = Field(default_factory=dict)
    """Files written into its HOME while this route is in use; `{url}` is the address it is to ask."""


class LoginSettings(_Section):
    """One `[[agents.NAME.login]]`: a login of the person's, handed over to each attempt where no route is in use.

    It is a file, copied into the attempt's own HOME, or a variable.
    """

    file: HomePath | None = None
    """Below HOME, there and here."""
    variable: str = ""
    """A variable of the person's environment that is a login by itself."""
    keep: tuple[str, ...] = ()
    """Dotted keys of a JSON file that are copied; all of it when none is named. `*` stands for any one key."""
    blank: tuple[str, ...] = ()
    """Dotted keys whose text is emptied: a token that changes when used must not be used by a copy."""
    expires: str = ""
    """The dotted key of the time it runs out, in seconds or milliseconds since 1970."""
    egress: tuple[str, ...] = ()
    """Hosts the agent may reach while it works by this login."""
    variables: dict[str, str] = Field(default_factory=dict)
    """Variables set for the agent while this login is in use."""
    files: dict[HomePath, str] = Field(default_factory=dict)
    """Files written into its HOME while this login is in use."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if bool(self.file) == bool(self.variable):
            raise ValueError("a login is a file or a variable, one of the two")
        return self


class AgentSettings(_Section):
    """One `[agents.NAME]`: a program that speaks ACP, a command (`{brief}`, `{paths}`, `{task}` are filled in), or a script.

    The agents Podium knows are files of this very shape (`config/agents/NAME.toml`); what a person writes goes on top.
    """

    acp: tuple[str, ...] = ()
    """A program that speaks the Agent Client Protocol on its standard input and output."""
    command: tuple[str, ...] = ()
    script: str = ""
    """Path of a script in the repository, read from the target branch."""
    like: str = ""
    """Another agent, known or configured, that this one takes everything from which it does not say itself."""
    env: tuple[str, ...] = ()
    """Variables of the person's environment that the agent gets; everything else is withheld."""
    variables: dict[str, str] = Field(default_factory=dict)
    """Variables set for it."""
    files: dict[HomePath, str] = Field(default_factory=dict)
    """Files written into its HOME. In every text of this kind `{model}` is the model; where it has none, the text is left out."""
    route: tuple[RouteSettings, ...] = ()
    login: tuple[LoginSettings, ...] = ()
    minutes: Minutes = 30
    idle_minutes: Minutes = 10
    """How long it may say nothing at all."""
    linger_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = 10
    """How long its session is kept after a turn, to be told what the gate found."""
    tokens: int | None = Field(default=None, ge=1)
    """The most one attempt may use, input and output together."""
    cost_usd: float | None = Field(default=None, gt=0)
    """The most one attempt may cost."""
    mode: str = ""
    """The session mode or configuration option of that category it works in."""
    model: str = ""
    options: dict[str, str] = Field(default_factory=dict)
    """Further configuration options of its session, by id or category."""
    authenticate: str = ""
    """The id of the method it is to authenticate by before a session."""
    usage: Literal["turn", "session", "none"] = "turn"
    """Whether the tokens it reports with a turn are that turn's or all of the session's, or mean nothing."""
    input_excludes_cached: bool = False
    """Whether the input tokens it reports leave out the cached ones."""
    failure_marks: tuple[str, ...] = ()
    """Texts that begin its last message when a turn that it calls ended has failed."""
    mcp: bool = True
    """Whether it is offered Podium's own tools."""
    egress: tuple[str, ...] = ()
    """Hosts it may reach: `api.example.com`, `*.example.com`, `host:port`."""
    network: bool = False
    """The whole network, unwatched."""
    read: tuple[str, ...] = ()
    """Further host paths it may read."""
    assisted_by: str = ""
    install: str = ""
    """What to do where its program is missing."""
    sign_in: str = ""
    """What to do where its login is missing or has run out."""


class SandboxSettings(_Section):
    kind: Literal["bubblewrap", "landlock", "none"] = "bubblewrap"
    read: tuple[str, ...] = ()
    """Further host paths that gate commands and agents may read."""
    network: bool = False
    """Whether gate commands reach the network."""
    env: tuple[str, ...] = ()
    """Variables of the person's environment that gate commands get."""


class MakerRule(_Section):
    """One `[[policy.makers]]`: who makes the tasks of these kinds and paths that name no agent. The first that fits holds."""

    kinds: tuple[str, ...] = ()
    """Any kind when empty."""
    paths: tuple[str, ...] = ()
    """Globs; a task fits when one of its own paths lies in one of them. Any when empty."""
    agents: tuple[Name, ...] = Field(min_length=1)
    prefer: Literal["order", "trust", "cost"] = "order"
    """Among `agents`: the first, the one whose work landed most often, or the cheapest for each landed task."""


class CheckerSettings(_Section):
    """`[policy.checker]`: agents that judge what passed the gate, before people do. None where `agents` is empty."""

    agents: tuple[Name, ...] = ()
    """In order; the first that is not the change's own maker (nor `like` it) checks it."""
    threshold: int = Field(default=0, ge=0, le=100)
    """The risk from which on a change is checked."""
    approves_below: int = Field(default=0, ge=0, le=100)
    """Below this risk its approval stands for a person's. 0: never."""


class PolicyRule(_Section):
    """One `[[policy.rule]]`: what a request must fulfil, or that it is forbidden. A request that no rule allows is refused."""

    name: Name
    action: Literal["change", "approve", "spend", "network"] = "change"
    effect: Literal["allow", "require", "forbid"] = "require"
    paths: tuple[str, ...] = ()
    """Globs; any when empty."""
    actors: tuple[str, ...] = ()
    """`agent`, `person`, `checker`, an agent's name, or a person's `name <mail>` or mail; anybody when empty."""
    checks: tuple[str, ...] = ()
    """Checks of the gate that must have passed, by name."""
    grade: Literal["", "exit-code", "cases", "controlled"] = ""
    """The least grade of the evidence."""
    humans: int = Field(default=0, ge=0, le=1)
    """People that must approve. One at most: the first answer to a change stands."""
    checkers: int = Field(default=0, ge=0, le=1)
    """Checker agents that must approve."""
    usd: float | None = Field(default=None, gt=0)
    """With `action = "spend"`: the most an attempt may cost."""
    tokens: int | None = Field(default=None, ge=1)
    hosts: tuple[str, ...] = ()
    """With `action = "network"`: the hosts meant; any when empty."""
    because: str = ""
    """Said wherever the rule applies."""


class PolicySettings(_Section):
    review: Literal["risky", "always", "never"] = "risky"
    threshold: int = Field(default=60, ge=0, le=100)
    """With `review = "risky"`: the risk from which on a person is asked."""
    rule: tuple[PolicyRule, ...] = ()
    codeowners: bool = True
    """Whether the owners that CODEOWNERS names must approve what people are asked about."""
    people: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Who is meant by a name of CODEOWNERS: `"@org/team" = ["ann@example.com"]`."""
    makers: tuple[MakerRule, ...] = ()
    checker: CheckerSettings = CheckerSettings()


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
    change_lines: int | None = Field(default=None, ge=1)
    """The most lines a change may add or change; no bound where nothing is said."""
    judging_lines: int | None = Field(default=None, ge=1)
    """The same for a change that touches what judges others: tests, configuration, dependencies, CI."""


class BudgetSettings(_Section):
    """`[budget]`: where agents are stopped; no bound where nothing is said."""

    task_usd: float | None = Field(default=None, gt=0)
    task_tokens: int | None = Field(default=None, ge=1)
    task_minutes: float | None = Field(default=None, gt=0)
    spec_usd: float | None = Field(default=None, gt=0)
    spec_tokens: int | None = Field(default=None, ge=1)
    day_usd: float | None = Field(default=None, gt=0)
    day_tokens: int | None = Field(default=None, ge=1)
    """The last 24 hours."""


class PriceSettings(_Section):
    """One `[prices."MODEL"]`: US dollars for a million tokens. `MODEL` may end in `*`."""

    input: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    """As `input` where nothing is said."""
    output: float = Field(ge=0)


class ScopeSettings(_Section):
    """One `[[queue.scope]]`: a part of the repository whose checks depend on nothing but `paths` and what it `reads`."""

    name: Name
    paths: tuple[str, ...] = Field(min_length=1)
    """Globs of the files that belong to it."""
    reads: tuple[str, ...] = ()
    """Globs of other files that its checks depend on."""


class QueueSettings(_Section):
    batch: int = Field(default=16, ge=1, le=256)
    """The most changes that share one gate run."""
    reuse: bool = True
    """Whether a change may land on evidence it has, where nothing that its checks depend on has moved since."""
    scope: tuple[ScopeSettings, ...] = ()
    kept_slots: int = Field(default=0, ge=0, le=64)
    """Gate slots that only changes marked urgent may use."""
    in_flight: int | None = Field(default=None, ge=1, le=10_000)
    """Changes that may wait in the queue before no more agents start; by default what the gate can land in two of its durations."""
    crowd: int = Field(default=8, ge=1, le=10_000)
    """Changes on their way that touch a task's own paths, from which on the task waits."""


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
    budget: BudgetSettings = BudgetSettings()
    prices: dict[str, PriceSettings] = Field(default_factory=dict)
