"""What of the person an attempt gets: an address and no key, a login and no token that logs them out, and nothing else."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.agents.egress.rules import Route, Rules, allowed
from podium.agents.login import copied
from podium.agents.program import find, program
from podium.agents.wiring import PLACEHOLDER, Person, Wiring, wire, wired
from podium.config.profiles import read
from podium.config.settings import AgentSettings, LoginSettings, RouteSettings

KNOWN = read(Path("/nonexistent"), ()).agents
KEY = "sk-test-0123456789abcdef0123"
HOUR = 3600.0
NOW = 1_800_000_000.0


def at_home(name: str, person: Person, **changes: object) -> Wiring:
    return wired(KNOWN[name].model_copy(update=changes), person, port=3128, word="w")


def claude_login(*, expires: float = NOW + HOUR) -> str:
    tokens = {
        "accessToken": "sk-ant-oat01-abcdefghijkl", "refreshToken": "sk-ant-ort01-mnopqrstuvwx",
        "expiresAt": int(expires * 1000), "scopes": ["user:inference"],
    }  # fmt: skip
    return json.dumps(
        {"claudeAiOauth": tokens, "mcpOAuth": {"other": {"accessToken": "another-secret-of-theirs"}}}
    )


# --- by a key ---


def test_with_a_key_the_agent_gets_an_address_and_a_word_that_is_no_key() -> None:
    found = at_home("claude", Person({"ANTHROPIC_API_KEY": KEY}))
    assert found.missing == ""
    assert found.env["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:3128/w/0"
    assert found.env["ANTHROPIC_API_KEY"] == PLACEHOLDER
    assert found.rules == Rules((), (Route("/w/0", "https://api.anthropic.com", {"x-api-key": KEY}),))
    assert found.secrets == (KEY,)
    assert KEY not in json.dumps([dict(found.env), dict(found.home)])


def test_a_key_is_never_shown() -> None:
    found = at_home(
        "claude", Person({"ANTHROPIC_API_KEY": KEY}, {".claude/.credentials.json": claude_login()})
    )
    assert KEY not in repr(found)
    assert "sk-ant" not in repr(
        at_home("claude", Person({}, {".claude/.credentials.json": claude_login()}, NOW))
    )


def test_a_gateway_of_the_persons_own_is_honoured() -> None:
    person = Person({"ANTHROPIC_AUTH_TOKEN": KEY, "ANTHROPIC_BASE_URL": "http://gateway.example:8080/llm"})
    found = at_home("claude", person)
    route = Route("/w/0", "http://gateway.example:8080/llm", {"authorization": f"Bearer {KEY}"})
    assert found.rules == Rules((), (route,))
    assert found.env["ANTHROPIC_AUTH_TOKEN"] == PLACEHOLDER
    assert "ANTHROPIC_API_KEY" not in found.env


def test_of_two_routes_for_one_variable_the_first_with_a_key_is_used() -> None:
    found = at_home("claude", Person({"ANTHROPIC_AUTH_TOKEN": "t" * 20, "ANTHROPIC_API_KEY": KEY}))
    assert found.rules is not None
    assert [dict(route.headers) for route in found.rules.routes] == [{"x-api-key": KEY}]


def test_files_and_variables_of_a_route_lead_to_its_address() -> None:
    found = at_home("codex", Person({"OPENAI_API_KEY": KEY}))
    assert found.env["MODEL_PROVIDER"] == "podium"
    assert found.env["PODIUM_KEY"] == PLACEHOLDER
    assert 'base_url = "http://127.0.0.1:3128/w/0"' in found.home[".codex/config.toml"]


def test_two_providers_are_reached_by_two_routes() -> None:
    found = at_home("opencode", Person({"OPENAI_API_KEY": KEY, "ANTHROPIC_API_KEY": "a" * 20}))
    assert found.rules is not None
    assert [route.prefix for route in found.rules.routes] == ["/w/0", "/w/1"]
    assert "http://127.0.0.1:3128/w/0/v1" in found.home[".config/opencode/opencode.json"]
    assert "http://127.0.0.1:3128/w/1" in found.env["OPENCODE_CONFIG_CONTENT"]


def test_with_a_key_no_login_is_handed_over() -> None:
    files = {".codex/auth.json": json.dumps({"tokens": {"access_token": "t" * 30}})}
    found = at_home("codex", Person({"OPENAI_API_KEY": KEY}, files))
    assert ".codex/auth.json" not in found.home


@pytest.mark.parametrize(
    ("env", "missing"),
    [
        ({"ANTHROPIC_API_KEY": "one\ntwo"}, "ANTHROPIC_API_KEY holds what no key may (a line break?)"),
        (
            {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "gateway.example"},
            "ANTHROPIC_BASE_URL is not an http or https address",
        ),
    ],
)
def test_what_is_wrong_with_a_key_is_said_and_not_shown(env: dict[str, str], missing: str) -> None:
    assert at_home("claude", Person(env)).missing == missing


def test_the_end_of_a_line_is_no_part_of_a_key() -> None:
    assert at_home("claude", Person({"ANTHROPIC_API_KEY": f" {KEY}\n"})).secrets == (KEY,)


def test_a_model_is_filled_in_and_what_has_none_to_name_is_left_out() -> None:
    person = Person({"GEMINI_API_KEY": KEY})
    assert at_home("gemini", person, model="gemini-2.5-pro").env["GEMINI_MODEL"] == "gemini-2.5-pro"
    assert "GEMINI_MODEL" not in at_home("gemini", person).env


# --- by a login ---


def test_a_login_is_copied_without_what_a_copy_must_not_use() -> None:
    found = at_home("claude", Person({}, {".claude/.credentials.json": claude_login()}, NOW))
    assert found.missing == ""
    copy = json.loads(found.home[".claude/.credentials.json"])
    assert copy["claudeAiOauth"]["refreshToken"] == ""
    assert copy["claudeAiOauth"]["accessToken"] == "sk-ant-oat01-abcdefghijkl"
    assert list(copy) == ["claudeAiOauth"]
    assert found.secrets == ("sk-ant-oat01-abcdefghijkl",)
    assert found.rules is not None
    assert allowed(found.rules, "api.anthropic.com", 443)
    assert found.env["HTTPS_PROXY"] == "http://127.0.0.1:3128"
    assert "ANTHROPIC_BASE_URL" not in found.env


def test_a_login_that_has_run_out_is_none() -> None:
    found = at_home("claude", Person({}, {".claude/.credentials.json": claude_login(expires=NOW - 1)}, NOW))
    assert found.home == {}
    assert "the login in ~/.claude/.credentials.json has run out" in found.missing
    assert found.missing.endswith(KNOWN["claude"].sign_in)


def test_a_login_may_be_a_variable() -> None:
    found = at_home("claude", Person({"CLAUDE_CODE_OAUTH_TOKEN": KEY}))
    assert (found.env["CLAUDE_CODE_OAUTH_TOKEN"], found.secrets, found.missing) == (KEY, (KEY,), "")


def test_an_agent_with_a_login_gets_the_files_that_go_with_it() -> None:
    files = {".gemini/oauth_creds.json": json.dumps({"access_token": "ya29.0123456789abcdef"})}
    found = at_home("gemini", Person({}, files))
    assert (
        json.loads(found.home[".gemini/settings.json"])["security"]["auth"]["selectedType"]
        == "oauth-personal"
    )
    by_key = at_home("gemini", Person({"GEMINI_API_KEY": KEY}, files))
    assert (
        json.loads(by_key.home[".gemini/settings.json"])["security"]["auth"]["selectedType"]
        == "gemini-api-key"
    )


def test_a_login_that_is_not_json_is_copied_as_it_is_or_not_at_all() -> None:
    text = f"MISTRAL_API_KEY={KEY}\n"
    found = at_home("vibe", Person({}, {".vibe/.env": text}))
    assert (found.home[".vibe/.env"], found.secrets) == (text, (KEY,))
    broken = at_home("claude", Person({}, {".claude/.credentials.json": "{"}))
    assert (broken.home, broken.secrets) == ({}, ())
    assert "~/.claude/.credentials.json is not JSON" in broken.missing


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)
PATHS = st.lists(st.sampled_from(["a", "a.b", "b.c", "*.a", "c.*.b", "a.b.c"]), max_size=3).map(tuple)


@given(JSON, PATHS, PATHS)
def test_of_any_json_only_what_is_kept_is_there_and_all_long_texts_are_secrets(
    data: object, keep: tuple[str, ...], blank: tuple[str, ...]
) -> None:
    copy = copied(LoginSettings(file="x", keep=keep, blank=blank), json.dumps(data), now=0.0)
    found = json.loads(copy.text)
    if keep and isinstance(data, dict):
        assert found.keys() <= data.keys()
    if "a" in blank and isinstance(found, dict) and "a" in found:
        assert found["a"] == ""
    assert all(len(secret) >= 16 and json.dumps(secret)[1:-1] in json.dumps(found) for secret in copy.secrets)


# --- neither, and neither needed ---


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_without_key_and_login_it_is_said_what_is_missing_and_what_to_do(name: str) -> None:
    found = at_home(name, Person())
    assert found.missing.startswith("not signed in: ")
    assert found.missing.endswith(KNOWN[name].sign_in)
    assert found.secrets == ()


def test_what_is_missing_is_named_exactly() -> None:
    assert at_home("gemini", Person()).missing == (
        "not signed in: there is no GEMINI_API_KEY or ~/.gemini/oauth_creds.json; "
        "run gemini and sign in with Google, or export GEMINI_API_KEY"
    )


def test_a_command_of_ones_own_needs_nothing_and_gets_nothing() -> None:
    agent = AgentSettings(command=("sed",))
    assert wired(agent, Person({"HOME": "/home/ada", "SECRET": "x" * 20}), port=1, word="w") == Wiring()


def test_a_variable_that_is_handed_over_is_blotted_out_of_what_is_kept() -> None:
    agent = AgentSettings(
        command=("x",), env=("MY_TOKEN", "LANG"), variables={"COLOUR": "no"}, egress=("a.example",)
    )
    found = wired(agent, Person({"MY_TOKEN": KEY, "LANG": "de_DE.UTF-8"}), port=7, word="w")
    assert (found.secrets, found.rules) == ((KEY,), Rules(("a.example",)))
    assert (found.env["COLOUR"], found.env["HTTPS_PROXY"]) == ("no", "http://127.0.0.1:7")


def test_with_the_whole_network_nothing_is_watched_but_routes() -> None:
    agent = AgentSettings(command=("x",), network=True, egress=("a.example",))
    assert wired(agent, Person(), port=7, word="w") == Wiring()
    found = at_home("claude", Person({"ANTHROPIC_API_KEY": KEY}), network=True)
    assert found.rules is not None
    assert "HTTPS_PROXY" not in found.env


def test_a_model_of_ones_own_needs_no_key() -> None:
    route = RouteSettings(variable="OPENAI_BASE_URL", upstream="http://localhost:11434/v1")
    found = wired(AgentSettings(acp=("x",), route=(route,)), Person(), port=7, word="w")
    assert (found.missing, found.rules) == ("", Rules((), (Route("/w/0", "http://localhost:11434/v1"),)))


# --- in the person's own surroundings ---


def test_nothing_of_a_real_home_gets_in_but_the_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "CLAUDE_CODE_OAUTH_TOKEN",
        "ANTHROPIC_BASE_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "leak-leak-leak-leak")
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/settings.json").write_text('{"hooks": "leak"}')
    (tmp_path / ".claude/.credentials.json").write_text(claude_login(expires=2**40))
    found = wire(KNOWN["claude"], port=3128)
    assert list(found.home) == [".claude/.credentials.json"]
    assert "leak" not in json.dumps([dict(found.env), dict(found.home)])
    assert str(tmp_path) not in json.dumps([dict(found.env), dict(found.home)])
    assert "refreshToken" in (tmp_path / ".claude/.credentials.json").read_text()


def test_the_address_of_a_route_cannot_be_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    urls = {wire(KNOWN["claude"], port=3128).env["ANTHROPIC_BASE_URL"] for _ in range(3)}
    assert len(urls) == 3


def test_a_login_that_is_no_readable_file_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("MISTRAL_API_KEY", raising=False)
    (tmp_path / ".vibe/.env").mkdir(parents=True)
    assert "or ~/.vibe/.env;" in wire(KNOWN["vibe"], port=1).missing
    (tmp_path / ".vibe/.env").rmdir()
    (tmp_path / ".vibe/.env").write_bytes(b"\xff")
    assert "or ~/.vibe/.env;" in wire(KNOWN["vibe"], port=1).missing


# --- the program ---


def executable(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def link(path: Path, target: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


def test_a_missing_program_is_named_with_how_to_install_it(tmp_path: Path) -> None:
    found = find(KNOWN["claude"], path=str(tmp_path), homes=())
    assert found.missing == f"claude-agent-acp is not on the PATH; {KNOWN['claude'].install}"
    lost = find(AgentSettings(acp=(f"{tmp_path}/x",)), path="", homes=())
    assert lost.missing == f"{tmp_path}/x is not there"


def test_a_script_of_npm_comes_with_all_modules_beside_it(tmp_path: Path) -> None:
    home = tmp_path / "ada"
    modules = home / ".npm-global/lib/node_modules"
    executable(modules / "@x/claude-agent-acp/node_modules/dep/index.js")
    executable(modules / "@x/claude-agent-acp/dist/index.js", "#!/usr/bin/env sh\n")
    program = link(
        home / ".npm-global/bin/claude-agent-acp", "../lib/node_modules/@x/claude-agent-acp/dist/index.js"
    )
    found = find(KNOWN["claude"], path=f"{program.parent}:/bin:/usr/bin", homes=(home,))
    assert (found.found, found.missing) == (program, "")
    assert modules in found.mounts
    assert all(host == inside for host, inside in found.mounts.items())
    assert not any(home.is_relative_to(mount) for mount in found.mounts)


def test_a_program_behind_links_comes_with_what_it_is(tmp_path: Path) -> None:
    home = tmp_path / "ada"
    version = executable(home / ".local/share/claude/versions/2.1.3")
    link(home / ".local/share/claude/current", "versions/2.1.3")
    program = link(home / ".local/bin/claude", "../share/claude/current")
    found = find(AgentSettings(command=("claude",)), path=str(program.parent), homes=(home,))
    assert {version, home / ".local/share/claude/current"} <= set(found.mounts)
    assert home / ".local" not in found.mounts


def test_a_script_that_an_interpreter_is_given_comes_with_its_package(tmp_path: Path) -> None:
    script = executable(tmp_path / "agent/dist/index.js")
    (tmp_path / "agent/package.json").write_text("{}")
    found = find(AgentSettings(acp=("sh", str(script), str(tmp_path))), path="/bin:/usr/bin", homes=())
    assert found.mounts == {tmp_path / "agent": tmp_path / "agent"}


def test_a_virtual_environment_comes_as_a_whole(tmp_path: Path) -> None:
    environment = tmp_path / "tools/aider"
    (environment / "bin").mkdir(parents=True)
    (environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
    program = link(tmp_path / "links/aider", str(executable(environment / "bin/aider")))
    found = find(KNOWN["aider"], path=str(program.parent), homes=(tmp_path,))
    assert environment in found.mounts


def test_a_home_is_never_shown_for_the_sake_of_a_program(tmp_path: Path) -> None:
    home = tmp_path / "ada"
    program = executable(home / "claude")
    (home / "package.json").write_text("{}")
    (home / "node_modules").mkdir()
    found = find(AgentSettings(command=(str(program),)), path="", homes=(home,))
    assert found.mounts == {program: program}
    below = executable(home / "node_modules/x/index.js")
    assert find(AgentSettings(acp=(str(below),)), path="", homes=(home,)).mounts.keys() == {
        home / "node_modules"
    }


def test_links_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    link(tmp_path / "a", "b")
    link(tmp_path / "b", "a")
    assert find(AgentSettings(acp=(str(tmp_path / "a"),)), path="", homes=()).missing


def test_a_missing_interpreter_is_named(tmp_path: Path) -> None:
    executable(tmp_path / "agent", "#!/usr/bin/env no-such-node\n")
    found = find(AgentSettings(acp=("agent",)), path=str(tmp_path), homes=())
    assert found.missing == "agent needs no-such-node, which is not on the PATH"


def test_a_system_program_a_script_and_one_of_the_tree_need_nothing() -> None:
    assert shutil.which("sh")
    assert program(AgentSettings(command=("sh", "-c", "true"))).mounts == {}
    assert program(AgentSettings(script="agents/x.toml")) == program(AgentSettings(command=("tools/agent",)))
