"""What people complain of in merge queues, one scenario each: it shows on a naive queue, and does not on Podium's.

What a planner can do about is played in the simulator, against a published queue. What is about facts (verdicts, heads, trees, the
gate's own configuration) is held against the live queue, with a naive rule beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from podium.config.settings import Settings
from podium.landing.carrying_out import candidate_id
from podium.landing.planner.cover import covered
from podium.landing.planner.line import Gate, Line, Options, Running, Stop, Waiting
from podium.landing.planner.plan import plan
from podium.landing.planner.states import Ground, Name, mark
from podium.landing.queue import plan as plan_queue
from podium.landing.queue import queued
from podium.model.attempt import Change
from podium.model.decision import Act, Decision
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha, Tree
from podium.model.queue import Candidate, Conflict, Footprint, Landing
from podium.model.verdict import Verdict
from podium.simulation import scene as order
from podium.simulation.kernel import Outcome, simulate
from podium.simulation.policies.bors import Bors
from podium.simulation.policies.mergify import Mergify
from podium.simulation.policies.weave import Weave
from podium.simulation.policies.zuul import Zuul
from podium.simulation.predictors import Constant
from podium.simulation.scene import Policy, Scene
from podium.simulation.trace import Arrival

GATE_S = 600.0
TIP = Sha("tip")
SETTINGS = Settings.model_validate({"queue": {"batch": 4}, "gate": {"tries": 2, "slots": 4}})


def change(number: int, *keys: int, **more: Any) -> Arrival:
    """It has to be gated in the queue: what it depends on has moved."""
    return replace(Arrival(number, 0.0, 0.0, frozenset(keys or {number}), GATE_S, stale=True), **more)


def play(trace: Sequence[Arrival], policy: Policy, *, slots: int = 4, attribution: float = 1.0) -> Outcome:
    outcome = simulate(
        trace, policy, slots=slots, predictor=Constant(0.97, 0.02), attribution=attribution, seed=5
    )
    assert outcome.red == 0
    return outcome


def landed_at(outcome: Outcome, change: int) -> float:
    assert outcome.decided[change].landed
    return outcome.decided[change].at_s


class Naive:
    """What a queue does when nobody thought about it: all that waits is one batch; when it fails, all of it goes back."""

    name = "naive"

    def orders(self, scene: Scene) -> Iterable[order.Order]:
        for run in scene.news:
            if run.passed:
                yield order.Land(run.members, "it passed")
            else:
                yield from (order.Reject(one, "its batch failed") for one in run.members)
        if not scene.running and not scene.news and scene.waiting:
            yield order.Start(tuple(scene.waiting), tuple(scene.waiting), "all that waits")


class Restarting:
    """Gates all that waits, anew whenever somebody comes: the freshest tree, and what is urgent in it at once."""

    name = "restarting"

    def orders(self, scene: Scene) -> Iterable[order.Order]:
        for run in scene.news:
            yield order.Land(run.members, "it passed")
        waiting = tuple(scene.waiting)
        if any(run.members != waiting for run in scene.running.values()):
            yield from [order.Stop(run, "somebody came") for run in scene.running]
        elif not scene.running and not scene.news and waiting:
            yield order.Start(waiting, waiting, "all that waits")


def test_1_nobody_is_ejected_for_a_failure_of_another() -> None:
    trace = [change(number, good=number != 2) for number in range(6)]
    assert play(trace, Naive()).victims == 5
    assert play(trace, Weave()).victims == 0


def test_1_one_failure_does_not_reset_all_that_is_behind_it() -> None:
    trace = [change(number, good=number != 0) for number in range(6)]
    zuul, ours = play(trace, Zuul(), slots=6), play(trace, Weave(), slots=6)
    assert len(zuul.runs) > 6
    assert len(ours.runs) == 6
    assert max(landed_at(ours, number) for number in range(1, 6)) == GATE_S
    assert max(landed_at(zuul, number) for number in range(1, 6)) > GATE_S


def test_1_a_flake_ejects_nobody() -> None:
    trace = [change(number, flaky=0.1, arrives_s=number * GATE_S) for number in range(20)]
    assert play(trace, Naive()).victims > 0
    assert play(trace, Weave()).victims == 0


def test_5_verdicts_come_though_changes_keep_coming() -> None:
    """Re-basing faster than a group finishes: every run would pass, and nothing lands for hours."""
    trace = [change(number, number % 3, arrives_s=60.0 * number) for number in range(40)]
    naive, ours = play(trace, Restarting(), slots=2), play(trace, Weave(), slots=2)
    assert min(one.at_s for one in naive.decided.values()) > trace[-1].arrives_s
    assert landed_at(ours, 0) == GATE_S
    assert not any(run.passed is None and 0 in run.members for run in ours.runs)


def test_6_what_is_urgent_restarts_nothing() -> None:
    trace = [change(1), change(2), change(3, arrives_s=500.0, priority=9)]
    naive, ours = play(trace, Restarting(), slots=2), play(trace, Weave(), slots=3)
    assert landed_at(naive, 1) > GATE_S
    assert all(run.passed is not None for run in ours.runs)
    assert [landed_at(ours, number) for number in (1, 2, 3)] == [GATE_S, GATE_S, 500.0 + GATE_S]


def test_6_what_is_urgent_has_a_slot_of_its_own() -> None:
    busy: dict[Name, Waiting] = {
        f"x{number}": Waiting(f"x{number}", frozenset({f"{number}"}), 0.0) for number in range(4)
    }

    def starts(waiting: dict[Name, Waiting], kept: int, running: Sequence[Running] = ()) -> list[Gate]:
        line = Line(waiting, Ground(), set(), set(), running, [], 2, lambda _one, _other: 0.01)
        return [one for one in plan(line, 0.0, Options(kept=kept)) if isinstance(one, Gate)]

    assert len(starts(busy, 0)) == 2
    (only,) = starts(busy, 1)
    states = {key: mark(name) for name in only.members for key in busy[name].keys}
    going = Running("going", only.members, frozenset(only.heads), states)
    assert starts(busy, 1, [going]) == []
    hotfix = {**busy, "hotfix": Waiting("hotfix", frozenset({"hot"}), 1.0, urgent=True)}
    assert "hotfix" in starts(hotfix, 1, [going])[0].heads


def test_7_one_that_fails_among_many_is_not_hunted_by_halving() -> None:
    trace = [change(number, good=number != 11) for number in range(16)]
    bors, ours = play(trace, Bors(), slots=1), play(trace, Weave(), slots=1)
    assert len(bors.runs) >= 7
    assert len(ours.runs) == 1
    assert sorted(ours.landed) == [number for number in range(16) if number != 11]


def test_8_a_stack_lands_as_far_as_it_is_good_and_its_rest_keeps_its_place() -> None:
    stack = [change(1, 1), change(2, 2, after=(1,)), change(3, 3, after=(2,), arrives_s=50.0)]
    other = [change(4, good=False)]
    mergify, ours = play([*stack, *other], Mergify(), slots=2), play([*stack, *other], Weave(), slots=2)
    assert len(ours.runs) < len(mergify.runs)
    assert ours.landed == [1, 2, 3]
    assert [
        one.because for one in ours.runs if one.members == (3,)
    ] != []  # it is gated while those before it are


def test_12_a_cancelled_change_is_out_at_once_and_the_others_keep_their_runs() -> None:
    keys = {"x": frozenset({"a"}), "y": frozenset({"b"})}
    waiting: dict[Name, Waiting] = {name: Waiting(name, keys[name], 0.0) for name in keys}
    states: dict[Name, int] = {"a": mark("x"), "b": mark("y")}
    both = Running("both", ("x", "y"), frozenset({"x", "y"}), states)
    alone = Running("alone", ("x",), frozenset({"x"}), {"a": mark("x")})
    del waiting["x"]
    line = Line(waiting, Ground(), set(), set(), [both, alone], [], 2, lambda _one, _other: 0.01)
    assert [one.run for one in plan(line, 0.0) if isinstance(one, Stop)] == ["alone"]
    assert covered(line, []) == {"y": both}


@dataclass
class Live:
    """The live queue's facts: changes that passed their own gate and were approved, and what became of them since."""

    tip: Sha = TIP
    changes: dict[ChangeId, Change] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    candidates: dict[CandidateId, Candidate] = field(default_factory=dict)
    footprints: list[Footprint] = field(default_factory=list)
    landings: list[Landing] = field(default_factory=list)
    now: float = 0.0

    def propose(self, name: str, *affects: str, files: tuple[str, ...] = ("a.py",)) -> ChangeId:
        """`affects`: the targets that its own gate told; none, if it told nothing."""
        change, at = ChangeId(name), self._tick()
        self.changes[change] = Change(
            change,
            None,
            None,
            self.tip,
            Sha(f"head of {name}"),
            Tree(f"tree of {name}"),
            files,
            1,
            1,
            name,
            "Ada",
            at,
        )
        gate = Decision(Act.GATE, change, "new", at, change)
        if affects:
            self.footprints.append(Footprint(change, gate.key, self.tip, affects, ("told",), at))
        self.findings[gate.key] = Finding(Verdict.PASSED, "passed", at)
        approved = Decision(Act.APPROVE, change, "never asked", at, change)
        self.decisions |= {gate.key: gate, approved.key: approved}
        return change

    def facts(self) -> Facts:
        landed = {member for one in self.landings for member in one.members}
        return Facts(
            tip=self.tip, checkout="", tasks={}, changes={name: one for name, one in self.changes.items() if name not in landed},
            decisions=self.decisions, findings=self.findings, candidates=self.candidates,
            footprints=tuple(self.footprints), landings=tuple(self.landings),
        )  # fmt: skip

    def decide(self) -> list[Decision]:
        """What is new of what the queue decides; it is on record from then on."""
        new = [
            one
            for one in plan_queue(self.facts(), SETTINGS, now=self._tick())
            if one.key not in self.decisions
        ]
        self.decisions |= {one.key: one for one in new}
        return new

    def gated(self, weave: Decision, verdict: Verdict, *failing: str, left_out: str = "") -> None:
        """A candidate was built and gated; `left_out` did not merge with the tip."""
        onto, wanted = Sha(weave.data["onto"]), map(ChangeId, weave.data["members"])
        name, at = CandidateId(weave.subject), self._tick()
        conflicts = (Conflict(ChangeId(left_out), ("a.py",), Tree("t")),) if left_out else ()
        members = tuple(one for one in wanted if one != left_out)
        self.candidates[name] = Candidate(
            name, onto, members, Sha(f"{name} commit"), Tree(f"{name} tree"), conflicts, at
        )
        blind = verdict is Verdict.FAILED and not failing
        self.findings[weave.key] = Finding(
            verdict, "its gate", at, failing=failing, blind=blind, complete=True
        )

    def lands(self, name: str) -> None:
        """Somebody's candidate has landed."""
        self.tip = Sha(f"{name} landed")
        self.landings.append(
            Landing(CandidateId(name), self.tip, Tree(name), TIP, (ChangeId(name),), self._tick())
        )

    def _tick(self) -> float:
        self.now += 1.0
        return self.now


