"""Python code of the product, and what of the tests runs on import: the smells that a change brings.

Counted over the whole change, so that code which only moves from one file to another brings none.
"""

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterator

from podium.gate.static import conduct, smells
from podium.gate.static.base import Finding, Weight
from podium.gate.static.names import Names
from podium.gate.static.reading import Reading, read, unchanged
from podium.gate.static.scene import Pair, Scene, is_product
from podium.gate.static.smells import Smell
from podium.gate.static.spots import Spot, spots
from podium.gate.static.syntax import FUNCTIONS, dump

RULE = "conduct"
_Look = Callable[[Spot, Names], Iterator[Smell]]
_Search = Callable[[Reading, frozenset[int]], list[Smell]]
_OF_PRODUCT: tuple[_Look, ...] = (
    smells.named, smells.dynamic, smells.telling_texts, smells.runner, smells.tools,
    conduct.exits, conduct.comparisons, conduct.dates, conduct.replacements,
)  # fmt: skip
_OF_TESTS: tuple[_Look, ...] = (smells.named, smells.dynamic, conduct.exits, conduct.replacements)
_DEEPEST = 3
_VERSION = f"Python {sys.version_info.major}.{sys.version_info.minor}"


def conduct_of_product(scene: Scene) -> Iterator[Finding]:
    """What code of the product does that it did not do before."""
    pairs = [pair for pair in scene.pairs() if is_product(pair.file.path)]
    yield from (
        Finding(
            RULE, pair.file.path, 0, f"{_VERSION} cannot read it, so nobody knows what it does", _unread(pair)
        )
        for pair in pairs
        if pair.after is None
    )
    yield from _new_smells(pairs, _in_product)


def conduct_of_tests(scene: Scene) -> Iterator[Finding]:
    """What files of tests do to all tests: as soon as they are imported, or by fixtures that act unasked."""
    yield from _new_smells([pair for pair in scene.pairs() if not is_product(pair.file.path)], _in_tests)


def _unread(pair: Pair) -> Weight:
    """A project may be written for a newer Python than this one; then its files could not be read before either."""
    return Weight.ADVICE if pair.file.before is not None and pair.before is None else Weight.BLOCKS


def _new_smells(pairs: list[Pair], look: _Search) -> Iterator[Finding]:
    known = Counter(smell.key for pair in pairs for smell in _searched(pair.before, pair.after, look))
    told: set[tuple[str, int, str]] = set()
    for pair in pairs:
        for smell in _searched(pair.after, pair.before, look):
            if _begins_there(pair.file.path, smell):
                continue
            if known[smell.key] > 0:
                known[smell.key] -= 1
            elif (place := (pair.file.path, smell.line, smell.message)) not in told:
                told.add(place)
                yield Finding(RULE, pair.file.path, smell.line, smell.message, smell.weight)


def _searched(one: Reading | None, other: Reading | None, look: _Search) -> list[Smell]:
    """The smells of one state of a file, but for what is the same in the other."""
    return look(one, unchanged(one, other) if other else frozenset()) if one else []


def _begins_there(path: str, smell: Smell) -> bool:
    """Whether a program may well end where it is: in the file that only starts it."""
    return path.endswith("__main__.py") and smell.message.startswith("ends the program")


def _in_product(file: Reading, without: frozenset[int], *, depth: int = 0) -> list[Smell]:
    """All smells of a file, of the code in texts that it runs among them."""
    names = file.names
    found: list[Smell] = []
    for spot in spots(file.tree, running=file.running, without=without):
        found += [smell for look in _OF_PRODUCT for smell in look(spot, names)]
        inner = _text_run(spot, names) if depth < _DEEPEST else None
        if inner is not None:
            found += _in_product(inner, frozenset(), depth=depth + 1)
    return found


def _in_tests(file: Reading, without: frozenset[int]) -> list[Smell]:
    names = file.names
    unasked = frozenset(
        node.name for node in file.nodes if isinstance(node, FUNCTIONS) and _acts_unasked(node)
    )
    found: list[Smell] = []
    for spot in spots(file.tree, running=file.running | unasked, without=without):
        found += [smell for look in _OF_TESTS for smell in look(spot, names) if spot.on_import]
        found += _of_the_runner(spot)
    return found


def _acts_unasked(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return node.name.startswith("pytest_") or any("autouse" in dump(each) for each in node.decorator_list)


def _of_the_runner(spot: Spot) -> Iterator[Smell]:
    """Reaching for the runner's own insides, wherever it is done."""
    node = spot.node
    inside = [name for name in smells.modules(node) if name.partition(".")[0] == "_pytest"]
    inside += ["pluginmanager"] if isinstance(node, ast.Attribute) and node.attr == "pluginmanager" else []
    yield from (smells.smell(spot, f"reaches into the test runner ({name})") for name in inside)


def _text_run(spot: Spot, names: Names) -> Reading | None:
    node = spot.node
    if not (
        isinstance(node, ast.Call)
        and names.dotted(node.func) in {"builtins.exec", "builtins.eval"}
        and node.args
    ):
        return None
    text = names.text(node.args[0])
    return read(text.encode(errors="replace")) if text is not None else None
