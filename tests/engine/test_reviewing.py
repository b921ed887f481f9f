"""What follows a passed gate where agents check each other: one rule a test, from what is known."""

from dataclasses import replace

from podium.engine.reviewing import actors, after_gate, makers
from podium.model.attempt import Attempt, Seed
from podium.model.checking import Word
from podium.model.decision import Act
from podium.model.evidence import Finding
from podium.model.ids import AttemptId, TaskId
from podium.model.progress import State, progress_of_change
from podium.model.review import Answer, Wish
from podium.model.verdict import Verdict
from podium.policies.actors import Actor, Kind
from podium.policies.codeowners import read_codeowners
from podium.policies.rules import Policy
from simulation import World, sha, task, work_through

MADE_BY_SED = '[[policy.makers]]\nagents = ["sed"]\n'
CODEX = '[agents.codex]\ncommand = ["true"]\n'


def proven(
    checkers: str = '"sed", "codex"', *, checker: str = "", review: str = "never", more: str = ""
) -> World:
    """The only task's first change, made by sed, has passed its gate."""
    policy = f'[policy]\nreview = "{review}"\n[[policy.makers]]\nagents = ["sed"]\n'
    world = World.of([task("1")], f"{CODEX}{more}{policy}[policy.checker]\nagents = [{checkers}]\n{checker}")
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    go_on(world)
    return world


def go_on(world: World) -> None:
    """The maker's next attempt is made and passes its gate."""
    world.end_attempt(world.job(Act.ATTEMPT))
    world.advance()
    world.find(world.job(Act.GATE), Verdict.PASSED)
    world.advance()


def judged(world: World, word: Word, because: str = "I read it") -> None:
    world.judge(world.job(Act.CHECK), word, because)
    world.advance()


def test_what_passed_its_gate_is_checked_by_another_agent_than_its_maker() -> None:
    world = proven()
    check = world.job(Act.CHECK)
    assert check.key == "check:s/1@1"
    assert check.data["agent"] == "codex"
    assert check.because.startswith("codex checks it: another agent than its maker sed; risk ")
    (change,) = world.changes.values()
    progress = progress_of_change(world.facts(), change)
    assert (progress.state, progress.because) == (State.GATING, "codex is checking it")
    assert world.advance() == []


def test_an_approval_leaves_it_to_policy_whether_a_person_looks() -> None:
    for review, state in (("never", State.QUEUED), ("always", State.REVIEW)):
        world = proven(review=review)
        judged(world, Word.APPROVE)
        assert world.states() == {"1": state}


def test_where_policy_lets_it_an_approval_stands_for_a_persons() -> None:
    world = proven(checker="approves_below = 100\n", review="always")
    judged(world, Word.APPROVE)
    assert world.states() == {"1": State.QUEUED}
    approved = world.facts().decided(Act.APPROVE, "s/1@1")
    assert approved
    assert approved.because == "codex approved it and policy lets that stand below risk 100"


def test_who_is_unsure_or_says_nothing_valid_calls_a_person() -> None:
    for word in (Word.UNSURE, Word.NONE):
        world = proven()
        judged(world, word)
        assert world.states() == {"1": State.REVIEW}
        world.answer("s/1@1", Answer.APPROVE)
        work_through(world)
        assert world.landed == ["s/1@1"]


def test_what_it_sends_back_goes_on_from_the_work_with_its_words() -> None:
    world = proven()
    judged(world, Word.SEND_BACK, "the sum is wrong")
    attempt = world.attempts[AttemptId("s/1@2")]
    assert attempt.seed
    assert attempt.seed.feedback == "the sum is wrong"
    assert attempt.seed.head == sha("s/1@1")
    assert "codex sends it back: the sum is wrong" in attempt.because


def test_it_sends_a_task_back_twice_and_then_a_person_is_asked() -> None:
    world = proven(more="[limits]\nattempts = 9\n")
    for _ in range(2):
        judged(world, Word.SEND_BACK)
        go_on(world)
    judged(world, Word.SEND_BACK, "no")
    assert world.states() == {"1": State.REVIEW}
    ask = world.facts().decided(Act.ASK, "s/1@3")
    assert ask
    assert ask.because == "codex would send it back, but checkers have sent it back 2 times: no"


def test_it_takes_no_task_its_last_attempt() -> None:
    world = proven(more="[limits]\nattempts = 1\n")
    judged(world, Word.SEND_BACK, "no")
    assert world.states() == {"1": State.REVIEW}
    assert "no attempt is left" in world.progress()[TaskId("s/1")].because


