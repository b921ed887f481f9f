"""The languages whose tests can be made to fail: one line each."""

from podium.gate.canary.base import Language
from podium.gate.canary.golang import Go
from podium.gate.canary.javascript import JavaScript
from podium.gate.canary.python import Python

LANGUAGES: tuple[Language, ...] = (Python(), JavaScript(), Go())


def language_of(path: str) -> Language | None:
    """The language of the test file at `path`; None where it is no test file of a language that is known."""
    return next((language for language in LANGUAGES if language.knows(path)), None)
