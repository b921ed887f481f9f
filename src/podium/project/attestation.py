"""Evidence as people ask for it: what proves a task, a change or a landing; and whether signed evidence holds."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from podium.base.errors import PodiumError, Unavailable, UsageError
from podium.base.signing import PublicKey, public_key, signing_key
from podium.engine.evidence import ANCHOR, KEY, anchor, key_of
from podium.engine.jobs.gate import checks_at
from podium.engine.members import member
from podium.engine.site import Site
from podium.gate.strength.tally import summary
from podium.git.blobs import read_blobs
from podium.git.objects import Entry
from podium.git.repository import Repository
from podium.model.attempt import Change
from podium.model.evidence import Evidence
from podium.model.ids import Sha
from podium.planning.criteria import Proofs, standing
from podium.project.gating import view as gate_view
from podium.project.location import database
from podium.project.state import open_store
from podium.project.views.evidence import CriterionView, EvidenceView, PointView, VerificationView
from podium.provenance.agent_trace import json_lines, traces
from podium.provenance.envelope import digest_of
from podium.provenance.statement import request_id
from podium.provenance.verify import OwnChain, Records, stands, verify
from podium.store.database import SCHEMA, schema_version

_LIMIT_BYTES = 16 * 1024 * 1024
_CAME_ALONG = "the key that came with the evidence"


def evidence(site: Site, name: str) -> EvidenceView:
    """What proves a task, a change, a candidate, a commit or a gate run, by its latest gate run.

    Raises:
        UsageError: nothing is known by that name, or no gate has looked at it.
    """
    found = find(site, name)
    strength = tuple(
        f"{one.check}: {summary(one.details)}" for one in found.results if "mutants" in one.details
    )
    return EvidenceView(
        found.id, bool(site.store.envelope(found.id)), gate_view(found), _repeat(found), tuple(_criteria(site, found)), strength
    )  # fmt: skip


def envelope(site: Site, name: str) -> str:
    """The signed statement about the latest gate run of something.

    Raises:
        UsageError: there is none.
    """
    found = find(site, name)
    text = site.store.envelope(found.id)
    if not text:
        raise UsageError(f"{found.id} is not signed", hint="podium log shows why")
    return text


def export(site: Site, name: str) -> str:
    """The same, to leave this machine: it is in the chain that is anchored here.

    Raises:
        UsageError: there is none.
    """
    text = envelope(site, name)
    with suppress(PodiumError):  # the next landing tries again
        anchor(site)
    return text


def agent_trace(site: Site, name: str) -> Iterator[str]:
    """What landed with a task, a change or a commit, as Agent Trace records, one JSON document a line.

    Raises:
        UsageError: nothing of that name has landed.
    """
    commit = _commit(site, name)
    names = {name, *(change.id for change in _changes(site, name))}
    landings = [one for one in site.store.landings() if one.commit == commit or names & set(one.members)]
    if not landings:
        raise UsageError(f"nothing of {name} has landed", hint="podium status")
    for landing in landings:
        known = site.store.landing_of(landing.members[0])
        changes = [change for one in landing.members if (change := site.store.change(one))]
        requests = {change.id: request_id(member(site, change)) for change in changes}
        lines = site.repository.objects.changed_lines(landing.previous, landing.commit)
        record = json.loads(known[1]) if known else {}
        yield json_lines(
            traces(record, landing.commit, lines=lines, requests=requests, at=landing.at)
        ).rstrip("\n")


def own_key(site: Site) -> str:
    return key_of(site).public.text


def find(site: Site, name: str) -> Evidence:
    """The latest gate run about something."""
    store = site.store
    exact = store.evidence(name)
    if exact:
        return exact
    subjects = [name, *(change.id for change in _changes(site, name))]
    commit = _commit(site, name)
    landed = [landing.candidate for landing in store.landings() if commit and landing.commit == commit]
    landed += [landing.candidate for landing in store.landings() if set(subjects) & set(landing.members)]
    runs = [
        run
        for subject in (*subjects, *landed, *([commit] if commit else []))
        for run in store.evidence_on(subject)
    ]
    if not runs:
        raise UsageError(
            f"no gate has looked at {name}", hint="podium gate REV, or podium status for what there is"
        )
    return max(runs, key=lambda run: run.at)


def verification(repository: Repository, wanted: str, *, key: Path | None, text: str) -> VerificationView:
    """Whether the envelope `text` holds, which was asked for as `wanted`.

    Raises:
        UsageError: the key cannot be read.
    """
    public, whose = _key(repository, key)
    points = verify(text, public, _records(repository), trusted=whose != _CAME_ALONG)
    shown = tuple(PointView(point.what, point.holds.value, point.because) for point in points)
    if public and whose != _CAME_ALONG:
        shown = tuple(
            replace(one, because=f"{one.because}, {whose}") if one.what == "signature" else one
            for one in shown
        )
    return VerificationView(wanted, stands(points), public.keyid if public else "", shown)


def read_envelope(path: Path) -> str:
    """What stands in a file, be it an envelope or not.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT_BYTES).decode(errors="replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _key(repository: Repository, file: Path | None) -> tuple[PublicKey | None, str]:
    """The key to verify with, and whose it is. One that comes with the evidence proves only that they belong together."""
    if file:
        try:
            return public_key(file.read_text()), f"the key in {file}"
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{file} is no public key: {error}", hint="podium evidence --public-key > key.pub"
            ) from error
    own = repository.state / "keys" / "evidence"
    if own.is_file():
        return signing_key(own).public, "this Podium's own key"
    anchored = repository.ref(ANCHOR)
    data = repository.objects.read(anchored, KEY) if anchored else None
    try:
        return (public_key(data.decode()), _CAME_ALONG) if data else (None, "")
    except ValueError:
        return None, ""


