"""A change as impact looks at it: two trees, and who imports whom in each."""

from collections.abc import Callable
from dataclasses import dataclass

from podium.landing.impact.graph import Graph
from podium.landing.impact.trees import TreeReader


@dataclass(frozen=True, slots=True)
class Comparison:
    """`changed` are all paths in which the trees differ, and those that are said to have changed."""

    changed: frozenset[str]
    before: TreeReader
    after: TreeReader
    old: Graph
    new: Graph

    def is_made_or_gone(self, path: str) -> bool:
        return (path in self.before.files) != (path in self.after.files)

    def either(self, path: str, question: Callable[[Graph], bool]) -> bool:
        """Whether a question has the answer yes in one of the trees that hold `path`."""
        return any(path in graph.files and question(graph) for graph in (self.old, self.new))
