"""Finds where specimens can be planted in a repository never seen before: by what its tests import.

Pure: it reads names and texts. A layout it does not understand gives no ground for that language, and the specimens that
need none are planted all the same.
"""

import ast
import json
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

from podium.gate.selftest import wares_javascript, wares_python
from podium.gate.selftest.ground import Ground, Victim, folder_of
from podium.policies.roles import Role, role_of

Read = Callable[[str], bytes | None]

_MOST_FILES = 400
_LIMIT_BYTES = 256 * 1024
_PYTHON_TEST = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test)\.py")
_NODE_TEST = re.compile(
    r"(?:.*/)?(?:[^/]+\.test|[^/]+\.spec|test)\.[cm]?js|(?:.*/)?(?:test|tests|__tests__)/[^/]+\.[cm]?js"
)
_SPECIFIER = re.compile(r"""(?:from\s+|import\s+|require\(\s*)['"](\.{1,2}/[^'"\n]{1,200})['"]""")
_NODE_RUNNER = re.compile(r"""['"]node:test['"]""")
_EXTENSIONS = ("", ".js", ".mjs", ".cjs", "/index.js", "/index.mjs")


def survey(names: Collection[str], read: Read, *, token: str) -> tuple[Ground, ...]:
    """The grounds of a repository, one for each language that is at home in it; the last is the one of no language."""
    found = (place(frozenset(names), read, token) for place in (_python, _javascript))
    anywhere = Ground(token, names=frozenset(names), read=read)
    return (*(ground for ground in found if ground), anywhere)


def victim(names: Collection[str], read: Read, known: Sequence[str]) -> Victim | None:
    """A plain test of the repository's own that is known to pass: with an assertion, without decorators, of a name of its own."""
    functions = Counter(name.rpartition("::")[2] for name in known)
    passing = set(known)
    for path in _python_tests(names):
        module = path.removesuffix(".py").replace("/", ".")
        for function in _functions(_parsed(read, path)):
            named = any(f"{module[cut:]}::{function.name}" in passing for cut in _cuts(module))
            if named and functions[function.name] == 1:
                return Victim(path, function.name, function.lineno, function.end_lineno or function.lineno)
    return None


def _cuts(module: str) -> Iterator[int]:
    """Where a dotted name may begin: the runner's root need not be the repository's."""
    yield 0
    yield from (place + 1 for place, character in enumerate(module) if character == ".")


def _functions(tree: ast.Module | None) -> Iterator[ast.FunctionDef]:
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef) and _is_plain_test(node):
            yield node


def _is_plain_test(node: ast.FunctionDef) -> bool:
    asserts = any(isinstance(inner, ast.Assert) for inner in node.body)
    return asserts and node.name.startswith("test") and not node.decorator_list


def _python(names: frozenset[str], read: Read, token: str) -> Ground | None:
    tests = _python_tests(names)
    wanted = Counter(top for path in tests for top in _imported(names, read, path))
    home = next((found for top, _often in wanted.most_common() if (found := _home(names, top))), None)
    if home is None:
        return None
    root, package = home
    name = f"podium_specimen_{token}"
    folder = "/".join(part for part in (root, package) if part)
    tests_folder = _most_common_folder(tests)
    mostly_suffixed = sum(path.endswith("_test.py") for path in tests) * 2 > len(tests)
    stem = f"podium_{token}_test" if mostly_suffixed else f"test_podium_{token}"
    imported = f"{package.replace('/', '.')}.{name}" if package else name
    return Ground(
        token, "python", _in(folder, f"{name}.py"), _in(tests_folder, f"{stem}.py"), _in(tests_folder, f"{stem}.txt"),
        imported, root, wares_python.wares(token=token, imported=imported, record=f"{stem}.txt"), names, read,
    )  # fmt: skip


def _python_tests(names: Collection[str]) -> list[str]:
    """The files of tests, those nearest to the root first."""
    found = [path for path in names if _PYTHON_TEST.fullmatch(path)]
    return sorted(found, key=lambda path: (path.count("/"), path))[:_MOST_FILES]


