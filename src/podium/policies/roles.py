"""What part a file plays in proving that a change is right: told from its path alone.

The lists are of names that tools are known to look for; a path belongs to the first role that knows it. What is in a file
that plays two parts (`pyproject.toml`) is for whoever reads it.
"""

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache


class Role(StrEnum):
    """The part a file plays."""

    CI = "continuous integration"
    POLICY = "policy"
    RUNNER = "the gate and its tools"
    """Configuration of test runners, linters, type checkers, builds: what judges."""
    DEPENDENCIES = "dependencies"
    TEST = "tests"
    """Tests and what stands beside them: fixtures, expected data, conftest.py."""
    DOCS = "documentation"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths by a folder on the way or by the file's name, in lower case; `names` are globs."""

    folders: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()

    def know(self, path: str) -> bool:
        *folders, name = path.lower().split("/")
        return not self.folders.isdisjoint(folders) or any(fnmatchcase(name, glob) for glob in self.names)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PATHS: dict[Role, Paths] = {
    Role.CI: Paths(
        _words(".github .gitlab .circleci .buildkite .ci .woodpecker .tekton"),
        (".gitlab-ci.yml", ".travis.yml", "appveyor.yml", "azure-pipelines*.yml", "bitbucket-pipelines.yml", "jenkinsfile*"),
    ),
    Role.POLICY: Paths(
        names=("codeowners", "agents.md", "claude.md", "gemini.md", ".gitattributes", ".gitmodules", "security.md"),
    ),
    Role.RUNNER: Paths(
        names=(
            "podium.toml", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "noxfile.py", "setup.cfg",
            ".coveragerc", "mypy.ini", ".mypy.ini", "ruff.toml", ".ruff.toml", ".flake8", ".pylintrc",
            ".pre-commit-config.yaml", ".eslintrc*", "eslint.config.*", "jest.config.*", "vitest.config.*", "vitest.workspace.*",
            "vite.config.*", ".mocharc*", "ava.config.*", "playwright.config.*", "tsconfig*.json", "biome.json*", ".swcrc", "babel.config.*",
            ".babelrc*", ".golangci.*", "clippy.toml", "nextest.toml", "makefile", "gnumakefile", "*.mk", "justfile", "taskfile.y*ml",
            "sitecustomize.py", "usercustomize.py", "*.pth", "pyrightconfig.json", "hatch_build.py", "build.rs",
        ),
    ),
    Role.DEPENDENCIES: Paths(
        names=(
            "pyproject.toml", "setup.py", "requirements*.txt", "requirements*.in", "constraints*.txt", "pipfile", "environment.y*ml",
            "*.lock", "*-lock.json", "*-lock.yaml", "package.json", "npm-shrinkwrap.json", ".npmrc", "go.mod", "go.sum", "cargo.toml",
            "pom.xml", "build.gradle*", "*.csproj", "gemfile", "*.gemspec", "composer.json", "dockerfile*", "*.dockerfile",
        ),
    ),
    Role.TEST: Paths(
        _words("test tests testing __tests__ testdata fixtures __fixtures__ golden goldens snapshots __snapshots__ cassettes"),
        ("test_*", "*_test.*", "*_spec.*", "*.test.*", "*.spec.*", "*test.java", "*tests.cs", "conftest.py"),
    ),
    Role.DOCS: Paths(_words("docs doc"), ("*.md", "*.rst", "*.txt", "*.adoc", "license*", "changelog*", "authors*")),
}  # fmt: skip

_JUDGES = frozenset({Role.CI, Role.POLICY, Role.RUNNER, Role.DEPENDENCIES, Role.TEST})


@lru_cache(maxsize=16384)
def role_of(path: str) -> Role:
    """The part the file at `path` plays.

    >>> role_of("tests/test_a.py"), role_of("src/a.py"), role_of("pytest.ini")
    (<Role.TEST: 'tests'>, <Role.SOURCE: 'source'>, <Role.RUNNER: 'the gate and its tools'>)
    """
    return next((role for role, paths in PATHS.items() if paths.know(path)), Role.SOURCE)


def judges(path: str) -> bool:
    """Whether the file has a part in judging others: tests, runner configuration, dependencies, CI, policy."""
    return role_of(path) in _JUDGES
