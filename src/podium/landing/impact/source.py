"""What one Python file says about the files it needs, whatever its path.

Told from the text alone; nothing is imported. What is found is too much rather than too little: an import in a function or
below a condition counts, and so does a text like `"package.module.name"`, which `mock.patch` and many registries import.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from podium.gate.static.syntax import parse
from podium.landing.impact.computing import imports_by_call, last_name, starts_programs

_TEXT = re.compile(rb"""["']([A-Za-z_./][\w./-]{2,199})["':]""")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_FILES = frozenset(
    [
        *("bash", "bat", "c", "cfg", "conf", "css", "csv", "db", "egg", "exe", "gif", "gz", "h", "html", "ico", "ini", "jpg", "js"),
        *("json", "jsonl", "lock", "log", "md", "png", "pyc", "rst", "sh", "sql", "sqlite", "svg", "tar", "toml", "ts", "tsv", "txt"),
        *("whl", "xml", "yaml", "yml", "zip"),
    ]
)  # fmt: skip
"""How names of files end that are no Python."""
_PROSE = re.compile(rb"([\w*-]*)\.(md|rst|txt|adoc)\b")
_FOLDER = re.compile(rb"""["'/](docs?)["'/]""")
_NOTICE = re.compile(rb"""["'/]((?:LICENSE|CHANGELOG|AUTHORS)\w*)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """What a file needs. Names are dotted; a relative one begins with a dot for each level, as written."""

    imports: frozenset[str] = frozenset()
    typed: frozenset[str] = frozenset()
    """Imported for type checkers only: below `if TYPE_CHECKING`."""
    mentions: frozenset[str] = frozenset()
    """Texts that may be the name of a module, or of something in one."""
    exported: frozenset[str] = frozenset()
    """The names in `__all__`: of a package, they may be modules that `import *` loads."""
    plugins: frozenset[str] = frozenset()
    """What `pytest_plugins` names: loaded for every test of the run, not only for those of the file."""
    documents: frozenset[str] = frozenset()
    """Documentation it may read, in lower case: names of files, `*.md` for all of a kind, `docs` for a folder."""
    computed: str = ""
    """Why it may import anything, where it may; also of a file that cannot be read."""
    starts: bool = False
    """Whether it may start programs."""


def read_source(data: bytes) -> Source:
    """What a file needs, given its bytes."""
    parsed = parse(data)
    if parsed is None:
        return Source(computed="cannot be read as Python")
    nodes = parsed[1]
    statements = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    unseen = _for_types(nodes) if b"TYPE_CHECKING" in data else frozenset()
    imports = _names(node for node in statements if id(node) not in unseen)
    typed = _names(node for node in statements if id(node) in unseen)
    literal, computed = imports_by_call(data, nodes)
    plugins, doubtful = _plugins(nodes) if b"pytest_plugins" in data else (set(), "")
    exported = _texts(_assigned(nodes, "__all__")) if b"__all__" in data else set()
    return Source(
        imports=frozenset(imports | literal | plugins), typed=frozenset(typed - imports), mentions=_mentions(data),
        exported=frozenset(exported), plugins=frozenset(plugins), documents=_documents(data),
        computed=computed or doubtful, starts=starts_programs(data, nodes),
    )  # fmt: skip


def _names(statements: Iterable[ast.Import | ast.ImportFrom]) -> set[str]:
    """The names that import statements bind; what `from` takes out of a module may be a module itself."""
    found: set[str] = set()
    for node in statements:
        found.update(
            _taken(node) if isinstance(node, ast.ImportFrom) else (alias.name for alias in node.names)
        )
    return found


def _taken(node: ast.ImportFrom) -> Iterator[str]:
    dots, module = "." * node.level, node.module or ""
    yield dots + module
    for alias in node.names:
        if alias.name != "*":
            yield f"{dots}{module}.{alias.name}" if module else dots + alias.name


def _for_types(nodes: Iterable[ast.AST]) -> Collection[int]:
    """The ids of all nodes below `if TYPE_CHECKING`, which never runs."""
    return {
        id(inner)
        for node in nodes
        if isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }


def _plugins(nodes: Sequence[ast.AST]) -> tuple[set[str], str]:
    """What `pytest_plugins` names, and why that cannot be told, or nothing."""
    value = _assigned(nodes, "pytest_plugins")
    if value is None:
        return set(), ""
    texts = _texts(value)
    whole = isinstance(value, ast.Constant) or (
        isinstance(value, ast.List | ast.Tuple) and len(texts) == len(value.elts)
    )
    return texts, "" if whole else "computes its pytest_plugins"


def _assigned(nodes: Iterable[ast.AST], name: str) -> ast.expr | None:
    """All that is ever assigned to a name, or added to it, as one expression; None where nothing is."""
    values = [
        node.value
        for node in nodes
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if last_name(target) == name
    ]
    return values[0] if len(values) == 1 else ast.Set(values) if values else None


def _texts(value: ast.expr | None) -> set[str]:
    nodes = ast.walk(value) if value is not None else ()
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _mentions(data: bytes) -> frozenset[str]:
    """Texts that may name a module, or the path of a Python file, as dotted names."""
    texts = {found.decode("ascii", "replace") for found in _TEXT.findall(data) if b"." in found}
    return frozenset(name for text in texts if (name := _as_name(text)))


def _as_name(text: str) -> str:
    if text.endswith(".py"):
        return ".".join(part for part in text[: -len(".py")].split("/") if part not in {"", ".", ".."})
    last = text.rpartition(".")[2].lower()
    return text if _DOTTED.fullmatch(text) and last not in _FILES else ""


def _documents(data: bytes) -> frozenset[str]:
    found = {f"{stem.strip(b'*').decode()}.{kind.decode()}" for stem, kind in _PROSE.findall(data)}
    found = {f"*{name}" if name.startswith(".") else name for name in found}
    found |= {name.decode() for name in _FOLDER.findall(data) + _NOTICE.findall(data)}
    return frozenset(name.lower() for name in found)
