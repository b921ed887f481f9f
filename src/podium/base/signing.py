"""Ed25519 signatures: a key that is made once, and what it has signed.

A public key is 32 bytes, written as base64; its name, `keyid`, is their SHA-256.
"""

import base64
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from podium.base.digest import digest_bytes
from podium.base.files import write_once


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What tells whether a signature is the key's."""

    raw: bytes

    @property
    def keyid(self) -> str:
        return digest_bytes(self.raw)

    @property
    def text(self) -> str:
        return base64.b64encode(self.raw).decode()

    def verifies(self, data: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; it is in no text that anything prints."""

    public: PublicKey
    _private: Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data)

    def __repr__(self) -> str:
        return f"SigningKey({self.public.keyid[:16]})"


def signing_key(path: Path) -> SigningKey:
    """The key in `path`, a file for its owner alone, made now where there is none.

    Raises:
        OSError: it cannot be read or written.
        ValueError: what is there is no key.
    """
    private = Ed25519PrivateKey.from_private_bytes(
        write_once(path, Ed25519PrivateKey.generate().private_bytes_raw())
    )
    return SigningKey(PublicKey(private.public_key().public_bytes_raw()), private)


def public_key(text: str) -> PublicKey:
    """Read a public key as it is written.

    Raises:
        ValueError: it is none.
    """
    raw = base64.b64decode(text.strip(), validate=True)
    Ed25519PublicKey.from_public_bytes(raw)
    return PublicKey(raw)
