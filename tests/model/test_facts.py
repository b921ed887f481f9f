from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Act, Decision, Failure
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import AttemptId, ChangeId, Sha, TaskId, Tree
from podium.model.past import Past, Record
from podium.model.review import Answer, Order, Review, Wish
from podium.model.task import Kind, Task
from podium.model.usage import Spending
from podium.model.verdict import Verdict

TIP = Sha("a" * 40)
CHANGE = ChangeId("s/1@1")


def decision(act: Act, subject: str, round_: int = 0) -> Decision:
    return Decision(act, subject, "because", 1.0, "s/1", round_)


def facts(*decisions: Decision, **others: object) -> Facts:
    return Facts(TIP, decisions={found.key: found for found in decisions}, **others)  # type: ignore[arg-type]  # any field by name


def test_a_repeated_decision_is_known_by_its_latest_round() -> None:
    known = facts(decision(Act.GATE, CHANGE, 2), decision(Act.GATE, CHANGE), decision(Act.GATE, CHANGE, 1))
    found = known.decided(Act.GATE, CHANGE)
    assert found is not None
    assert found.round == 2
    assert known.decided(Act.GATE, "other") is None


def test_an_earlier_rounds_finding_does_not_answer_a_later_round() -> None:
    old = {"gate:s/1@1": Finding(Verdict.COULD_NOT_RUN, "no pytest", 2.0)}
    assert facts(decision(Act.GATE, CHANGE), findings=old).finding(Act.GATE, CHANGE) is not None
    assert (
        facts(decision(Act.GATE, CHANGE), decision(Act.GATE, CHANGE, 1), findings=old).finding(
            Act.GATE, CHANGE
        )
        is None
    )


def test_a_failure_ends_its_own_round_only() -> None:
    first, second = decision(Act.LAND, "c"), decision(Act.LAND, "c", 1)
    known = facts(first, second, failures=(Failure(Act.LAND, "c", 0, "moved", 2.0, TIP),))
    assert known.failed(first) is not None
    assert known.failed(second) is None


def test_an_alarm_about_a_landing_stands_only_while_its_tip_does() -> None:
    """An older tip stays in sight where it landed on evidence that was put together; what was said of landings on it is over."""
    landing = Decision(Act.LAND, "c", "because", 1.0, TIP, 0, {"members": [CHANGE]})
    here, before = (Decision(Act.ALARM, "c", "because", 1.0, tip) for tip in (TIP, "b" * 40))
    assert facts(landing, here).stuck_in_queue == {CHANGE: here}
    assert facts(landing, before).stuck_in_queue == {}


def test_a_retry_clears_the_standing_alarm() -> None:
    retry = Order("s/1", Wish.RETRY, "", "ada", 3.0)
    assert facts(decision(Act.ALARM, CHANGE)).alarmed(CHANGE, "s/1") is not None
    assert facts(decision(Act.ALARM, CHANGE), orders=(retry,)).alarmed(CHANGE, "s/1") is None
    again = (decision(Act.ALARM, CHANGE), decision(Act.ALARM, CHANGE, 1))
    assert facts(*again, orders=(retry,)).alarmed(CHANGE, "s/1") is not None


def test_a_persons_word_outweighs_policys_approval() -> None:
    returned = Review(CHANGE, Answer.RETURN, "no", "ada", 2.0)
    assert facts(decision(Act.APPROVE, CHANGE)).approved(CHANGE)
    assert not facts(decision(Act.APPROVE, CHANGE), reviews={CHANGE: returned}).approved(CHANGE)
    assert not facts(decision(Act.ASK, CHANGE)).approved(CHANGE)


def test_the_latest_order_holds_however_they_are_listed() -> None:
    orders = (Order("s/1", Wish.RETRY, "", "ada", 5.0), Order("s/1", Wish.CANCEL, "", "ada", 4.0))
    assert facts(orders=orders).latest_order["s/1"].wish is Wish.RETRY


def test_attempts_are_known_in_the_order_of_their_numbers() -> None:
    tries = tuple(
        Attempt(AttemptId(f"s/1@{n}"), TaskId("s/1"), n, "sed", TIP, "due", 1.0) for n in (10, 2, 1)
    )
    assert [attempt.number for attempt in facts(attempts=tries).attempts_of[TaskId("s/1")]] == [1, 2, 10]


def test_a_track_counts_what_landed_and_what_came_to_nothing_but_not_what_is_on_the_road() -> None:
    task = Task(TaskId("s/1"), "s", "title", Kind.FIX)
    tries = tuple(Attempt(AttemptId(f"s/1@{n}"), task.id, n, "sed", TIP, "due", 1.0) for n in (1, 2, 3))
    ends = {one.id: AttemptEnd(one.id, End.CRASHED, "code 1", 2.0, 60.0) for one in tries[:1]}
    ends[tries[1].id] = AttemptEnd(tries[1].id, End.CANCELLED, "cancelled", 2.0, 60.0)
    ends[tries[2].id] = AttemptEnd(tries[2].id, End.PRODUCED, "taken in", 2.0, 60.0)
    made = Change(
        ChangeId(tries[2].id), task.id, tries[2].id, TIP, TIP, Tree("t"), (), 0, 0, "title", "Ada", 2.0
    )
    past = (Past("s", "sed", Kind.FIX, 3, 2, Spending(attempts=3)),)
    known = facts(tasks={task.id: task}, attempts=tries, ends=ends, changes={made.id: made}, past=past)
    assert known.track == {("sed", "fix"): Record(4, 2, Spending(attempts=4, minutes=1.0, unknown=1))}
    sent_back = decision(Act.SEND_BACK, made.id)
    known = facts(sent_back, tasks={task.id: task}, attempts=tries, ends=ends, changes={made.id: made})
    assert known.track["sed", "fix"].tried == 2
