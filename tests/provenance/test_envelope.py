"""An envelope is what was signed, byte for byte, by the key that is asked for; or it is refused."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.base.digest import canonical
from podium.base.signing import SigningKey, signing_key
from podium.provenance.envelope import PAYLOAD_TYPE, Forged, encoding, seal, unseal

STATEMENT = {"_type": "https://in-toto.io/Statement/v1", "predicate": {"result": "PASSED", "said": "grün"}}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return signing_key(tmp_path_factory.mktemp("keys") / "mine")


@pytest.fixture(scope="module")
def sealed(key: SigningKey) -> str:
    return seal(STATEMENT, key)


def refused(text: str, key: SigningKey) -> bool:
    try:
        unseal(text, key.public)
    except Forged:
        return True
    return False


def test_what_was_sealed_is_what_is_read(key: SigningKey, sealed: str) -> None:
    assert unseal(sealed, key.public) == STATEMENT
    assert seal(STATEMENT, key) == sealed, "the same statement and key give the same text"


def test_the_encoding_is_that_of_the_standard() -> None:
    assert encoding("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_byte_that_is_changed_anywhere_is_noticed(key: SigningKey, sealed: str) -> None:
    for place, character in enumerate(sealed):
        for flipped in {chr(ord(character) ^ 1), chr(ord(character) ^ 0x20), " "} - {character}:
            forged = sealed[:place] + flipped + sealed[place + 1 :]
            assert refused(forged, key), f"{character!r} at {place} became {flipped!r}: {forged}"


def test_a_byte_that_is_taken_out_or_put_in_is_noticed(key: SigningKey, sealed: str) -> None:
    for place in range(len(sealed)):
        assert refused(sealed[:place] + sealed[place + 1 :], key)
        assert refused(sealed[:place] + " " + sealed[place:], key)


def test_another_key_is_refused(tmp_path: Path, sealed: str) -> None:
    assert refused(sealed, signing_key(tmp_path / "other"))


def test_another_key_under_the_name_of_the_first_is_refused(tmp_path: Path, key: SigningKey) -> None:
    forged = json.loads(seal(STATEMENT, signing_key(tmp_path / "other")))
    forged["signatures"][0]["keyid"] = key.public.keyid
    assert refused(canonical(forged), key)


def test_a_second_signature_is_refused_though_the_first_holds(
    tmp_path: Path, key: SigningKey, sealed: str
) -> None:
    other = json.loads(seal(STATEMENT, signing_key(tmp_path / "other")))
    both = json.loads(sealed)
    both["signatures"] += other["signatures"]
    assert refused(canonical(both), key)


def test_a_payload_of_another_type_is_refused_though_it_is_signed(key: SigningKey) -> None:
    payload = canonical(STATEMENT).encode()
    for kind in ("application/json", PAYLOAD_TYPE.upper()):
        signature = base64.b64encode(key.sign(encoding(kind, payload))).decode()
        forged = {
            "payloadType": kind,
            "payload": base64.b64encode(payload).decode(),
            "signatures": [{"keyid": key.public.keyid, "sig": signature}],
        }
        assert refused(canonical(forged), key)


def test_no_signature_is_no_signature(key: SigningKey, sealed: str) -> None:
    assert refused(canonical({**json.loads(sealed), "signatures": []}), key)


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
)


@given(text=st.text() | values.map(json.dumps))
def test_whatever_is_no_envelope_is_refused_and_nothing_worse(text: str, key: SigningKey) -> None:
    assert refused(text, key)


@given(part=st.sampled_from(["payload", "payloadType", "signatures"]), value=values)
def test_an_envelope_with_a_part_of_another_shape_is_refused(
    part: str, value: Any, key: SigningKey, sealed: str
) -> None:
    assert refused(json.dumps({**json.loads(sealed), part: value}), key)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, '{"payload": ' + "9" * 10_000 + "}", '"\\ud800"', "\ud800", "NaN"],
)
def test_an_envelope_that_would_break_a_reader_is_refused(text: str, key: SigningKey) -> None:
    assert refused(text, key)
