"""Whether signed evidence holds, told from the envelope, a public key and a repository: nothing else is needed, no store, no network.

Pure: what the repository holds is asked through `Records`. What could not be checked is said to be unchecked, never fine.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from podium.base.digest import digest, digest_bytes
from podium.base.errors import ConfigError
from podium.base.signing import PublicKey
from podium.base.text import clean_line, count
from podium.config.load import load
from podium.config.place import CONFIG
from podium.gate.checks.base import GATE_VERSION
from podium.gate.checks.command import CommandCheck
from podium.model.evidence import GENESIS
from podium.model.verdict import Verdict, combine
from podium.provenance.envelope import Forged, digest_of, read, signer, unseal
from podium.provenance.statement import STATEMENT, TEST_RESULT

_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Holds(StrEnum):
    YES = "yes"
    NO = "no"
    UNCHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that evidence claims, whether it holds, and how that was told."""

    what: str
    holds: Holds
    because: str


@dataclass(frozen=True, slots=True)
class OwnChain:
    """The chain in the state of a Podium: how many envelopes it goes to, and the digest of the last that the anchor has too."""

    length: int
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Records:
    """What the repository holds: the tree of a commit, whether a tree is there, a file's bytes in a commit, the chain.

    Each answers None where it cannot tell, and is asked with well-formed object ids only. `chain` is every anchored envelope in
    its order; empty where there is no anchor. `held` says how many the anchor's earlier commits held, `own` what the state
    beside the repository has, None where there is none.
    """

    tree_of: Callable[[str], str | None]
    has_tree: Callable[[str], bool]
    read: Callable[[str, str], bytes | None]
    chain: Sequence[str] = ()
    held: int = 0
    own: OwnChain | None = None


def verify(text: str, key: PublicKey | None, records: Records, *, trusted: bool = True) -> tuple[Point, ...]:
    """Everything that can be told of an envelope. Where the signature does not hold, nothing else is asked.

    A key that came with the evidence is not `trusted`: that they belong together proves nothing.
    """
    try:
        said = unseal(text, key) if key else read(text)
    except Forged as error:
        return (Point("signature", Holds.NO, clean_line(str(error))),)
    try:
        claims = _Claims.of(said)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        return (Point("statement", Holds.NO, f"it is not one of Podium's: {clean_line(str(error))}"),)
    return (_signed(key, trusted=trusted), *claims.points(text, key, records))


def stands(points: Sequence[Point]) -> bool:
    """Whether evidence holds: signed by a key that is trusted, about a tree that is here, and nothing speaks against it."""
    proven = {point.what for point in points if point.holds is Holds.YES}
    return {"signature", "tree"} <= proven and all(point.holds is not Holds.NO for point in points)


def _signed(key: PublicKey | None, *, trusted: bool) -> Point:
    if key is None:
        return Point("signature", Holds.UNCHECKED, "no public key: --key FILE")
    by = f"ed25519 by {key.keyid[:16]}"
    if not trusted:
        return Point(
            "signature",
            Holds.UNCHECKED,
            f"{by}, a key that came with it: name the one you trust by --key FILE",
        )
    return Point("signature", Holds.YES, by)


