import pytest

from podium.base.errors import ConfigError
from podium.config.load import load, resolve_agent
from podium.config.settings import AgentSettings, Settings

NEWCOMER = """
[[gate.check]]
name = "tests"
run = "pytest -q --junitxml={report}"
report = "junit"

[agents.sed]
command = ["sed", "-i", "s/a - b/a + b/", "calc.py"]
"""


NEITHER = 'has neither acp, command nor script, and Podium knows no agent "x"'


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, origin="podium.toml")
    return str(caught.value).splitlines()


def test_the_newcomers_file_loads() -> None:
    settings = load(NEWCOMER, origin="podium.toml")
    assert settings.gate.check[0].report == "junit"
    assert settings.agents["sed"].command[0] == "sed"


def test_an_empty_file_is_all_defaults() -> None:
    assert load("", origin="podium.toml") == Settings()


def test_an_unknown_setting_is_named_with_its_place_and_a_near_match() -> None:
    text = '\n\n[agents.sed]\n  comand = ["sed"]\n'
    assert faults(text) == [
        'podium.toml:4:3: unknown setting "comand" in agents.sed; did you mean "command"?'
    ]


def test_an_unknown_table_is_named_with_a_near_match() -> None:
    assert faults("[limts]\nagents = 3") == [
        'podium.toml:1:2: unknown setting "limts"; did you mean "limits"?'
    ]


def test_every_fault_has_a_line_of_its_own_in_the_order_of_the_text() -> None:
    text = """target = 3
agent = "sedd"
[[gate.check]]
name = "tests"
run = "pytest"
report = "junit"
[[gate.check]]
name = "tests"
run = ""
[agents.sed]
command = "sed -i"
[policy]
review = "riski"
threshold = 101
"""
    assert faults(text) == [
        "podium.toml:1:1: target: must be text in quotes",
        'podium.toml:2:1: agent: there is no agent "sedd"; did you mean "sed"?',
        "podium.toml:5:1: gate.check[1].run: write {report} where the command shall put its report",
        'podium.toml:8:1: gate.check[2]: there is another check named "tests"',
        "podium.toml:9:1: gate.check[2].run: must not be empty",
        'podium.toml:11:1: agents.sed.command: must be a list, as in ["one", "two"]',
        "podium.toml:13:1: policy.review: must be 'risky', 'always' or 'never'; did you mean \"risky\"?",
        "podium.toml:14:1: policy.threshold: must be less than or equal to 100",
    ]


def test_a_missing_setting_points_at_its_table() -> None:
    assert faults('[[gate.check]]\nrun = "true"') == [
        'podium.toml:1:3: missing setting "name" in gate.check[1]'
    ]


@pytest.mark.parametrize(
    ("agent", "fault"),
    [
        ("x = {}", f"1:8: agents.x {NEITHER}"),
        ("x = { command = [] }", f"1:8: agents.x {NEITHER}"),
        (
            "claud = { model = 'm' }",
            f'1:8: agents.claud {NEITHER.replace("x", "claud")}; did you mean "claude"?',
        ),
        ("x = { command = ['a'], script = 'b' }", "1:31: agents.x has command and script; keep one of them"),
        (
            "claude = { acp = ['a'], command = ['b'] }",
            "1:32: agents.claude has acp and command; keep one of them",
        ),
        (
            "x = { like = 'cluade' }",
            '1:14: agents.x.like: there is no agent "cluade"; did you mean "claude"?',
        ),
        ("x = { like = 'x' }", '1:14: agents.x.like: there is no agent "x"'),
    ],
)
def test_an_agent_can_be_run_in_just_one_way(agent: str, fault: str) -> None:
    assert faults(f"agents.{agent}") == [f"podium.toml:{fault}"]


