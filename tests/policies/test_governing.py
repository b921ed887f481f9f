"""What rules of spend and network say holds in the settings that an agent is started with, or is refused."""

import pytest

from podium.base.errors import ConfigError
from podium.config.load import load
from podium.config.settings import AgentSettings
from podium.policies.governing import governed

AGENT = """
[agents.claude]
acp = ["claude"]
cost_usd = 5
egress = ["api.example.com", "*.example.org", "pypi.org:443"]
network = true
[[agents.claude.route]]
variable = "BASE_URL"
upstream = "https://models.example.com/v1"
upstream_from = "ELSEWHERE"
[[agents.claude.login]]
variable = "TOKEN"
egress = ["login.example.com"]
[agents.sed]
command = ["sed"]
"""


def held(rules: str, name: str = "claude") -> AgentSettings:
    return governed(load(AGENT + rules, origin="podium.toml")).agents[name]


def test_without_such_rules_nothing_changes() -> None:
    settings = load(f'{AGENT}[[policy.rule]]\nname = "a"\nhumans = 1\n', origin="podium.toml")
    assert governed(settings) is settings


def test_an_attempt_may_use_the_least_that_anybody_says() -> None:
    rules = (
        '[[policy.rule]]\nname = "all"\naction = "spend"\nusd = 3\n'
        '[[policy.rule]]\nname = "claude"\naction = "spend"\nactors = ["claude"]\nusd = 4\ntokens = 1000\n'
    )
    assert (held(rules).cost_usd, held(rules).tokens) == (3, 1000)
    assert (held(rules, "sed").cost_usd, held(rules, "sed").tokens) == (3, None)
    assert held('[[policy.rule]]\nname = "x"\naction = "spend"\nusd = 9\n').cost_usd == 5


def test_what_is_allowed_by_name_is_all_that_is_left() -> None:
    agent = held(
        '[[policy.rule]]\nname = "x"\naction = "network"\neffect = "allow"\nhosts = ["*.example.com", "pypi.org:443"]\n'
    )
    assert agent.egress == ("api.example.com", "pypi.org:443")
    assert [route.upstream_from for route in agent.route] == [""]
    assert agent.login[0].egress == ("login.example.com",)
    assert not agent.network


def test_what_is_forbidden_takes_a_wider_name_with_it() -> None:
    agent = held(
        '[[policy.rule]]\nname = "x"\naction = "network"\neffect = "forbid"\nhosts = ["api.example.org", "models.example.com"]\n'
    )
    assert agent.egress == ("api.example.com", "pypi.org:443")
    assert agent.route == ()
    assert not agent.network


def test_a_rule_for_another_leaves_one_alone() -> None:
    agent = held('[[policy.rule]]\nname = "x"\naction = "network"\neffect = "forbid"\nactors = ["sed"]\n')
    assert agent.network
    assert len(agent.egress) == 3


@pytest.mark.parametrize(
    "rule",
    [
        'action = "spend"\neffect = "forbid"',
        'action = "spend"\neffect = "allow"\nusd = 1',
        'action = "spend"',
        'action = "spend"\nusd = 1\npaths = ["src"]',
        'action = "spend"\nusd = 1\nhumans = 1',
        'action = "network"\nhosts = ["a.b"]',
        'action = "network"\neffect = "allow"\nchecks = ["lint"]',
        "usd = 1",
        'hosts = ["a.b"]',
    ],
)
def test_what_could_not_be_kept_is_refused(rule: str) -> None:
    with pytest.raises(ConfigError, match="rule x: "):
        held(f'[[policy.rule]]\nname = "x"\n{rule}\n')