@dataclass(frozen=True, slots=True)
class _Check:
    name: str
    digest: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Claims:
    """What a statement claims, in the types it must have."""

    tree: str
    commit: str
    rules: str
    """The commit whose files `materials` are."""
    gate: str
    materials: Mapping[str, str]
    verdict: Verdict
    checks: Sequence[_Check]
    version: int
    seq: int
    previous: str
    result: str
    parts: Sequence[str]
    """Of evidence that was put together: what it comes from."""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "_Claims":
        if said["_type"] != STATEMENT or said["predicateType"] != TEST_RESULT:
            raise ValueError("another type of statement")
        [subject], predicate = said["subject"], said["predicate"]
        ours, named = predicate["podium"], {one["name"]: one["digest"] for one in predicate["configuration"]}
        materials = {
            str(name): str(value["sha256"])
            for name, value in named.items()
            if "sha256" in value and name != "gate"
        }
        checks = [
            _Check(str(one["check"]), str(one["digest"]), Verdict(one["verdict"])) for one in ours["checks"]
        ]
        commit = subject["digest"].get("gitCommit", "")
        return cls(
            _object_id(subject["digest"]["gitTree"]), _object_id(commit) if commit else "", _object_id(ours["rules"]),
            str(named["gate"]["sha256"]), materials, Verdict(ours["verdict"]), checks,
            int(ours["gate_version"]), int(ours["seq"]), str(ours["previous"]), str(predicate["result"]),
            [str(part) for part in ours.get("composed", ())],
        )  # fmt: skip

    def points(self, text: str, key: PublicKey | None, records: Records) -> Iterator[Point]:
        yield self._tree(records)
        yield self._gate()
        for name in self.materials:
            yield self._material(name, records)
        yield self._rules(records)
        yield self._verdict()
        if self.parts:
            yield self._composed(records)
        yield self._chain(text, key, records)

    def _tree(self, records: Records) -> Point:
        found = records.tree_of(self.commit) if self.commit else None
        if found is not None:
            fits = found == self.tree
            because = f"the tree of {self.commit[:10]} is {found[:10]}" + (
                "" if fits else f", not {self.tree[:10]}"
            )
            return Point("tree", Holds.YES if fits else Holds.NO, because)
        if records.has_tree(self.tree):
            return Point("tree", Holds.YES, f"{self.tree[:10]} is in this repository")
        missing = self.commit or self.tree
        return Point("tree", Holds.UNCHECKED, f"{missing[:10]} is not in this repository")

    def _gate(self) -> Point:
        made = digest([self.version, *(check.digest for check in self.checks)])
        if made == self.gate:
            because = f"{self.gate[:16]} is the digest of the {count(len(self.checks), 'check')} named"
            return Point("gate", Holds.YES, because)
        if self.verdict is Verdict.PASSED:
            return Point("gate", Holds.NO, f"the checks named are not those of gate {self.gate[:16]}")
        return Point("gate", Holds.UNCHECKED, "it ended before its last check, so they are not all named")

    def _material(self, name: str, records: Records) -> Point:
        found, shown = records.read(self.rules, name), clean_line(name)
        if found is None:
            return Point(shown, Holds.UNCHECKED, f"it is not in {self.rules[:10]} here")
        fits = digest_bytes(found) == self.materials[name]
        return Point(
            shown, Holds.YES if fits else Holds.NO, f"{self.rules[:10]} has {'it' if fits else 'another'}"
        )

    def _rules(self, records: Records) -> Point:
        """Whether the checks that the configuration asks for are among those that ran, by digests made anew."""
        data = records.read(self.rules, CONFIG)
        if data is None or CONFIG not in self.materials:
            return Point("checks", Holds.UNCHECKED, f"no {CONFIG} says which there must be")
        if self.version != GATE_VERSION:
            return Point(
                "checks",
                Holds.UNCHECKED,
                f"they ran in a gate of version {self.version}; this is {GATE_VERSION}",
            )
        try:
            settings = load(data.decode(), origin=CONFIG)
        except (ConfigError, UnicodeDecodeError) as error:
            return Point("checks", Holds.UNCHECKED, f"{CONFIG} cannot be read: {clean_line(str(error))}")
        ran = {check.digest for check in self.checks}
        asked = [CommandCheck(check, settings.sandbox) for check in settings.gate.check]
        missing = [clean_line(check.name) for check in asked if check.digest not in ran]
        if missing:
            why = "a quarantine, or the end of the gate, may be why"
            return Point("checks", Holds.UNCHECKED, f"not as {CONFIG} has them: {', '.join(missing)}; {why}")
        how = "are meant" if self.parts else "ran as it says"
        return Point("checks", Holds.YES, f"{count(len(asked), 'check')} of {CONFIG} {how}")

    def _verdict(self) -> Point:
        came_to = combine(check.verdict for check in self.checks)
        passes = came_to is Verdict.PASSED
        fits = came_to is self.verdict and passes is (self.result in {"PASSED", "WARNED"})
        said = "" if fits else f", the statement says {self.verdict} and {clean_line(self.result)}"
        return Point("verdict", Holds.YES if fits else Holds.NO, f"the checks come to {came_to}{said}")

    def _composed(self, records: Records) -> Point:
        """Whether all that it was put together from is in the chain."""
        said = f"no check ran on this tree: put together from {count(len(self.parts), 'gate run')}"
        if not records.chain:
            return Point("composed", Holds.UNCHECKED, f"{said}; no chain is anchored here to find them in")
        known = set(_evidence_in(records.chain))
        missing = [clean_line(part) for part in self.parts if part not in known]
        if missing:
            return Point("composed", Holds.UNCHECKED, f"{said}; not in the chain: {', '.join(missing[:3])}")
        return Point("composed", Holds.YES, f"{said}, all in the chain")

    def _chain(self, text: str, key: PublicKey | None, records: Records) -> Point:
        if not records.chain:
            missing = "no chain is anchored here: git fetch origin 'refs/podium/*:refs/podium/*'"
            return Point("chain", Holds.UNCHECKED, missing)
        fault = chain_fault(records.chain, key) or end_fault(records)
        if fault:
            return Point("chain", Holds.NO, fault)
        if self.seq > len(records.chain):
            because = f"it is number {self.seq}; the anchor holds {len(records.chain)}"
            return Point("chain", Holds.UNCHECKED, because)
        if self.seq < 1 or records.chain[self.seq - 1] != text:
            return Point("chain", Holds.NO, f"number {self.seq} of the chain is another")
        others = foreign(records.chain, key) if key else 0
        by = f", {others} of them by other keys" if others else ""
        waiting = records.own.length - len(records.chain) if records.own else 0
        more = f"; {waiting} more wait to be anchored" if waiting else ""
        return Point("chain", Holds.YES, f"it is number {self.seq} of {len(records.chain)}{by}{more}")


