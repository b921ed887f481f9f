"""The chain of signed evidence stays one, whoever appends to it and however often."""

import threading
from pathlib import Path

from shelf import open_store

from podium.base.digest import digest_bytes
from podium.model.evidence import GENESIS
from podium.model.grant import Grant, Quarantine


def test_each_link_names_the_one_before_it_and_none_is_there_twice(tmp_path: Path) -> None:
    store = open_store(tmp_path / "podium.db")
    for name in ("a", "b", "a"):
        with store.transaction() as transaction:
            fresh = transaction.chain(name, make=lambda seq, previous: f"{seq} after {previous}", at=1.0)
            assert fresh is (name not in dict.fromkeys(("a", "b")) or not store.envelope(name))
    first, second = store.envelopes()
    assert first == (1, f"1 after {GENESIS}")
    assert second == (2, f"2 after {digest_bytes(first[1].encode())}")
    assert store.envelope("b") == second[1]
    assert store.envelopes(after=1) == [second]


def test_many_that_append_at_once_make_one_chain(tmp_path: Path) -> None:
    store = open_store(tmp_path / "podium.db")

    def append(worker: int) -> None:
        for number in range(10):
            with store.transaction() as transaction:
                transaction.chain(
                    f"{worker}-{number}", make=lambda seq, previous: f"{seq} {previous}", at=1.0
                )

    workers = [threading.Thread(target=append, args=(worker,)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    chain = store.envelopes()
    assert [seq for seq, _text in chain] == list(range(1, 41))
    previous = GENESIS
    for seq, text in chain:
        assert text == f"{seq} {previous}"
        previous = digest_bytes(text.encode())


def test_what_people_let_pass_is_known_to_its_subject_and_a_quarantine_until_it_runs_out(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path / "podium.db")
    grant = Grant("s/1", ("tests/test_a.py",), "the rate changed", "Ada", 1.0)
    short = Quarantine("tests", "test_x", "flaky", "Ada", 1.0, until=5.0)
    longer = Quarantine("tests", "test_x", "still", "Ada", 3.0, until=9.0)
    for fact in (grant, grant, short, longer):
        with store.transaction() as transaction:
            transaction.write(fact)
    assert store.grants("s/1") == (grant,)
    assert store.grants("s/2") == ()
    assert store.quarantines(2.0) == (short,)
    assert store.quarantines(6.0) == (longer,)
    assert store.quarantines(9.0) == ()
