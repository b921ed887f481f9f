"""Rules of `spend` and `network` kept where they bind: in the settings of each agent, before it is started. Pure.

An attempt is bounded by its agent's `cost_usd` and `tokens`; it reaches the hosts of `egress`, routes and logins. So a bound
of a rule lowers the first two, and a host that the rules do not let it have is taken out of the others. What cannot be kept
in this way is refused when the configuration is read: a rule that nothing enforces must not look like one.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from podium.base.errors import ConfigError
from podium.config.settings import AgentSettings, LoginSettings, PolicyRule, Settings
from podium.policies.actors import Actor, Kind
from podium.policies.rules import Policy, rule_on
from podium.policies.ruling import Action, Request

_PORTS = {"http": 80, "https": 443}


def governed(settings: Settings) -> Settings:
    """The settings with each agent held to the rules.

    Raises:
        ConfigError: a rule asks for what cannot be kept.
    """
    fault = next((fault for rule in settings.policy.rule for fault in _faults(rule)), "")
    if fault:
        raise ConfigError(
            fault, hint="podium.toml, [[policy.rule]]; docs/policy.md says what each action can have"
        )
    policy = Policy(settings.policy)
    if not policy.rules(Action.SPEND) and not policy.rules(Action.NETWORK):
        return settings
    agents = {name: _held(name, agent, policy) for name, agent in settings.agents.items()}
    return settings.model_copy(update={"agents": agents})


def _faults(rule: PolicyRule) -> Iterator[str]:
    spends, reaches = rule.action == "spend", rule.action == "network"
    bounded = rule.usd is not None or rule.tokens is not None
    judged = rule.checks or rule.grade or rule.humans or rule.checkers
    if spends and (rule.effect != "require" or not bounded):
        yield f'rule {rule.name}: what is spent is bounded by effect = "require" and usd or tokens'
    if reaches and rule.effect == "require":
        yield f"rule {rule.name}: a host is allowed or forbidden; nothing can be required for it"
    if (spends or reaches) and (rule.paths or judged):
        yield f"rule {rule.name}: paths, checks, grade and approvals mean nothing for {rule.action}"
    if bounded and not spends:
        yield f'rule {rule.name}: usd and tokens belong to action = "spend"'
    if rule.hosts and not reaches:
        yield f'rule {rule.name}: hosts belong to action = "network"'


def _held(name: str, agent: AgentSettings, policy: Policy) -> AgentSettings:
    actor = Actor(Kind.AGENT, name)
    held = agent.model_copy(update=_bounds(actor, agent, policy))
    return held.model_copy(update=_reach(actor, agent, policy)) if policy.rules(Action.NETWORK) else held


def _bounds(actor: Actor, agent: AgentSettings, policy: Policy) -> dict[str, float | int | None]:
    """The least of what its settings and the rules let an attempt use."""
    rules = [
        rule
        for rule in policy.rules(Action.SPEND)
        if not rule.actors or any(actor.is_meant(word) for word in rule.actors)
    ]
    usd = [one for one in (agent.cost_usd, *(rule.usd for rule in rules)) if one is not None]
    tokens = [one for one in (agent.tokens, *(rule.tokens for rule in rules)) if one is not None]
    return {"cost_usd": min(usd, default=None), "tokens": min(tokens, default=None)}


def _reach(actor: Actor, agent: AgentSettings, policy: Policy) -> dict[str, object]:
    """What it still reaches. An address that a variable would replace is the one that is written here."""

    def may(host: str) -> bool:
        return rule_on(policy, Request(Action.NETWORK, (actor,), host=host)).allowed

    def logged_in(login: LoginSettings) -> LoginSettings:
        return login.model_copy(update={"egress": tuple(host for host in login.egress if may(host))})

    routes = [
        route.model_copy(update={"upstream_from": ""}) for route in agent.route if may(_host(route.upstream))
    ]
    return {
        "egress": tuple(host for host in agent.egress if may(host)),
        "route": tuple(routes),
        "login": tuple(logged_in(login) for login in agent.login),
        "network": agent.network and may("*"),
    }


def _host(address: str) -> str:
    """`host:port` of an address; any host where none can be read, so that what forbids one forbids it."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "*"
    return f"{parts.hostname}:{port}" if parts.hostname else "*"
