"""The chain of signed evidence stays one chain, however many write it."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from shelf import open_store

from podium.base.digest import digest_bytes
from podium.store.chain import GENESIS
from podium.store.database import connect, sqlite_url
from podium.store.store import Store

WRITERS, EACH = 4, 25


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "podium.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = open_store(path)
    yield store
    store.close()


def envelope(seq: int, previous: str) -> str:
    return f"{seq} {previous}"


def add(store: Store, evidence: str) -> bool:
    with store.transaction() as transaction:
        return transaction.chain(evidence, make=envelope, at=1.0)


def links(store: Store) -> list[tuple[int, str]]:
    """Each envelope's number and what it says it follows, once the whole is known to be one chain."""
    previous = (0, GENESIS)
    for seq, text in store.envelopes():
        assert text == envelope(previous[0] + 1, previous[1])
        previous = (seq, digest_bytes(text.encode()))
    assert store.last_link() == (previous if previous[0] else None)
    return [(seq, text) for seq, text in store.envelopes()]


def test_each_envelope_follows_the_one_before_it(store: Store) -> None:
    assert store.last_link() is None
    assert all(add(store, name) for name in ("gate:a", "gate:b", "gate:c"))
    assert [seq for seq, _text in links(store)] == [1, 2, 3]
    assert store.envelope("gate:a") == envelope(1, GENESIS)


def test_evidence_is_in_the_chain_once_however_often_it_is_added(store: Store) -> None:
    assert add(store, "gate:a")
    assert not add(store, "gate:a")
    assert len(links(store)) == 1


def test_what_goes_wrong_in_the_making_leaves_no_gap(store: Store) -> None:
    def torn(_seq: int, _previous: str) -> str:
        raise ValueError("no JSON")

    add(store, "gate:a")
    with store.transaction() as transaction:
        with pytest.raises(ValueError, match="no JSON"):
            transaction.chain("gate:b", make=torn, at=1.0)
        transaction.note("held", "the rest is recorded all the same")
    add(store, "gate:c")
    assert len(links(store)) == 2
    assert store.note("held")


def test_a_transaction_that_fails_takes_its_link_along(store: Store) -> None:
    def broken() -> None:
        with store.transaction() as transaction:
            transaction.chain("gate:a", make=envelope, at=1.0)
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert store.last_link() is None


def test_a_chain_that_was_begun_elsewhere_goes_on_from_there_and_only_once(store: Store) -> None:
    for name in ("gate:a", "gate:b"):
        with store.transaction() as transaction:
            transaction.chain(name, make=envelope, at=1.0, after=(7, "d" * 64))
    first, second = store.envelopes()
    assert first == (8, envelope(8, "d" * 64))
    assert second == (9, envelope(9, digest_bytes(first[1].encode())))
    assert store.envelopes(after=8) == [second]


def _write_many(path: str, writer: int) -> None:
    store = Store(connect(sqlite_url(Path(path))))
    for number in range(EACH):
        add(store, f"gate:{writer}/{number}")
        add(store, f"gate:shared/{number}")
    store.close()


def test_several_processes_that_add_at_once_make_one_chain(path: Path, store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(str(path), writer)) for writer in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=120)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    found = links(store)
    assert [seq for seq, _text in found] == list(range(1, WRITERS * EACH + EACH + 1))
