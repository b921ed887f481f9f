"""The short names people type: `3` for `checkout/3`."""

from collections.abc import Iterable

from podium.base.errors import UsageError


def resolve(name: str, known: Iterable[str], *, what: str) -> str:
    """The one known id that is `name` or ends in `/name`.

    Raises:
        UsageError: there is none, or there are several.
    """
    ids = list(known)
    if name in ids:
        return name
    found = [one for one in ids if one.endswith(f"/{name}") or one.partition("@")[0] == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name} could be {', '.join(found[:5])}", hint="write the whole id")
    raise UsageError(f"no {what} is called {name}", hint="podium status lists them")
