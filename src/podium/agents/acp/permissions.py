"""What an agent is answered when it asks for permission: pure.

The sandbox decides what an agent can do; asking is a courtesy of its program, which would wait for ever without an answer.
So it is allowed, once, by the kind of the option and never by its place, its name or its id: agents order and name
them as they like.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_BY_PREFERENCE = ("allow_once", "allow_always", "reject_once", "reject_always")


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers an agent offers."""

    id: str
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The option that is chosen; None cancels the request, as no option is one that Podium knows."""

    option: Option | None
    because: str


def answer(options: Sequence[Option]) -> Answer:
    """Choose the mildest permission there is: once before always, and a refusal where nothing else is offered."""
    for kind in _BY_PREFERENCE:
        for option in options:
            if option.kind == kind:
                return Answer(
                    option,
                    f"the sandbox contains it: {kind}"
                    if kind.startswith("allow")
                    else f"nothing else is offered: {kind}",
                )
    offered = ", ".join(sorted({option.kind for option in options})) or "nothing"
    return Answer(None, f"it offers {offered}, which is no answer")
