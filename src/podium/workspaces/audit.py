"""The tree audit: what a change may not bring in, though git itself accepts it.

Pure: it looks at the entries of a tree, which of them changed, and where links point. What was in the base already is
the person's own and is not judged, but a changed name may not clash with any other.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from podium.base.text import clean, count, is_utf8
from podium.git.objects import Entry, Objects
from podium.model.ids import Sha, Tree

_REGULAR = frozenset({"100644", "100755"})
_LINK = "120000"
_GITLINK = "160000"
_GIT_NAMES = frozenset({".git", "git~1"})
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MOST_REASONS = 20


def audit_change(objects: Objects, base: Sha, head: Sha, *, limit_kb: int) -> tuple[str, ...]:
    """Why the change from `base` to `head` cannot be taken in; empty when nothing speaks against it."""
    changed = {change.path for change in objects.changed(base, head)}
    entries = objects.entries(head)
    links = {
        entry.path: _target(objects, head, entry)
        for entry in entries
        if entry.mode == _LINK and entry.path in changed
    }
    gone = sorted(changed - {entry.path for entry in entries})
    unnameable = tuple(f"{_shown(path)}: its name is not UTF-8" for path in gone if not is_utf8(path))
    return unnameable[:_MOST_REASONS] or audit(entries, changed, links=links, limit_kb=limit_kb)


def audit(
    entries: Sequence[Entry], changed: Collection[str], *, links: Mapping[str, str], limit_kb: int
) -> tuple[str, ...]:
    """The same on values: `changed` names paths, `links` gives the targets of changed links; one reason a fault."""
    reasons = [
        f"{_shown(entry.path)}: {fault}"
        for entry in entries
        if entry.path in changed
        for fault in _faults(entry, links, limit_kb)
    ]
    reasons += _clashes([entry.path for entry in entries], changed)
    more = len(reasons) - _MOST_REASONS
    return (*reasons[:_MOST_REASONS], f"and {count(more, 'more fault')}") if more > 0 else tuple(reasons)


def _target(objects: Objects, head: Sha | Tree, entry: Entry) -> str:
    return (objects.read(head, entry.path) or b"").decode(errors="surrogateescape")


def _faults(entry: Entry, links: Mapping[str, str], limit_kb: int) -> Iterator[str]:
    yield from _name_faults(entry.path)
    if entry.mode == _GITLINK:
        yield "is a repository of its own; only files can be taken in"
    elif entry.mode == _LINK:
        yield from _link_faults(entry.path, links[entry.path])
    elif entry.mode not in _REGULAR:
        yield f"has the mode {entry.mode}; only regular files and links can be taken in"
    if entry.size_bytes > limit_kb * 1024:
        yield f"has {-(-entry.size_bytes // 1024)} KiB; the limit is {limit_kb} KiB (limits.change_kb in podium.toml)"


def _name_faults(path: str) -> Iterator[str]:
    if not is_utf8(path):
        yield "its name is not UTF-8"
    elif any(unicodedata.category(character) in _UNSAFE for character in path):
        yield "its name has control or invisible characters"
    if any(part.casefold() in _GIT_NAMES for part in path.split("/")):
        yield "its name belongs to git"


def _link_faults(path: str, target: str) -> Iterator[str]:
    if not target or target.startswith("/"):
        yield f"links to {_shown(target) or 'nothing'}, outside the tree"
        return
    parts = [part for part in target.split("/") if part not in ("", ".")]
    ups = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    if ups > path.count("/"):
        yield f"links to {_shown(target)}, outside the tree"
    elif ".." in parts[ups:]:
        # After a name that may itself be a link, `..` leads to the parent of wherever that link goes.
        yield f"links to {_shown(target)}, which goes up again after going down"
    yield from (f"links to {_shown(target)}: {fault}" for fault in _name_faults(target))


def _clashes(paths: Sequence[str], changed: Collection[str]) -> list[str]:
    """Changed names that some file system cannot tell from another: equal but for case or Unicode form."""
    touched = _with_folders(changed)
    same = defaultdict(list)
    for name in _with_folders(paths):
        same[_folded(name)].append(name)
    groups = [sorted(names) for names in same.values() if len(names) > 1]
    found = [names for names in groups if any(name in touched for name in names)]
    return sorted(
        f"{_shown(first)}: differs from {_shown(second)} only in case or form" for first, second, *_ in found
    )


def _with_folders(paths: Iterable[str]) -> set[str]:
    names = set(paths)
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in names:
            names.add(folder)
            folder = folder.rpartition("/")[0]
    return names


def _shown(name: str) -> str:
    """A name on one line, safe to print."""
    return clean(name).replace("\n", "\\x0a").replace("\t", "\\x09")


def _folded(name: str) -> str:
    return (
        name.lower()
        if name.isascii()
        else unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    )
