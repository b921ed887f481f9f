"""Checking a change: another agent judges it, and the tests it proposes are tried by the gate's own means."""

from collections.abc import Callable, Sequence
from functools import partial

from podium.base.errors import PodiumError
from podium.base.text import clean_line
from podium.engine.asking import Asked, Question, ask
from podium.engine.jobs.base import Record
from podium.engine.jobs.gate import examine, protected_paths
from podium.engine.site import Site
from podium.gate.checks.proposed import ProposedCheck
from podium.git.objects import Entry
from podium.model.attempt import Change
from podium.model.checking import Judgment, Opinion, Proposal, Trial, Word
from podium.model.decision import Act, Decision
from podium.model.evidence import CheckResult
from podium.model.ids import Tree
from podium.model.risk import Risk
from podium.model.verdict import Verdict
from podium.review.checking import Case, compose
from podium.review.overlay import refusal
from podium.review.verdict import FILE, Invalid, fault, read_verdict
from podium.store.store import Transaction

_AGAIN = 1
"""How often an answer that is none is asked for again."""
_JUDGED = frozenset({Verdict.PASSED, Verdict.FAILED})


def check_change(site: Site, decision: Decision, _publish: Callable[[Record], None]) -> Record:
    """Have a change judged by the agent that was decided on."""
    change = site.store.change(decision.subject)
    if change is None:
        raise PodiumError(f"nothing is known of change {decision.subject}")
    agent = str(decision.data["agent"])
    question = Question(
        decision.key,
        compose(case_of(site, change, decision)),
        FILE,
        change.base,
        change.tree,
        ("submit_verdict",),
    )
    stops = partial(_stops, site, decision.scope)
    asked = ask(site, question, agent=agent, judge=fault, tries=_AGAIN, should_stop=stops)
    if site.store.cancelled(decision.scope):
        raise PodiumError("a person cancelled it")
    opinion = opinion_of(asked)
    judgment = Judgment(
        change.id, agent, opinion.word, opinion.because, site.clock(), opinion.findings,
        tuple(_tried(site, decision, change, test) for test in opinion.tests), asked.usage, asked.transcript.name,
    )  # fmt: skip

    def record(transaction: Transaction) -> None:
        transaction.write(judgment)

    return record


def opinion_of(asked: Asked) -> Opinion:
    """What was answered; no valid answer is an opinion too, one that approves nothing."""
    if asked.answer is None:
        return Opinion(Word.NONE, clean_line(asked.because) or "it wrote no answer")
    found = read_verdict(asked.answer)
    return Opinion(Word.NONE, clean_line(found.because)) if isinstance(found, Invalid) else found


def case_of(site: Site, change: Change, decision: Decision) -> Case:
    """What the checker is shown: nothing in it are its maker's words."""
    task = site.store.task(change.task) if change.task else None
    objects = site.repository.objects
    gates = [found for found in site.store.evidence_on(change.id) if found.id.startswith(f"{Act.GATE}:")]
    return Case(
        diff=objects.diff(change.base, change.head),
        files=[(file.path, file.added, file.deleted) for file in objects.changed(change.base, change.head)],
        evidence=gates[-1] if gates else None,
        risk=Risk(decision.data.get("risk", 0), tuple(decision.data.get("reasons", ()))),
        task=task,
        spec=site.store.spec(task.spec) if task else None,
        protected=protected_paths(site),
    )


def _tried(site: Site, decision: Decision, change: Change, test: Proposal) -> Trial:
    """A test on the change and, where that says something, on what the change was made from."""
    base = site.repository.objects.tree_of(change.base)
    reasons = [_refused(site, tree, test) for tree in (change.tree, base)]
    if any(reasons):
        return Trial(test, Verdict.COULD_NOT_RUN, next(filter(None, reasons)))
    found = _run(site, decision, change, change.tree, test)
    before = _run(site, decision, change, base, test) if found.verdict in _JUDGED else None
    return Trial(test, found.verdict, found.because, before.verdict if before else None, found.output)


def _refused(site: Site, tree: Tree, test: Proposal) -> str:
    entries: Sequence[Entry] = site.repository.objects.entries(tree)
    return refusal(test.path, entries, protected=protected_paths(site))


def _run(site: Site, decision: Decision, change: Change, tree: Tree, test: Proposal) -> CheckResult:
    """The test on a tree that its file is laid over. What is known of that very tree is not run again."""
    laid_over = site.repository.objects.add_file(tree, test.path, test.content.encode())
    check = ProposedCheck(test, site.settings().sandbox)
    evidence = examine(site, decision, [check], tree=laid_over, base=change.base, subject=change.id)
    return evidence.results[0]


def _stops(site: Site, scope: str) -> bool:
    """Whether this process ends, or a person cancelled."""
    return site.stopping.is_set() or site.store.cancelled(scope)
