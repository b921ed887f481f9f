"""Which lines a diff adds, read from git's own output."""

import re

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def added_lines(diff: str) -> dict[str, tuple[range, ...]]:
    """The lines of each new file that a diff without context (`-U0`) adds, counted from 1."""
    found: dict[str, tuple[range, ...]] = {}
    path, left = "", 0
    for line in diff.split("\n"):
        if left:  # a line of content, whatever it looks like
            left -= not line.startswith("\\")
        elif line.startswith("+++ "):
            path = _path_in(line.removeprefix("+++ ").removesuffix("\t"))
        elif hunk := _HUNK.match(line):
            removed, start, added = (int(part) if part else 1 for part in hunk.groups())
            left = removed + added
            if added:
                found[path] = (*found.get(path, ()), range(start, start + added))
    return found


def _path_in(name: str) -> str:
    """The path in a diff's header, which git quotes as C does where it holds odd bytes."""
    if name.startswith('"'):
        name = (
            name[1:-1]
            .encode("latin-1")
            .decode("unicode_escape")
            .encode("latin-1")
            .decode(errors="surrogateescape")
        )
    return name.removeprefix("b/")
