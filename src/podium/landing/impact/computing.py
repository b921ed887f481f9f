"""Where a Python file may import or start what its text does not name."""

import ast
import re
from collections.abc import Collection, Iterator, Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IMPORTERS = _words("import_module __import__ importorskip")
_LOADERS = _words(
    "run_path run_module spec_from_file_location spec_from_loader module_from_spec SourceFileLoader SourcelessFileLoader load_source"
    " resolve_name iter_modules walk_packages entry_points iter_entry_points load_entry_point loadTestsFromName loadTestsFromNames"
    " import_string meta_path path_hooks addsitedir zipimporter"
)
"""Names of functions that import what a value says, whoever they belong to."""
_RUNS_TEXT = _words("exec execfile")
_STARTS = _words(
    "system popen posix_spawn posix_spawnp create_subprocess_exec create_subprocess_shell pytester testdir script_runner"
)
_STARTERS = _words("pexpect xprocess ptyprocess")
_STARTING = _words("run Popen call check_call check_output getoutput getstatusoutput")
_FOREIGN = _words(
    "git hg svn docker podman openssl ssh-keygen gpg tar unzip cp mv rm ls cat echo true false mkdir chmod chown sleep touch kill"
    " tput stty uname locale npm node which ps id mkfifo"
)
"""Programs that run nothing of a tree's Python."""
_IMPORTING = re.compile(
    rb"\b(?:%s|executable)\b" % "|".join(sorted(_IMPORTERS | _LOADERS | _RUNS_TEXT)).encode()
)
_RUNNING = re.compile(rb"\b(?:%s|subprocess)\b" % "|".join(sorted(_STARTS | _STARTERS)).encode())


def imports_by_call(data: bytes, nodes: Sequence[ast.AST]) -> tuple[set[str], str]:
    """The names that are imported by a call with a plain text, and why the file may import anything, or nothing."""
    literal: set[str] = set()
    if not _IMPORTING.search(data):
        return literal, ""
    called = {id(node.func): node for node in nodes if isinstance(node, ast.Call)}
    for node in nodes:
        why = _loads(node)
        if not why and last_name(node) in _IMPORTERS:
            name = _imported(called.get(id(node)))
            literal.add(name)
            why = "" if name else f"uses {last_name(node)} on a name that is computed"
        if why:
            return literal - {""}, why
    return literal, ""


def starts_programs(data: bytes, nodes: Sequence[ast.AST]) -> bool:
    """Whether a file may start a program that runs Python of the tree."""
    if not _RUNNING.search(data):
        return False
    called = {id(node.func): node for node in nodes if isinstance(node, ast.Call)}
    return any(_starts(node, called.get(id(node))) for node in nodes)


def last_name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _loads(node: ast.AST) -> str:
    name = last_name(node)
    if name in _LOADERS or (name in _RUNS_TEXT and isinstance(node, ast.Name)):
        return f"uses {name}"
    if name == "executable" and isinstance(node, ast.Attribute) and last_name(node.value) == "sys":
        return "starts Python"
    if isinstance(node, ast.ImportFrom):
        return next(_loaded(node), "")
    return ""


def _loaded(node: ast.ImportFrom) -> Iterator[str]:
    """What it takes that imports by a value, and would not be found again under another name."""
    for alias in node.names:
        renamed = alias.asname and alias.name in _IMPORTERS
        if alias.name in _LOADERS or renamed or (node.module, alias.name) == ("sys", "executable"):
            yield f"uses {alias.name}"


def _imported(call: ast.Call | None) -> str:
    """What a call imports that has a plain text for a name; empty where that cannot be told."""
    if call is None or not call.args:
        return ""
    argument = call.args[0]
    name = argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""
    return "" if name.startswith(".") else name


def _starts(node: ast.AST, call: ast.Call | None) -> bool:
    if isinstance(node, ast.Import):
        return any(_is_starter(alias.name) or _renames_subprocess(alias) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        taken = {alias.name for alias in node.names}
        return _is_starter(node.module or "") or (node.module == "subprocess" and bool(taken & _STARTING))
    if isinstance(node, ast.arg):
        return node.arg in _STARTS
    if last_name(node) in _STARTING and isinstance(node, ast.Attribute):
        return last_name(node.value) == "subprocess" and not _is_foreign(call)
    return last_name(node) in _STARTS


def _is_starter(module: str) -> bool:
    return module.partition(".")[0] in _STARTERS


def _renames_subprocess(alias: ast.alias) -> bool:
    return alias.name == "subprocess" and alias.asname is not None


def _is_foreign(call: ast.Call | None) -> bool:
    """Whether a call plainly starts a program that has nothing to do with the tree's Python: `["git", *arguments]`."""
    words: Collection[ast.expr] = ()
    if call is not None and call.args and isinstance(call.args[0], ast.List | ast.Tuple):
        words = call.args[0].elts
    first = next(iter(words), None)
    return isinstance(first, ast.Constant) and first.value in _FOREIGN
