"""What pages look like, and that no foreign text reaches the terminal as anything but text."""

import json
import shlex
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import RenderableType
from terminal import printed

from podium.cli.amounts import duration, share, since
from podium.cli.exits import Exit, exit_of
from podium.cli.live import frame
from podium.cli.next_steps import next_steps
from podium.cli.queue_watch import news, watch_lines
from podium.cli.render.detail import detail
from podium.cli.render.events import event_line, told
from podium.cli.render.findings import findings, sound, summary
from podium.cli.render.gate import gate
from podium.cli.render.overview import status
from podium.cli.render.plan import faults, plan
from podium.cli.render.queue import explanation, queue
from podium.cli.render.report import report
from podium.cli.render.reviews import reviews
from podium.cli.screen import print_json
from podium.model.event import Event
from podium.outcomes.history import History
from podium.outcomes.report import report as figures
from podium.outcomes.report import to_json
from podium.project.views.detail import AttemptView, ChangeView, DecisionView, Detail
from podium.project.views.finding import FindingView
from podium.project.views.gate import CheckView, GateView
from podium.project.views.overview import Overview, TaskView
from podium.project.views.plan import FaultView, PlannedTask, PlanView
from podium.project.views.queue import (
    CandidateView,
    DoubtView,
    ExplanationView,
    LandedView,
    NeighbourView,
    QueueItem,
    QueueView,
    TargetView,
)
from podium.project.views.review import ReviewItem

EVIL = "\x1b[31m[bold]red[/bold]\x1b]0;title\x07 \u202eback [link=http://x]x[/link] :smile:\r\n\x9b2J"
TIP = "1a2b3c4d5e6f" + "0" * 28
NOW = 1000.0


def overview(*tasks: TaskView, landed: int = 0, trouble: str = "", checkout: str = "") -> Overview:
    counts: dict[str, int] = {}
    for task in tasks:
        counts[task.state] = counts.get(task.state, 0) + 1
    return Overview("main", TIP, counts, tasks, (), landed, trouble, checkout)


def task(name: str, state: str, title: str = "a title") -> TaskView:
    return TaskView(name, title, state, f"because of {name}", "shop", NOW - 12.3, 1, "claude")


def test_status_tells_first_what_needs_a_person() -> None:
    view = overview(
        task("shop/1", "waiting"),
        task("shop/2", "running"),
        task("shop/3", "review"),
        task("shop/4", "refused"),
        landed=7,
    )
    page = printed(status(view, most=20, now=NOW))
    assert (
        page.splitlines()[0] == "main at 1a2b3c4d5e · 7 landed · 1 review · 1 refused · 1 running · 1 waiting"
    )
    titles = ["needs you", "will not land", "at work", "waiting", "next"]
    assert [line for line in page.splitlines() if line in titles] == titles
    assert "  shop/3  review  a title  12.3s  because of shop/3" in page
    assert "podium review approve shop/3" in page


def test_status_shows_few_of_many_and_says_how_many_more() -> None:
    view = overview(*(task(f"shop/{number}", "waiting") for number in range(10_000)))
    page = printed(status(view, most=20, now=NOW))
    assert len(page.splitlines()) < 30
    assert "… and 9,980 more; --all shows them" in page
    assert len(printed(status(view, most=None, now=NOW)).splitlines()) > 10_000


def test_status_says_what_keeps_everything_from_going_on() -> None:
    page = printed(
        status(overview(trouble="main fails its gate", checkout="app.py is not committed"), most=20, now=NOW)
    )
    assert "nothing starts: main fails its gate" in page
    assert "nothing lands: app.py is not committed" in page
    assert "podium gate main" in page


@pytest.mark.parametrize(
    ("view", "code"),
    [
        (overview(), Exit.OK),
        (overview(task("a/1", "running"), landed=3), Exit.OK),
        (overview(task("a/1", "refused")), Exit.FAILED),
        (overview(task("a/1", "blocked")), Exit.FAILED),
        (overview(task("a/1", "refused"), task("a/2", "review")), Exit.WAITS),
        (overview(task("a/1", "alarm")), Exit.WAITS),
        (overview(trouble="red"), Exit.WAITS),
        (overview(checkout="dirty"), Exit.OK),
        (overview(task("a/1", "queued"), checkout="dirty"), Exit.WAITS),
    ],
)
def test_the_exit_code_says_how_things_stand(view: Overview, code: Exit) -> None:
    assert exit_of(view) is code


