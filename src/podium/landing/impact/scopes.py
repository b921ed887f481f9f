"""Declared scopes: what a person says that imports cannot show. A scope is taken at its word.

`[[queue.scope]]` says of the files in `paths` that they are read by nobody outside of it, and that what they read is in `paths` and
`reads`. So a data file in it moves the Python files of `paths` and whoever imports them; and a Python file in `paths` that imports by
computed names imports none but those of `paths` and `reads`.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from podium.config.settings import ScopeSettings
from podium.policies.globs import parse


class Scopes:
    """All declared scopes, by their names."""

    def __init__(self, declared: Sequence[ScopeSettings]) -> None:
        self._paths = {scope.name: scope.paths for scope in declared}
        self._all = {scope.name: (*scope.paths, *scope.reads) for scope in declared}

    def holding(self, path: str) -> frozenset[str]:
        """The scopes that a file belongs to."""
        return frozenset(name for name, globs in self._paths.items() if _matches(globs, path))

    def touched_by(self, path: str) -> frozenset[str]:
        """The scopes that a file belongs to or is read by."""
        return frozenset(name for name, globs in self._all.items() if _matches(globs, path))

    def members(self, name: str, paths: Iterable[str]) -> Iterable[str]:
        return (path for path in paths if _matches(self._paths[name], path))


def target(name: str) -> str:
    """The key of a scope."""
    return f"scope:{name}"


@lru_cache(maxsize=262_144)
def _matches(globs: tuple[str, ...], path: str) -> bool:
    return any(parse(glob).matches(path) for glob in globs)
