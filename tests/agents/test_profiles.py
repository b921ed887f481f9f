"""The agents Podium knows: whole, quiet, and each as its file says; a person's own on top."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from podium.base.errors import ConfigError
from podium.config.lineage import KINDS
from podium.config.profiles import Profiles, known, read
from podium.config.settings import AgentSettings

BUILT_IN = read(Path("/nonexistent"), ())
REPOSITORY = Path(__file__).parents[2]
NAMES = ["aider", "claude", "codex", "copilot", "gemini", "mini", "opencode", "openhands", "qwen", "vibe"]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the person's own agents."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    directory = tmp_path / "podium" / "agents"
    directory.mkdir(parents=True)
    return directory


def files(agent: AgentSettings) -> dict[str, str]:
    parts = [agent.files, *(route.files for route in agent.route), *(login.files for login in agent.login)]
    return {name: text for part in parts for name, text in part.items()}


def test_these_agents_are_known() -> None:
    assert sorted(BUILT_IN.agents) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_known_agent_is_whole_and_says_what_to_do_where_something_is_missing(name: str) -> None:
    agent = BUILT_IN.agents[name]
    assert sum(bool(getattr(agent, kind)) for kind in KINDS) == 1
    assert agent.install
    assert agent.sign_in
    assert agent.route or agent.login
    assert not agent.network
    assert not agent.egress  # it reaches nothing but what its key or its login needs
    assert not agent.env  # and is handed nothing but that
    assert all(login.egress for login in agent.login)


@pytest.mark.parametrize("name", NAMES)
def test_the_files_it_gets_can_be_read(name: str) -> None:
    for path, text in files(BUILT_IN.agents[name]).items():
        read_it = json.loads if path.endswith(".json") else tomllib.loads
        assert read_it(text)
        assert set(re.findall(r"\{\w+\}", text)) <= {"{url}"}


@pytest.mark.parametrize("name", NAMES)
def test_a_key_never_goes_where_the_agent_is(name: str) -> None:
    for route in BUILT_IN.agents[name].route:
        assert route.secret
        assert "{secret}" in route.value
        assert route.placeholder  # many refuse to start without
        assert route.upstream.startswith("https://")


@pytest.mark.parametrize("name", ["claude", "codex", "opencode", "qwen"])
def test_a_token_that_changes_with_its_use_is_not_handed_over(name: str) -> None:
    assert any("refresh" in path for login in BUILT_IN.agents[name].login for path in login.blank)


def test_a_persons_own_agents_go_on_top_of_known_ones_or_beside_them(own: Path) -> None:
    (own / "claude.toml").write_text('model = "opus"\n')
    (own / "fast.toml").write_text('like = "claude"\nmodel = "haiku"\n')
    (own / "notes.txt").write_text("not an agent")
    agents = known().agents
    assert (agents["claude"].model, agents["claude"].acp) == ("opus", BUILT_IN.agents["claude"].acp)
    assert (agents["fast"].model, agents["fast"].route) == ("haiku", BUILT_IN.agents["claude"].route)
    assert set(agents) == {*NAMES, "fast"}


def test_without_a_directory_of_their_own_people_have_what_is_built_in(own: Path) -> None:
    own.rmdir()
    assert known().agents == BUILT_IN.agents


def test_files_are_read_again_only_when_one_has_changed(own: Path) -> None:
    (own / "a.toml").write_text('command = ["a"]\n')
    first = known()
    assert known() is first
    (own / "a.toml").write_text('command = ["another"]\n')
    assert known().agents["a"].command == ("another",)


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a", '\ncomand = ["a"]', 'a.toml:2:1: unknown setting "comand"; did you mean "command"?'),
        ("a", "command = [\n", "a.toml: Invalid value (at end of document)"),
        ("a", 'model = "m"', 'a.toml: agents.a has neither acp, command nor script, and Podium knows no agent "a"'),
        ("a", 'like = "cluade"', 'a.toml:1:1: agents.a.like: there is no agent "cluade"; did you mean "claude"?'),
        ("a b", 'command = ["a"]', "a b.toml: an agent's name is made of letters, digits, '.', '_' and '-'"),
    ],
)  # fmt: skip
def test_a_fault_in_a_persons_own_file_is_placed(own: Path, name: str, text: str, fault: str) -> None:
    (own / f"{name}.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        known()
    assert str(caught.value) == f"{own}/{fault}"
    assert caught.value.hint


def test_a_file_that_is_no_text_or_too_large_is_refused(own: Path) -> None:
    (own / "a.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        known()
    (own / "a.toml").write_bytes(b"#" * 300_000)
    with pytest.raises(ConfigError, match="is larger than 256 KiB"):
        known()


def test_looking_at_the_status_does_not_read_a_profile() -> None:
    look = "import sys, podium.cli.application, podium.cli.commands.status; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert not {"podium.config.profiles", "podium.config.settings", "pydantic"} & set(done.stdout.split())


def test_prices_are_whole_and_their_source_is_named() -> None:
    assert BUILT_IN.prices
    for model, price in BUILT_IN.prices.items():
        assert price.cached is not None, model
        assert price.cached <= price.input <= price.output, model
    text = (REPOSITORY / "src/podium/config/prices.toml").read_text()
    blocks = [block for block in text.split("\n\n")[1:] if block.strip()]
    assert all(block.lstrip().startswith("# ") and "2026" in block.split("[")[0] for block in blocks)


def test_profiles_are_the_same_only_if_they_were_read_at_once() -> None:
    assert Profiles() != Profiles()
