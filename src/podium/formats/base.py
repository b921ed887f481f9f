"""What a spec format is: it knows its files, and reads one into a spec and the faults a person should mend.

Ticking a box is the same for every format (`tick`), because a task remembers the bytes of its own.
"""

from dataclasses import dataclass
from typing import Protocol

from podium.model.spec import Fault, Spec


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says, and what a person should mend in it.

    `spec` holds all that could be understood, even beside errors, so that every fault can be named at once; with any
    of the `errors` it must not run. It is None when the file is no text. `faults` come in the order of the file.
    """

    spec: Spec | None
    faults: tuple[Fault, ...] = ()

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that keep the spec from running."""
        return tuple(fault for fault in self.faults if fault.is_error)


class Format(Protocol):
    """One way of writing specs down."""

    @property
    def name(self) -> str: ...

    def recognises(self, data: bytes, *, path: str) -> bool:
        """Whether this format is the one to read the file with."""
        ...

    def read(self, data: bytes, *, path: str, spec_id: str) -> Reading:
        """Read a file. Never raises, whatever the bytes are."""
        ...
