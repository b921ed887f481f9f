"""How a diff looks."""

from rich.text import Text

from podium.base.text import clean

_STYLES = (("+++", "bold"), ("---", "bold"), ("diff ", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))
_MOST_LINES = 4000


def diff(text: str) -> Text:
    """The diff line by line in colour, at most 4,000 lines of it."""
    lines = clean(text).splitlines()
    shown = Text()
    for one in lines[:_MOST_LINES]:
        shown.append(f"{one}\n", _style(one))
    if len(lines) > _MOST_LINES:
        shown.append(f"… and {len(lines) - _MOST_LINES:,} more lines; git diff shows them\n", "dim")
    shown.rstrip()
    return shown


def _style(one: str) -> str:
    return next((style for start, style in _STYLES if one.startswith(start)), "")
