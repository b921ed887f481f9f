"""What a Python file does that honest code seldom needs and cheats do: a list of names and texts, read as far as `Names` sees.

A smell has a key that stays the same when lines move: only those count that the change brings.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from podium.gate.static.base import Weight
from podium.gate.static.names import Names
from podium.gate.static.spots import Spot
from podium.gate.static.syntax import shown


@dataclass(frozen=True, slots=True)
class Smell:
    """One of them. `text` is the source it was found in; `where` the function or class."""

    message: str
    where: str
    text: str
    line: int
    weight: Weight = Weight.BLOCKS
    on_import: bool = False
    """Whether it comes to pass by importing the file."""

    @property
    def key(self) -> tuple[str, str, str, bool]:
        return self.message, self.where, self.text, self.on_import


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ANYWHERE: tuple[tuple[frozenset[str], str], ...] = (
    (_words("os._exit os.abort posix._exit"), "ends the process without a trace"),
    (
        _words(
            "sys._getframe sys._current_frames sys._getframemodulename inspect.stack inspect.currentframe inspect.getouterframes "
            "inspect.getinnerframes inspect.trace traceback.walk_stack traceback.walk_tb traceback.extract_stack"
        ),
        "looks at who calls it",
    ),
    (
        _words("gc.get_objects gc.get_referrers gc.get_referents"),
        "looks at objects that were not given to it",
    ),
    (
        _words(
            "sys.meta_path sys.path_hooks sys.path_importer_cache sys.settrace sys.setprofile sys.addaudithook sys.monitoring "
            "threading.settrace threading.setprofile threading.settrace_all_threads importlib.machinery.SOURCE_SUFFIXES"
        ),
        "hooks into how Python imports or runs code",
    ),
    (
        _words("ctypes.pythonapi ctypes.py_object ctypes.memmove ctypes.memset ctypes.string_at"),
        "reaches into Python's own memory",
    ),
    (_words("marshal.loads marshal.load types.CodeType"), "runs code that nobody can read"),
    (
        _words("builtins.object.__subclasses__ builtins.type.__subclasses__"),
        "looks through the classes of others",
    ),
)
_ON_IMPORT: tuple[tuple[frozenset[str], str], ...] = (
    (_words("atexit.register weakref.finalize"), "has something run when the process ends"),
    (
        _words(
            "os.execv os.execve os.execvp os.execvpe os.execl os.execle os.execlp os.execlpe os.posix_spawn os.posix_spawnp os.fork "
            "os.kill os.killpg signal.raise_signal signal.alarm _thread.interrupt_main"
        ),
        "replaces or ends the process that imports it",
    ),
)
_COMPUTED = frozenset(
    {"os", "sys", "builtins", "gc", "inspect", "pytest", "_pytest", "unittest", "posix", "importlib"}
)
_RUNS_TEXT = frozenset({"builtins.exec", "builtins.eval", "builtins.compile", "builtins.__import__"})
_FRAMES = _words("tb_frame f_back f_locals")
_RUNNER_TEXT = re.compile(
    r"PYTEST_(?:CURRENT_TEST|VERSION|ADDOPTS|XDIST\w*|PLUGINS|DISABLE\w*)|PODIUM_GATE|--junit|\bjunit-?xml\b|\bLD_PRELOAD\b|\bLD_AUDIT\b|"
    r"\bNODE_TEST_CONTEXT\b|\bTestReport\b|\bpytest_runtest_\w+"
)
_INSIDE_TEXT = _words(
    "f_locals f_back tb_frame _getframe _exit meta_path __subclasses__ __builtins__ _pytest"
)
_PROCESSES = re.compile(
    r"/proc/?|/proc/(?:.*[*{%\[].*|self/(?:environ|mem|maps|fd|fdinfo|cmdline)\b.*)|.*\*/(?:cmdline|environ|mem)"
)
_TEST_FILES = re.compile(
    r"(?:[\w.*-]+/)*(?:tests|__tests__)/[\w.*/-]*|(?:[\w.*-]+/)*(?:test_[\w*-]*|[\w*-]*_test|conftest)\.py"
)
_ANY_TEST = _words("conftest.py tests/conftest.py tests/__init__.py test_.py _test.py")
_CI = frozenset(
    {
        "CI",
        "GITHUB_ACTIONS",
        "GITLAB_CI",
        "CONTINUOUS_INTEGRATION",
        "BUILDKITE",
        "TOX_ENV_NAME",
        "JENKINS_URL",
    }
)
_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault"})
_LONGEST_TEXT = 300


def named(spot: Spot, names: Names) -> Iterator[Smell]:
    """Names from the standard library that reach where a product has no business."""
    node = spot.node
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)):
        return
    dotted = names.dotted(node)
    for known, message in _ANYWHERE:
        if dotted in known:
            yield smell(spot, f"{message} (`{dotted}`)")
    for known, message in _ON_IMPORT:
        if spot.on_import and dotted in known:
            yield smell(spot, f"{message} (`{dotted}`)")
    if dotted.endswith(".?") and dotted.removesuffix(".?") in _COMPUTED:
        yield smell(spot, f"takes something from `{dotted[:-2]}` by a name that it computes")
    if isinstance(node, ast.Attribute) and node.attr in _FRAMES:
        yield smell(spot, f"looks at who calls it (`{node.attr}`)")


def dynamic(spot: Spot, names: Names) -> Iterator[Smell]:
    """Code made of text that is not there to be read."""
    node = spot.node
    if not isinstance(node, ast.Call):
        return
    function = names.dotted(node.func)
    if function in _RUNS_TEXT and node.args and names.text(node.args[0]) is None:
        yield smell(spot, f"runs code that is made while it runs (`{function.partition('.')[2]}`)")
    elif function == "importlib.import_module" and node.args and names.text(node.args[0]) is None:
        yield smell(spot, "imports a module by a name that it computes", Weight.ADVICE)


def telling_texts(spot: Spot, names: Names) -> Iterator[Smell]:
    """Texts that only make sense to somebody who looks at the tests or at what runs them."""
    text = (
        names.text(spot.node)
        if isinstance(spot.node, (ast.Constant, ast.BinOp, ast.JoinedStr, ast.Call))
        else None
    )
    if not text or len(text) > _LONGEST_TEXT:
        return
    if _RUNNER_TEXT.search(text) or text in _INSIDE_TEXT:
        yield smell(spot, "knows what runs the tests, or looks behind the scenes")
    elif _PROCESSES.fullmatch(text):
        yield smell(spot, "looks at other processes")
    elif _TEST_FILES.fullmatch(text):
        weight = Weight.ADVICE if "*" in text or text.endswith("/") or text in _ANY_TEST else Weight.BLOCKS
        yield smell(spot, "names files of tests, which a product has no need to read", weight)


def runner(spot: Spot, names: Names) -> Iterator[Smell]:
    """Asks whether tests are being run."""
    node = spot.node
    parts = _asked(node, names)
    if any(names.text(part) in {"pytest", "_pytest", "py.test", "unittest"} for part in parts):
        yield smell(spot, "asks whether a test runner is loaded")
    if any(names.text(part) in _CI for part in parts):
        yield smell(spot, "behaves differently in continuous integration", Weight.ADVICE)


def tools(spot: Spot, _names: Names) -> Iterator[Smell]:
    """Imports what tests are made with, or tests themselves."""
    node = spot.node
    if not (spot.on_import or spot.in_function):
        return  # for type checkers alone
    for module in modules(node):
        first = module.partition(".")[0]
        if first in {"pytest", "_pytest", "unittest", "nose", "nose2", "xdist"} or first.startswith(
            "pytest_"
        ):
            yield smell(spot, f"imports {module}: a product that knows its test runner")
        elif first == "test" or any(
            part in {"tests", "conftest"} or part.startswith("test_") for part in module.split(".")
        ):
            yield smell(spot, f"imports {module}: a product that needs its tests")
        elif first == "ctypes":
            yield smell(spot, "imports ctypes", Weight.ADVICE)


def _asked(node: ast.AST, names: Names) -> list[ast.expr]:
    """What is looked up among modules, variables of the environment, or by `find_spec`."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        return [node.left] if names.dotted(node.comparators[0]) in {"sys.modules", "os.environ"} else []
    if isinstance(node, ast.Call) and node.args:
        wanted = {*_ENVIRONMENT, "sys.modules.get", "importlib.util.find_spec", "shutil.which"}
        return [node.args[0]] if names.dotted(node.func) in wanted else []
    if isinstance(node, ast.Subscript) and names.dotted(node.value) in {"sys.modules", "os.environ"}:
        return [node.slice]
    return []


def modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        return (
            [base]
            if base and not node.level
            else [".".join(filter(None, (base, alias.name))) for alias in node.names]
        )
    return []


def smell(spot: Spot, message: str, weight: Weight = Weight.BLOCKS) -> Smell:
    line = getattr(spot.node, "lineno", 0)
    return Smell(message, spot.where, shown(spot.node, limit=200), line, weight, spot.on_import)
