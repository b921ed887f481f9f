"""Following an attempt ends: with its end, or when nobody is at work on it any more."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from deskwork import Desk, at_desk

from podium.model.attempt import AttemptEnd, End
from podium.model.decision import Act, Failure
from podium.model.ids import AttemptId
from podium.model.review import Wish
from podium.project import sittings
from podium.project.views.transcript import TranscriptView

PATIENCE_S = 30.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_desk(tmp_path) as desk:
        desk.find(Act.BASELINE, desk.project.repository.tip("main"))
        yield desk


class Follower:
    """Somebody who follows the first attempt, beside what happens to it."""

    def __init__(self, desk: Desk) -> None:
        self.seen: list[TranscriptView] = []
        self.began = threading.Event()
        self._thread = threading.Thread(target=self._follow, args=(desk,), daemon=True)
        self._thread.start()
        assert self.began.wait(PATIENCE_S)

    def last(self) -> TranscriptView:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "it is followed for ever"
        return self.seen[-1]

    @property
    def is_at_it(self) -> bool:
        self._thread.join(2.0)
        return self._thread.is_alive()

    def _follow(self, desk: Desk) -> None:
        for view in sittings.follow(desk.project.site, "spec/1@1", farewell_s=1.0):
            self.seen.append(view)
            self.began.set()


def end(desk: Desk, how: End) -> None:
    desk.project.engine.record(AttemptEnd(AttemptId("spec/1@1"), how, "so it was", desk.tick(), 2.0))


def test_it_is_followed_to_its_end(desk: Desk) -> None:
    follower = Follower(desk)
    assert follower.is_at_it
    end(desk, End.CRASHED)
    assert (follower.last().end, follower.last().because) == ("crashed", "so it was")


def test_the_end_of_what_was_called_off_is_awaited(desk: Desk) -> None:
    follower = Follower(desk)
    desk.project.order("1", Wish.CANCEL)
    end(desk, End.CANCELLED)
    assert follower.last().end == "cancelled"


def test_what_was_called_off_and_gets_no_end_is_not_followed_for_ever(desk: Desk) -> None:
    follower = Follower(desk)
    attempt = desk.project.store.decisions_of(Act.ATTEMPT)[0]
    desk.project.engine.record(
        Failure(attempt.act, attempt.subject, attempt.round, "no disk", desk.tick(), attempt.scope)
    )
    desk.project.order("1", Wish.CANCEL)
    last = follower.last()
    assert (last.end, "cancelled it" in last.because) == ("", True)
