"""Whether a file that a checker proposes may be laid over a tree: a new one, inside it, on nothing protected. Pure."""

from collections.abc import Collection, Iterator, Sequence

from podium.base.text import clean_line
from podium.git.objects import Entry
from podium.policies.paths import violations
from podium.workspaces.audit import audit

_MODE = "100644"


def refusal(path: str, entries: Sequence[Entry], *, protected: Collection[str]) -> str:
    """Why `path` cannot be added to a tree of these entries, or empty."""
    return next(_faults(path, entries, tuple(protected)), "")


def _faults(path: str, entries: Sequence[Entry], protected: tuple[str, ...]) -> Iterator[str]:
    shown = clean_line(path)
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        yield f"{shown} is no path inside the tree"
    names = {entry.path for entry in entries}
    if path in names or any(name.startswith(f"{path}/") for name in names):
        yield f"{shown} is there already; a test is a new file"
    inside = next((one for one in _above(parts) if one in names), "")
    if inside:
        yield f"{shown} lies below {clean_line(inside)}, which is no folder"
    for violation in violations((path,), allowed=(), protected=protected):
        yield f"{shown}: {violation.because}"
    added = Entry(_MODE, "blob", "", 0, path)
    yield from audit([*entries, added], {path}, links={}, limit_kb=1)


def _above(parts: Sequence[str]) -> Iterator[str]:
    return ("/".join(parts[:length]) for length in range(1, len(parts)))
