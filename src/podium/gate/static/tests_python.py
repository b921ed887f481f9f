"""Python files of tests that were there before: additions are free, changes are not.

Compared is what a file says, not how it is laid out. Tests, fixtures, helpers, tables: whatever a test that existed uses must
be what it was, and nothing new may come between it and the runner.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from podium.gate.static.base import Finding, Weight
from podium.gate.static.growth import assertions, class_head, function_grew, value_grew
from podium.gate.static.outline import Binding, Outline, used_names
from podium.gate.static.reading import Reading
from podium.gate.static.scene import Scene, is_test
from podium.gate.static.syntax import Function, dump, shown

RULE = "existing tests"
_STEERS = re.compile(
    r"(?:.*\.)?(?:pytestmark|__test__|__unittest_skip__|collect_ignore(?:_glob)?|pytest_plugins|pytest_\w+|load_tests|__getattr__|"
    r"(?:setUp|tearDown)(?:Class|Module)?|(?:setup|teardown)(?:_(?:module|function|method|class))?|asyncSetUp|asyncTearDown|__\w+__)"
)
_FRAMEWORK = re.compile(
    r".+\.(?:run|debug|id|skipTest|fail\w*|assert\w+|subTest|addCleanup|doCleanups|countTestCases|shortDescription|defaultTestResult)"
)
_HARMLESS = frozenset({"__all__", "__doc__", "__author__", "__version__", "__copyright__", "__license__"})
_SKIPS = re.compile(r"\b(?:skip\w*|xfail|importorskip|SkipTest|expectedFailure)\b", re.IGNORECASE)
_MOCKS = re.compile(r"\b(?:[Mm]ock\w*|patch|monkeypatch|setattr)\b")


def changed_tests(scene: Scene) -> Iterator[Finding]:
    """What was done to Python files of tests that existed."""
    for pair in scene.pairs():
        file = pair.file
        if file.before is None or file.after is None or not is_test(file.path):
            continue
        if pair.before is None:
            yield Finding(RULE, file.path, 0, "existing tests that cannot be read as Python were changed")
        elif pair.after is None:
            yield Finding(RULE, file.path, 0, "existing tests can no longer be read as Python")
        else:
            yield from _Comparison(file.path, pair.before, pair.after).findings()


class _Comparison:
    """One file before and after."""

    def __init__(self, path: str, before: Reading, after: Reading) -> None:
        self.path = path
        self.readings = before, after
        self.before, self.after = before.outline, after.outline
        self.used = used_names(before.nodes)

    def findings(self) -> Iterator[Finding]:
        yield from self._classes()
        yield from self._functions()
        for name, before in self.before.bindings.items():
            yield from self._rebound(name, before)
        for name, after in self.after.bindings.items():
            if name not in self.before.bindings:
                yield from self._new_name(name, after[0])
        yield from self._rest()
        yield from self._globals()

    def _classes(self) -> Iterator[Finding]:
        for name, before in self.before.classes.items():
            after = self.after.classes.get(name, [])
            if not after and not self._is_inside_a_gone_class(name):
                yield self._found(0, f"the existing class {name} is gone")
            elif after and [class_head(node) for node in before] != [
                class_head(node) for node in after[: len(before)]
            ]:
                yield self._found(
                    after[0].lineno, f"the bases or marks of the existing class {name} were changed"
                )

    def _functions(self) -> Iterator[Finding]:
        for name, before in self.before.functions.items():
            after = self.after.functions.get(name, [])
            if not after and not self._is_inside_a_gone_class(name):
                yield self._found(0, f"{_kind(before[0])} {name} is gone")
            elif after and (len(after) < len(before) or not all(map(self._grew, before, after))):
                yield self._found(
                    after[0].lineno, f"{_kind(before[0])} {name} was changed{_how(before[0], after[0])}"
                )

    def _grew(self, before: Function, after: Function) -> bool:
        one, other = self.readings
        return one.text(before) == other.text(after) or function_grew(before, after)

    def _is_inside_a_gone_class(self, name: str) -> bool:
        """Whether its class is reported already."""
        parts = name.split(".")
        return any(
            outer in self.before.classes and outer not in self.after.classes
            for outer in (".".join(parts[:size]) for size in range(1, len(parts)))
        )

    def _rebound(self, name: str, before: list[Binding]) -> Iterator[Finding]:
        after = self.after.bindings.get(name, [])
        if not after:
            yield from self._gone(name, before[0])
        elif len(after) > len(before):
            yield self._found(
                after[-1].line,
                f"{name} is bound once more: what is found under the name is another thing now",
            )
        elif len(after) < len(before) or not all(map(_binding_grew, before, after)):
            yield self._found(
                after[0].line, f"{name}, which existing tests may use, stands for something else"
            )

    def _gone(self, name: str, before: Binding) -> Iterator[Finding]:
        if before.to in ("a function", "a class") or name.rpartition(".")[2] in _HARMLESS:
            return  # those are told by their own names
        loaded = name in self.used or _is_loaded(name.partition(".")[0], self.readings[1])
        collected = name.startswith(("*", "test", "Test")) or _STEERS.fullmatch(name)
        weight = Weight.BLOCKS if loaded or collected or "." in name else Weight.ADVICE
        yield self._found(0, f"{name} is gone, which existing tests may use", weight)

    def _new_name(self, name: str, binding: Binding) -> Iterator[Finding]:
        word = name.rpartition(".")[2]
        scope = name.rpartition(".")[0]
        if scope and scope not in self.before.classes:
            return  # of a class that is new itself
        if word in _HARMLESS:
            return
        if name.startswith("*"):
            yield self._found(
                binding.line, f"imports {name}: any name that existing tests use may be replaced by it"
            )
        elif _STEERS.fullmatch(name) or _FRAMEWORK.fullmatch(name):
            yield self._found(binding.line, f"{name} is new and decides how existing tests are run")
        elif name in self.used or (scope and _attribute(self.readings[0], word)):
            yield self._found(
                binding.line,
                f"{name} is new and takes the place of what existing tests found under that name",
            )
        elif any(_is_autouse(node) for node in self.after.functions.get(name, [])):
            yield self._found(
                binding.line, f"the fixture {name} is new and acts on existing tests without being asked"
            )

    def _rest(self) -> Iterator[Finding]:
        before, after = (_counted(each) for each in (self.before, self.after))
        for (under, _text), (node, number) in before.items():
            if number > after.get((under, _text), (node, 0))[1] and not _SKIPS.search(shown(node)):
                yield self._found(0, f"`{shown(node)}` is gone, which existing tests may need")
        for (under, _text), (node, number) in after.items():
            if number > before.get((under, _text), (node, 0))[1]:
                yield self._found(node.lineno, *_judged(node))

    def _globals(self) -> Iterator[Finding]:
        before, after = (
            Counter(name for node in each.nodes if isinstance(node, ast.Global) for name in node.names)
            for each in self.readings
        )
        for name in after - before:
            if name in self.before.bindings:
                yield self._found(
                    0, f"a function may now replace {name} (`global {name}`), which existing tests use"
                )

    def _found(self, line: int, message: str, weight: Weight = Weight.BLOCKS) -> Finding:
        return Finding(RULE, self.path, line, message, weight)


def _kind(node: Function) -> str:
    if node.name.startswith("test"):
        return "the existing test"
    return (
        "the existing fixture"
        if any("fixture" in dump(each) for each in node.decorator_list)
        else "the existing helper"
    )


def _how(before: Function, after: Function) -> str:
    """In what way it is weaker, as far as that can be told."""
    old, new = ast.unparse(before), ast.unparse(after)
    said = [
        "it may be skipped or expected to fail"
        if len(_SKIPS.findall(new)) > len(_SKIPS.findall(old))
        else "",
        "it asserts less" if assertions(after) < assertions(before) else "",
        "it catches exceptions" if _count(after, ast.Try) > _count(before, ast.Try) else "",
        "it replaces code by stand-ins" if len(_MOCKS.findall(new)) > len(_MOCKS.findall(old)) else "",
    ]
    told = ", ".join(filter(None, said))
    return f": {told}" if told else ""


def _count(node: ast.AST, kind: type[ast.AST]) -> int:
    return sum(isinstance(each, kind) for each in ast.walk(node))


def _binding_grew(before: Binding, after: Binding) -> bool:
    return value_grew(before.to, after.to)


def _is_loaded(name: str, file: Reading) -> bool:
    return any(name in {getattr(node, "id", None), getattr(node, "arg", None)} for node in file.nodes)


def _attribute(file: Reading, word: str) -> bool:
    """Whether anything asks an object for an attribute of that name."""
    return any(isinstance(node, ast.Attribute) and node.attr == word for node in file.nodes)


def _is_autouse(node: Function) -> bool:
    return any("autouse" in dump(each) for each in node.decorator_list)


def _counted(each: Outline) -> dict[tuple[str, str], tuple[ast.stmt, int]]:
    found: dict[tuple[str, str], tuple[ast.stmt, int]] = {}
    for under, node in each.rest:
        key = (under, dump(node))
        found[key] = (node, found.get(key, (node, 0))[1] + 1)
    return found


def _judged(node: ast.stmt) -> tuple[str, Weight]:
    """What a new statement outside all functions does to the tests that were there."""
    text = shown(node)
    if _SKIPS.search(text) or isinstance(node, (ast.Raise, ast.Delete)):
        return f"`{text}` keeps existing tests from being run", Weight.BLOCKS
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and not _extends(node):
        return f"`{text}` changes something that existing tests may use", Weight.BLOCKS
    return f"`{text}` is run before existing tests", Weight.ADVICE


def _extends(node: ast.stmt) -> bool:
    """Whether it only puts more rows into a table."""
    return (
        isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name)
        and isinstance(node.value, (ast.List, ast.Tuple))
    )  # fmt: skip
