"""Paths that are never low risk, as data with reasons; what a score is made of otherwise is `risk`'s business.

A change to what checks the others (tests, CI, the gate, policy) or lets in code that nobody here wrote (dependencies)
starts at 80; one whose names speak of secrets, data or the outside world starts at 70
(Podium's research on risk scores; the numbers are judgment, not measurement).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from podium.policies.roles import Role, role_of


@dataclass(frozen=True, slots=True)
class Floor:
    """Paths that keep a score at `least` or above: by their role, a folder on the way, the file's name, or a word anywhere.

    All are compared in lower case; `names` are globs. `because` says why such a path deserves a look.
    """

    least: int
    what: str
    because: str
    role: Role | None = None
    folders: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TESTS = Floor(80, Role.TEST, "a weaker test lets every later change through", role=Role.TEST)

FLOORS: tuple[Floor, ...] = (
    Floor(80, Role.CI, "it decides what is checked, and runs with the project's secrets", role=Role.CI),
    Floor(80, Role.RUNNER, "makers must not tune what judges them", role=Role.RUNNER),
    Floor(80, Role.POLICY, "it says who and what may change this repository", role=Role.POLICY),
    Floor(80, Role.DEPENDENCIES, "code comes in that nobody here has read", role=Role.DEPENDENCIES),
    TESTS,
    Floor(
        70,
        "who may do what",
        "a fault here opens doors",
        words=_words(
            "auth authn authz authentication authorization authenticate authorize login logout oauth oauth2 oidc saml sso jwt "
            "session sessions password passwords passwd credential credentials token tokens permission permissions acl rbac csrf "
            "secret secrets"
        ),
    ),
    Floor(
        70,
        "cryptography",
        "a fault here is silent",
        words=_words(
            "crypto cryptography cipher ciphers encrypt encryption decrypt decryption hashing hmac signature signatures signing "
            "tls ssl x509 certificate certificates keyring pki"
        ),
    ),
    Floor(
        70,
        "migration of data",
        "data that was changed wrongly stays wrong after a revert",
        folders=_words("migrations migrate alembic"),
        words=_words("migration migrations migrate"),
        names=("*.sql",),
    ),
    Floor(
        70,
        "running programs",
        "a fault here runs somebody else's commands",
        words=_words("exec eval subprocess processes shell popen spawn sandbox pickle deserialize unsafe"),
    ),
    Floor(
        70,
        "the network",
        "a fault here talks to strangers",
        words=_words("network networking http https socket sockets proxy webhook webhooks cors dns smtp ssh upload uploads download ssrf"),
    ),
)  # fmt: skip
"""Highest first; a path belongs to the first that knows it."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


def floor_of(path: str) -> Floor | None:
    """The floor that a path belongs to, or None for an ordinary one."""
    return _find(path)


def touched(files: Sequence[str]) -> tuple[tuple[Floor, tuple[str, ...]], ...]:
    """The floors that a change stands on, highest first, each with its files."""
    by_floor: dict[Floor, list[str]] = {}
    for path in files:
        floor = floor_of(path)
        if floor:
            by_floor.setdefault(floor, []).append(path)
    return tuple((floor, tuple(by_floor[floor])) for floor in FLOORS if floor in by_floor)


@lru_cache(maxsize=16384)
def _find(path: str) -> Floor | None:
    *folders, name = path.lower().split("/")
    words = set(_NOT_A_WORD.split(_CAMEL.sub(" ", path).lower()))
    return next((floor for floor in FLOORS if _knows(floor, folders, name, words)), None)


def _knows(floor: Floor, folders: Sequence[str], name: str, words: set[str]) -> bool:
    return (
        (floor.role is not None and role_of("/".join((*folders, name))) is floor.role)
        or not floor.folders.isdisjoint(folders)
        or any(fnmatchcase(name, pattern) for pattern in floor.names)
        or not floor.words.isdisjoint(words)
    )
