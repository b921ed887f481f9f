"""Candidates on real git: the same changes on the same commit are the same commit, whoever builds them and when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from podium.git.repository import Repository
from podium.landing.candidate import Built, Recipe, build
from podium.model.attempt import Change
from podium.model.ids import ChangeId, Sha

Repo = Any
"""The `repo` fixture's helper."""


def never_ticks(_change: Change, _read: Callable[[str], bytes | None]) -> None:
    return None


RECIPE = Recipe(
    message=lambda members: f"{' and '.join(member.title for member in members)}\n",
    tick=never_ticks,
    committer="Ada <ada@example.org>",
)


def change(repo: Repo, name: str, files: Mapping[str, str], *, base: Sha) -> Change:
    """A change made on a branch of its own."""
    repo.git("switch", "-q", "--detach", base)
    head = repo.commit(files, name)
    repo.git("switch", "-q", "main")
    tree = repo.open().objects.tree_of(head)
    return Change(
        ChangeId(name), None, None, base, head, tree, tuple(files), 1, 0, name, "Mia Maker <mia@example.org>", at=1_700_000_000.5
    )  # fmt: skip


def built(repository: Repository, onto: Sha, *changes: Change, recipe: Recipe = RECIPE) -> Built:
    return build(repository, onto, changes, recipe=recipe)


def first_parents(repository: Repository, built: Built, onto: Sha) -> list[Sha]:
    assert built.commit
    return repository.objects.first_parents(built.commit, until=onto)


def test_one_change_becomes_one_commit_by_its_author(repo: Repo) -> None:
    repository, base = repo.open(), repo.open().tip("main")
    found = built(repository, base, change(repo, "one", {"a": "1\n"}, base=base))
    assert first_parents(repository, found, base) == [found.commit]
    info = repository.objects.commit_info(found.commit)
    assert (info.parents, info.author, info.message.strip()) == (
        (base,),
        "Mia Maker <mia@example.org>",
        "one",
    )


def test_several_changes_are_one_position_of_the_branch_with_a_commit_each_below(repo: Repo) -> None:
    repository, base = repo.open(), repo.open().tip("main")
    changes = [change(repo, name, {name: "1\n"}, base=base) for name in ("one", "two", "three")]
    found = built(repository, base, *changes)
    assert found.members == tuple(changes)
    assert first_parents(repository, found, base) == [found.commit]
    listed = repo.git("log", "--format=%s", f"{base}..{found.commit}").splitlines()
    assert listed == ["one and two and three", "three", "two", "one"]
    assert found.tree == repository.objects.tree_of(found.commit)


def test_building_twice_gives_the_same_commit(repo: Repo) -> None:
    base = repo.open().tip("main")
    changes = [change(repo, name, {name: "1\n"}, base=base) for name in ("one", "two")]
    assert built(repo.open(), base, *changes) == built(repo.open(), base, *changes)


def test_a_change_that_conflicts_with_the_tip_is_left_out_and_told_so(repo: Repo) -> None:
    repository, base = repo.open(), repo.open().tip("main")
    fits, clashes = (
        change(repo, "fits", {"b": "1\n"}, base=base),
        change(repo, "clashes", {"a": "theirs\n"}, base=base),
    )
    tip = repo.commit({"a": "ours\n"})
    found = built(repository, tip, fits, clashes)
    assert found.members == (fits,)
    [conflict] = found.conflicts
    assert (conflict.change, conflict.files, conflict.partner) == ("clashes", ("a",), "")
    assert b"<<<<<<<" in (repository.objects.read(conflict.tree, "a") or b"")


def test_a_change_that_conflicts_with_a_neighbour_only_names_it(repo: Repo) -> None:
    repository, base = repo.open(), repo.open().tip("main")
    first, second = (
        change(repo, "first", {"a": "1\n"}, base=base),
        change(repo, "second", {"a": "2\n"}, base=base),
    )
    found = built(repository, base, first, second)
    assert found.members == (first,)
    assert [conflict.partner for conflict in found.conflicts] == ["first"]


def test_nothing_is_left_where_everything_conflicts(repo: Repo) -> None:
    base = repo.open().tip("main")
    clashes = change(repo, "clashes", {"a": "theirs\n"}, base=base)
    found = built(repo.open(), repo.commit({"a": "ours\n"}), clashes)
    assert (found.members, found.commit, found.tree) == ((), None, None)


def test_the_box_is_ticked_in_the_commit_of_its_own_change(repo: Repo) -> None:
    base = repo.commit({"spec.md": "- [ ] one\n- [ ] two\n"})
    changes = [change(repo, name, {name: "1\n"}, base=base) for name in ("one", "two")]

    def tick(member: Change, read: Callable[[str], bytes | None]) -> tuple[str, bytes]:
        return "spec.md", (read("spec.md") or b"").replace(
            f"[ ] {member.id}".encode(), f"[x] {member.id}".encode()
        )

    found = built(repo.open(), base, *changes, recipe=replace(RECIPE, tick=tick))
    assert repo.git("show", f"{found.commit}:spec.md") == "- [x] one\n- [x] two"
    assert repo.git("show", f"{found.commit}^2~1:spec.md") == "- [x] one\n- [ ] two"


def test_the_order_of_the_queue_is_the_order_of_the_commits(repo: Repo) -> None:
    base = repo.open().tip("main")
    changes: Sequence[Change] = [change(repo, name, {name: "1\n"}, base=base) for name in ("one", "two")]
    assert built(repo.open(), base, *changes).commit != built(repo.open(), base, *reversed(changes)).commit
