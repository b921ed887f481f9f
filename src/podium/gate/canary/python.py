"""Tests in Python: found by their syntax, broken by small changes of their text, so that all the rest stays as it was."""

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from random import Random
from typing import TypeGuard

from podium.gate.canary.base import LIMIT_BYTES, Breakable, Edit, Newcomer
from podium.gate.canary.python_fresh import write_newcomer
from podium.gate.canary.python_imports import imported, module_of
from podium.gate.canary.python_ways import Function, Text, ways_to_break

_DUPLICATE = re.compile(r" #\d+$")


class Python:
    """Functions named `test…` at the top of a module or in its classes: pytest's and unittest's."""

    def knows(self, path: str) -> bool:
        name = PurePosixPath(path)
        return name.suffix == ".py" and (
            name.name.startswith("test") or name.stem.endswith(("_test", "_tests"))
        )

    def provides(self, path: str) -> str:
        return module_of(path)

    def imports(self, path: str, source: bytes) -> frozenset[str]:
        return imported(path, source)

    def tests(self, source: bytes) -> tuple[Breakable, ...]:
        tree = _parse(source)
        if tree is None:
            return ()
        text = Text(source)
        # Of two functions of one name Python keeps the last.
        found = {name: function for name, function in _functions(tree, "") if not _is_searching(function)}
        return tuple(
            Breakable(
                name, ways_to_break(function, text), _hollow(function, text),
                start=text.start(function), end=text.end(function),
            )
            for name, function in found.items()
        )  # fmt: skip

    def owns(self, path: str, name: str, case: str) -> bool:
        place, _, title = case.partition("::")
        *classes, function = name.split(".")
        full = ".".join([*PurePosixPath(path).with_suffix("").parts, *classes])
        same_place = full == place or full.endswith(f".{place}") or place.endswith(f".{full}")
        return same_place and _DUPLICATE.sub("", title.partition("[")[0]) == function

    def is_sound(self, source: bytes) -> bool:
        return _parse(source) is not None

    def newcomer(
        self,
        path: str,
        source: bytes,  # noqa: ARG002 - its manner is the same everywhere
        *,
        chance: Random,
        taken: Collection[str],
    ) -> Newcomer | None:
        return write_newcomer(PurePosixPath(path), chance=chance, taken=taken)


def _parse(source: bytes) -> ast.Module | None:
    """The syntax of a file, or None where it cannot be had or its lines are not counted as ours are."""
    if len(source) > LIMIT_BYTES or b"\f" in source or source.count(b"\r") != source.count(b"\r\n"):
        return None
    try:
        source.decode()
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _functions(node: ast.Module | ast.ClassDef, inside: str) -> Iterator[tuple[str, Function]]:
    for child in node.body:
        if isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{inside}{child.name}.")
        elif _is_test(child):
            yield f"{inside}{child.name}", child


def _is_test(node: ast.stmt) -> TypeGuard[Function]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")


def _is_searching(function: Function) -> bool:
    """Whether hypothesis calls it: a failure makes it search on for long."""
    return any("given" in ast.dump(decorator) for decorator in function.decorator_list)


def _hollow(function: Function, text: Text) -> Edit | None:
    """Return before the first statement; a generator would stay one, and mean something else."""
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function)):
        return None
    return text.before(function.body[0], "return")
