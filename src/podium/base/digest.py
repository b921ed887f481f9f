"""Names for content: canonical JSON and its SHA-256."""

import hashlib
import json
from typing import Any


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN, UTF-8 as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`, as 64 hex digits."""
    return digest_bytes(canonical(value).encode())


def digest_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
