"""Who makes what, and the reason in words a person can check."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.base.errors import ConfigError
from podium.config.settings import Settings
from podium.model.ids import TaskId
from podium.model.past import Record
from podium.model.task import Kind, Task
from podium.model.usage import Spending
from podium.policies.makers import Choice, Track, choose, cost_of_landing

AGENTS = """
agent = "sed"
[agents.sed]
command = ["sed"]
[agents.claude]
command = ["claude"]
[agents.codex]
command = ["codex"]
"""


def settings(*rules: str) -> Settings:
    text = AGENTS + "".join(f"[[policy.makers]]\n{rule}\n" for rule in rules)
    return Settings.model_validate(tomllib.loads(text))


def task(kind: Kind = Kind.FIX, *, paths: tuple[str, ...] = (), agent: str = "") -> Task:
    return Task(TaskId("s/1"), "s", "title", kind, paths=paths, agent=agent)


def record(tried: int, landed: int, cost_usd: float = 0.0, unknown: int = 0) -> Record:
    return Record(tried, landed, Spending(attempts=tried, cost_usd=cost_usd, unknown=unknown))


TRUSTED: dict[tuple[str, str], Record] = {("codex", "fix"): record(10, 9), ("claude", "fix"): record(9, 6)}
BOTH = 'agents = ["claude", "codex"]'


def test_without_rules_the_default_agent_makes_it_and_nothing_was_chosen() -> None:
    assert choose(task(), settings()) == Choice("sed")


def test_the_agent_a_task_names_outweighs_every_rule() -> None:
    assert choose(task(agent="codex"), settings('agents = ["claude"]')) == Choice("codex")


def test_the_first_rule_that_fits_kind_and_paths_holds() -> None:
    rules = settings(
        'kinds = ["docs"]\nagents = ["codex"]',
        'paths = ["src/web/**"]\nagents = ["claude"]',
        'agents = ["sed"]',
    )
    assert choose(task(Kind.DOCS), rules).agent == "codex"
    assert choose(task(paths=("src/web/form.ts",)), rules).agent == "claude"
    assert choose(task(paths=("src/**",)), rules).agent == "sed"


@pytest.mark.parametrize(
    ("path", "glob", "fits"),
    [
        ("src/a.py", "src/**", True), ("src/api/*.py", "src/**", True), ("src", "src/**", True), ("src/", "src", True),
        ("src/**", "src/*.py", False), ("src", "src/*", False), ("lib/a.py", "src", False), ("**", "src/**", False),
    ],
)  # fmt: skip
def test_a_task_fits_where_its_paths_lie_in_the_rules(path: str, glob: str, fits: bool) -> None:
    rules = settings(f'paths = ["{glob}"]\nagents = ["claude"]')
    assert (choose(task(paths=(path,)), rules).agent == "claude") is fits


def test_the_most_trusted_is_the_one_whose_work_landed_most_often() -> None:
    chosen = choose(task(), settings(f'{BOTH}\nprefer = "trust"'), TRUSTED)
    assert chosen == Choice(
        "codex", "codex 9 of 10 landed on fix tasks, against claude 6 of 9 landed on fix tasks"
    )


def test_trust_is_a_matter_of_the_kind_of_task() -> None:
    chosen = choose(task(Kind.DOCS), settings(f'{BOTH}\nprefer = "trust"'), TRUSTED)
    assert chosen.agent == "claude", "nothing is known of either, and it is named first"


def test_one_lucky_landing_is_not_yet_trust() -> None:
    track: Track = TRUSTED | {("claude", "fix"): record(1, 1)}
    assert choose(task(), settings(f'{BOTH}\nprefer = "trust"'), track).agent == "codex"


def test_the_cheapest_counts_what_failed_on_the_way_and_the_unknown_comes_last() -> None:
    track = {("codex", "fix"): record(8, 4, 4.0), ("claude", "fix"): record(2, 2, 3.0)}
    rules = settings('agents = ["sed", "claude", "codex"]\nprefer = "cost"')
    assert choose(task(), rules, track).because == "codex $1.00 for each landed fix task, against claude $1.50 for each landed fix task"  # fmt: skip
    nobody = choose(task(), rules)
    assert nobody == Choice("sed", "sed of unknown cost, against claude of unknown cost")


def test_attempts_of_unknown_cost_are_taken_for_average_ones() -> None:
    assert cost_of_landing(record(4, 2, 3.0, unknown=1)) == pytest.approx(2.0)
    assert cost_of_landing(record(4, 2, 0.0, unknown=4)) is None
    assert cost_of_landing(record(4, 0, 3.0)) is None


def test_an_agent_stays_with_what_it_began() -> None:
    chosen = choose(task(), settings(f'{BOTH}\nprefer = "trust"'), TRUSTED, last="claude")
    assert chosen == Choice("claude", "claude made the attempt before")


def test_who_is_passed_over_is_named_with_the_reason() -> None:
    doubts = {"codex": "it failed the same way twice"}
    chosen = choose(task(), settings(f'{BOTH}\nprefer = "trust"'), TRUSTED, last="codex", doubts=doubts)
    assert chosen == Choice(
        "claude", "claude 6 of 9 landed on fix tasks; passed over codex: it failed the same way twice"
    )


def test_with_doubts_about_everybody_it_is_the_next_ones_turn() -> None:
    doubts = dict.fromkeys(("claude", "codex"), "it ran out of its budget")
    chosen = choose(task(), settings(BOTH), last="claude", doubts=doubts)
    assert chosen.agent == "codex"
    assert "nobody is without doubts: claude: it ran out" in chosen.because


def test_a_rule_of_agents_that_are_not_there_says_so() -> None:
    with pytest.raises(ConfigError, match="gemini"):
        choose(task(), settings('agents = ["gemini"]'))


@given(st.permutations(["sed", "claude", "codex"]), st.sampled_from(["order", "trust", "cost"]))
def test_the_choice_is_one_of_the_rules_agents_and_always_the_same(agents: list[str], prefer: str) -> None:
    rules = settings(f"agents = {agents}\nprefer = '{prefer}'")
    first, again = (choose(task(), rules, TRUSTED) for _ in range(2))
    assert first == again
    assert first.agent in agents
    assert first.because
