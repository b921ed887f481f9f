"""`podium queue`: what waits to be integrated, in order, and what is being built for it."""

from podium.engine.site import Site
from podium.landing.queue import queued
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.ids import CandidateId
from podium.model.progress import progress_of_change
from podium.project.views import CandidateView, QueueItem, QueueView


def queue(site: Site) -> QueueView:
    tip, checkout = site.observe()
    facts = site.store.facts(tip, checkout, now=site.clock())
    items = []
    for position, change in enumerate(queued(facts), start=1):
        progress = progress_of_change(facts, change)
        items.append(QueueItem(position, change.id, change.title, progress.since, progress.because))
    weaves = [decision for decision in facts.decisions.values() if decision.act is Act.WEAVE]
    return QueueView(
        site.branch, tip, tuple(items), tuple(_candidate(facts, weave) for weave in weaves), checkout
    )


def _candidate(facts: Facts, weave: Decision) -> CandidateView:
    built = facts.candidates.get(CandidateId(weave.subject))
    members = built.members if built else tuple(weave.data["members"])
    found, failure = facts.findings.get(weave.key), facts.failed(weave)
    if found:
        return CandidateView(weave.subject, members, facts.tip, found.verdict, found.because)
    if failure:
        return CandidateView(weave.subject, members, facts.tip, "no verdict", failure.because)
    return CandidateView(weave.subject, members, facts.tip, "gating" if built else "merging", weave.because)
