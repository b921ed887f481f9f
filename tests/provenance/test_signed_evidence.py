"""Signed evidence: whatever is changed in it, around it or in the chain it belongs to, shows."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_record import BASE, COMMIT, EVIDENCE, MEMBER, RESULT, TREE

from podium.base.digest import digest, digest_bytes
from podium.base.signing import PublicKey, SigningKey, public_key, signing_key
from podium.gate.checks.base import GATE_VERSION
from podium.model.evidence import GENESIS, Evidence
from podium.model.verdict import Verdict
from podium.provenance.envelope import PAYLOAD_TYPE, Forged, digest_of, encoding, read, seal, unseal
from podium.provenance.statement import TEST_RESULT, request_id, statement
from podium.provenance.verify import Holds, OwnChain, Records, chain_fault, verify

PASSED = replace(EVIDENCE, gate_digest=digest([GATE_VERSION, RESULT.digest]))
CONFIG = b"[gate]\n"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return signing_key(tmp_path_factory.mktemp("keys") / "evidence")


def sealed(key: SigningKey, evidence: Evidence = PASSED, *, seq: int = 1, previous: str = GENESIS) -> str:
    said = statement(
        evidence,
        seq=seq,
        previous=previous,
        commit=COMMIT,
        members=[MEMBER],
        materials={"podium.toml": digest_bytes(CONFIG)},
    )
    return seal(said, key)


def chained(key: SigningKey, *, length: int) -> list[str]:
    chain: list[str] = []
    for number in range(1, length + 1):
        previous = digest_of(chain[-1]) if chain else GENESIS
        chain.append(sealed(key, replace(PASSED, id=f"gate:{number}"), seq=number, previous=previous))
    return chain


def records(**changed: object) -> Records:
    there = Records(lambda _commit: TREE, lambda _tree: True, lambda _commit, _name: CONFIG)
    return replace(there, **changed)  # type: ignore[arg-type]


def told(text: str, key: PublicKey | None, there: Records) -> dict[str, Holds]:
    return {point.what: point.holds for point in verify(text, key, there)}


def test_a_key_is_made_once_for_its_owner_alone_and_its_name_is_public(tmp_path: Path) -> None:
    made = signing_key(tmp_path / "keys" / "evidence")
    assert signing_key(tmp_path / "keys" / "evidence").public == made.public
    assert (tmp_path / "keys" / "evidence").stat().st_mode & 0o777 == 0o600
    assert public_key(made.public.text) == made.public
    assert made.public.raw.hex() not in repr(made)


def test_a_statement_can_be_read_by_who_knows_in_toto_alone(key: SigningKey) -> None:
    said = read(sealed(key))
    assert (said["_type"], said["predicateType"]) == ("https://in-toto.io/Statement/v1", TEST_RESULT)
    assert said["subject"] == [{"name": EVIDENCE.subject, "digest": {"gitTree": TREE, "gitCommit": COMMIT}}]
    predicate = said["predicate"]
    assert (predicate["result"], predicate["passedTests"], predicate["failedTests"]) == (
        "PASSED",
        ["tests"],
        [],
    )
    assert {"name": "base", "digest": {"gitCommit": BASE}} in predicate["configuration"]
    asked = predicate["podium"]["requests"][0]
    assert asked["request"] == request_id(MEMBER)
    assert (asked["task"]["title"], asked["spec"]["digest"]) == ("Sum", "f" * 64)
    assert [attempt["agent"] for attempt in asked["attempts"]] == ["sed", "sed", "sed"]


def test_the_signature_is_over_the_encoding_that_dsse_defines(key: SigningKey) -> None:
    envelope = json.loads(sealed(key))
    payload = base64.b64decode(envelope["payload"])
    assert (
        encoding("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    signature = base64.b64decode(envelope["signatures"][0]["sig"])
    assert key.public.verifies(encoding(PAYLOAD_TYPE, payload), signature)


def test_everything_holds_where_everything_is_there(key: SigningKey) -> None:
    chain = chained(key, length=3)
    assert set(told(chain[1], key.public, records(chain=chain)).values()) == {Holds.YES}


@settings(max_examples=300)
@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_no_byte_can_be_changed_unseen(key: SigningKey, at: int, bit: int) -> None:
    text = sealed(key).encode()
    where = at % len(text)
    changed = text[:where] + bytes([text[where] ^ 1 << bit]) + text[where + 1 :]
    with pytest.raises((Forged, UnicodeDecodeError)):
        unseal(changed.decode(), key.public)


def test_another_key_is_another_signature(key: SigningKey, tmp_path: Path) -> None:
    other = signing_key(tmp_path / "other")
    assert told(sealed(key), other.public, records()) == {"signature": Holds.NO}


def test_without_a_key_nothing_is_said_to_be_signed(key: SigningKey) -> None:
    assert told(sealed(key), None, records())["signature"] is Holds.UNCHECKED


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"payload": 1}', "x" * 100, "[" * 100_000])
def test_what_is_no_envelope_is_refused_and_nothing_else(key: SigningKey, text: str) -> None:
    assert told(text, key.public, records()) == {"signature": Holds.NO}


def test_a_signed_statement_of_another_kind_is_none_of_ours(key: SigningKey) -> None:
    assert told(seal({"_type": "x"}, key), key.public, records())["statement"] is Holds.NO


def test_a_commit_with_another_tree_does_not_hold_and_one_that_is_missing_is_unchecked(
    key: SigningKey,
) -> None:
    text = sealed(key)
    assert told(text, key.public, records(tree_of=lambda _commit: "5" * 40))["tree"] is Holds.NO
    nothing = records(tree_of=lambda _commit: None, has_tree=lambda _tree: False)
    assert told(text, key.public, nothing)["tree"] is Holds.UNCHECKED


def test_a_gate_of_other_checks_than_those_named_does_not_hold(key: SigningKey) -> None:
    assert told(sealed(key, EVIDENCE), key.public, records())["gate"] is Holds.NO


def test_a_verdict_that_its_checks_do_not_come_to_does_not_hold(key: SigningKey) -> None:
    said = read(sealed(key))
    said["predicate"]["podium"]["checks"][0]["verdict"] = Verdict.FAILED.value
    assert told(seal(said, key), key.public, records())["verdict"] is Holds.NO


def test_a_configuration_that_the_base_does_not_have_does_not_hold(key: SigningKey) -> None:
    assert (
        told(sealed(key), key.public, records(read=lambda _commit, _name: b"other"))["podium.toml"]
        is Holds.NO
    )


@pytest.mark.parametrize("way", ["removed", "swapped", "replaced", "cut"])
def test_a_chain_that_was_tampered_with_shows(key: SigningKey, way: str) -> None:
    chain = chained(key, length=5)
    tampered = {
        "removed": [*chain[:2], *chain[3:]],
        "swapped": [chain[0], chain[2], chain[1], *chain[3:]],
        "replaced": [*chain[:2], sealed(key, seq=3, previous=GENESIS), *chain[3:]],
        "cut": chain[1:],
    }[way]
    assert chain_fault(chain, key.public) == ""
    assert chain_fault(tampered, key.public)
    assert told(chain[4], key.public, records(chain=tampered))["chain"] is Holds.NO


@pytest.mark.parametrize(
    ("left", "known", "because"),
    [
        (4, {"held": 5}, "held 5 before"), (5, {"own": OwnChain(3)}, "state ends at number 3"),
        (5, {"own": OwnChain(5, "0" * 64)}, "is another in Podium's state"),
    ],
)  # fmt: skip
def test_a_chain_that_is_cut_at_its_end_shows_where_somebody_knows_of_it(
    key: SigningKey, left: int, known: dict[str, object], because: str
) -> None:
    chain = chained(key, length=5)
    assert chain_fault(chain[:left], key.public) == ""
    points = verify(chain[1], key.public, records(chain=chain[:left], **known))
    assert [(point.holds, because in point.because) for point in points if point.what == "chain"] == [
        (Holds.NO, True)
    ]


@pytest.mark.parametrize(
    "known", [{}, {"held": 4}, {"own": OwnChain(9)}, {"own": OwnChain(4), "held": 3}], ids=str
)
def test_a_chain_that_waits_to_be_anchored_further_is_no_fault(
    key: SigningKey, known: dict[str, object]
) -> None:
    chain = chained(key, length=4)
    own = known.get("own")
    if isinstance(own, OwnChain):
        known = {**known, "own": replace(own, shared=digest_of(chain[-1]))}
    assert told(chain[1], key.public, records(chain=chain, **known))["chain"] is Holds.YES


def test_evidence_that_is_not_the_one_in_the_chain_does_not_hold(key: SigningKey) -> None:
    chain = chained(key, length=2)
    assert (
        told(sealed(key, seq=2, previous=digest_of(chain[0])), key.public, records(chain=chain))["chain"]
        is Holds.NO
    )


def test_evidence_that_is_not_anchored_yet_is_unchecked(key: SigningKey) -> None:
    chain = chained(key, length=3)
    assert told(chain[2], key.public, records(chain=chain[:2]))["chain"] is Holds.UNCHECKED
