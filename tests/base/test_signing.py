"""Keys: made once, private, and nothing but them fits what they signed."""

import stat
from pathlib import Path

import pytest

from podium.base.signing import PublicKey, public_key, signing_key


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "evidence"
    made, again = signing_key(path), signing_key(path)
    assert again.public == made.public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_shown_of_a_key_does_not_hold_it(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "key")
    shown = f"{key!r} {key}"
    assert (tmp_path / "key").read_bytes().hex() not in shown
    assert key.public.keyid[:16] in shown


def test_a_signature_fits_its_key_and_its_data_alone(tmp_path: Path) -> None:
    mine, other = signing_key(tmp_path / "mine"), signing_key(tmp_path / "other")
    signature = mine.sign(b"it passed")
    assert mine.public.verifies(b"it passed", signature)
    assert not mine.public.verifies(b"it failed", signature)
    assert not mine.public.verifies(b"it passed", signature[:-1])
    assert not other.public.verifies(b"it passed", signature)


def test_a_public_key_is_read_as_it_is_written(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "key").public
    assert public_key(f"{key.text}\n") == key


@pytest.mark.parametrize("text", ["", "AAAA", "no key", "é" * 44, "A" * 400])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        public_key(text)


def test_a_broken_private_key_is_an_error_and_not_a_new_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"torn")
    with pytest.raises(ValueError):
        signing_key(path)
    assert path.read_bytes() == b"torn"


def test_a_key_of_small_order_signs_nothing() -> None:
    assert not PublicKey(bytes(32)).verifies(b"it passed", bytes(64))
