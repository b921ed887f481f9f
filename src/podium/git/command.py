"""How git is run: a clean environment, no hooks, no configuration but ours, one door.

A maker may have written any file of a tree, so nothing that a tree can name (filters, textconv, external diff, merge
drivers) may be configured where Podium reads it. Hence two command lines:

- `objects`: a bare directory of Podium's own with no configuration in it, pointed at the repository's object store.
  All reading, merging, exporting and committing goes through it.
- `refs`: the repository itself, for references and for letting the person's checkout follow; plumbing only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from podium.base import environment
from podium.base.errors import GitError
from podium.base.processes import Finished, run
from podium.base.text import tail

_CLEAN = {
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/false",
    "GIT_EDITOR": "/bin/false",
    "GIT_PAGER": "cat",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_AUTHOR_NAME": "Podium",
    "GIT_AUTHOR_EMAIL": "podium@localhost",
    "GIT_COMMITTER_NAME": "Podium",
    "GIT_COMMITTER_EMAIL": "podium@localhost",
}
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=true",
    "core.logAllRefUpdates=false",
    "safe.directory=*",
    "gc.auto=0",
    "maintenance.auto=false",
    "merge.renames=true",
    "merge.directoryRenames=conflict",
    "transfer.fsckObjects=true",
    "advice.detachedHead=false",
)


@dataclass(frozen=True, slots=True)
class Git:
    """git on one directory. `extra` adds environment variables (an object store, an index, a work tree)."""

    git_dir: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    def run(
        self, *arguments: str, stdin: bytes = b"", check: bool = True, env: Mapping[str, str] | None = None
    ) -> Finished:
        """Run one git command.

        Raises:
            GitError: it exited non-zero and `check` is set; the text has the command and git's own words.
        """
        argv, clean = command_line(self, *arguments)
        done = run(argv, env={**clean, **(env or {})}, stdin=stdin, time_limit=timedelta(minutes=30))
        if check and done.code:
            raise GitError(
                f"git {arguments[0]} failed: {tail(done.stderr.decode(errors='replace'), lines=5)}"
            )
        return done

    def text(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """What it printed, outer white space removed."""
        return self.run(*arguments, stdin=stdin, env=env).stdout.decode(errors="surrogateescape").strip()

    def fields(self, *arguments: str) -> list[str]:
        """What a `-z` command printed, split."""
        return split_zero(self.run(*arguments).stdout)


def command_line(git: Git, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """What is run for a git command, and its whole environment."""
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    argv = ["git", f"--git-dir={git.git_dir}", *settings, *arguments]
    return argv, {"PATH": program_path(), **_CLEAN, **git.extra}


def persons_git(arguments: Sequence[str], *, cwd: Path) -> Finished:
    """Git as the person would run it, with their own configuration; only for questions about them and their repository."""
    # A `status` that refreshes the index would hold its lock just when a landing wants to move the checkout.
    return run(["git", "--no-optional-locks", *arguments], env=environment.everything(), cwd=cwd)


def split_zero(data: bytes) -> list[str]:
    return [field.decode(errors="surrogateescape") for field in data.split(b"\0")[:-1]]


def program_path() -> str:
    return environment.variable("PATH", "/usr/local/bin:/usr/bin:/bin")