def of(act: Act, decisions: Iterable[Decision]) -> list[Decision]:
    return [one for one in decisions if one.act is act]


def naive_verdict(verdict: Verdict) -> str:
    """Green lands, all else goes back."""
    return "lands" if verdict is Verdict.PASSED else "goes back"


def test_2_a_gate_that_judged_no_tree_ejects_nobody() -> None:
    live = Live()
    live.propose("x")
    (weave,) = of(Act.WEAVE, live.decide())
    live.gated(weave, Verdict.COULD_NOT_RUN)
    assert naive_verdict(Verdict.COULD_NOT_RUN) == "goes back"
    after = live.decide()
    assert of(Act.SEND_BACK, after) == []
    assert [one.subject for one in of(Act.WEAVE, after)] == [weave.subject]


def test_3_who_was_sent_back_is_not_in_the_queue_again_and_knows_why() -> None:
    live = Live()
    change = live.propose("x", "tests/a")
    live.lands("stranger")
    (weave,) = of(Act.WEAVE, live.decide())
    live.gated(weave, Verdict.FAILED, "tests/a")
    (back,) = of(Act.SEND_BACK, live.decide())
    rearmed = [name for name in live.changes if live.findings[f"gate:{name}"].verdict is Verdict.PASSED]
    assert rearmed == [change], (
        "a queue that asks for the label and the change's own gate alone takes it in again"
    )
    assert queued(live.facts()) == ()
    assert live.decide() == []
    assert back.data["failing"] == ["tests/a"]
    assert back.data["evidence"] == weave.key


