"""Signed statements: a DSSE envelope around an in-toto statement.

DSSE (https://github.com/secure-systems-lab/dsse) signs the type and the very bytes of the payload, so nothing has to be
brought into a canonical form before it is verified. Pure, but for the key, which comes in.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podium.base.digest import canonical, digest_bytes
from podium.base.signing import PublicKey, SigningKey
from podium.base.text import clean_line

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class Forged(ValueError):
    """The envelope is not what was signed."""


def seal(statement: Mapping[str, Any], key: SigningKey) -> str:
    """The envelope of a statement, as text: the same statement and key give the same text."""
    payload = canonical(statement).encode()
    return _text(_Parts(payload, key.public.keyid, key.sign(encoding(PAYLOAD_TYPE, payload))))


def unseal(text: str, key: PublicKey) -> dict[str, Any]:
    """The statement in an envelope, once its signature is the key's.

    Raises:
        Forged: it is no envelope, or what is in it was not signed by this key.
    """
    parts = _parts(text)
    if parts.keyid != key.keyid:
        raise Forged(f"it is signed by {clean_line(parts.keyid, limit=16)}, not by {key.keyid[:16]}")
    if not key.verifies(encoding(PAYLOAD_TYPE, parts.payload), parts.signature):
        raise Forged("its signature is not this key's")
    return _statement(parts.payload)


def read(text: str) -> dict[str, Any]:
    """The statement in an envelope, whoever signed it.

    Raises:
        Forged: it is no envelope.
    """
    return _statement(_parts(text).payload)


def signer(text: str) -> str:
    """The id of the key that an envelope names as its own; only `unseal` tells whether it is.

    Raises:
        Forged: it is no envelope.
    """
    return _parts(text).keyid


def digest_of(text: str) -> str:
    return digest_bytes(text.encode())


def encoding(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is really signed."""
    name = payload_type.encode()
    return b" ".join([b"DSSEv1", str(len(name)).encode(), name, str(len(payload)).encode(), payload])


@dataclass(frozen=True, slots=True)
class _Parts:
    payload: bytes
    keyid: str
    signature: bytes


def _text(parts: _Parts) -> str:
    """The one text of an envelope."""
    return canonical(
        {
            "payloadType": PAYLOAD_TYPE,
            "payload": base64.b64encode(parts.payload).decode(),
            "signatures": [{"keyid": parts.keyid, "sig": base64.b64encode(parts.signature).decode()}],
        }
    )


def _parts(text: str) -> _Parts:
    """What an envelope consists of. Its text must be just as `seal` writes it, so that no byte can be changed unseen."""
    try:
        envelope = json.loads(text)
        [one] = envelope["signatures"]
        parts = _Parts(_decoded(envelope["payload"]), str(one["keyid"]), _decoded(one["sig"]))
        same = _text(parts) == text
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Forged(f"it is no envelope: {clean_line(str(error))}") from error
    if not same:
        raise Forged("it is not an envelope in the form that Podium signs")
    return parts


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _statement(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Forged("what it holds is no statement") from error
    if not isinstance(found, dict):
        raise Forged("what it holds is no statement")
    return found
