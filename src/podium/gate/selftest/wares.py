"""The planted code itself: a small module, its tests, and the wrong that cheats try to get past the gate.

`net` is what most of them break: with `wrong` it adds a discount where it should take it off, and one test sees that.
`middle` is a feature still to come, `cheapest` has a fault that no test shows yet.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wares:
    """The files as they stand on the base, `wrong` the module spoilt. New code goes before `mark` or after the end."""

    module: str
    wrong: str
    tests: str
    record: str
    mark: str

    def around(self, text: str, *, head: str, tail: str) -> str:
        """The module's text with code before its functions and after them."""
        before, mark, after = text.partition(self.mark)
        assert mark
        body = f"{before}{mark}" + (f"{head}\n\n" if head else "") + after.lstrip("\n" if head else "")
        return f"{body.rstrip()}\n\n\n{tail}\n" if tail else body
