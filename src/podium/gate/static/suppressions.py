"""Comments that tell a tool to look away, and characters that people cannot see.

One line that is excused is worth a look; a file that is excused as a whole is no longer checked.
"""

import re
from collections import Counter
from collections.abc import Iterator

from podium.base.text import count
from podium.gate.delta import FileDelta
from podium.gate.static.base import Finding, Weight
from podium.gate.static.scene import Scene
from podium.policies.roles import Role, role_of

RULE = "suppressions"
_ONE_LINE = {
    "noqa": re.compile(r"#\s*(?:ruff:\s*|flake8:\s*)?noqa\b", re.IGNORECASE),
    "type: ignore": re.compile(r"#\s*(?:type|pyright|ty|pyrefly):\s*ignore\b"),
    "pragma: no cover": re.compile(
        r"#\s*pragma:\s*no\s*(?:cover|branch|mutate)\b|\b(?:istanbul|c8|v8)\s+ignore\b", re.IGNORECASE
    ),
    "pylint: disable": re.compile(r"#\s*pylint:\s*disable\b"),
    "nosec": re.compile(r"#\s*(?:nosec|nosemgrep)\b", re.IGNORECASE),
    "fmt: skip": re.compile(r"#\s*fmt:\s*(?:skip|off)\b"),
    "eslint-disable": re.compile(
        r"\beslint-disable(?:-next-line|-line)?\b|\bbiome-ignore\b|\boxlint-disable"
    ),
    "@ts-ignore": re.compile(r"@ts-(?:ignore|expect-error)\b"),
    "nolint": re.compile(r"//\s*nolint\b"),
    "allow": re.compile(r"#\[(?:allow|expect)\("),
    "SuppressWarnings": re.compile(r"@SuppressWarnings\b|@Suppress\("),
}
_WHOLE_FILE = re.compile(
    r"#\s*(?:ruff|flake8):\s*noqa\b(?!\s*:)|#\s*mypy:\s*(?:ignore-errors|disable-error-code|allow-)|#\s*pyright:\s*(?:basic|report\w+\s*=\s*false)|"
    r"#\s*pylint:\s*skip-file|^#\s*type:\s*ignore\s*$|/\*\s*eslint-disable\s*\*/|@ts-nocheck\b|#!\[allow\(",
    re.IGNORECASE,
)
_TURNED = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_UNSEEN = re.compile("[\u200b\u2060-\u2064\u00ad\u115f\u1160\u3164\uffa0]|(?<!^)\ufeff")
_ENDINGS = frozenset(
    [
        "py",
        "pyi",
        "pyw",
        "js",
        "mjs",
        "cjs",
        "jsx",
        "ts",
        "mts",
        "cts",
        "tsx",
        "vue",
        "svelte",
        "go",
        "rs",
        "java",
        "kt",
        "scala",
        "rb",
        "c",
        "h",
        "cc",
        "cpp",
        "hpp",
        "cs",
        "php",
        "swift",
        "sh",
        "bash",
        "toml",
        "yml",
        "yaml",
        "json",
        "cfg",
        "ini",
    ]
)


def suppressions(scene: Scene) -> Iterator[Finding]:
    """Those that a change brings; moved from one file to another, they are not new."""
    files = [file for file in scene.files() if file.path.rpartition(".")[2] in _ENDINGS]
    known = Counter(line.strip() for file in files for line in file.old.split("\n"))
    for file in files:
        new = [
            (number, line) for number, line in enumerate(file.new.split("\n"), start=1) if _takes(known, line)
        ]
        whole = next((number for number, line in new if _WHOLE_FILE.search(line)), 0)
        if whole:
            yield Finding(RULE, file.path, whole, "tells a tool to look away from the whole file")
        yield from _counted(file, new)


def characters(scene: Scene) -> Iterator[Finding]:
    """Characters that make code look like something else than it is."""
    for file in scene.files():
        text = file.new
        if file.is_gone or text.isascii():
            continue
        old = file.old
        for number, line in enumerate(text.split("\n"), start=1):
            turned, unseen = _TURNED.search(line), _UNSEEN.search(line)
            if (turned or unseen) and line not in old:
                docs = role_of(file.path) is Role.DOCS
                weight = Weight.BLOCKS if turned and not docs else Weight.ADVICE
                yield Finding(
                    "characters",
                    file.path,
                    number,
                    "has characters that nobody sees and that change what is read",
                    weight,
                )
                break


def _takes(known: Counter[str], line: str) -> bool:
    """Whether a line is none of those there were, each counted once."""
    known[line.strip()] -= 1
    return known[line.strip()] < 0


def _counted(file: FileDelta, new: list[tuple[int, str]]) -> Iterator[Finding]:
    for word, pattern in _ONE_LINE.items():
        lines = [number for number, line in new if pattern.search(line)]
        more = (
            min(len(lines), len(pattern.findall(file.new)) - len(pattern.findall(file.old))) if lines else 0
        )
        if more > 0:
            yield Finding(
                RULE,
                file.path,
                lines[0],
                f"{count(more, 'line')} more excused from checks (`{word}`)",
                Weight.ADVICE,
            )
