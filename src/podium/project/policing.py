"""What people see of the policy and what they say to it: the rules, a ruling on a change, grants, quarantines."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from podium.base.errors import UsageError
from podium.base.text import clean_line
from podium.config.settings import PolicyRule
from podium.engine.engine import Engine
from podium.engine.jobs.gate import tasks_of, terms_of
from podium.engine.ownership import policy_of
from podium.engine.reviewing import request_of, risk_of
from podium.engine.site import Site
from podium.model.attempt import Change
from podium.model.decision import Act
from podium.model.event import Event
from podium.model.facts import Facts
from podium.model.grant import Grant, Quarantine
from podium.model.ids import ChangeId
from podium.model.review import Answer
from podium.model.verdict import Verdict
from podium.policies.actors import Actor, Kind
from podium.policies.codeowners import who
from podium.policies.paths import matches, violations
from podium.policies.review import ask_person
from podium.policies.rules import Policy, rule_on
from podium.policies.ruling import BUILT_IN, Need, Request, Ruling, lacking, required
from podium.project.names import resolve
from podium.project.views.detail import DecisionView
from podium.project.views.policy import (
    GrantView,
    PolicyView,
    QuarantineView,
    RefusalView,
    RequirementView,
    RuleView,
    RulingView,
)
from podium.store.store import Transaction

_DAY_S = 24 * 60 * 60
_LONGEST_DAYS = 90
"""A test nobody trusts for longer is to be repaired or deleted."""
_LONGEST = 2000
_STEPS = frozenset({Act.ASK, Act.APPROVE, Act.SEND_BACK, Act.ALARM})


def show(site: Site) -> PolicyView:
    """The policy as it stands on the target branch."""
    policy = policy_of(site)
    settings, owners = policy.settings, policy.owners
    own = [
        RuleView(one.name, one.action, one.effect, (), (), (one.what,), one.because, built_in=True)
        for one in BUILT_IN
    ]
    quarantines = [
        QuarantineView(one.check, one.test, one.until, one.by, one.reason)
        for one in site.store.quarantines(site.clock())
    ]
    return PolicyView(
        policy.digest, settings.review, settings.threshold, (*own, *(_rule(rule) for rule in settings.rule)),
        owners.path if settings.codeowners else "", len(owners.lines), who(owners.names, settings.people).unknown,
        owners.faults, tuple(quarantines),
    )  # fmt: skip


def check(site: Site, name: str) -> RulingView:
    """What the rules of now say of a change, landed or not, and who or what satisfies them."""
    change = _change(site, name)
    facts, policy = _facts(site, change), policy_of(site)
    request = _request(site, facts, change, policy)
    ruling = _with_gate(rule_on(policy, request), facts, change)
    decided = max(
        (one for one in facts.decisions.values() if one.act in _STEPS),
        key=lambda one: one.at,
        default=None,
    )
    return RulingView(
        change.id, ruling.satisfied, ruling.because, policy.digest, tuple(actor.shown for actor in request.actors),
        tuple(RefusalView(one.rule, one.because) for one in ruling.refused),
        tuple(RequirementView(one.what, one.rule, one.because, one.satisfied_by, one.missing) for one in ruling.requires),
        tuple(GrantView(one.paths, one.reason, one.by, one.at) for one in site.store.grants(change.task or change.id)),
        DecisionView(decided.act, decided.subject, decided.because, decided.at) if decided else None,
    )  # fmt: skip


def refuse_unfit(site: Site, name: str, answer: Answer, *, waiting: Sequence[str]) -> None:
    """Let an answer pass unless it is an approval that would not settle what the change waits for.

    Raises:
        UsageError: it would not; whom the change waits for is said.
    """
    if answer is not Answer.APPROVE:
        return
    change = _known(site, resolve(name, waiting, what="change that waits for a person"))
    policy, person = policy_of(site), Actor(Kind.PERSON, site.repository.person())
    request = _request(site, _facts(site, change), change, policy)
    ruling = rule_on(policy, replace(request, approvals=(*request.approvals, person)))
    if not ruling.satisfied:
        why = ruling.because if ruling.refused else lacking(ruling.missing())
        raise UsageError(
            f"the approval of {person.shown} is not enough for {change.id}: {why}",
            hint=f"podium policy check {change.id}",
        )


def grant(engine: Engine, subject: str, globs: Sequence[str], *, reason: str) -> tuple[str, ...]:
    """Let a task, or what is submitted from a branch, touch paths that judge others; returns the subjects it holds for.

    Raises:
        UsageError: nothing is called that, a glob is empty, or the reason is missing.
    """
    site = engine.site
    _refuse_silence(reason, "a grant")
    paths = tuple(dict.fromkeys(clean_line(glob, limit=_LONGEST) for glob in globs))
    if not all(paths):
        raise UsageError(
            "an empty glob grants nothing", hint="name the paths: podium policy grant 3 pytest.ini"
        )
    subjects = _subjects(site, subject)
    by, now = site.repository.person(), site.clock()
    text = f"{clean_line(by)} lets it change {', '.join(paths)}: {clean_line(reason)}"

    def record(transaction: Transaction) -> None:
        for one in subjects:
            transaction.write(Grant(one, paths, clean_line(reason, limit=_LONGEST), by, now))
            transaction.append(Event("policy.granted", one, text, now, {"paths": list(paths), "by": by}))

    engine.advance(record)
    return subjects


def quarantine(engine: Engine, check: str, test: str, *, days: float, reason: str) -> float:
    """Have a flaky test decide nothing for some days; returns the moment that ends.

    Raises:
        UsageError: no check is called that, the reason is missing, or it would be for too long.
    """
    site = engine.site
    _refuse_silence(reason, "a quarantine")
    names = [one.name for one in site.settings().gate.check]
    if check not in names:
        raise UsageError(
            f"the gate has no check {clean_line(check)}", hint=f"it has {', '.join(names) or 'none'}"
        )
    if not 0 < days <= _LONGEST_DAYS or not test.strip():
        raise UsageError(f"a test is quarantined for at most {_LONGEST_DAYS} days", hint="--days 14")
    by, now = site.repository.person(), site.clock()
    fact = Quarantine(check, test, clean_line(reason, limit=_LONGEST), by, now, now + days * _DAY_S)
    text = f"{clean_line(by)} quarantines {clean_line(test)} for {days:g} days: {clean_line(reason)}"

    def record(transaction: Transaction) -> None:
        transaction.write(fact)
        transaction.append(
            Event("policy.quarantined", check, text, now, {"test": test, "by": by, "until": fact.until})
        )

    engine.advance(record)
    return fact.until


def _rule(rule: PolicyRule) -> RuleView:
    return RuleView(
        rule.name, rule.action, rule.effect, rule.paths, rule.actors, tuple(_demands(rule)), rule.because, built_in=False
    )  # fmt: skip


def _demands(rule: PolicyRule) -> Iterator[str]:
    if rule.checks:
        yield f"passed: {', '.join(rule.checks)}"
    if rule.grade:
        yield f"evidence of grade {rule.grade}"
    if rule.humans:
        yield "a person approves"
    if rule.checkers:
        yield "a checker approves"
    if rule.usd is not None:
        yield f"at most ${rule.usd:,.2f}"
    if rule.tokens is not None:
        yield f"at most {rule.tokens:,} tokens"
    if rule.hosts:
        yield f"hosts: {', '.join(rule.hosts)}"


def _change(site: Site, name: str) -> Change:
    """A change by its id, or the last one of a task or branch."""
    changes = site.store.changes()
    latest: dict[str, str] = {change.task or change.id: change.id for change in changes}
    ids = {change.id for change in changes}
    return _known(
        site, name if name in ids else latest[resolve(name, latest, what="task with a change, or change")]
    )


def _known(site: Site, name: str) -> Change:
    change = site.store.change(name)
    if change is None:
        raise UsageError(f"no change is called {name}", hint="podium status lists them")
    return change


def _facts(site: Site, change: Change) -> Facts:
    """What is known of one change, whether or not it has landed, with the whole evidence behind it."""
    store, judgment = site.store, site.store.judgment(change.id)
    task = store.task(change.task) if change.task else None
    return Facts(
        site.tip(),
        tasks={task.id: task} if task else {},
        attempts=tuple(store.attempts(change.task)) if change.task else (),
        changes={change.id: change},
        findings={found.id: found.finding() for found in store.evidence_on(change.id)},
        decisions={one.key: one for one in store.decisions_on([change.id])},
        judgments={change.id: judgment} if judgment else {},
        reviews={ChangeId(one.change): one for one in store.reviews() if one.change == change.id},
    )


def _request(site: Site, facts: Facts, change: Change, policy: Policy) -> Request:
    """What the change asks of the rules, with the scope its gate judges by and a person's answer."""
    terms = terms_of(site, change, tasks_of(site, [change]))
    judged = [path for path in change.files if not terms.approves(path)]
    found = violations(judged, allowed=terms.allowed, protected=terms.protected)
    request = request_of(facts, change)
    review = facts.reviews.get(change.id)
    person = (Actor(Kind.PERSON, review.by),) if review and review.answer is Answer.APPROVE else ()
    return replace(
        request, violations=found, granted=_granted(site, change), approvals=(*request.approvals, *person),
        asked=_asked(facts, change, policy),
    )  # fmt: skip


