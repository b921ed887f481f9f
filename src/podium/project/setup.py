"""`podium init`: looks at a repository, proposes its podium.toml, and proves that the gate is green."""

import json
from dataclasses import dataclass
from pathlib import Path

from podium.base.errors import UsageError
from podium.base.files import write_atomically
from podium.config.load import load
from podium.config.place import CONFIG
from podium.config.template import render
from podium.engine.jobs.gate import checks_at, examine
from podium.engine.site import Site
from podium.git.repository import Repository
from podium.model.decision import Act, Decision
from podium.model.ids import Sha
from podium.project.detection import look_at
from podium.project.gating import view
from podium.project.location import remember_target
from podium.project.views.gate import GateView


@dataclass(frozen=True, slots=True)
class Proposal:
    """What podium.toml would say, and why. `missing` are programs that its checks need and this machine lacks."""

    path: Path
    text: str
    target: str
    kinds: tuple[str, ...]
    reasons: tuple[str, ...]
    missing: tuple[str, ...]


def propose(repository: Repository, *, target: str) -> Proposal:
    """Look at the tip of the target branch and propose a configuration; nothing is written.

    Raises:
        UsageError: there is a podium.toml already.
    """
    path = repository.root / CONFIG
    if path.exists():
        raise UsageError(f"{path} is there already", hint="edit it, or remove it to start again")
    detected = look_at(repository, repository.tip(target))
    text = render(detected)
    if target != "main":
        text = f"target = {json.dumps(target)}\n\n{text}"
    return Proposal(path, text, target, detected.kinds, detected.reasons, detected.missing)


def accept(repository: Repository, proposal: Proposal) -> None:
    """Write podium.toml and remember the target branch."""
    write_atomically(proposal.path, proposal.text.encode())
    remember_target(repository, proposal.target)


def prove(site: Site, text: str) -> GateView:
    """Run the gate that `text` configures on the tip of the target branch. Only the result of each check is kept."""
    settings = load(text, origin=CONFIG)
    tip: Sha = site.tip()
    decision = Decision(Act.BASELINE, tip, "podium init proves the gate", site.clock(), tip)
    checks = checks_at(site, settings=settings)
    tree = site.repository.objects.tree_of(tip)
    return view(examine(site, decision, checks, tree=tree, base=tip, subject=tip, settings=settings), tip)
