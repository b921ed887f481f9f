"""How long impact takes on real histories, and how much it tells apart: by itself, by file, by package.

    python bench/bench_impact.py REPOSITORY [--commits N] [--pairs N] [--revision R] [--scope PATH,PATH[:READ,READ]]

Each of the last N first-parent commits is one change, from its parent. The first answer reads the whole tree; the others what differs.
Pairs are commits at most 32 apart, drawn by lot from a fixed seed.
"""

import argparse
import itertools
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from podium.config.settings import CheckSettings, ScopeSettings
from podium.git.command import Git
from podium.landing.impact.impact import EVERYTHING, Impact, impact, overlaps
from podium.landing.impact.library import Library
from podium.landing.impact.names import is_python
from podium.landing.impact.trees import GitTree
from podium.model.ids import Tree

_CHECK = CheckSettings(name="tests", run="pytest")
_FAR = 32


class History:
    """The trees of a repository, and what impact says of each step between two of them."""

    def __init__(self, git: Git, scopes: Sequence[ScopeSettings]) -> None:
        self._git = git
        self._scopes = scopes
        self._library = Library()
        self._trees: dict[str, GitTree] = {}

    def commits(self, revision: str, number: int) -> list[str]:
        return self._git.text(
            "rev-list", "--first-parent", f"--max-count={number + 1}", revision, "--"
        ).split()

    def tree(self, commit: str) -> GitTree:
        name = Tree(self._git.text("rev-parse", f"{commit}^{{tree}}"))
        return self._trees.setdefault(name, GitTree(self._git, name))

    def step(self, before: GitTree, after: GitTree) -> tuple[Impact, float]:
        """What the change can affect, and how many milliseconds that took, the listing of the new tree included."""
        start = time.perf_counter()
        found = impact(
            (), before=before, after=after, checks=[_CHECK], scopes=self._scopes, library=self._library
        )
        return found, (time.perf_counter() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--revision", default="HEAD")
    parser.add_argument("--scope", action="append", default=[])
    asked = parser.parse_args()
    with TemporaryDirectory() as scratch:
        report(
            History(_git(asked.repository, Path(scratch)), [_scope(*one) for one in enumerate(asked.scope)]),
            asked,
        )


def report(history: History, asked: argparse.Namespace) -> None:
    commits = history.commits(asked.revision, asked.commits)
    trees = [history.tree(commit) for commit in reversed(commits)]
    steps = [history.step(*pair) for pair in itertools.pairwise(trees)]
    found, taken = [step[0] for step in steps], [step[1] for step in steps]
    changed = [_changed(*pair) for pair in itertools.pairwise(trees)]
    print(
        f"{len(trees[-1].files)} files, {sum(map(is_python, trees[-1].files))} of them Python; {len(found)} changes"
    )
    if not found:
        return
    print(
        f"first answer {taken[0]:.0f} ms; then median {statistics.median(taken[1:] or taken):.1f} ms, most {max(taken[1:] or taken):.1f} ms"
    )
    _print_shares(found, trees)
    _print_overlaps(found, changed, asked.pairs)
    causes = Counter(one.because[0].partition(" ")[2] for one in found if EVERYTHING in one.keys)
    for cause, number in causes.most_common(6):
        print(f"  everything, {number} times: … {cause}")
    for cause, number in Counter(one.because[2] for one in found if len(one.because) > 2).most_common(4):
        print(f"  {number} times: {cause}")


def _print_shares(found: Sequence[Impact], trees: Sequence[GitTree]) -> None:
    whole = sum(EVERYTHING in one.keys for one in found)
    shares = [
        sum(map(is_python, one.keys)) / max(1, sum(map(is_python, tree.files)))
        for one, tree in zip(found, trees[1:], strict=True)
        if EVERYTHING not in one.keys
    ]
    print(f"everything: {whole / len(found):.0%} of the changes")
    if shares:
        print(
            f"else: median {statistics.median(shares):.0%} of the Python files, mean {statistics.mean(shares):.0%}"
        )


def _print_overlaps(found: Sequence[Impact], changed: Sequence[frozenset[str]], number: int) -> None:
    chance = random.Random("bench impact")
    near = [
        (one, other) for one in range(len(found)) for other in range(one + 1, min(one + _FAR, len(found)))
    ]
    pairs = chance.sample(near, min(number, len(near)))
    packages = [frozenset("/".join(path.split("/")[:2]) for path in paths) for paths in changed]
    ways: dict[str, Callable[[int, int], bool]] = {
        "this analyser": lambda one, other: overlaps(found[one], found[other]),
        "plain sets of it": lambda one, other: _meet(found[one].all, found[other].all),
        "by file": lambda one, other: not changed[one].isdisjoint(changed[other]),
        "by package": lambda one, other: not packages[one].isdisjoint(packages[other]),
    }
    for name, way in ways.items():
        print(f"pairs that overlap, {name}: {sum(way(*pair) for pair in pairs) / max(1, len(pairs)):.1%}")


def _meet(one: Iterable[str], other: frozenset[str]) -> bool:
    return EVERYTHING in other or any(key in other or key == EVERYTHING for key in one)


def _changed(before: GitTree, after: GitTree) -> frozenset[str]:
    return frozenset(path for path, _file in before.files.items() ^ after.files.items())


def _scope(number: int, text: str) -> ScopeSettings:
    paths, _, reads = text.partition(":")
    return ScopeSettings(
        name=f"s{number}", paths=tuple(paths.split(",")), reads=tuple(filter(None, reads.split(",")))
    )


def _git(repository: Path, scratch: Path) -> Git:
    """A plain directory of our own on the repository's objects, as Podium reads any; its references are copied."""
    source = repository / ".git" if (repository / ".git").is_dir() else repository
    plain = scratch / "plain.git"
    Git(scratch).run("init", "-q", "--bare", str(plain))
    git = Git(plain, {"GIT_OBJECT_DIRECTORY": str(source.resolve() / "objects")})
    head = Git(source).text("rev-parse", "HEAD")
    git.run("update-ref", "HEAD", head)
    return git


if __name__ == "__main__":
    main()
