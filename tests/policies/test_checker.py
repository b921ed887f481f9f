"""Who checks whom, and what a checker's word is worth: never a person's, unless policy says so by risk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.config.load import load
from podium.config.settings import AgentSettings, CheckerSettings, PolicySettings, Settings
from podium.model.checking import Judgment, Proposal, Remark, Severity, Trial, Word
from podium.model.decision import Act
from podium.model.ids import ChangeId
from podium.model.risk import Risk
from podium.model.verdict import Verdict
from podium.policies.checker import choose_checker, settle
from podium.policies.review import ask_person

TEST = Proposal("it adds", "tests/test_add.py", "assert add(1, 1) == 2\n", "python3 tests/test_add.py")
BLOCKER = Remark(Severity.BLOCKER, "it drops the table", "db.py", 3)

risks = st.builds(Risk, st.integers(0, 100), st.lists(st.text(max_size=20), max_size=3).map(tuple))
trials = st.builds(
    Trial, st.just(TEST), st.sampled_from(Verdict), st.text(max_size=50), st.none() | st.sampled_from(Verdict)
)
remarks = st.builds(Remark, st.sampled_from(Severity), st.text(max_size=50))
judgments = st.builds(
    Judgment, change=st.just(ChangeId("s/1@1")), by=st.just("codex"), word=st.sampled_from(Word), because=st.text(max_size=5000),
    at=st.just(1.0), findings=st.lists(remarks, max_size=3).map(tuple), tests=st.lists(trials, max_size=3).map(tuple),
)  # fmt: skip
below = st.integers(0, 100)


@st.composite
def policies(draw: st.DrawFn) -> PolicySettings:
    checker = {"agents": ["codex"], "threshold": draw(below), "approves_below": draw(below)}
    review = draw(st.sampled_from(["risky", "always", "never"]))
    return PolicySettings.model_validate({"review": review, "threshold": draw(below), "checker": checker})


def configured(agents: str, more: str = "") -> Settings:
    made = "".join(f'[agents.{name}]\ncommand = ["true"]\n' for name in ("claude", "codex"))
    return load(f"{made}[policy.checker]\nagents = [{agents}]\n{more}", origin="podium.toml")


def judged(
    word: Word = Word.APPROVE, *, findings: tuple[Remark, ...] = (), trial: Trial | None = None
) -> Judgment:
    return Judgment(ChangeId("s/1@1"), "codex", word, "I read it", 1.0, findings, (trial,) if trial else ())


def policy(review: str = "risky", *, approves_below: int = 30, threshold: int = 60) -> PolicySettings:
    checker = {"agents": ["codex"], "approves_below": approves_below}
    return PolicySettings.model_validate({"review": review, "threshold": threshold, "checker": checker})


def test_the_first_listed_agent_that_is_not_the_maker_checks() -> None:
    choice = choose_checker(Risk(41, ()), ("claude",), configured('"claude", "codex"'))
    assert choice is not None
    assert choice.agent == "codex"
    assert choice.because == "codex checks it: another agent than its maker claude; risk 41 ≥ 0"


def test_whoever_had_a_hand_in_the_work_does_not_check_it() -> None:
    choice = choose_checker(Risk(41, ()), ("claude", "codex"), configured('"claude", "codex"'))
    assert choice is not None
    assert choice.agent == ""
    assert (
        choice.because
        == "no agent but its maker claude, codex could check it (of claude, codex); risk 41 ≥ 0"
    )


def alike(checkers: tuple[str, ...], **like: str) -> Settings:
    """Settings in which these agents are like others."""
    agents = {name: AgentSettings(command=("true",), like=other) for name, other in like.items()}
    return Settings(agents=agents, policy=PolicySettings(checker=CheckerSettings(agents=checkers)))


def test_the_same_agent_by_another_name_is_no_other_agent() -> None:
    settings = alike(("strict", "stricter"), strict="claude", stricter="strict")
    for maker in ("claude", "strict", "stricter"):
        choice = choose_checker(Risk(1, ()), (maker,), settings)
        assert choice is not None
        assert choice.agent == ""
    other = choose_checker(Risk(1, ()), ("codex",), settings)
    assert other is not None
    assert other.agent == "strict"


def test_agents_that_are_like_each_other_in_a_circle_end_the_search_and_are_one() -> None:
    choice = choose_checker(Risk(1, ()), ("two",), alike(("one", "two"), one="two", two="one"))
    assert choice is not None
    assert choice.agent == ""


def test_work_that_no_agent_made_can_be_checked_by_any() -> None:
    choice = choose_checker(Risk(41, ()), (), configured('"claude"'))
    assert choice is not None
    assert choice.because == "claude checks it: no agent of this project made it; risk 41 ≥ 0"


def test_without_checkers_or_below_the_threshold_nothing_is_checked() -> None:
    assert choose_checker(Risk(100, ()), ("claude",), configured("")) is None
    low = configured('"codex"', "threshold = 50\n")
    assert choose_checker(Risk(49, ()), ("claude",), low) is None
    assert choose_checker(Risk(50, ()), ("claude",), low) is not None


def test_below_its_bound_a_checkers_approval_stands_for_a_persons() -> None:
    assert settle(judged(), risk=Risk(29, ()), policy=policy("always")) == (
        Act.APPROVE, "codex approved it and policy lets that stand below risk 30",
    )  # fmt: skip
    act, because = settle(judged(), risk=Risk(30, ()), policy=policy("always"))
    assert (act, because) == (Act.ASK, "every change is reviewed; risk 30; codex approved it")


def test_a_failing_test_outweighs_an_approval_and_comes_first() -> None:
    trial = Trial(TEST, Verdict.FAILED, "exit code 1: assertion", Verdict.PASSED)
    act, because = settle(judged(trial=trial), risk=Risk(5, ()), policy=policy("never"), must_see="policy")
    assert act is Act.ASK
    assert because.startswith(
        "codex's test it adds fails: exit code 1: assertion (it passes without the change: the change broke it)"
    )


def test_a_test_that_could_not_run_supports_no_approval_and_blames_nobody() -> None:
    trial = Trial(TEST, Verdict.COULD_NOT_RUN, "no pytest here")
    assert settle(judged(trial=trial), risk=Risk(5, ()), policy=policy("always"))[0] is Act.ASK
    assert settle(judged(trial=trial), risk=Risk(5, ()), policy=policy("risky"))[0] is Act.APPROVE


def test_an_approval_with_a_blocker_is_none() -> None:
    act, because = settle(judged(findings=(BLOCKER,)), risk=Risk(5, ()), policy=policy("never"))
    assert (act, because) == (Act.ASK, "codex approved it, and yet found 1 blocker: it drops the table")


@pytest.mark.parametrize(
    ("word", "said"),
    [(Word.UNSURE, "codex is unsure: I read it"), (Word.NONE, "codex gave no verdict: I read it")],
)
def test_who_cannot_tell_calls_a_person(word: Word, said: str) -> None:
    assert settle(judged(word), risk=Risk(0, ()), policy=policy("never")) == (Act.ASK, said)


def test_what_cannot_go_back_goes_to_a_person() -> None:
    sent_back = settle(judged(Word.SEND_BACK), risk=Risk(0, ()), policy=policy())
    assert sent_back == (Act.SEND_BACK, "codex sends it back: I read it")
    kept = settle(
        judged(Word.SEND_BACK), risk=Risk(0, ()), policy=policy("never"), no_return="no attempt is left"
    )
    assert kept == (Act.ASK, "codex would send it back, but no attempt is left: I read it")


@given(
    judgments, risks, policies(), st.sampled_from(["", "tests"]), st.sampled_from(["", "no attempt is left"])
)
def test_a_checker_alone_approves_nothing_that_policy_keeps_for_people(
    judgment: Judgment, risk: Risk, rules: PolicySettings, must_see: str, no_return: str
) -> None:
    act, because = settle(judgment, risk=risk, policy=rules, must_see=must_see, no_return=no_return)
    person_wanted, _ = ask_person(risk, rules)
    if act is Act.APPROVE:
        assert judgment.word is Word.APPROVE
        assert not must_see
        assert not judgment.failing
        assert not judgment.blockers
        assert not person_wanted or risk.score < rules.checker.approves_below
    if act is Act.SEND_BACK:
        assert judgment.word is Word.SEND_BACK
        assert not no_return
    assert act in {Act.APPROVE, Act.SEND_BACK, Act.ASK}
    assert 0 < len(because) <= 1000
    assert len(because.splitlines()) == 1


@given(judgments, risks, policies())
def test_what_people_must_see_they_always_see(judgment: Judgment, risk: Risk, rules: PolicySettings) -> None:
    act, _ = settle(judgment, risk=risk, policy=rules, must_see="continuous integration")
    assert act is (Act.SEND_BACK if judgment.word is Word.SEND_BACK else Act.ASK)


@given(judgments, risks, policies())
def test_doubt_only_ever_raises_what_policy_demands(
    judgment: Judgment, risk: Risk, rules: PolicySettings
) -> None:
    never_stands = rules.model_copy(
        update={"checker": rules.checker.model_copy(update={"approves_below": 0})}
    )
    act, _ = settle(judgment, risk=risk, policy=never_stands)
    if ask_person(risk, rules)[0]:
        assert act in {Act.ASK, Act.SEND_BACK}
    if judgment.word in {Word.UNSURE, Word.NONE}:
        assert act is Act.ASK
