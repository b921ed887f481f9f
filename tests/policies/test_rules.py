"""Rules: forbid wins, nothing is allowed by accident, requirements only add up, and nobody approves their own work."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.config.settings import PolicyRule, PolicySettings
from podium.model.evidence import Grade
from podium.policies.actors import Actor, Kind
from podium.policies.codeowners import Codeowners, read_codeowners
from podium.policies.paths import violations
from podium.policies.rules import Policy, rule_on
from podium.policies.ruling import Action, Need, Request, Ruling

CLAUDE = Actor(Kind.AGENT, "claude")
CODEX = Actor(Kind.CHECKER, "codex")
ANN = Actor(Kind.PERSON, "Ann <Ann@Example.com>")
BOB = Actor(Kind.PERSON, "Bob <bob@example.com>")
PEOPLE: Mapping[str, tuple[str, ...]] = {"@ann": ("ann@example.com",), "@bob": ("bob@example.com",)}


def policy(*rules: PolicyRule, owners: str = "", people: Mapping[str, tuple[str, ...]] = PEOPLE) -> Policy:
    read = read_codeowners("CODEOWNERS", owners.encode()) if owners else Codeowners()
    return Policy(PolicySettings(rule=rules, people=dict(people)), read)


def rule(name: str = "it", **wanted: object) -> PolicyRule:
    return PolicyRule.model_validate({"name": name, **wanted})


def change(*paths: str, actors: tuple[Actor, ...] = (CLAUDE,), **more: Any) -> Request:
    request = Request(Action.CHANGE, actors, paths or ("src/a.py",))
    return replace(request, **more)


def lacks(ruling: Ruling, *needs: Need) -> list[str]:
    return [one.rule for one in ruling.missing(*needs)]


def test_without_rules_an_ordinary_change_is_allowed() -> None:
    ruling = rule_on(policy(), change())
    assert ruling.satisfied
    assert ruling.requires == ()


def test_forbid_wins_over_what_allows_it() -> None:
    ruling = rule_on(
        policy(
            rule("all", effect="allow"), rule("no", effect="forbid", paths=["src/**"], because="it is frozen")
        ),
        change(),
    )
    assert ruling.because == "no: it is frozen"
    assert not ruling.allowed


def test_a_forbidden_folder_cannot_be_replaced_by_a_file() -> None:
    ruling = rule_on(policy(rule(effect="forbid", paths=["vendor/**"])), change("vendor"))
    assert not ruling.allowed


def test_who_says_what_is_allowed_has_forbidden_the_rest() -> None:
    found = policy(rule("docs", effect="allow", paths=["docs/**"]))
    assert rule_on(found, change("docs/a.md")).allowed
    ruling = rule_on(found, change("docs/a.md", "src/a.py"))
    assert ruling.because == "default: no rule allows change src/a.py"


def test_to_be_required_something_is_to_be_allowed() -> None:
    found = policy(rule("docs", effect="allow", paths=["docs/**"]), rule("db", paths=["db/**"], humans=1))
    ruling = rule_on(found, change("db/a.sql"))
    assert ruling.allowed
    assert lacks(ruling) == ["db"]


def test_a_requirement_alone_forbids_nothing_else() -> None:
    assert rule_on(policy(rule("db", paths=["db/**"], humans=1)), change()).satisfied


def test_what_one_maker_is_allowed_another_is_not() -> None:
    found = policy(rule(effect="allow", actors=["claude", "person"]))
    assert rule_on(found, change()).allowed
    assert rule_on(found, change(actors=(ANN,))).allowed
    assert not rule_on(found, change(actors=(CLAUDE, Actor(Kind.AGENT, "codex")))).allowed


def test_a_rule_about_one_maker_applies_where_others_worked_along() -> None:
    found = policy(rule(effect="forbid", actors=["codex"]))
    assert not rule_on(found, change(actors=(CLAUDE, Actor(Kind.AGENT, "codex")))).allowed


def test_what_scope_refuses_is_refused_with_podiums_own_rule() -> None:
    found = violations(["podium.toml", "b.py"], allowed=("src/**",), protected=())
    ruling = rule_on(policy(), change("podium.toml", "b.py", violations=found))
    assert [one.rule for one in ruling.refused] == ["protected", "task"]


def test_checks_and_grade_are_given_by_evidence_alone() -> None:
    found = policy(rule(checks=["lint"], grade="cases"))
    ruling = rule_on(found, change(approvals=(ANN,)))
    assert lacks(ruling, Need.PROOF) == ["it", "it"]
    assert "its grade is not known" in ruling.because
    proven = change(checks=frozenset({"lint"}), grade=Grade.CONTROLLED)
    assert rule_on(found, proven).satisfied
    assert lacks(rule_on(found, replace(proven, grade=Grade.EXIT_CODE))) == ["it"]


@pytest.mark.parametrize(
    "path", ["podium.toml", ".github/workflows/ci.yml", "pytest.ini", "CODEOWNERS", "src/.gitattributes"]
)
def test_a_change_to_the_gate_the_policy_or_ci_always_wants_a_person(path: str) -> None:
    request = change(path, granted={path: "Bob <bob@example.com>"})
    ruling = rule_on(Policy(PolicySettings(review="never")), request)
    assert lacks(ruling, Need.PERSON) == ["judges"]
    assert "granted by Bob" in ruling.requires[0].because
    assert lacks(rule_on(policy(), replace(request, approvals=(CODEX,)))) == ["judges"]
    assert rule_on(policy(), replace(request, approvals=(ANN,))).satisfied


def test_a_checker_is_satisfied_by_a_checker_or_by_a_person_who_looked() -> None:
    found = policy(rule(checkers=1))
    assert lacks(rule_on(found, change()), Need.CHECKER) == ["it"]
    assert rule_on(found, change(approvals=(CODEX,))).satisfied
    assert rule_on(found, change(approvals=(ANN,))).satisfied


def test_makers_never_approve_their_own_change() -> None:
    found = policy(rule(humans=1))
    ruling = rule_on(found, change(actors=(ANN,), approvals=(Actor(Kind.PERSON, "A. Nn <ann@example.com>"),)))
    assert "made it, and makers never approve their own change" in ruling.because
    assert rule_on(found, change(actors=(ANN,), approvals=(BOB,))).satisfied
    own = change(approvals=(Actor(Kind.CHECKER, "claude"),))
    assert lacks(rule_on(policy(rule(checkers=1)), own)) == ["it"]


def test_where_nobody_else_is_known_ones_own_word_is_taken_and_that_is_said() -> None:
    ruling = rule_on(policy(rule(humans=1), people={}), change(actors=(ANN,), approvals=(ANN,)))
    assert ruling.satisfied
    assert ruling.requires[0].satisfied_by == "Ann <Ann@Example.com> (who made it; nobody else is known here)"


def test_rules_about_approving_say_whose_word_counts() -> None:
    found = policy(
        rule(humans=1), rule("seniors", action="approve", effect="allow", actors=["bob@example.com"])
    )
    assert (
        "the approval of Ann <Ann@Example.com> does not count"
        in rule_on(found, change(approvals=(ANN,))).because
    )
    assert rule_on(found, change(approvals=(BOB,))).satisfied
    never = policy(rule(checkers=1), rule("no", action="approve", effect="forbid", actors=["checker"]))
    assert lacks(rule_on(never, change(approvals=(CODEX,)))) == ["it"]


def test_where_a_person_is_asked_an_owner_must_approve() -> None:
    found = policy(owners="* @ann\ndb/ @bob\n")
    assert rule_on(found, change("db/a.sql")).satisfied, "nobody is asked about it"
    asked = change("db/a.sql", asked="risk 71 ≥ 60")
    assert lacks(rule_on(found, replace(asked, approvals=(ANN,)))) == ["CODEOWNERS:2"]
    assert "waits for bob@example.com" in rule_on(found, replace(asked, approvals=(ANN,))).because
    assert rule_on(found, replace(asked, approvals=(BOB,))).satisfied


def test_every_line_wants_one_of_its_owners() -> None:
    found = policy(owners="* @ann\ndb/ @bob\n")
    asked = change("db/a.sql", "src/a.py", asked="it is risky", approvals=(BOB,))
    assert lacks(rule_on(found, asked)) == ["CODEOWNERS:1"]
    assert rule_on(found, replace(asked, approvals=(ANN, BOB))).satisfied


def test_an_owner_nobody_can_tell_is_said_and_blocks_only_beside_others() -> None:
    asked = change(asked="it is risky", approvals=(ANN,))
    alone = rule_on(policy(owners="* @org/ghost\n"), asked)
    assert alone.satisfied
    assert "cannot tell who @org/ghost is: [policy.people] has no line for it" in alone.requires[-1].because
    assert lacks(rule_on(policy(owners="* @org/ghost @bob\n"), asked)) == ["CODEOWNERS:1"]


def test_an_owner_who_made_it_leaves_it_to_another_person() -> None:
    asked = change(actors=(BOB,), asked="it is risky")
    found = policy(owners="* @bob\n")
    assert lacks(rule_on(found, replace(asked, approvals=(BOB,)))) == ["review", "CODEOWNERS:1"]
    assert rule_on(found, replace(asked, approvals=(ANN,))).satisfied


def test_codeowners_can_be_left_out() -> None:
    off = Policy(PolicySettings(codeowners=False), read_codeowners("CODEOWNERS", b"* @bob\n"))
    assert rule_on(off, change(asked="it is risky", approvals=(ANN,))).satisfied


def test_spending_stays_within_the_least_bound_and_what_nobody_knows_does_not() -> None:
    found = policy(
        rule("a", action="spend", usd=5), rule("b", action="spend", actors=["claude"], usd=2, tokens=1000)
    )
    spend = Request(Action.SPEND, (CLAUDE,), usd=3.0, tokens=10)
    assert lacks(rule_on(found, spend)) == ["b"]
    assert rule_on(found, replace(spend, usd=1.0)).satisfied
    assert lacks(rule_on(found, replace(spend, usd=None))) == ["a", "b"]


def test_the_network_is_what_rules_name() -> None:
    found = policy(rule(action="network", effect="allow", hosts=["*.example.com", "pypi.org:443"]))
    for host, allowed in (
        ("api.example.com", True),
        ("example.com", False),
        ("pypi.org:443", True),
        ("pypi.org:80", False),
        ("", False),
    ):
        assert rule_on(found, Request(Action.NETWORK, (CLAUDE,), host=host)).allowed is allowed, host


def test_the_digest_tells_policies_and_codeowners_apart() -> None:
    policies = [policy(), policy(rule(humans=1)), policy(owners="* @ann\n"), policy(owners="* @ann \n")]
    assert len({one.digest for one in policies}) == 4


PATHS = ("src/a.py", "docs/a.md", "db/a.sql", "vendor", "podium.toml")
effects = st.sampled_from(["allow", "require", "forbid"])
rules = st.builds(
    PolicyRule,
    name=st.sampled_from(["a", "b", "c"]), action=st.sampled_from(["change", "change", "approve"]), effect=effects,
    paths=st.lists(st.sampled_from(["src/**", "docs", "db/*.sql", "vendor/**", "**"]), max_size=2).map(tuple),
    actors=st.lists(st.sampled_from(["agent", "person", "checker", "claude", "ann@example.com"]), max_size=2).map(tuple),
    checks=st.lists(st.sampled_from(["lint", "tests"]), max_size=1).map(tuple),
    grade=st.sampled_from(["", "cases"]), humans=st.integers(0, 1), checkers=st.integers(0, 1),
)  # fmt: skip
rulebooks = st.lists(rules, max_size=4)
people = st.lists(st.sampled_from([ANN, BOB, CODEX, Actor(Kind.CHECKER, "claude")]), max_size=3).map(tuple)
requests = st.builds(
    Request, action=st.just(Action.CHANGE), actors=st.sampled_from([(CLAUDE,), (ANN,), (CLAUDE, BOB)]),
    paths=st.lists(st.sampled_from(PATHS), min_size=1, max_size=3, unique=True).map(tuple),
    checks=st.frozensets(st.sampled_from(["lint", "tests"])), grade=st.none() | st.sampled_from(Grade), approvals=people,
    asked=st.sampled_from(["", "it is risky"]),
)  # fmt: skip
owners = st.sampled_from(["", "* @ann\n", "src/ @bob\n* @org/ghost\n"])


@given(rulebooks, requests, owners)
def test_a_rule_that_forbids_always_wins(book: list[PolicyRule], request_: Request, codeowners: str) -> None:
    forbids_all = rule("never", effect="forbid")
    assert not rule_on(policy(*book, forbids_all, owners=codeowners), request_).allowed


@given(rulebooks, rules, requests, owners)
def test_another_rule_that_forbids_never_allows_more(
    book: list[PolicyRule], more: PolicyRule, request_: Request, codeowners: str
) -> None:
    forbids = more.model_copy(update={"effect": "forbid"})
    if rule_on(policy(*book, forbids, owners=codeowners), request_).satisfied:
        assert rule_on(policy(*book, owners=codeowners), request_).satisfied


@given(rulebooks, rules, requests, owners)
def test_another_requirement_takes_none_away(
    book: list[PolicyRule], more: PolicyRule, request_: Request, codeowners: str
) -> None:
    adds = more.model_copy(update={"effect": "require", "action": "change"})
    before, after = (rule_on(policy(*one, owners=codeowners), request_) for one in (book, [*book, adds]))
    assert set(before.requires) <= set(after.requires)
    assert set(before.missing()) <= set(after.missing())


@given(rulebooks, requests, owners, st.randoms(use_true_random=False))
def test_the_order_of_rules_means_nothing(
    book: list[PolicyRule], request_: Request, codeowners: str, chance: Random
) -> None:
    shuffled = list(book)
    chance.shuffle(shuffled)
    assert rule_on(policy(*book, owners=codeowners), request_) == rule_on(
        policy(*shuffled, owners=codeowners), request_
    )


@given(rulebooks, requests, owners)
def test_no_checker_and_no_maker_ever_counts_as_the_person(
    book: list[PolicyRule], request_: Request, codeowners: str
) -> None:
    ruling = rule_on(policy(*book, owners=codeowners), request_)
    fit = {
        one.shown
        for one in request_.approvals
        if one.kind is Kind.PERSON and not any(map(one.is_same, request_.actors))
    }
    for one in ruling.requires:
        if one.need is Need.PERSON and one.satisfied_by:
            assert one.satisfied_by in fit


@given(rulebooks, requests, owners)
def test_every_ruling_says_why_in_one_line(
    book: list[PolicyRule], request_: Request, codeowners: str
) -> None:
    ruling = rule_on(policy(*book, owners=codeowners), request_)
    assert ruling.because
    assert len(ruling.because.splitlines()) == 1
    assert all(one.because and bool(one.missing) != bool(one.satisfied_by) for one in ruling.requires)
