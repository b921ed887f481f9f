import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.base.errors import ConfigError
from podium.config.lineage import KINDS, layered
from podium.config.profiles import Profiles, equip
from podium.config.settings import AgentSettings, PriceSettings, RouteSettings, Settings

KNOWN = AgentSettings(
    acp=("known-acp",), model="big", env=("A", "B"), variables={"X": "1", "Y": "2"}, minutes=5,
    route=(RouteSettings(variable="URL", upstream="https://known.example"),), sign_in="sign in",
)  # fmt: skip
PROFILES = Profiles({"known": KNOWN}, {"m*": PriceSettings(input=1, output=2)})


def one(name: str, **agents: AgentSettings) -> AgentSettings:
    return layered(agents, PROFILES.agents)[name]


def test_what_is_said_of_a_known_agent_goes_on_top_and_the_rest_stays() -> None:
    found = one("known", known=AgentSettings(model="small", env=("C",), variables={"Y": "3", "Z": "4"}))
    assert (found.acp, found.model, found.minutes, found.sign_in) == (("known-acp",), "small", 5, "sign in")
    assert found.env == ("C",)  # a list replaces
    assert found.variables == {"X": "1", "Y": "3", "Z": "4"}  # a table is merged


def test_a_default_that_is_said_aloud_counts() -> None:
    assert one("known", known=AgentSettings(minutes=30)).minutes == 30
    assert one("known", known=AgentSettings(route=())).route == ()


def test_an_agent_takes_everything_from_the_one_it_is_like() -> None:
    found = one("fast", fast=AgentSettings(like="known", model="small"))
    assert (found.acp, found.model, found.like) == (("known-acp",), "small", "known")


def test_to_be_like_a_configured_agent_takes_what_was_configured() -> None:
    agents = {
        "known": AgentSettings(model="small"),
        "a": AgentSettings(like="known"),
        "b": AgentSettings(like="a", minutes=7),
    }
    found = one("b", **agents)
    assert (found.model, found.minutes, found.acp) == ("small", 7, ("known-acp",))


def test_an_agent_run_another_way_has_only_its_name_in_common_with_the_known_one() -> None:
    mine = AgentSettings(command=("known", "-p"))
    assert one("known", known=mine) == mine


def test_an_agent_run_another_way_may_say_that_it_is_like_the_known_one() -> None:
    for name in ("known", "other"):
        found = one(name, **{name: AgentSettings(command=("known", "-p"), like="known")})
        assert (found.acp, found.command, found.route) == ((), ("known", "-p"), KNOWN.route)


def test_an_empty_kind_is_as_if_it_were_not_said() -> None:
    assert one("known", known=AgentSettings(acp=(), model="m")).acp == ("known-acp",)


def test_equipped_settings_hold_all_agents_and_prices_and_the_only_own_agent_is_the_default() -> None:
    own = {"sed": AgentSettings(command=("sed",))}
    found = equip(Settings(agents=own, prices={"mine": PriceSettings(input=3, output=4)}), PROFILES)
    assert (list(found.agents), found.agent, list(found.prices)) == (["sed", "known"], "sed", ["m*", "mine"])
    assert equip(Settings(), PROFILES).agent == ""
    assert equip(Settings(agents={**own, "known": AgentSettings()}), PROFILES).agent == ""
    assert equip(Settings(agents=own, agent="known"), PROFILES).agent == "known"


def test_what_cannot_be_completed_is_said() -> None:
    with pytest.raises(
        ConfigError, match=r'agents\.a\.like: there is no agent "knwon"; did you mean "known"\?'
    ):
        equip(Settings(agents={"a": AgentSettings(like="knwon")}), PROFILES)
    with pytest.raises(ConfigError, match="a is like b is like a"):
        equip(Settings(agents={"a": AgentSettings(like="b"), "b": AgentSettings(like="a")}), PROFILES)


NAMES = st.sampled_from(["known", "a", "b", "c"])
AGENTS = st.builds(
    lambda kind, like: AgentSettings.model_validate({"like": like} | ({kind: "s" if kind == "script" else ["s"]} if kind else {})),
    st.sampled_from(["", *KINDS]), st.sampled_from(["", "known", "a", "b", "c"]),
)  # fmt: skip


@given(st.dictionaries(NAMES, AGENTS))
def test_every_agent_is_run_in_one_way_or_the_settings_are_refused(agents: dict[str, AgentSettings]) -> None:
    try:
        found = equip(Settings(agents=agents), PROFILES)
    except ConfigError:
        return
    assert all(sum(bool(getattr(agent, kind)) for kind in KINDS) == 1 for agent in found.agents.values())
    assert found.agents.keys() == {"known", *agents}
    again = equip(found, PROFILES)  # what a person may write of an agent, so that it is as it is now
    assert again.agents == found.agents
