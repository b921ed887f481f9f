"""Which files a change may touch: what decides about a change is never part of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from podium.base.text import clean_line
from podium.policies.globs import Glob, parse

ALWAYS_PROTECTED: Mapping[str, str] = {
    "podium.toml": "it configures the gate",
    ".podium": "it holds what Podium decides by",
    ".github/workflows": "it configures CI",
    ".github/actions": "it configures CI",
    ".gitlab-ci.yml": "it configures CI",
    ".gitlab/ci": "it configures CI",
    ".circleci": "it configures CI",
    ".buildkite": "it configures CI",
    ".travis.yml": "it configures CI",
    "azure-pipelines.yml": "it configures CI",
    "bitbucket-pipelines.yml": "it configures CI",
    "Jenkinsfile": "it configures CI",
    "**/CODEOWNERS": "it says who must review",
    "**/.gitattributes": "it changes what git checks out and merges",
    ".gitmodules": "it brings in other repositories",
}
"""Globs no change may touch, each with the reason."""

_MAXIMUM_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Violation:
    """A file a change may not touch, and why."""

    path: str
    because: str


def matches(glob: str, path: str) -> bool:
    """Whether a glob, read from the repository's root, covers the file at `path`.

    >>> matches("src", "src/a/b.py"), matches("src/*", "src/a/b.py"), matches("src/**/b.py", "src/b.py")
    (True, False, True)
    """
    return parse(glob).matches(path)


def covers(glob: str, path: str) -> bool:
    """Whether a rule about `glob` is about the file at `path`: it matches, or stands where a folder of its must be.

    >>> covers("vendor/**", "vendor/a.c"), covers("vendor/**", "vendor"), covers("vendor/**", "src/vendor")
    (True, True, False)
    """
    read = parse(glob)
    return read.matches(path) or _replaces(path, read)


def protection(path: str) -> str:
    """Why no change may touch `path` without a person's grant, in every project; empty where it may."""
    return next((because for glob, because in ALWAYS_PROTECTED.items() if covers(glob, path)), "")


def violations(
    files: Iterable[str], *, allowed: tuple[str, ...], protected: tuple[str, ...]
) -> tuple[Violation, ...]:
    """The files a change touched and may not, in order; nothing means all is well.

    `allowed` are the task's globs: empty allows whatever is not protected. `protected` come on top of
    `ALWAYS_PROTECTED`, and protection wins.
    """
    guards = {**dict.fromkeys(protected, "the gate's configuration protects it"), **ALWAYS_PROTECTED}
    found = ((path, _because(path, guards, allowed)) for path in files)
    return tuple(Violation(path, because) for path, because in found if because)


def _because(path: str, guards: Mapping[str, str], allowed: tuple[str, ...]) -> str:
    for glob, reason in guards.items():
        if matches(glob, path):
            return f"{reason} (protected: {clean_line(glob)})"
        if _replaces(path, parse(glob)):
            return f"a file here would take the place of the protected {clean_line(glob)}"
    if not allowed or any(matches(glob, path) for glob in allowed):
        return ""
    shown = ", ".join(allowed[:_MAXIMUM_SHOWN]) + (", ..." if len(allowed) > _MAXIMUM_SHOWN else "")
    return f"it is outside the task's paths ({clean_line(shown)})"


def _replaces(path: str, guard: Glob) -> bool:
    """Whether the file stands where a folder must be for the guard to match: a link there could lead anywhere."""
    names = tuple(path.split("/"))
    return guard.root[: len(names)] == names
