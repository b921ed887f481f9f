"""What a runner is: it knows whose tests a command runs, so that Podium can have them run in another way.

Where no runner knows a command, it is run as it stands and says what it says.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PROBE = Path(__file__).parent / "probe"
"""The folder of our own plug-ins: programs that run inside, beside the tree's code. To be mounted read-only."""

_SEEN_AS = Path("/run/podium-probe")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a run differs from the plain one. All paths are as seen inside the sandbox; the root is where the command starts.

    `lines` is written as JSON `{"lines": {test id: {path: [line, ...]}}}` with the ids of the report (`classname::name`) and
    paths relative to the root; what ran before the first test (imports, mostly) stands under the id `""`. The tree's own
    code runs where it is written: it is a hint and no proof.
    """

    report: str
    """The JUnit file."""
    probe: str = ""
    """The folder where our own plug-ins lie (`seen_as`)."""
    tests: tuple[str, ...] = ()
    """Only these test files, relative to the root; all when empty."""
    shuffle: int | None = None
    """The seed of a random order."""
    lines: str = ""
    """A file to write which lines each test ran."""
    watch: tuple[str, ...] = ()
    """The source files, relative to the root, whose lines are recorded."""
    plugins: tuple[str, ...] | None = None
    """The runner's plug-ins that are loaded, by module; those installed on this machine where nothing is said."""


class Runner(Protocol):
    """One test runner."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str:
        """What names the way it runs tests: another one may see other things on the same tree."""
        ...

    def order(self, run: str, wanted: Wanted) -> str:
        """The shell command that does what `run` does, in the way wanted."""
        ...

    def files(self, tests: Iterable[str], names: Collection[str]) -> frozenset[str] | None:
        """Those paths of `names` that may hold the tests, given by their ids; None where that cannot be told of one."""
        ...


def seen_as(*, maps_paths: bool) -> Path:
    """The folder of our plug-ins as a command in the sandbox sees it: `Wanted.probe`."""
    return _SEEN_AS if maps_paths else PROBE


def mounts(*, maps_paths: bool) -> Mapping[Path, Path]:
    """What `Box.read` must hold for it."""
    return {PROBE: seen_as(maps_paths=maps_paths)}
