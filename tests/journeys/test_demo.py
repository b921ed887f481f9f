"""The demo is the first thing a newcomer sees: it must end as it says, on any machine, at any speed."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from podium.base.errors import UsageError
from podium.git.repository import open_repository
from podium.project.demo import REFUSED, REPAIRED, play
from podium.project.project import Project


@pytest.mark.slow
def test_the_demo_goes_as_told(tmp_path: Path) -> None:
    said: list[str] = []
    directory = tmp_path / "demo"
    _left_by_an_earlier_demo(directory)

    story = play(directory, say=said.append)

    told = "\n".join(said)
    assert story.as_told, told
    assert {*story.repaired} == REPAIRED
    assert {*story.refused} == REFUSED
    assert len(story.landed) == 14
    assert story.positions == story.green == _landings(directory) + 1
    assert not (directory / "junk").exists()
    _assert_every_reason(story.repaired, story.refused)
    _assert_it_reads_well(told)
    assert _is_clean(directory)


def test_a_directory_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not empty"):
        play(tmp_path, say=_ignore)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def _left_by_an_earlier_demo(directory: Path) -> None:
    (directory / ".git").mkdir(parents=True)
    (directory / ".git" / "podium-demo").write_text("")
    (directory / "junk").write_text("")


def _assert_every_reason(repaired: Mapping[str, str], refused: Mapping[str, str]) -> None:
    """Each trick fails for its own reason: a text conflict, a semantic one, a deleted test, a lie, a crash, a hang."""
    wanted = {
        "tariff/4": "conflicts with",
        "tariff/7": "the existing test Bands.test_the_day_ends_at_21 is gone",
        "tariff/8": "without changing anything",
        "tariff/9": "exited with code 1",
        "tariff/10": "still at work after 4 s",
    }
    assert {name for name, why in wanted.items() if why not in repaired[name]} == set()
    # Merged with what landed, or, where its agent began after that, by its own gate.
    assert re.search(
        r"(it fails|the gate failed): tests: 1 test failed: check_estimate", repaired["tariff/6"]
    )
    assert "it configures CI" in refused["tariff/12"]
    assert "without changing anything" in refused["tariff/16"]


def _assert_it_reads_well(told: str) -> None:
    assert "no model is called" in told
    assert "podium.toml: it configures the gate" in told
    assert "tests/run.py: the gate's configuration protects it" in told
    assert "green; every one is accounted for" in told
    assert len([line for line in told.splitlines() if "podium " in line and " # " in line]) == 3


def _landings(directory: Path) -> int:
    return len(Project.open(directory).store.landings())


def _is_clean(directory: Path) -> bool:
    """The checkout followed main to its end."""
    checkout = open_repository(directory).checkout_of("main")
    return checkout is not None and not checkout.dirty


def _ignore(_line: str) -> None:
    """Nobody listens."""
