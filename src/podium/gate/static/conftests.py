"""New files that change how tests are run which existed before: conftest.py first of all.

A folder of new tests may bring fixtures of its own. A file that hooks into the runner, acts unasked on tests that were there, or
puts fixtures in the place of others needs an approval.
"""

import ast
from collections.abc import Iterator

from podium.gate.delta import FileDelta
from podium.gate.static.base import Finding, Weight
from podium.gate.static.outline import Outline
from podium.gate.static.reading import read
from podium.gate.static.scene import Scene, below, folder_of, is_conftest, is_test
from podium.gate.static.syntax import FUNCTIONS, Function, dump
from podium.policies.roles import Role, role_of

RULE = "how tests are run"
_OF_PYTEST = frozenset(
    [
        "cache",
        "capfd",
        "capfdbinary",
        "caplog",
        "capsys",
        "capsysbinary",
        "config",
        "doctest_namespace",
        "mocker",
        "monkeypatch",
        "pytestconfig",
        "pytester",
        "record_property",
        "record_testsuite_property",
        "recwarn",
        "request",
        "subtests",
        "testdir",
        "tmp_path",
        "tmp_path_factory",
        "tmpdir",
        "tmpdir_factory",
    ]
)
_STEERS = frozenset({"collect_ignore", "collect_ignore_glob", "pytest_plugins"})


def new_conftests(scene: Scene) -> Iterator[Finding]:
    """New conftest.py files, and what existing ones gain; what existing ones lose is for `tests_python.py`."""
    for pair in scene.pairs():
        file = pair.file
        if not is_conftest(file.path) or file.is_gone:
            continue
        if pair.after is None:
            yield Finding(RULE, file.path, 0, "a conftest.py that cannot be read as Python")
        elif pair.before is not None:
            yield from _gained(scene, file, pair.before.outline, pair.after.outline)


def new_helpers(scene: Scene) -> Iterator[Finding]:
    """Hooks and plug-ins in new files of tests, where nobody expects them."""
    for pair in scene.pairs():
        file = pair.file
        if not file.is_new or pair.after is None or is_conftest(file.path) or not is_test(file.path):
            continue
        for node in pair.after.tree.body:
            if (
                isinstance(node, FUNCTIONS)
                and node.name.startswith("pytest_")
                and node.name != "pytest_generate_tests"
            ):
                yield Finding(RULE, file.path, node.lineno, f"{node.name}: a hook into the test runner")
        if file.path.endswith("/__init__.py") and _has_tests(scene, folder_of(file.path), file):
            yield Finding(
                RULE,
                file.path,
                0,
                "makes existing tests part of a package, which changes their ids",
                Weight.ADVICE,
            )


def _gained(scene: Scene, file: FileDelta, before: Outline, after: Outline) -> Iterator[Finding]:
    folder = folder_of(file.path)
    guests = _has_tests(scene, folder, file)
    taken = _fixtures_above(scene, folder) if guests else frozenset()
    for name, (node, *_more) in after.functions.items():
        if name not in before.functions:
            yield from _of_function(file, node, guests=guests, taken=taken)
    for name in _STEERS & after.bindings.keys() - before.bindings.keys():
        yield Finding(
            RULE,
            file.path,
            after.bindings[name][0].line,
            f"{name}: decides which tests and plug-ins there are",
        )


def _of_function(
    file: FileDelta, node: Function, *, guests: bool, taken: frozenset[str]
) -> Iterator[Finding]:
    name = _fixture_name(node)
    if node.name.startswith("pytest_"):
        yield Finding(RULE, file.path, node.lineno, f"{node.name}: a hook into the test runner")
    elif name and guests and "autouse" in _marks(node):
        yield Finding(
            RULE, file.path, node.lineno, f"the fixture {name} acts on existing tests without being asked"
        )
    elif name and guests and name in taken | _OF_PYTEST:
        yield Finding(
            RULE, file.path, node.lineno, f"the fixture {name} takes the place of another for existing tests"
        )


def _has_tests(scene: Scene, folder: str, file: FileDelta) -> bool:
    """Whether tests lay in or below a folder before; a folder of new tests has none."""
    return any(
        below(folder, path)
        and role_of(path) is Role.TEST
        and path.endswith((".py", ".txt", ".rst", ".md", ".feature"))
        for path in scene.delta.names_before
        if path != file.path
    )


def _fixtures_above(scene: Scene, folder: str) -> frozenset[str]:
    """The fixtures of conftest.py files of the base in the folders above."""
    found: set[str] = set()
    while folder:
        folder = folder_of(folder)
        path = f"{folder}/conftest.py" if folder else "conftest.py"
        data = scene.read(path) if path in scene.delta.names_before else None
        file = read(data) if data else None
        functions = (node for node in file.nodes if isinstance(node, FUNCTIONS)) if file else ()
        found |= {name for node in functions if (name := _fixture_name(node))}
    return frozenset(found)


def _fixture_name(node: Function) -> str:
    """The name under which tests find a fixture; empty if it is none."""
    for each in node.decorator_list:
        if "fixture" in dump(each.func if isinstance(each, ast.Call) else each):
            words = each.keywords if isinstance(each, ast.Call) else ()
            named = next(
                (
                    word.value.value
                    for word in words
                    if word.arg == "name" and isinstance(word.value, ast.Constant)
                ),
                None,
            )
            return str(named or node.name)
    return ""


def _marks(node: Function) -> str:
    return " ".join(dump(each) for each in node.decorator_list)