def test_agents_that_are_like_each_other_are_nothing() -> None:
    text = '[agents.b]\nlike = "a"\n[agents.a]\nlike = "c"\n[agents.c]\nlike = "b"\n[agents.d]\nlike = "b"\n'
    assert faults(text) == [
        "podium.toml:4:1: agents.a.like: a is like c is like b is like a, and nobody says what it is"
    ]


def test_a_known_agent_needs_nothing_more_and_may_be_changed_in_a_line() -> None:
    settings = load('agent = "gemini"\n[agents.claude]\nmodel = "sonnet"', origin="podium.toml")
    assert settings.agents["claude"].model_fields_set == {"model"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("policy.checker.agents = ['claude', 'cluade']", "1:36: policy.checker.agents[2]"),
        ("[[policy.makers]]\nagents = ['cluade']", "2:11: policy.makers[1].agents[1]"),
        ("agent = 'cluade'", "1:1: agent"),
    ],
)
def test_an_agent_that_is_named_somewhere_must_be_one(text: str, place: str) -> None:
    assert faults(text) == [f'podium.toml:{place}: there is no agent "cluade"; did you mean "claude"?']


def test_a_login_is_a_file_or_a_variable_and_files_lie_below_home() -> None:
    text = "[agents.claude]\nfiles = { '../x' = '' }\n[[agents.claude.login]]\nkeep = ['a']\n"
    assert faults(text) == [
        "podium.toml:2:11: agents.claude.files.../x: must be a path below HOME, as in .config/agent.json",
        "podium.toml:3:3: agents.claude.login[1]: a login is a file or a variable, one of the two",
    ]


def test_the_name_of_an_agent_is_plain() -> None:
    assert faults('[agents."../x"]\ncommand = ["a"]')[0].startswith(
        "podium.toml:1:9: agents.../x: a name is made of"
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("target = 'main'\nx x", "podium.toml:2:3: Expected '=' after a key in a key/value pair"),
        ("a = [\n", "podium.toml: Invalid value (at end of document)"),
    ],
)
def test_broken_syntax_is_placed(text: str, fault: str) -> None:
    assert faults(text) == [fault]


@pytest.mark.parametrize(
    "text", ["gate = 3", "gate.check = 3", "gate.check = [3]", "agents = 3", "agents = [1]", "agents.x = 3"]
)
def test_a_value_where_a_table_should_be_is_a_fault(text: str) -> None:
    assert "podium.toml:1:" in faults(text)[0]


def test_a_hostile_key_cannot_write_to_the_terminal() -> None:
    assert "\x1b" not in faults('"\\u001b[2J" = 1')[0]


def test_a_thousand_faults_are_counted_and_the_first_are_shown() -> None:
    lines = faults("\n".join(f"x{number} = 1" for number in range(1000)))
    assert len(lines) == 51
    assert lines[-1] == "podium.toml: and 950 more"


def agents(*names: str, default: str = "") -> Settings:
    return Settings(agents={name: AgentSettings(command=("true",)) for name in names}, agent=default)


def test_a_task_has_its_own_agent_else_the_default_else_the_only_one() -> None:
    assert resolve_agent(agents("a", "b", default="a"), "b") == "b"
    assert resolve_agent(agents("a", "b", default="a"), "") == "a"
    assert resolve_agent(agents("a"), "") == "a"


@pytest.mark.parametrize(
    ("settings", "wanted", "message", "hint"),
    [
        (
            agents("sed", "ruff"),
            "sedd",
            'there is no agent "sedd"; did you mean "sed"?',
            "choose one of ruff, sed",
        ),
        (
            agents("sed", "ruff"),
            "",
            "no agent is named, and none is the default",
            "choose one of ruff, sed",
        ),
        (agents(), "", "no agent is configured", "add [agents.NAME]"),
    ],
)
def test_an_agent_that_cannot_be_told_is_an_error_with_the_choices(
    settings: Settings, wanted: str, message: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve_agent(settings, wanted)
    assert str(caught.value) == message
    assert caught.value.hint.startswith(hint)
