"""The project's rules on a request: what forbids it, what it requires, who or what fulfils that. Pure.

    forbid wins       one forbidding rule refuses, whatever others allow
    default deny      nothing is allowed but by a rule: Podium's own, or, as soon as the project has an `allow` rule for an
                      action, the project's; each path must be covered by an `allow` or `require` rule then
    require adds up   every rule that applies adds what it requires; none takes anything away

The order of rules means nothing. Podium's own rules (`ruling.BUILT_IN`) stand before the project's and cannot be switched off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from podium.base.digest import canonical, digest
from podium.base.text import clean_line
from podium.config.settings import PolicyRule, PolicySettings
from podium.model.evidence import Grade
from podium.policies.actors import Actor, Kind
from podium.policies.bounds import bounds_of, meets_host, names_host
from podium.policies.codeowners import NOBODY, Codeowners, who
from podium.policies.owners import owned
from podium.policies.paths import covers, matches, protection
from podium.policies.roles import Role, role_of
from podium.policies.ruling import (
    JUDGES,
    OWN_WORK,
    PROTECTED,
    REVIEW,
    TASK,
    Action,
    Need,
    Refusal,
    Request,
    Requirement,
    Ruling,
    listed,
    required,
    said,
)

_PEOPLE_ALWAYS_SEE = frozenset({Role.CI, Role.POLICY, Role.RUNNER})


@dataclass(frozen=True, slots=True)
class Policy:
    """What is ruled by: `[policy]`, and the CODEOWNERS that stands beside it on the target branch."""

    settings: PolicySettings
    owners: Codeowners = NOBODY

    @property
    def digest(self) -> str:
        """SHA-256 of the settings and of the bytes of CODEOWNERS."""
        return digest([self.settings.model_dump(mode="json"), self.owners.digest])

    def rules(self, action: Action) -> list[PolicyRule]:
        """The project's rules of an action, in an order of their own."""
        found = [rule for rule in self.settings.rule if rule.action == action]
        return sorted(found, key=lambda rule: (rule.name, canonical(rule.model_dump(mode="json"))))

    @property
    def mails(self) -> frozenset[str]:
        """Everybody whose mail is known here."""
        told = {mail.casefold() for mails in self.settings.people.values() for mail in mails}
        return who(self.owners.names, self.settings.people).mails | told


@dataclass(frozen=True, slots=True)
class _Word:
    """An approval that counts; `note` says what is odd about it."""

    actor: Actor
    note: str = ""

    def __str__(self) -> str:
        return f"{self.actor.shown} ({self.note})" if self.note else self.actor.shown


def rule_on(policy: Policy, request: Request) -> Ruling:
    """What the rules say of a request."""
    rules = policy.rules(request.action)
    applying = [rule for rule in rules if _applies(rule, request)]
    asking = [rule for rule in applying if rule.effect != "forbid"]
    refused = [*_violated(request), *_forbidden(applying), *_uncovered(rules, request)]
    requires = [need for rule in asking for need in _proof(rule, request)]
    requires += _agreement(policy, asking, request)
    return Ruling(tuple(dict.fromkeys(refused)), tuple(dict.fromkeys(requires)))


def _applies(rule: PolicyRule, request: Request) -> bool:
    """Whether a rule is about any part of the request; one about paths is, where nobody knows the paths."""
    meant = not rule.actors or any(actor.is_meant(word) for actor in request.actors for word in rule.actors)
    touched = any(covers(glob, path) for glob in rule.paths for path in request.paths)
    there = not rule.paths or not request.paths or touched
    return meant and there and (not rule.hosts or meets_host(rule.hosts, request.host))


def _violated(request: Request) -> Iterator[Refusal]:
    for one in request.violations:
        rule = PROTECTED if protection(one.path) else TASK
        yield Refusal(rule.name, f"{clean_line(one.path, limit=100)}: {one.because}")


def _forbidden(applying: Sequence[PolicyRule]) -> Iterator[Refusal]:
    for rule in applying:
        if rule.effect == "forbid":
            yield Refusal(rule.name, _why(rule, "it is forbidden"))


