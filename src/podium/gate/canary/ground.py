"""Reads the ground of a canary: the tree whose tests are broken, its test files that may be, and how near they are to a change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from podium.gate.canary.base import LIMIT_BYTES
from podium.gate.canary.cases import likely_run
from podium.gate.canary.nearness import NOT_NEAR, Nearness, hops_to, words_of
from podium.gate.canary.registry import LANGUAGES, language_of
from podium.gate.canary.sabotage import Limits, pick_files
from podium.gate.checks.base import Context
from podium.git.blobs import read_blobs
from podium.git.objects import Entry
from podium.model.evidence import Cases, CheckResult
from podium.model.ids import Tree
from podium.policies.roles import judges

_QUICK_S = 10.0
"""A suite that takes no longer is run twice, whole."""
_MOST_READ = 1000
_MOST_SOURCES = 2000
_FILES = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class Ground:
    """Where tests are broken: a tree whose tests were run as they are, and its test files that may be."""

    tree: Tree
    plain: CheckResult
    files: Mapping[str, bytes] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    near: Nearness = NOT_NEAR

    @property
    def cases(self) -> Cases:
        return self.plain.cases or Cases()

    @property
    def is_quick(self) -> bool:
        return self.plain.duration_s <= _QUICK_S


def read_ground(
    context: Context, tree: Tree, plain: CheckResult, *, seed: str, approves: Callable[[str], bool]
) -> Ground:
    """The ground of `tree`, whose plain run is `plain`. A test that people let the change touch, and that it did, is none of it.

    Of many files those are kept that `seed` and the change draw.
    """
    entries = {entry.path: entry for entry in context.repository.objects.entries(tree)}
    changed = context.delta().files if context.compares else {}
    tests = [
        path
        for path, entry in entries.items()
        if _is_test(entry) and not (path in changed and approves(path))
    ]
    likely = likely_run(tests, plain.cases.passed if plain.cases else ())
    near = _nearness(context, entries, likely)
    ground = Ground(tree, plain, names=frozenset(entries), near=near)
    paths = pick_files(likely, seed, near, most=Limits().files if ground.is_quick else _MOST_READ)
    return Ground(tree, plain, _read(context, entries, paths), ground.names, near)


def _nearness(context: Context, entries: Mapping[str, Entry], tests: list[str]) -> Nearness:
    """How near `tests` are to what the change did; none is where the tree stands for itself."""
    changed = context.delta().files if context.compares else {}
    if not any(_is_source(path) for path in changed):
        return NOT_NEAR
    sources = [path for path, entry in entries.items() if _is_source(path) and _is_readable(entry)]
    read = _read(
        context, entries, [*tests, *(path for path in sources if path not in set(tests))][:_MOST_SOURCES]
    )
    return Nearness(hops_to(changed, tests, read), words_of(list(changed.values())))


def _read(context: Context, entries: Mapping[str, Entry], paths: list[str]) -> dict[str, bytes]:
    blobs = read_blobs(context.repository.plain, [entries[path].object for path in paths])
    return dict(zip(paths, blobs, strict=True))


def _is_test(entry: Entry) -> bool:
    return _is_readable(entry) and language_of(entry.path) is not None and judges(entry.path)


def _is_source(path: str) -> bool:
    return any(language.provides(path) for language in LANGUAGES)


def _is_readable(entry: Entry) -> bool:
    return entry.mode in _FILES and entry.size_bytes <= LIMIT_BYTES