def test_a_check_that_fails_on_our_side_is_tried_again_and_then_a_person_is_asked() -> None:
    world = proven(more="[gate]\ntries = 2\n")
    world.fail(world.job(Act.CHECK), "no login")
    assert [decision.key for decision in world.advance()] == ["check:s/1@1:1"]
    world.fail(world.job(Act.CHECK), "no login")
    assert [decision.act for decision in world.advance()] == [Act.ASK]
    assert world.states() == {"1": State.REVIEW}
    assert world.progress()[TaskId("s/1")].because == "codex could not check it in 2 attempts: no login"


def test_without_another_agent_a_person_is_asked_and_told_why() -> None:
    world = proven('"sed"')
    assert not [job for job in world.jobs if job.act is Act.CHECK]
    assert world.states() == {"1": State.REVIEW}
    assert "no agent but its maker sed could check it" in world.progress()[TaskId("s/1")].because


def test_where_nobody_is_to_check_all_is_as_policy_says() -> None:
    assert proven("").states() == {"1": State.QUEUED}
    assert proven(checker="threshold = 100\n").states() == {"1": State.QUEUED}


def test_a_submitted_change_is_checked_and_never_sent_back_by_an_agent() -> None:
    world = World.of([], f'{CODEX}[policy]\nreview = "never"\n[policy.checker]\nagents = ["codex"]\n')
    change = world.submit()
    world.advance()
    for job in list(world.jobs):
        world.find(job, Verdict.PASSED)
    world.advance()
    assert "no agent of this project made it" in world.job(Act.CHECK).because
    judged(world, Word.SEND_BACK, "no")
    ask = world.facts().decided(Act.ASK, change)
    assert ask
    assert ask.because == "codex would send it back, but nobody here made it: no"


def test_a_cancelled_check_is_done_again_when_a_person_brings_the_task_back() -> None:
    world = proven()
    world.order("s/1", Wish.CANCEL)
    world.fail(world.job(Act.CHECK), "a person cancelled it")
    assert world.advance() == []
    world.order("s/1", Wish.RETRY)
    assert [decision.key for decision in world.advance()] == ["check:s/1@1:1"]


def test_all_whose_work_is_in_a_change_are_its_makers() -> None:
    world = proven()
    (change,) = world.changes.values()
    seeds = {1: None, 2: Seed("again", sha("s/1@1")), 3: Seed("afresh"), 4: Seed("again", sha("s/1@3"))}
    names = {1: "ada", 2: "sed", 3: "codex", 4: "claude"}
    for number, seed in seeds.items():
        name = AttemptId(f"s/1@{number}")
        world.attempts[name] = Attempt(
            name, TaskId("s/1"), number, names[number], world.tip, "due", 1.0, seed
        )
    facts = world.facts()
    found = {number: makers(facts, replace(change, attempt=AttemptId(f"s/1@{number}"))) for number in seeds}
    assert found == {1: ("ada",), 2: ("sed", "ada"), 3: ("codex",), 4: ("claude", "codex")}


def passed(policy: str, *, more: str = "", found: Finding | None = None) -> World:
    """The only task's first change has passed its gate, under these rules and review = "never"."""
    world = World.of([task("1")], f'{CODEX}{more}[policy]\nreview = "never"\n{policy}{MADE_BY_SED}')
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    pass_gate(world, found)
    return world


def pass_gate(world: World, found: Finding | None = None) -> None:
    world.end_attempt(world.job(Act.ATTEMPT))
    world.advance()
    gated(world, found)


def gated(world: World, found: Finding | None = None) -> None:
    job = world.job(Act.GATE)
    world.find(job, Verdict.PASSED)
    if found:
        world.findings[job.key] = (job.scope, found)
    world.advance()


def because(world: World) -> str:
    return world.progress()[TaskId("s/1")].because


def test_what_a_rule_forbids_goes_back_with_the_rule() -> None:
    world = passed(
        '[[policy.rule]]\nname = "frozen"\neffect = "forbid"\npaths = ["calc.py"]\nbecause = "it is audited"\n'
    )
    sent = world.facts().decided(Act.SEND_BACK, "s/1@1")
    assert sent
    assert sent.because == "policy forbids it: frozen: it is audited"
    assert world.attempts[AttemptId("s/1@2")].seed == Seed(
        "The project's policy forbids it: frozen: it is audited", sha("s/1@1"), ""
    )


def test_a_rule_asks_a_person_whatever_review_says() -> None:
    world = passed('[[policy.rule]]\nname = "calc"\npaths = ["*.py"]\nhumans = 1\nbecause = "sums matter"\n')
    assert world.states() == {"1": State.REVIEW}
    assert because(world).startswith("calc: a person approves: sums matter; review is never asked for; ")
    world.answer("s/1@1", Answer.APPROVE)
    work_through(world)
    assert world.landed == ["s/1@1"]