def test_4_what_comes_to_no_verdict_is_tried_a_few_times_and_then_a_person_is_called() -> None:
    live, tried, called = Live(), 0, 0
    live.propose("x")
    for _ in range(20):
        decisions = live.decide()
        called += len(of(Act.ALARM, decisions))
        for weave in of(Act.WEAVE, decisions):
            tried += 1
            live.gated(weave, Verdict.COULD_NOT_RUN)
    assert naive_verdict(Verdict.COULD_NOT_RUN) != "lands", "automation that tries again does so 20 times"
    assert (tried, called) == (SETTINGS.gate.tries, 1)


def test_9_a_change_of_the_gate_is_judged_by_itself() -> None:
    live = Live()
    live.propose("x")
    live.propose("rules", files=("podium.toml",))
    live.propose("y")
    trees = [one.data["members"] for one in of(Act.WEAVE, live.decide())]
    assert list(live.changes) == ["x", "rules", "y"], "a batch in order of arrival holds all three"
    assert [tree for tree in trees if "rules" in tree] == [["rules"]]


def test_10_a_tree_that_is_not_the_gated_one_does_not_land() -> None:
    """That the commit itself is compared, down to its tree: `landing/test_land.py`."""
    live = Live()
    live.propose("x")
    (weave,) = of(Act.WEAVE, live.decide())
    live.gated(weave, Verdict.PASSED)
    live.lands("stranger")
    assert naive_verdict(live.findings[weave.key].verdict) == "lands"
    after = live.decide()
    assert of(Act.LAND, after) == []
    assert [one.subject for one in of(Act.WEAVE, after)] == [candidate_id(live.tip, ["x"])]


