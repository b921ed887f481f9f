"""The short names people type: `3` for `checkout/3`."""

import getpass
from collections.abc import Iterable

from podium.base.errors import UsageError


def resolve(name: str, known: Iterable[str], *, what: str) -> str:
    """The one known id that `name` means: the id itself, without its spec, or of an attempt the task alone.

    Raises:
        UsageError: there is none, or there are several.
    """
    ids = list(known)
    if name in ids:
        return name
    found = [one for one in ids if {name, f"*/{name}"} & set(_short(one))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name} could be {', '.join(found[:5])}", hint="write the whole id")
    raise UsageError(f"no {what} is called {name}", hint="podium status lists them")


def person() -> str:
    """The account that answers; a local name, never a measure."""
    return getpass.getuser()


def _short(one: str) -> tuple[str, ...]:
    """The names that mean an id, a leading spec shown as a star: of `a/1@2` they are `a/1`, `*/1` and `*/1@2`."""
    task, local = one.partition("@")[0], one.rpartition("/")[2]
    return task, f"*/{local}", f"*/{task.rpartition('/')[2]}"
