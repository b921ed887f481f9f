"""Trees laid over one another: a change with what judges it as the base has it, the base with a change's tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from podium.git.objects import Entry, Objects
from podium.model.ids import Tree
from podium.policies.roles import Role, judges, role_of


@dataclass(frozen=True, slots=True)
class Overlay:
    """A composed tree. `restored` are the paths that stand as on the base again, `left_out` those that are new and missing in it."""

    tree: Tree
    restored: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def judged_as_on_base(
    objects: Objects, base: Tree, tree: Tree, *, approves: Callable[[str], bool]
) -> Overlay:
    """`tree` with every path that judges as `base` has it: tests, runner configuration, dependencies, CI.

    What people approved stays as the change has it. So does nothing else, dependencies included: `pyproject.toml`,
    `package.json` and their like tell the runner what to do as well, and a new dependency needs an approval anyway.
    """
    before, after = entries(objects, base), entries(objects, tree)
    differing = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    back: dict[str, Entry | bytes | None] = {
        path: before.get(path) for path in differing if judges(path) and not approves(path)
    }
    restored = tuple(path for path, entry in back.items() if entry)
    left_out = tuple(path for path, entry in back.items() if not entry)
    return Overlay(objects.compose(tree, back), restored, left_out)


def tests_on_base(objects: Objects, base: Tree, tree: Tree) -> Tree:
    """`base` with the tests that `tree` adds or changes, and what stands beside them."""
    before, after = entries(objects, base), entries(objects, tree)
    forth: dict[str, Entry | bytes | None] = {
        path: entry
        for path, entry in after.items()
        if role_of(path) is Role.TEST and before.get(path) != entry
    }
    return objects.compose(base, forth)


def entries(objects: Objects, tree: Tree) -> Mapping[str, Entry]:
    return {entry.path: entry for entry in objects.entries(tree)}