def _records(repository: Repository) -> Records:
    objects = repository.objects

    def tree_of(commit: str) -> str | None:
        found = objects.resolve(commit)
        return objects.tree_of(found) if found else None

    def has_tree(tree: str) -> bool:
        try:
            objects.entries(tree)
        except PodiumError:
            return False
        return True

    def read(commit: str, name: str) -> bytes | None:
        return objects.read(commit, name) if objects.resolve(commit) else None

    chain = tuple(_chain(repository))
    return Records(
        tree_of, has_tree, read, chain, _held_before(repository), _own_chain(repository, len(chain))
    )


def _held_before(repository: Repository) -> int:
    """How many envelopes the anchor's commit before the last held."""
    anchored = repository.ref(ANCHOR)
    parents = repository.objects.commit_info(anchored).parents[:1] if anchored else ()
    return sum(len(_envelopes(repository, parent)) for parent in parents)


def _own_chain(repository: Repository, anchored: int) -> OwnChain | None:
    """The chain in the state of this repository, where there is one: looking makes none."""
    if not database(repository).is_file():
        return None
    store = open_store(repository)
    try:
        end = store.last_link() if schema_version(store.engine) == SCHEMA else None
        shared = store.envelopes(after=min(anchored, end[0]) - 1, limit=1) if end else []
    except Unavailable:
        return None
    finally:
        store.close()
    same = [digest_of(text) for number, text in shared if number == anchored]
    return OwnChain(end[0], *same) if end else None


def _chain(repository: Repository) -> Iterator[str]:
    anchored = repository.ref(ANCHOR)
    if anchored is None:
        return
    names = [entry.object for entry in _envelopes(repository, anchored)]
    for data in read_blobs(repository.plain, names):
        yield data.decode(errors="replace")


def _envelopes(repository: Repository, anchored: Sha) -> list[Entry]:
    """The files of the chain in a commit of its anchor, in their order."""
    entries = repository.objects.entries(anchored)
    return sorted((one for one in entries if one.path.endswith(".json")), key=lambda one: one.path)


def _changes(site: Site, name: str) -> list[Change]:
    """The changes made for a task, which may be named without its spec."""
    return [
        change
        for change in site.store.changes()
        if change.task and name in (change.task, change.task.rpartition("/")[2])
    ]


def _commit(site: Site, name: str) -> Sha | None:
    try:
        return site.repository.resolve(name)
    except UsageError:
        return None


def _repeat(found: Evidence) -> tuple[str, ...]:
    """The commands that show the same again."""
    commands = dict.fromkeys(result.command for result in found.results if result.command)
    return (f"git archive {found.tree} | tar x -C $(mktemp -d)", *commands)


def _criteria(site: Site, found: Evidence) -> Iterator[CriterionView]:
    """How the criteria stand of the specs whose tasks this gate run is about."""
    store = site.store
    candidate = store.candidate(found.subject)
    changes = [store.change(one) for one in (candidate.members if candidate else (found.subject,))]
    tasks = {change.task: store.task(change.task) for change in changes if change and change.task}
    for name in dict.fromkeys(task.spec for task in tasks.values() if task):
        spec = store.spec(name)
        if spec is None:
            continue
        own = [task for task in tasks.values() if task and task.spec == name]
        digests = {check.name: check.digest for check in checks_at(site, tasks=own)}
        proofs = Proofs(found.results, digests, {task.id: found.tree for task in own})
        for one in standing(spec, own, proofs):
            yield CriterionView(one.name, one.standing.value, one.by, one.because)
