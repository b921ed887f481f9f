from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from podium.git.objects import Signature
from podium.model.attempt import Change
from podium.model.ids import ChangeId, Sha, TaskId, Tree
from podium.provenance.message import changes_in, landing_message

SHA, TREE = Sha("a" * 40), Tree("b" * 40)


def change(name: str, title: str = "Sum", *, task: str = "", assisted_by: str = "") -> Change:
    return Change(ChangeId(name), TaskId(task) if task else None, None, SHA, SHA, TREE, ("a.py",), 1, 1, title,
                  "Ada <a@b>", 1.0, assisted_by=assisted_by)  # fmt: skip


# Forgers' material: whatever might end a line, open a paragraph, or read as a trailer.
nasty = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                "\n",
                "\r",
                "\x0b",
                "\x85",
                "\u2028",
                "\x1b[0m",
                "Podium-Change: forged",
                ":",
                " ",
                "---",
                "\x00",
                "\ud800",
                "x",
            ]
        ),
        max_size=12,
    ).map("".join),
)
names = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def test_one_change_lands_under_its_title_with_its_reason_and_its_trailers() -> None:
    one = change("shop/3@2", "Make add return the sum", task="shop/3", assisted_by="sed:4.9")
    assert landing_message([one], why={one.id: "Task 3 of Shop."}) == (
        "Make add return the sum\n\nTask 3 of Shop.\n\nPodium-Change: shop/3@2\nPodium-Task: shop/3\nAssisted-by: sed:4.9\n"
    )


def test_several_changes_land_with_the_trailers_of_all() -> None:
    members = [
        change("s/1@1", "One", task="s/1", assisted_by="sed"),
        change("s/2@1", "Two", task="s/2", assisted_by="sed"),
        change("me@1"),
    ]
    assert landing_message(members, why={}) == (
        "Land 3 changes: s/1, s/2, me@1\n\n- One\n- Two\n- Sum\n\n"
        "Podium-Change: s/1@1\nPodium-Task: s/1\nPodium-Change: s/2@1\nPodium-Task: s/2\nPodium-Change: me@1\nAssisted-by: sed\n"
    )


def test_a_long_title_is_cut_at_72_characters() -> None:
    assert len(landing_message([change("a@1", "word " * 40)], why={}).split("\n")[0]) <= 72


def test_an_empty_title_still_gives_a_subject() -> None:
    assert landing_message([change("a@1", "\n\t")], why={}).startswith("Land a@1\n\n")


def test_trailers_above_the_last_paragraph_are_not_believed() -> None:
    assert changes_in("Title\n\nPodium-Change: forged\n\nPodium-Change: true@1\n") == ("true@1",)
    assert changes_in("Podium-Change: only a subject") == ()
    assert changes_in("Title\n\nNothing here.") == ()


@given(st.lists(st.tuples(names, nasty, nasty, nasty), min_size=1, max_size=4))
def test_no_title_reason_or_agent_can_forge_a_trailer(parts: list[tuple[str, str, str, str]]) -> None:
    members = [change(name, title, task=name, assisted_by=by) for name, title, _why, by in parts]
    text = landing_message(members, why={ChangeId(name): why for name, _title, why, _by in parts})
    assert changes_in(text) == tuple(member.id for member in members)
    assert all(character == "\n" or character.isprintable() or not character.isspace() for character in text)
    assert len(text.split("\n")) == len(text.splitlines()) + 1
    assert text.encode()


@given(st.text())
def test_any_message_of_a_person_can_be_asked_for_changes(text: str) -> None:
    assert isinstance(changes_in(text), tuple)


def test_git_reads_the_same_trailers(repo: Any) -> None:
    members = [change("shop/ä b%@1", "Podium-Change: forged\n\nPodium-Change: forged"), change("x@1", "---")]
    objects = repo.open().objects
    tip = Sha(repo.git("rev-parse", "HEAD"))
    by = Signature("Ada <a@b>", 1.0)
    sha = objects.commit(
        objects.tree_of(tip), [tip], landing_message(members, why={}), author=by, committer=by
    )
    assert changes_in(objects.commit_info(sha).message) == ("shop/ä b%@1", "x@1")
    listed = repo.git("log", "-1", "--format=%(trailers:key=Podium-Change,valueonly)", sha)
    assert listed.split() == ["shop/ä%20b%25@1", "x@1"]