def _granted(site: Site, change: Change) -> dict[str, str]:
    """Who let which of its files be touched."""
    task = site.store.task(change.task) if change.task else None
    given = [(glob, "its task") for glob in (task.approves if task else ())]
    given += [(glob, one.by) for one in site.store.grants(change.task or change.id) for glob in one.paths]
    return {path: by for path in change.files for glob, by in given if matches(glob, path)}


def _asked(facts: Facts, change: Change, policy: Policy) -> str:
    """Why a person is asked, whatever the rules say; empty where none is."""
    ask = facts.decided(Act.ASK, change.id)
    if ask:
        return str(ask.data.get("asked", ask.because))
    if facts.decided(Act.APPROVE, change.id):
        return ""
    asks, because = ask_person(risk_of(facts, change), policy.settings)
    return because if asks else ""


def _with_gate(ruling: Ruling, facts: Facts, change: Change) -> Ruling:
    """With what stands before all rules: the gate."""
    found = facts.finding(Act.GATE, change.id)
    passed = found is not None and found.verdict is Verdict.PASSED
    source = ("gate", "a claim is not evidence")
    lacks = f"{found.verdict}: {clean_line(found.because)}" if found else "it has not come to a verdict"
    proof = required(
        "its gate has passed", source, Need.PROOF, by=found.because if found and passed else "", lacks=lacks
    )
    return replace(ruling, requires=(proof, *ruling.requires))


def _subjects(site: Site, name: str) -> tuple[str, ...]:
    """The task; or, of a branch or a change submitted from it, also the next change from there, which has no id yet."""
    tasks = site.store.task_ids()
    branch = name.removeprefix("submit:").rpartition(":")[0] if name.startswith("submit:") else name
    taken = [change.id for change in site.store.changes() if change.id.startswith(f"submit:{branch}:")]
    following = f"submit:{branch}:{len(taken) + 1}"
    if name in taken:
        return (name, following)
    is_task = name in {one for task in tasks for one in (task, task.rpartition("/")[2])}
    if branch == name and not is_task and site.repository.ref(f"refs/heads/{branch}"):
        return (*taken[-1:], following)
    return (resolve(name.partition("@")[0], tasks, what="task or branch"),)


def _refuse_silence(reason: str, what: str) -> None:
    if not reason.strip():
        raise UsageError(f"{what} needs a reason", hint='--reason "why this is right"')
