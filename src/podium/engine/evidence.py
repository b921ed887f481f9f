"""Signing what a gate found, and anchoring the chain of it in the repository.

A verdict stands whether it could be signed or not: what cannot be signed is an event, and shows as unsigned.
"""

from collections.abc import Callable, Sequence

from podium.base.digest import digest_bytes
from podium.base.errors import PodiumError
from podium.base.signing import SigningKey, signing_key
from podium.base.text import clean_line
from podium.config.place import CONFIG
from podium.engine.members import members
from podium.engine.site import Site
from podium.git.objects import Objects, Signature
from podium.model.attempt import Change
from podium.model.event import Event
from podium.model.evidence import GENESIS, Evidence
from podium.model.ids import Sha
from podium.provenance.envelope import read, seal
from podium.provenance.statement import statement
from podium.store.chain import Link
from podium.store.store import Transaction

ANCHOR = "refs/podium/evidence"
"""A commit whose tree holds the public key and every envelope, each anchor on top of the one before."""
KEY = "key.pub"
_EACH = 1000


def key_of(site: Site) -> SigningKey:
    """The key of this Podium's state: no sandbox sees it, nothing prints it."""
    return signing_key(site.repository.state / "keys" / "evidence")


def attest(
    site: Site, evidence: Evidence, *, commit: Sha | None = None, changes: Sequence[Change] = ()
) -> Callable[[Transaction], None]:
    """What signs a gate run and puts it into the chain, to be done in the transaction that records the run.

    Asked again for the same run, it does nothing. The run is recorded whatever becomes of its signature.
    """
    try:
        make, after = _prepared(site, evidence, commit, changes), _kept_elsewhere(site)
    except (OSError, ValueError, PodiumError) as error:
        unsigned = _unsigned(evidence, error)
        return lambda transaction: transaction.append(unsigned)

    def sign(transaction: Transaction) -> None:
        try:
            transaction.chain(evidence.id, make=make, at=evidence.at, after=after)
        except (ValueError, TypeError, RecursionError) as error:  # what a check had to say is no JSON
            transaction.append(_unsigned(evidence, error))

    return sign


def anchor(site: Site) -> None:
    """Hold the chain, as far as it goes, under `refs/podium/evidence`; what could not be held is with the next one.

    Raises:
        PodiumError: it cannot be held there.
    """
    try:
        _anchor(site)
    except (OSError, ValueError) as error:
        raise PodiumError(f"the chain of evidence is not anchored: {clean_line(str(error))}") from error


def _anchor(site: Site) -> None:
    objects, head = site.repository.objects, site.repository.ref(ANCHOR)
    end = _end(objects, head) if head else (0, GENESIS)
    new = site.store.envelopes(after=end[0])
    if not new:
        return
    if _follows(new[0][1]) != end:
        raise PodiumError(
            f"the chain of evidence under {ANCHOR} is another than the one here; it is left as it is"
        )
    files: dict[str, bytes] = {_path(seq): text.encode() for seq, text in new}
    files[KEY] = f"{key_of(site).public.text}\n".encode()
    tree = objects.compose(objects.tree_of(head) if head else objects.empty_tree(), files)
    by, message = Signature(site.repository.person(), site.clock()), f"Evidence up to {new[-1][0]}\n"
    commit = objects.commit(tree, [head] if head else [], message, author=by, committer=by)
    site.repository.update_ref(ANCHOR, commit, old=head)  # another process that was quicker held as much


def _prepared(
    site: Site, evidence: Evidence, commit: Sha | None, changes: Sequence[Change]
) -> Callable[[int, str], str]:
    key, rules = key_of(site), site.tip()
    data = site.repository.objects.read(rules, CONFIG)
    materials = {CONFIG: digest_bytes(data)} if data is not None else {}
    known = members(site, changes)

    def make(seq: int, previous: str) -> str:
        said = statement(
            evidence,
            seq=seq,
            previous=previous,
            commit=commit,
            members=known,
            rules=rules,
            materials=materials,
        )
        return seal(said, key)

    return make


def _unsigned(evidence: Evidence, error: Exception) -> Event:
    return Event(
        "evidence.unsigned",
        evidence.subject,
        clean_line(f"{evidence.id} is not signed: {error}"),
        evidence.at,
    )


def _kept_elsewhere(site: Site) -> Link:
    """Where a chain goes on that has not begun in this store: in a clone, or where the state was lost, at its anchor."""
    head = None if site.store.last_link() else site.repository.ref(ANCHOR)
    return _end(site.repository.objects, head) if head else (0, GENESIS)


def _end(objects: Objects, head: Sha) -> Link:
    """The last link that is anchored."""
    newest = max(objects.entries(head), key=lambda entry: _number(entry.path), default=None)
    if newest is None or not _number(newest.path):
        return (0, GENESIS)
    return (_number(newest.path), digest_bytes(objects.blob(newest.object)))


def _follows(envelope: str) -> Link:
    """The link that an envelope of ours says it follows."""
    ours = read(envelope)["predicate"]["podium"]
    return (int(ours["seq"]) - 1, str(ours["previous"]))


def _path(seq: int) -> str:
    return f"{seq // _EACH:06d}/{seq:09d}.json"


def _number(path: str) -> int:
    stem = path.rpartition("/")[2].removesuffix(".json")
    return int(stem) if stem.isdecimal() else 0
