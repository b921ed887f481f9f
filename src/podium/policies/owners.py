"""Whose approval CODEOWNERS asks for, where a person is asked about a change at all. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from podium.policies.actors import Actor, Kind
from podium.policies.codeowners import Codeowners, Line, who
from podium.policies.ruling import Need, Request, Requirement, listed, required, said

_NAMED = 3
People = Mapping[str, tuple[str, ...]]


def owned(
    request: Request, codeowners: Codeowners, people: People, *, approved: Sequence[Actor]
) -> Iterator[Requirement]:
    """One requirement for each line that gives paths of the change an owner. `approved` are people whose word counts."""
    paths: dict[Line, list[str]] = {}
    for path in request.paths:
        line = codeowners.line_of(path)
        if line and line.owners:
            paths.setdefault(line, []).append(path)
    persons = [actor for actor in request.actors if actor.kind is Kind.PERSON]
    makers = frozenset(actor.mail for actor in persons)
    for line, files in sorted(paths.items(), key=lambda entry: entry[0].number):
        wanted, notes = _wanted(line, people, makers)
        fit = next((one for one in approved if one.mail in wanted or not wanted), None)
        named = ", ".join(line.owners[:_NAMED])
        source = (f"{codeowners.path}:{line.number}", said([f"CODEOWNERS names {named}", *notes]))
        lacks = f"waits for {', '.join(sorted(wanted)) or 'any person'}"
        by = fit.shown if fit else ""
        yield required(f"an owner of {listed(files)} approves", source, Need.PERSON, by=by, lacks=lacks)


def _wanted(line: Line, people: People, makers: Collection[str]) -> tuple[frozenset[str], list[str]]:
    """The mails one of which must approve, anybody where there are none; and what is to be said of it.

    An owner nobody can tell who it is would block for ever: then the others, and without others anybody, will do.
    """
    owners = who(line.owners, people)
    notes = [f"cannot tell who {name} is: [policy.people] has no line for it" for name in owners.unknown]
    free = owners.mails - frozenset(makers)
    if owners.mails and not free:
        notes.append("its owner made it")
    if not free:
        notes.append("anybody's approval is accepted")
    return free, notes
