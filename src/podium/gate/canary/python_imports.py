"""What a Python file imports, read by a regular expression: every file of a tree is read, and few matter."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

_STATEMENT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<place>\.*[ \t]*[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n;]+)|import[ \t]+(?P<plain>[^\n;#]+))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"#[^\n]*")
_NAME = re.compile(r"[\w.]+")
_CONFTEST = "conftest"


def module_of(path: str) -> str:
    """The module at `path` with a slash for each dot; empty where it is no Python.

    >>> module_of("src/shop/__init__.py"), module_of("src/shop/net.py")
    ('src/shop', 'src/shop/net')
    """
    return path.removesuffix(".py").removesuffix("/__init__") if path.endswith(".py") else ""


def imported(path: str, source: bytes) -> frozenset[str]:
    """The modules that the file at `path` imports, packages on the way included; its own `conftest.py` files as well.

    >>> sorted(imported("a/b.py", b"from ..c import d"))
    ['/a/conftest', '/c', '/c/d', '/conftest']
    """
    folders = [str(folder) for folder in PurePosixPath(path).parents]
    found = {_whole(folder, _CONFTEST) for folder in folders}
    for match in _STATEMENT.finditer(source.decode(errors="replace")):
        found.update(_of_statement(match, folders))
    return frozenset(found)


def _of_statement(match: re.Match[str], folders: list[str]) -> Iterator[str]:
    if match["plain"]:
        for name in _first_words(match["plain"]):
            yield from _and_packages(name.replace(".", "/"))
        return
    place = match["place"].replace(" ", "")
    name = place.lstrip(".")
    level = len(place) - len(name)
    module = name.replace(".", "/")
    if level:
        module = _whole(folders[min(level, len(folders)) - 1], module)
        yield module
    else:
        yield from _and_packages(module)
    for each in _first_words(match["names"].strip("()")):
        yield f"{module}/{each}"


def _first_words(names: str) -> Iterator[str]:
    """Each name of a list, without what it is called here."""
    for part in _COMMENT.sub("", names).split(","):
        if word := _NAME.search(part):
            yield word[0]


def _and_packages(module: str) -> Iterator[str]:
    parts = module.split("/")
    yield from ("/".join(parts[:end]) for end in range(1, len(parts) + 1))


def _whole(folder: str, name: str) -> str:
    """The path of a module below a folder of the repository, to be told from one whose outer folders are missing."""
    return "/" + "/".join(part for part in (folder, name) if part not in ("", "."))
