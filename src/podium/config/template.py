"""The `podium.toml` that `podium init` writes: short, commented, and valid as it stands."""

import json

from podium.base.text import clean_line
from podium.config.detect import Detected
from podium.config.settings import CheckSettings

_HEAD = """\
# How changes are made, proven and landed here. Podium reads this file from the tip of the target branch,
# never from a change: what judges a change cannot be changed by it.
"""

_NO_CHECK = """\
# A check is a command, run by `sh -c` on a clean copy of the tree; it passes when it exits 0. {report} stands for
# the file a JUnit report goes to: with one, Podium knows every test by name.
#
# [[gate.check]]
# name = "tests"
# run = "pytest -q --junitxml={report}"
# report = "junit"
"""

_AGENTS = """\
# Agents make the changes. Podium knows Claude Code, Codex, Gemini CLI and more (`podium agents` lists them); they need
# nothing here: podium run SPEC --agent claude. What is written here goes on top of what Podium knows.
#
# [agents.claude]
# model = "sonnet"
# cost_usd = 2.0             # the most one attempt may cost
#
# Any program that edits files in its working directory and ends is an agent as well. {brief} is the file that says what
# to do, {paths} what may be changed, {task} the task's name.
#
# [agents.NAME]
# command = ["some-agent", "--prompt-file", "{brief}"]
# env = ["SOME_API_KEY"]     # variables of yours it gets; everything else is withheld
# egress = ["api.example.com"]  # hosts it reaches; without this line none

[policy]
review = "risky"             # who looks at a change that passed: people at the risky ones; or "always", "never"

[limits]
agents = 4                   # attempts at the same time
attempts = 3                 # attempts at one task before a person is asked
"""


def render(detected: Detected) -> str:
    """Write the settings for a repository as it was detected."""
    checks = [_check(check, reason) for check, reason in zip(detected.checks, detected.reasons, strict=False)]
    missing = [f"# Not installed here: {', '.join(detected.missing)}.\n"] if detected.missing else []
    return "\n".join([_HEAD, *missing, *(checks or _without_check(detected)), _AGENTS])


def _check(check: CheckSettings, reason: str) -> str:
    report = f"report = {_quoted(check.report)}\n" if check.report else ""
    return f"[[gate.check]]  # {clean_line(reason)}\nname = {_quoted(check.name)}\nrun = {_quoted(check.run)}\n{report}"


def _without_check(detected: Detected) -> list[str]:
    return [*(f"# {clean_line(reason)}\n" for reason in detected.reasons), _NO_CHECK]


def _quoted(text: str) -> str:
    """Write a TOML string: JSON's escapes are among TOML's, which wants DEL escaped as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