def test_the_next_steps_can_be_pasted_into_a_shell() -> None:
    steps = next_steps(overview(task("submit:fix;rm -rf $HOME:1", "review")))
    assert shlex.split(steps[-1]) == ["podium", "review", "approve", "submit:fix;rm -rf $HOME:1"]
    assert next_steps(overview(task("a/1", "running"))) == ()
    assert next_steps(overview()) == ("podium run SPEC",)


def test_a_plan_shows_what_may_run_side_by_side() -> None:
    page = printed(plan(_plan("Shop")))
    assert "step 1, 2 side by side" in page
    assert page.index("shop/1") < page.index("shop/3")
    assert "longest chain  shop/1 → shop/3" in page
    assert "after shop/1" in page


def test_faults_are_said_as_editors_understand_them() -> None:
    found = (
        FaultView(3, 7, "no task 9", "did you mean 8?", is_error=True),
        FaultView(5, 1, "no acceptance", "", is_error=False),
    )
    assert (
        printed(faults("a b.md", found))
        == "a b.md:3:7: no task 9 (did you mean 8?)\na b.md:5:1: warning: no acceptance\n"
    )


def test_a_gate_shows_the_output_of_what_did_not_pass() -> None:
    page = printed(gate(_gate("failed"), with_output=True))
    assert "tests  3.2s  1 of 4 tests failed" in page
    assert "$ pytest -q" in page
    assert "assert 1 == 2" in page
    assert "all is well" not in page, "output of a check that passed"
    assert page.splitlines()[-1].startswith("failed  1a2b3c4d5e in 4.0s  1 of 2")


def test_show_tells_everything_with_its_reasons() -> None:
    page = printed(detail(_detail(), now=NOW, with_diff=False))
    for said in ("shop/1", "attempt 1 by claude", "because it was ready", "exit 0", "sandbox bubblewrap", "risk    42: touches money",
                 "1 of 2 checks", "decisions", "a person is asked"):  # fmt: skip
        assert said in page
    assert "+new" not in page
    assert "+new" in printed(detail(_detail(), now=NOW, with_diff=True))


def test_reviews_give_the_risk_the_reasons_and_the_answers() -> None:
    page = printed(reviews([_review("shop/1@1", 80), _review("shop/2@1", 10)], now=NOW))
    assert page.index("risk  80") < page.index("risk  10")
    assert "touches money" in page
    assert "podium review approve shop/1@1" in page
    assert printed(reviews([], now=NOW)) == "nothing waits for a person's judgment\n"


def test_the_queue_shows_who_lands_when_and_what_is_gated() -> None:
    page = printed(queue(_queue(), now=NOW), columns=160)
    assert "main at 1a2b3c4d5e · 2 changes in the merge queue · 1 of 4 gate slots in use" in page
    assert " 1  shop/1@1  sum    5.0s   97%     ~2m05s    being gated in candidate-1" in page
    assert " 2  shop/2@1  total  9.0s   40%     unknown   urgent, priority 2: failed at t1" in page
    assert (
        "gating  candidate-1  shop/1@1 on top of shop/0@1 onto 1a2b3c4d5e  3.0s  1 without a verdict" in page
    )
    assert "failed  candidate-0  shop/0@1 onto 1a2b3c4d5e" in page
    assert "shop/9@1  aaaaaaaaaa  7.0s ago" in page


def test_a_queue_of_which_nothing_is_known_shows_no_numbers() -> None:
    item = QueueItem(1, "shop/1@1", "sum", NOW - 5, "in the merge queue")
    page = printed(queue(QueueView("main", TIP, (item,), (), ""), now=NOW))
    assert "1  shop/1@1  sum    5.0s" in page
    assert "nobody knows yet how long a gate takes here" in page
    assert "%" not in page


@pytest.mark.parametrize("height", [16, 24, 50])
def test_the_queue_fits_on_the_screen_it_is_watched_on(height: int) -> None:
    items = tuple(replace(_queue().items[0], position=number) for number in range(1, 300))
    view = replace(_queue(), items=items, candidates=_queue().candidates * 20, landed=_queue().landed * 20)
    view = replace(view, checkout="dirty", gate_s=None)
    assert len(printed(queue(view, now=NOW, height=height), columns=160).splitlines()) <= height


