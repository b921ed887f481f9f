"""What the configuration of a tree says that makes tests depend on more than they import."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NAMES = frozenset(
    {
        "pyproject.toml",
        "pytest.ini",
        ".pytest.ini",
        "pytest.toml",
        ".pytest.toml",
        "tox.ini",
        "setup.cfg",
        "setup.py",
        "manifest.in",
        ".coveragerc",
    }
)
"""Names of the files that are read for it, in any folder."""
_PLUGIN = re.compile(r"(?:^|[\s\"'])-p[ =]?[\"']?(?!no:)([A-Za-z_][\w.]*)", re.MULTILINE)
_RUNS_PROSE = re.compile(
    r"doctest[-_]glob|sybil|mktestdocs|phmdoctest|pytest[-_](?:markdown|examples|codeblocks)"
)
_FAILS_UNDER = re.compile(r"fail[-_]under")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The texts of a tree's configuration, and the commands of its checks."""

    text: str = ""

    @property
    def offers_plugins(self) -> bool:
        """Whether the tree is itself a plug-in of pytest, which takes part in every test."""
        return "pytest11" in self.text

    @property
    def loads(self) -> Iterable[str]:
        """The plug-ins that are named by `-p`."""
        return _PLUGIN.findall(self.text)

    @property
    def runs_prose(self) -> bool:
        """Whether documentation may be run as tests."""
        return _RUNS_PROSE.search(self.text) is not None

    @property
    def finds_other_tests(self) -> bool:
        """Whether tests may lie in files and folders that are not called like tests."""
        return "python_files" in self.text or "doctest" in self.text

    @property
    def counts_lines(self) -> bool:
        """Whether the verdict depends on how much all tests together ran."""
        return "--cov" in self.text and _FAILS_UNDER.search(self.text) is not None

    def names(self, path: str) -> bool:
        return path.rpartition("/")[2] in self.text


def configured(texts: Iterable[bytes], commands: Iterable[str]) -> Configuration:
    return Configuration("\n".join([*commands, *(text.decode(errors="replace") for text in texts)]))


def is_configuration(path: str) -> bool:
    return path.rpartition("/")[2].lower() in _NAMES
