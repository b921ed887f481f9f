"""Which files are documentation that no code depends on unless it says so.

Only what lies at the root of the repository or in a folder for documentation: beside code, a text may be data that is read by a
computed path.
"""

from collections.abc import Iterator

from podium.policies.roles import Role, role_of

_KINDS = frozenset({"md", "rst", "txt", "adoc", "png", "jpg", "jpeg", "gif", "svg"})
_FOLDERS = frozenset({"docs", "doc"})
_NOTICES = ("license", "changelog", "authors")
_ANY_OF_A_KIND = "*."


def is_prose(path: str) -> bool:
    """Whether a file is documentation by its place and its kind. `test*.txt` is not: pytest runs it."""
    *folders, name = path.lower().split("/")
    kind = name.rpartition(".")[2] if "." in name else ""
    placed = not folders or not _FOLDERS.isdisjoint(folders)
    told = kind in _KINDS or (not kind and name.startswith(_NOTICES))
    run = kind == "txt" and name.startswith("test")
    return placed and told and not run and role_of(path) is Role.DOCS


def names_of_prose(path: str) -> Iterator[str]:
    """How code may refer to a document, as `Source.documents` has it: by its name, its kind, a folder above it."""
    *folders, name = path.lower().split("/")
    yield name
    yield f"{_ANY_OF_A_KIND}{name.rpartition('.')[2]}"
    yield from folders


def is_one(name: str) -> bool:
    """Whether a reference is to one document, not to all of a kind or folder."""
    return not name.startswith(_ANY_OF_A_KIND) and name not in _FOLDERS
