"""The kinds of sandbox, strongest first, and the choice among them."""

from podium.base.errors import Unavailable, UsageError
from podium.workspaces.sandboxes.base import Sandbox
from podium.workspaces.sandboxes.bubblewrap import Bubblewrap
from podium.workspaces.sandboxes.landlock import Landlock
from podium.workspaces.sandboxes.none import Unconfined

SANDBOXES: tuple[Sandbox, ...] = (Bubblewrap(), Landlock(), Unconfined())


def choose(kind: str) -> Sandbox:
    """The sandbox called `kind`, tried for real.

    Raises:
        UsageError: there is no such kind.
        Unavailable: it does not work on this machine; nothing weaker is taken in its place.
    """
    sandbox = next((sandbox for sandbox in SANDBOXES if sandbox.kind == kind), None)
    if sandbox is None:
        raise UsageError(
            f"no sandbox is called {kind!r}", hint=f"one of: {', '.join(each.kind for each in SANDBOXES)}"
        )
    trouble = sandbox.unavailable()
    if trouble:
        raise Unavailable(f"the {kind} sandbox does not work here: {trouble}", hint=_weaker(sandbox))
    return sandbox


def _weaker(sandbox: Sandbox) -> str:
    """The weaker choices, to be said aloud by the person."""
    names = [f'"{each.kind}"' for each in SANDBOXES[SANDBOXES.index(sandbox) + 1 :]]
    return f"or say aloud in podium.toml, under [sandbox], that a weaker one will do: kind = {' or '.join(names)}"