def _uncovered(rules: Sequence[PolicyRule], request: Request) -> Iterator[Refusal]:
    """What no rule allows, in a project that says itself what is allowed."""
    if not any(rule.effect == "allow" for rule in rules):
        return
    giving = [rule for rule in rules if rule.effect != "forbid" and _is_for(rule, request)]
    globs = [glob for rule in giving for glob in rule.paths]
    left = [path for path in request.paths if not any(matches(glob, path) for glob in globs)]
    if any(not rule.paths for rule in giving) or (request.paths and not left):
        return
    yield Refusal("default", f"no rule allows {request.action} {listed(left) or request.host}".rstrip())


def _is_for(rule: PolicyRule, request: Request) -> bool:
    """Whether a rule can give this to everybody whose work it is."""
    for_all = all(any(actor.is_meant(word) for word in rule.actors) for actor in request.actors)
    return (not rule.actors or for_all) and (not rule.hosts or names_host(rule.hosts, request.host))


def _proof(rule: PolicyRule, request: Request) -> Iterator[Requirement]:
    """What a rule requires that nobody's word gives."""
    because = _why(rule)
    for check in rule.checks:
        by = "it passed" if check in request.checks else ""
        what, lacks = f"the check {clean_line(check)} has passed", "it has not, as far as is known"
        yield required(what, (rule.name, because), Need.PROOF, by=by, lacks=lacks)
    if rule.grade:
        least, reached = Grade(rule.grade), request.grade
        by = f"its grade is {reached}" if reached is not None and reached.rank >= least.rank else ""
        lacks = f"its grade is {reached or 'not known'}"
        yield required(f"evidence of grade {least}", (rule.name, because), Need.PROOF, by=by, lacks=lacks)
    for bound in bounds_of(rule, usd=request.usd, tokens=request.tokens):
        by, lacks = bound.asked if bound.kept else "", f"{bound.asked} is asked for"
        yield required(bound.what, (rule.name, because), Need.LESS, by=by, lacks=lacks)


def _agreement(policy: Policy, rules: Sequence[PolicyRule], request: Request) -> Iterator[Requirement]:
    """Whose approval is required, and who gave it."""
    counted, ignored = _counted(policy, request)
    people = [word for word in counted if word.actor.kind is Kind.PERSON]
    person = str(people[0]) if people else ""
    asked = [*_asked(request), *((rule.name, _why(rule)) for rule in rules if rule.humans)]
    for source in asked:
        lacks = said(["nobody has", *ignored])
        yield required("a person approves", source, Need.PERSON, by=person, lacks=lacks)
    if asked and policy.settings.codeowners and request.action is Action.CHANGE:
        fit = [word.actor for word in people]
        yield from owned(request, policy.owners, policy.settings.people, approved=fit)
    # A person who looked stands for a checker; the reverse never holds.
    anybody = next((str(word) for word in counted if word.actor.kind is Kind.CHECKER), person)
    for rule in rules:
        if rule.checkers:
            source = (rule.name, _why(rule))
            yield required("a checker approves", source, Need.CHECKER, by=anybody, lacks="none has")


def _asked(request: Request) -> Iterator[tuple[str, str]]:
    """Podium's own rules that ask a person, each with the reason."""
    if request.action is not Action.CHANGE:
        return
    judging = [path for path in request.paths if protection(path) or role_of(path) in _PEOPLE_ALWAYS_SEE]
    if judging:
        granted = [f"granted by {by}" for path in judging if (by := request.granted.get(path))]
        yield JUDGES.name, said([f"{listed(judging)}: {JUDGES.because}", *granted])
    if request.asked:
        yield REVIEW.name, request.asked


def _counted(policy: Policy, request: Request) -> tuple[list[_Word], list[str]]:
    """The approvals that count, and why the others do not."""
    counted: list[_Word] = []
    ignored: list[str] = []
    for approver in sorted(set(request.approvals), key=lambda one: (one.kind, one.name)):
        own = any(approver.is_same(maker) for maker in request.actors)
        alone = approver.kind is Kind.PERSON and not policy.mails - {approver.mail}
        asks = replace(
            request, action=Action.APPROVE, actors=(approver,), violations=(), approvals=(), asked=""
        )
        ruling = rule_on(policy, asks)
        if own and not alone:
            ignored.append(f"{approver.shown} made it, and {OWN_WORK.what}")
        elif not ruling.satisfied:
            ignored.append(f"the approval of {approver.shown} does not count: {ruling.because}")
        else:
            counted.append(_Word(approver, "who made it; nobody else is known here" if own else ""))
    return counted, ignored


def _why(rule: PolicyRule, default: str = "the rule says so") -> str:
    return clean_line(rule.because) or default