def _imported(names: frozenset[str], read: Read, path: str) -> set[str]:
    """The first words of the modules a file imports; of relative imports, the outermost package it lies in."""
    tree = _parsed(read, path)
    found: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0] if not node.level else _outermost(names, path))
    return found - {""}


def _outermost(names: frozenset[str], path: str) -> str:
    folder, top = folder_of(path), ""
    while folder and f"{folder}/__init__.py" in names:
        folder, top = folder_of(folder), folder.rpartition("/")[2]
    return top


def _home(names: frozenset[str], top: str) -> tuple[str, str] | None:
    """The folder that `import top` starts from and the package in it, empty where it is a module alone."""
    ends = (f"{top}/__init__.py", f"{top}.py")
    found = sorted(
        (name for name in names if any(name == end or name.endswith(f"/{end}") for end in ends)), key=lambda name: (name.count("/"), name)
    )  # fmt: skip
    for name in found:
        package = top if name.endswith("/__init__.py") else ""
        root = folder_of(folder_of(name)) if package else folder_of(name)
        inside = f"{root}/__init__.py" in names
        if not inside and role_of(name) is Role.SOURCE:
            return root, package
    return None


def _javascript(names: frozenset[str], read: Read, token: str) -> Ground | None:
    tests = sorted(name for name in names if _NODE_TEST.fullmatch(name) and "node_modules/" not in name)
    tests = [path for path in tests[:_MOST_FILES] if _NODE_RUNNER.search(_text(read, path))]
    wanted = Counter((path, source) for path in tests for source in _sources(names, read, path))
    if not wanted:
        return None
    (path, source), _often = max(wanted.items(), key=lambda item: (item[1], item[0]))
    ending, name = source.rpartition(".")[2], f"podium-specimen-{token}"
    module = _in(folder_of(source), f"{name}.{ending}")
    test = _in(folder_of(path), f"{name}.{posixpath.basename(path).partition('.')[2]}")
    if module == test:  # tests and sources in one folder, named alike
        test = _in(folder_of(path), f"{name}.test.{ending}")
    imported = posixpath.relpath(module, folder_of(path) or ".")
    imported = imported if imported.startswith(".") else f"./{imported}"
    modules = ending == "mjs" or (ending == "js" and _is_module(read, source))
    return Ground(
        token, "javascript", module, test, "", imported, "",
        wares_javascript.wares(token=token, imported=imported, modules=modules), names, read,
    )  # fmt: skip


def _sources(names: frozenset[str], read: Read, path: str) -> Iterator[str]:
    """The files of the repository that a file of tests, with the same ending, imports."""
    for match in _SPECIFIER.finditer(_text(read, path)):
        wanted = posixpath.normpath(posixpath.join(folder_of(path), match[1]))
        source = next((wanted + end for end in _EXTENSIONS if wanted + end in names), "")
        same = source.rpartition(".")[2] == path.rpartition(".")[2]
        if same and role_of(source) is Role.SOURCE:
            yield source


def _is_module(read: Read, path: str) -> bool:
    """Whether the nearest package.json says that `.js` files are ES modules."""
    folder = folder_of(path)
    while True:
        data = read(_in(folder, "package.json"))
        if data is not None:
            return b'"module"' in data[:_LIMIT_BYTES] and _type(data) == "module"
        if not folder:
            return False
        folder = folder_of(folder)


def _type(data: bytes) -> str:
    try:
        value = json.loads(data[:_LIMIT_BYTES])
    except (ValueError, RecursionError):
        return ""
    return str(value.get("type", "")) if isinstance(value, dict) else ""


def _most_common_folder(paths: Sequence[str]) -> str:
    often = Counter(folder_of(path) for path in paths)
    return min(often, key=lambda folder: (-often[folder], folder))


def _parsed(read: Read, path: str) -> ast.Module | None:
    try:
        return ast.parse(_text(read, path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _text(read: Read, path: str) -> str:
    data = read(path) or b""
    return "" if len(data) > _LIMIT_BYTES else data.decode(errors="replace")


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