def test_10_what_passed_without_one_that_did_not_merge_lands_by_the_name_it_was_gated_under() -> None:
    live = Live()
    for name in ("x", "y", "z"):
        live.propose(name)
    weave = next(one for one in of(Act.WEAVE, live.decide()) if {"x", "y"} <= {*one.data["members"]})
    live.gated(weave, Verdict.PASSED, left_out="x")
    after = live.decide()
    assert [one.subject for one in of(Act.SEND_BACK, after)] == ["x"]
    (land,) = of(Act.LAND, after)
    assert candidate_id(live.tip, land.data["members"]) != weave.subject, "who looks there finds no evidence"
    assert land.subject == weave.subject


def test_11_a_change_lands_on_its_own_gate_only_for_the_targets_that_it_named() -> None:
    live = Live()
    live.propose("docs", "docs")
    live.propose("code")
    after = live.decide()
    (landing,) = of(Act.LAND, after)
    assert landing.data["members"] == ["docs"]
    assert landing.data["certificate"]["targets"] == [["docs", "gate:docs"]]
    assert naive_verdict(live.findings["gate:code"].verdict) == "lands"
    assert not any("code" in one.data["members"] for one in of(Act.LAND, after))


def test_13_a_red_branch_is_nobodys_fault() -> None:
    live = Live()
    baseline = Decision(Act.BASELINE, TIP, "new", 0.0, TIP)
    live.decisions[baseline.key] = baseline
    live.findings[baseline.key] = Finding(Verdict.FAILED, "test_add fails", 0.0)
    live.propose("x")
    live.propose("y")
    for weave in of(Act.WEAVE, live.decide()):
        live.gated(weave, Verdict.FAILED)
        assert naive_verdict(live.findings[weave.key].verdict) == "goes back"
    assert of(Act.SEND_BACK, live.decide()) == []