def chain_fault(chain: Sequence[str], key: PublicKey | None) -> str:
    """What is wrong with a chain of envelopes, or empty: each is numbered and follows the one before it.

    One that is signed by another key (an older one was lost, say) is held in its place by those of `key` after it.
    """
    previous = GENESIS
    for number, text in enumerate(chain, start=1):
        try:
            mine = key is not None and signer(text) == key.keyid
            ours = (unseal(text, key) if key and mine else read(text))["predicate"]["podium"]
            if (ours["seq"], ours["previous"]) != (number, previous):
                return f"number {number} does not follow the one before it"
        except (Forged, KeyError, TypeError) as error:
            return f"number {number}: {clean_line(str(error))}"
        previous = digest_of(text)
    return ""


def end_fault(records: Records) -> str:
    """Whether a sound chain ends too early, or another one goes on elsewhere: told by all who know of its end; empty if not.

    That the anchor waits for the next landing is no fault. One who can write to the anchor's history and to the state as well
    can cut the end off unseen: only a copy of the anchor on another machine shows that.
    """
    length, own = len(records.chain), records.own
    if records.held > length:
        return f"the anchor ends at number {length} and held {records.held} before: its end was cut off"
    if own and own.length < length:
        return f"the chain in Podium's state ends at number {own.length}, the anchor at {length}: its end was cut off"
    if own and own.shared and own.shared != digest_of(records.chain[-1]):
        return f"number {length} is another in Podium's state"
    return ""


def foreign(chain: Sequence[str], key: PublicKey) -> int:
    """How many envelopes of a sound chain are signed by other keys."""
    return sum(1 for text in chain if signer(text) != key.keyid)


def _evidence_in(chain: Sequence[str]) -> Iterator[str]:
    """The ids of the evidence in a chain; what is none of ours is for `chain_fault` to say."""
    for text in chain:
        try:
            yield str(read(text)["predicate"]["podium"]["evidence"])
        except (Forged, KeyError, TypeError):
            continue


def _object_id(value: object) -> str:
    """What git may be asked for: nothing that could be an option or a name."""
    if not isinstance(value, str) or not _OBJECT_ID.fullmatch(value):
        raise ValueError("a git object has no such id")
    return value