def test_a_checkers_approval_is_no_persons_where_a_rule_asks_one() -> None:
    rule = '[[policy.rule]]\nname = "calc"\nhumans = 1\n'
    world = passed(f'{rule}[policy.checker]\nagents = ["codex"]\napproves_below = 100\n')
    judged(world, Word.APPROVE)
    assert world.states() == {"1": State.REVIEW}
    assert because(world).startswith("calc: a person approves: ")


def test_a_rule_has_a_change_checked_that_the_threshold_would_let_pass() -> None:
    rule = '[[policy.rule]]\nname = "calc"\ncheckers = 1\n'
    world = passed(f'{rule}[policy.checker]\nagents = ["codex"]\nthreshold = 100\n')
    judged(world, Word.APPROVE)
    assert world.states() == {"1": State.QUEUED}
    unsure = passed(f'{rule}[policy.checker]\nagents = ["codex"]\nthreshold = 100\n')
    judged(unsure, Word.UNSURE)
    assert unsure.states() == {"1": State.REVIEW}


def test_where_no_checker_could_approve_a_person_is_asked() -> None:
    world = passed('[[policy.rule]]\nname = "calc"\ncheckers = 1\n')
    assert world.states() == {"1": State.REVIEW}
    assert because(world).startswith("calc: a checker approves: ")


def test_what_is_not_proven_as_policy_wants_calls_a_person_and_nobody_is_blamed() -> None:
    rule = '[[policy.rule]]\nname = "proof"\ngrade = "controlled"\nchecks = ["lint"]\n'
    weak = Finding(Verdict.PASSED, "all passed", 1.0, grade="cases", checks=("lint",))
    world = passed(rule, found=weak)
    assert world.states() == {"1": State.ALARM}
    assert (
        because(world) == "policy wants more proof: proof: evidence of grade controlled: its grade is cases"
    )
    assert world.advance() == []
    world.order("s/1", Wish.RETRY)
    world.advance()
    gated(world, replace(weak, grade="controlled"))
    assert world.states() == {"1": State.QUEUED}


def test_what_stays_unproven_alarms_again_after_each_retry() -> None:
    world = passed('[[policy.rule]]\nname = "proof"\ngrade = "cases"\n')
    assert "its grade is not known" in because(world)
    world.order("s/1", Wish.RETRY)
    world.advance()
    gated(world)
    assert world.states() == {"1": State.ALARM}
    assert [job for job in world.jobs if job.act is Act.GATE] == []


def test_every_decision_after_the_gate_carries_the_digest_of_its_policy() -> None:
    world = proven()
    judged(world, Word.APPROVE)
    digest = Policy(world.settings.policy).digest
    found = [world.facts().decided(act, "s/1@1") for act in (Act.CHECK, Act.APPROVE)]
    assert [one.data["policy"] for one in found if one] == [digest, digest]


def test_who_owns_what_is_asked_about_is_said() -> None:
    world = passed(
        '[policy.people]\n"@ann" = ["ann@example.com"]\n[[policy.rule]]\nname = "calc"\nhumans = 1\n'
    )
    (change,) = world.changes.values()
    del world.decisions["ask:s/1@1"]
    owners = read_codeowners("CODEOWNERS", b"*.py @ann\n")
    (step,) = after_gate(world.facts(), change, world.settings, now=1.0, owners=owners)
    assert step.act is Act.ASK
    assert step.data["requires"] == ["calc: a person approves", "CODEOWNERS:1: an owner of calc.py approves"]
    assert step.data["policy"] == Policy(world.settings.policy, owners).digest


def test_advice_of_the_gate_adds_to_the_risk() -> None:
    advice = (
        "strength: 3 of 4 mutants of calc.py survive",
        "strength: 9 of 20 changed lines are never run by a test",
    )
    found = Finding(Verdict.PASSED, "all passed", 1.0, advice=advice)
    plain, advised = passed(""), passed("", found=found)
    risks = [world.facts().decided(Act.APPROVE, "s/1@1") for world in (plain, advised)]
    before, after = (one.data for one in risks if one)
    assert after["risk"] == before["risk"] + 20
    assert after["reasons"] == [*before["reasons"], *advice]


def test_a_person_who_submitted_it_is_its_maker() -> None:
    world = World.of(
        [],
        '[policy]\nreview = "never"\n[[policy.rule]]\nname = "no"\neffect = "forbid"\nactors = ["person"]\n',
    )
    change = world.submit()
    world.advance()
    for job in list(world.jobs):
        world.find(job, Verdict.PASSED)
    world.advance()
    assert actors(world.facts(), world.changes[change]) == (Actor(Kind.PERSON, "Ada"),)
    assert world.facts().decided(Act.SEND_BACK, change)
