"""What a target depends on, as one number: the state of a target on a tree is the set of changes in the tree that touch it.

A verdict on a target holds wherever the target is in the same state, whatever else is in the tree. That one sentence is
behind all that the planner does: landing on reused evidence, keeping the neighbours of what failed, any order of landing.

A state is the exclusive or of a 64-bit hash for each change that touches the target (Zobrist hashing): adding and
taking away a change is one operation, and the order of the changes does not matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Self

Name = str | int
"""Of a change, or of a target."""
EVERYTHING = "*"
"""The target that every change touches; a change that has it as a key touches every target."""
State = int


@lru_cache(maxsize=1 << 17)
def mark(change: Name) -> State:
    """The hash of a change: the same in every process."""
    return int.from_bytes(blake2b(f"{change}".encode(), digest_size=8).digest())


def overlap(keys: frozenset[Name], others: frozenset[Name]) -> bool:
    """Whether two changes touch a common target, so that they may break each other."""
    if EVERYTHING in keys or EVERYTHING in others:
        return True
    return not keys.isdisjoint(others)


@dataclass(slots=True)
class Ground:
    """The states of all targets on one tree. What nobody is known to have touched is in state 0."""

    touched: dict[Name, State] = field(default_factory=dict)
    wild: State = 0
    """Of the changes that touch everything."""
    whole: State = 0
    """Of all changes."""

    def __getitem__(self, key: Name) -> State:
        return self.whole if key == EVERYTHING else self.touched.get(key, 0) ^ self.wild

    def add(self, change: Name, keys: frozenset[Name]) -> None:
        """Put a change on it; put on twice, it is off again."""
        one = mark(change)
        self.whole ^= one
        if EVERYTHING in keys:
            self.wild ^= one
            return
        touched = self.touched
        for key in keys:
            touched[key] = touched.get(key, 0) ^ one

    def copy(self) -> Self:
        return type(self)(dict(self.touched), self.wild, self.whole)


@dataclass(frozen=True, slots=True)
class Layer:
    """Changes on top of a ground, without copying it."""

    ground: Ground
    top: Ground

    @classmethod
    def of(cls, ground: Ground, changes: Mapping[Name, frozenset[Name]]) -> "Layer":
        top = Ground()
        for change, keys in changes.items():
            top.add(change, keys)
        return cls(ground, top)

    def __getitem__(self, key: Name) -> State:
        return self.ground[key] ^ self.top[key]
