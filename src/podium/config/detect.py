"""Looks at a repository and says which checks its gate should have, and why.

Pure: the listing, the reader and the question for programs are handed in. Whether the checks are green on the target
branch is for `podium init` to prove.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from podium.config.ecosystems.base import Found, Listing, Suggestion
from podium.config.ecosystems.registry import ECOSYSTEMS, LAST_RESORT
from podium.config.settings import CheckSettings

_NOTHING = "nothing known was found: write a [[gate.check]] whose command exits 0 when the project is well"
_SOURCES = (
    ".py",
    ".js",
    ".jsx",
    ".ts",
    ".tsx",
    ".go",
    ".rs",
    ".c",
    ".cc",
    ".cpp",
    ".h",
    ".java",
    ".kt",
    ".rb",
    ".sh",
)
_SCOPES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Detected:
    """What a repository seems to be.

    `reasons` has one line for each of `checks`, in their order; without a check, one line that says what to write.
    `missing` are programs the checks need and this machine lacks. `scopes` are globs that divide the code, as a
    task's `paths` may name them.
    """

    kinds: tuple[str, ...]
    checks: tuple[CheckSettings, ...]
    reasons: tuple[str, ...]
    missing: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


def detect(
    files: Collection[str], read: Callable[[str], bytes | None], has_program: Callable[[str], bool]
) -> Detected:
    """Look at a repository: the paths of its files, what is in them, and which programs this machine has."""
    listing = Listing(frozenset(files), read, has_program)
    found = [result for look in ECOSYSTEMS if (result := look(listing))]
    if not any(_tests(result) for result in found):
        found += [result for look in LAST_RESORT if (result := look(listing))]
    suggestions = _with_names_of_their_own(found)
    programs = dict.fromkeys(suggestion.program for suggestion in suggestions)
    return Detected(
        kinds=tuple(result.kind for result in found),
        checks=tuple(suggestion.check for suggestion in suggestions),
        reasons=tuple(suggestion.because for suggestion in suggestions) or (_advice(found),),
        missing=tuple(name for name in programs if not has_program(name)),
        scopes=_scopes(listing),
    )


def _tests(found: Found) -> bool:
    return any(suggestion.check.name == "tests" for suggestion in found.suggestions)


def _with_names_of_their_own(found: list[Found]) -> list[Suggestion]:
    """Name the checks apart: where two kinds both have `tests`, each is called after its kind."""
    often = Counter(suggestion.check.name for result in found for suggestion in result.suggestions)
    return [
        suggestion if often[suggestion.check.name] == 1 else _named_after(result.kind, suggestion)
        for result in found
        for suggestion in result.suggestions
    ]


def _named_after(kind: str, suggestion: Suggestion) -> Suggestion:
    check = suggestion.check.model_copy(update={"name": f"{kind}-{suggestion.check.name}"})
    return Suggestion(check, suggestion.because, suggestion.program)


def _advice(found: list[Found]) -> str:
    return next((result.advice for result in found if result.advice), _NOTHING)


def _scopes(listing: Listing) -> tuple[str, ...]:
    """List the top folders that hold code; under `src`, the folders in it."""
    sources = [
        PurePosixPath(file) for file in listing.own() if file.endswith(_SOURCES) and not file.startswith(".")
    ]
    folders = {_top(source.parent.parts) for source in sources if source.parent.parts}
    return tuple(f"{folder}/**" for folder in sorted(folders)[:_SCOPES_SHOWN])


def _top(folders: tuple[str, ...]) -> str:
    return "/".join(folders[:2]) if folders[0] == "src" else folders[0]