def test_all_that_is_known_of_a_change_in_the_queue_is_shown() -> None:
    page = printed(explanation(_explanation("why"), now=NOW), columns=160)
    for text in (
        "place 2 in the queue, for 9.0s: failed at t1",
        "lands with a probability of 40%, expected: unknown",
        "next: it is gated in its turn",
        "1 of 30 targets proven in the state it would land in",
        "open  t1  why  shared with a, b, c and 1 more",
        "… and 28 more",
        "passed  t2  why (gate:shop/2@1)",
        "suspect  t1  why",
        "shop/1@1  3 targets",
        "approve  1.0s",
    ):
        assert " ".join(text.split()) in " ".join(page.split())


def test_only_what_is_new_is_told_of_a_queue_that_is_watched(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = _queue().items
    later = [
        _queue(),
        replace(_queue(), items=(replace(first, lands_at=NOW + 99), second)),
        replace(
            _queue(),
            items=(replace(second, position=1, because="lands \x1b[31mnow"),),
            landed=_queue().landed[:0],
        ),
        replace(_queue(), items=(), landed=(LandedView("shop/2@1", "b" * 40, NOW),)),
    ]
    told = [
        [text.partition("  ")[2] for text in news(before, view, now=NOW)]
        for before, view in zip([None, *later], later, strict=False)
    ]
    assert told == [
        ["shop/1@1  #1  97%  ~2m05s  being gated in candidate-1", "shop/2@1  #2  40%  unknown  failed at t1"],
        [],
        ["shop/2@1  #1  40%  unknown  lands now", "shop/1@1  left the queue"],
        ["shop/2@1  landed as bbbbbbbbbb"],
    ]
    assert [text.split("  ")[1] for text in news(None, replace(_queue(), items=()), now=NOW)] == [
        "nothing is in the merge queue"
    ]
    _watch(later, as_json=True)
    documents = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [len(one["items"]) for one in documents] == [2, 1, 0], "a clock that runs on is no news"
    _watch(later, as_json=False)
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_findings_say_what_to_do_and_whether_all_is_well() -> None:
    found = [
        FindingView("git", "ok", "2.39"),
        FindingView("sandbox", "broken", "no bwrap", "apt-get install bubblewrap"),
    ]
    page = printed(findings(found))
    assert "✓ git      2.39" in page
    assert "✗ sandbox  no bwrap" in page
    assert "→ apt-get install bubblewrap" in page
    assert not sound(found)
    assert sound(found[:1])
    assert summary(found, all_well="all well").plain == "1 broken, 0 warnings"
    assert summary(found[:1], all_well="all well").plain == "all well"


def test_a_report_of_nothing_calls_unknown_what_is_not_known() -> None:
    empty = History(
        tasks={},
        known_since={},
        attempts=[],
        ends=[],
        changes=[],
        landings=[],
        decisions=[],
        evidence=[],
        reviews=[],
    )
    page = printed(report(to_json(figures(empty))))
    assert "cost per landed change       unknown" in page
    assert "landed                       0" in page


def test_events_are_told_where_they_matter_to_a_person() -> None:
    landed = Event("landed", "shop/3", "landed as 1a2b3c4d5e", 112.3)
    noise = Event("decided.gate", "shop/3", "nothing is known of this tree yet", 100)
    trouble = Event("failed.gate", "shop/3", "disk full", 100)
    assert list(told([landed, noise, trouble])) == [landed, trouble]
    assert event_line(landed, start=100.0).plain == "   12.3s  shop/3                   landed as 1a2b3c4d5e"
    assert event_line(Event("gate.ended", TIP, "passed: 1", 0), start=9).plain.startswith(
        "    0.0s  1a2b3c4d5e  "
    )


@pytest.mark.parametrize("height", [12, 24, 60])
def test_the_live_picture_is_never_taller_than_the_screen(height: int) -> None:
    states = ("running", "gating", "queued", "review", "refused")
    view = overview(
        *(task(f"shop/{state}-{number}", state) for state in states for number in range(50)), landed=4
    )
    landed = [Event("landed", f"shop/{number}", "landed as 1a2b3c4d5e", NOW) for number in range(5)]
    page = printed(frame(view, landed, start=NOW - 65, now=NOW, height=height)).splitlines()
    assert len(page) <= height
    assert page[0] == "main at 1a2b3c4d5e  1m05s"
    assert any("4 of 254 landed" in line for line in page)


def test_the_live_picture_says_why_nothing_runs_yet() -> None:
    page = printed(frame(overview(task("shop/1", "ready")), [], start=NOW, now=NOW, height=24))
    assert "shop/1: because of shop/1" in page


@pytest.mark.parametrize("columns", [40, 100])
def test_no_escape_code_of_others_reaches_the_terminal(columns: int) -> None:
    for parts in _evil_pages():
        page = printed(parts, columns=columns)
        assert not set(page) & set("\x1b\x07\r\x9b\u202e"), page
        shown = printed(parts, columns=columns, terminal=True)
        assert "\x1b]" not in shown
        assert "\x9b" not in shown
        assert "\u202e" not in shown


def test_markup_of_others_is_shown_as_it_was_written() -> None:
    page = printed(
        status(
            overview(task("a/1", "review", title="[bold]x[/bold] :smile: [link=http://x]y[/link]")),
            most=9,
            now=NOW,
        )
    )
    assert "[bold]x[/bold] :smile: [link=http://x]y[/link]" in page


@given(st.text())
def test_whatever_a_title_holds_a_page_can_be_printed(title: str) -> None:
    page = printed(status(overview(task("a/1", "review", title=title)), most=9, now=NOW))
    assert all(character.isprintable() or character == "\n" for character in page if ord(character) < 0xA0)


def test_json_has_the_fields_of_the_view_and_no_escape_codes(capsys: pytest.CaptureFixture[str]) -> None:
    for view in (
        overview(task("a/1", "review", title=EVIL)),
        _detail(),
        _gate("passed"),
        _plan(EVIL),
        [_review("a/1", 3)],
    ):
        print_json(view)
        said = capsys.readouterr().out
        assert said.isascii()
        assert not set(said) & set("\x1b\x07\r")
        assert json.loads(said) == _plain(view)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "-"),
        (0, "0.0s"),
        (59.94, "59.9s"),
        (59.96, "1m00s"),
        (125, "2m05s"),
        (4320, "1h12m"),
        (86400 * 2.1, "2d02h"),
        (-3, "0.0s"),
    ],
)
def test_durations_are_short(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said


def test_what_is_not_known_is_not_made_up() -> None:
    assert since(0.0, NOW) == ""
    assert share(None) == "unknown"


def _evil_pages() -> list[list[RenderableType]]:
    view = overview(
        task(EVIL, "review", title=EVIL), task("a/2", "running", title=EVIL), trouble=EVIL, checkout=EVIL
    )
    event = Event("landed", EVIL, EVIL, NOW)
    return [
        list(status(view, most=9, now=NOW)),
        list(status(view, most=None, now=NOW)),
        list(frame(view, [event], start=0, now=NOW, height=30)),
        list(plan(_plan(EVIL))),
        list(faults(EVIL, (FaultView(1, 1, EVIL, EVIL, is_error=True),))),
        list(gate(_gate("failed", EVIL), with_output=True)),
        list(detail(_detail(EVIL), now=NOW, with_diff=True)),
        list(reviews([_review(EVIL, 70, EVIL)], now=NOW)),
        list(findings([FindingView(EVIL, "broken", EVIL, EVIL)])),
        [event_line(event, start=0)],
        list(queue(QueueView(EVIL, TIP, (QueueItem(1, EVIL, EVIL, 0, EVIL),), (CandidateView(EVIL, (EVIL,), TIP, EVIL, EVIL, (EVIL,), (EVIL,)),), EVIL, landed=(LandedView(EVIL, EVIL, 0),)), now=NOW)),
        list(explanation(_explanation(EVIL), now=NOW)),
    ]  # fmt: skip


def _plain(view: Any) -> Any:
    """The view as JSON gives it back."""
    return json.loads(json.dumps([asdict(one) for one in view] if isinstance(view, list) else asdict(view)))


def _queue() -> QueueView:
    items = (
        QueueItem(
            1, "shop/1@1", "sum", NOW - 5, "being gated in candidate-1", chance=0.97, lands_at=NOW + 125
        ),
        QueueItem(2, "shop/2@1", "total", NOW - 9, "failed at t1", chance=0.4, priority=2, urgent=True),
    )
    candidates = (
        CandidateView("candidate-0", ("shop/0@1",), TIP, "failed", "1 of 4 tests failed", ("shop/0@1",), (), NOW - 60),
        CandidateView(
            "candidate-1", ("shop/0@1", "shop/1@1"), TIP, "gating", "1 without a verdict", ("shop/1@1",), ("shop/0@1",),
            NOW - 3, under_way=True,
        ),
    )  # fmt: skip
    return QueueView(
        "main", TIP, items, candidates, "", 4, 130.0, "", (LandedView("shop/9@1", "a" * 40, NOW - 7),)
    )


def _explanation(text: str) -> ExplanationView:
    return ExplanationView(
        _queue().items[1] if text != EVIL else QueueItem(1, text, text, 0.0, text, held=text),
        "it is gated in its turn" if text != EVIL else text,
        (TargetView("t1" if text != EVIL else text, "open", "", text, ("a", "b", "c", "d")), TargetView("t2", "passed", "gate:shop/2@1", text, ())),
        30, 1, (NeighbourView("shop/1@1" if text != EVIL else text, 3),), 1,
        (DoubtView("t1" if text != EVIL else text, True, (text,), text),), (DecisionView("approve", text, text, NOW - 1),),
    )  # fmt: skip


def _watch(views: list[QueueView], *, as_json: bool) -> None:
    """Watch until all of it was seen; then somebody presses Ctrl-C."""
    left = iter(views)

    def look() -> QueueView:
        found = next(left, None)
        if found is None:
            raise KeyboardInterrupt
        return found

    watch_lines(look, as_json=as_json, pause_s=0.0)


def _plan(title: str) -> PlanView:
    tasks = (
        PlannedTask("shop/1", title, "fix", ("a.py",), (), "claude", 1, done=False),
        PlannedTask("shop/2", title, "feature", ("b.py",), (), "", 0, done=False),
        PlannedTask("shop/3", title, "docs", ("c.md",), ("shop/1",), "", 1, done=True),
    )
    return PlanView(
        "shop",
        "spec.md",
        title,
        ("Sum",),
        tasks,
        (("shop/1", "shop/2"), ("shop/3",)),
        ("shop/1", "shop/3"),
        (),
    )


def _gate(verdict: str, foreign: str = "") -> GateView:
    checks = (
        CheckView("lint", "passed", "exit code 0", "ruff check", 0, 0.8, "bubblewrap", None, None, None, "all is well"),
        CheckView(foreign or "tests", "failed", foreign or "1 of 4 tests failed", foreign or "pytest -q", 1, 3.2, "bubblewrap", 3, 1, 0,
                  foreign or "E   assert 1 == 2"),
    )  # fmt: skip
    return GateView(
        "gate:1",
        "shop/1@1",
        TIP,
        "t" * 40,
        verdict,
        foreign or "1 of 2 checks failed",
        "d" * 64,
        False,
        4.0,
        NOW,
        checks,
    )


def _detail(foreign: str = "") -> Detail:
    attempt = AttemptView("shop/1@1", 1, foreign or "claude", foreign or "it was ready", NOW - 9, TIP, "produced", foreign or "well", 5.0, 0,
                          "bubblewrap", TIP, foreign, 0.12)  # fmt: skip
    change = ChangeView("shop/1@1", TIP, TIP, (foreign or "a.py",), 1, 1, "review", foreign or "a person is asked", 42,
                        (foreign or "touches money",), f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n{foreign}", (_gate("failed", foreign),))  # fmt: skip
    decision = DecisionView("ask", "shop/1@1", foreign or "a person is asked", NOW)
    return Detail("shop/1", foreign or "Sum", "review", foreign or "waits", "fix", (foreign or "a.py",), (foreign or "shop/0",), "claude",
                  (foreign or "true",), foreign, foreign or "spec.md", (attempt,), (change,), (decision,))  # fmt: skip


def _review(change: str, risk: int, foreign: str = "") -> ReviewItem:
    return ReviewItem(change, "shop/1", foreign or "Sum", risk, (foreign or "touches money",), foreign or "risk above 60", NOW - 60,
                      (foreign or "a.py",), 3, 1, foreign or "passed: 3 of 3")  # fmt: skip
