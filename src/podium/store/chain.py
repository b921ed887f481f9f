"""The chain of signed evidence: each row names the digest of the one before it."""

from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from podium.base.digest import digest_bytes
from podium.model.evidence import GENESIS
from podium.store.tables import envelopes

Link = tuple[int, str]
"""The number of an envelope and its digest."""


def chain(
    connection: Connection,
    evidence: str,
    *,
    make: Callable[[int, str], str],
    at: float,
    after: Link = (0, GENESIS),
) -> bool:
    """Append what `make` makes of a sequence number and the digest it follows. False where the evidence is in the chain already.

    An empty table goes on `after` a link that was kept elsewhere.
    The connection must be alone in writing: see `database.writing`.
    """
    if connection.execute(select(envelopes.c.seq).where(envelopes.c.evidence == evidence)).first():
        return False
    seq, previous = last(connection) or after
    text = make(seq + 1, previous)
    row = {
        "seq": seq + 1,
        "evidence": evidence,
        "digest": digest_bytes(text.encode()),
        "previous": previous,
        "at": at,
    }
    connection.execute(insert(envelopes).values(**row, envelope=text))
    return True


def last(connection: Connection) -> Link | None:
    """The end of the chain, if it has begun."""
    wanted = select(envelopes.c.seq, envelopes.c.digest).order_by(envelopes.c.seq.desc()).limit(1)
    row = connection.execute(wanted).first()
    return (row.seq, row.digest) if row else None
