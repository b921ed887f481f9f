"""How a file of a tree is called by those that import it, and what a file calls others.

Python's search path is not known, so any folder of the tree may be on it: `src/shop/cart.py` is `cart`, `shop.cart` and
`src.shop.cart`. That is too much rather than too little, with two bounds: a folder with `__init__.py` is a package, and is not on
the search path where that would hide a module of the standard library (`shop/types.py` is not `types`), nor for names that
stand in a mere text.

A name here is one of: `a.b` imported; `~a.b` in a text; `?a.b` for type checkers; `!a.b` as a plug-in of pytest; `/a/b`, the place itself, as relative imports and
pytest's search for conftest.py reach it; `document:x`; and `ANY`.
"""

import sys
from collections.abc import Callable, Iterator

from podium.landing.impact.source import Source
from podium.policies.roles import Role, role_of

ANY = "*"
"""What a file refers to that may import anything."""
SHARED = "conftest.py"
"""The file that all others depend on, whether it exists or not: what is loaded for every test counts as imported there."""
_STANDARD = sys.stdlib_module_names
_ENDINGS = (".py", ".pyi")


def is_python(path: str) -> bool:
    return path.endswith(_ENDINGS)


def parts_of(path: str) -> list[str]:
    """The folders and the module's name; a package is called like its folder."""
    stem = path.rpartition(".")[0] if is_python(path) else path
    parts = stem.split("/")
    return parts[:-1] if parts[-1] == "__init__" and is_python(path) else parts


def names_of(path: str, *, is_package: Callable[[str], bool]) -> Iterator[str]:
    """All that a file may be called; `is_package` tells of a folder whether it holds `__init__.py`."""
    parts = parts_of(path)
    yield "/" + "/".join(parts)
    for start in range(len(parts)):
        inside = start > 0 and is_package("/".join(parts[:start]))
        name = ".".join(parts[start:])
        if not inside or parts[start] not in _STANDARD:
            yield name
        if not inside:
            yield f"~{name}"


def hides_standard(path: str, *, is_package: Callable[[str], bool]) -> bool:
    """Whether a file may come before a module of the standard library."""
    return any(
        not name.startswith("/") and name.lstrip("~") in _STANDARD
        for name in names_of(path, is_package=is_package)
    )


def own_names(path: str, *, is_package: Callable[[str], bool]) -> Iterator[str]:
    """What a file is called from the folder of its outermost package, or from above."""
    return (name[1:] for name in names_of(path, is_package=is_package) if name.startswith("~"))


def references(path: str, source: Source) -> frozenset[str]:
    """All names by which the file at `path` refers to others."""
    found = {*_around(path), *(f"document:{name}" for name in source.documents)}
    found.update(name for one in source.imports for name in _expanded(path, one))
    found.update(f"?{name}" for one in source.typed for name in _expanded(path, one))
    found.update(f"!{one}" for one in source.plugins)
    found.update(f"~{name}" for one in source.mentions for name in _prefixes(one))
    if path.endswith("__init__.py"):
        found.update(name for one in source.exported for name in _expanded(path, f".{one}"))
    if source.computed or (source.starts and role_of(path) is Role.TEST):
        found.add(ANY)
    return frozenset(found)


def _around(path: str) -> Iterator[str]:
    """What comes before a file: the packages it lies in, and every conftest.py above it."""
    folders = path.split("/")[:-1]
    for depth in range(len(folders) + 1):
        above = "".join(f"/{folder}" for folder in folders[:depth])
        yield above or "/"
        yield f"{above}/conftest"


def _expanded(path: str, name: str) -> Iterator[str]:
    """A name and the packages on its way, which are imported first."""
    if not name.startswith("."):
        yield from _prefixes(name)
        return
    rest = name.lstrip(".")
    folders = path.split("/")[:-1]
    up = len(name) - len(rest) - 1
    place = "".join(f"/{folder}" for folder in folders[: max(0, len(folders) - up)])
    yield place or "/"
    for part in rest.split(".") if rest else ():
        place = f"{place}/{part}"
        yield place


def _prefixes(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]
