"""What people say of the way through the merge queue: hold, release, first, urgent."""

import shlex

from podium.base.errors import UsageError
from podium.base.text import clean_line
from podium.engine.engine import Engine
from podium.model.facts import Facts
from podium.model.review import Order, Precedence, Wish
from podium.project.names import person
from podium.project.queueing import in_queue, owner_of
from podium.store.store import Transaction

MOST_STEPS = 20
_APART_S = 1e-6
"""Two orders about one subject are never of the same moment."""


def hold(engine: Engine, name: str, *, reason: str) -> str:
    """Keep a change where it is in the queue until it is released; returns what was said, in words.

    Raises:
        UsageError: nothing is called that, or it is not in the queue.
    """
    facts = engine.site.facts()
    change = in_queue(engine.site, facts, name)
    owner = change.task or change.id
    held, wanted = _said(facts, owner).held, clean_line(reason, limit=2000)
    if held and (not wanted or held.endswith(f": {wanted}")):
        return f"{change.id} is {held} already"
    _write(engine, facts, owner, Wish.HOLD, reason=wanted)
    return (
        f"{change.id} is held: it is neither gated nor landed until podium queue release {shlex.quote(owner)}"
    )


def release(engine: Engine, name: str, *, reason: str) -> str:
    """Let a held change, or the next one of a held task, go on.

    Raises:
        UsageError: nothing is called that.
    """
    facts = engine.site.facts()
    owner = owner_of(engine.site, facts, name)
    if not _said(facts, owner).held:
        return f"{in_queue(engine.site, facts, name).id} is not held"
    _write(engine, facts, owner, Wish.RELEASE, reason=reason)
    return f"{owner} is released"


def first(engine: Engine, name: str, *, steps: int, reason: str) -> str:
    """Move a change forward by `steps` of priority; each doubles what its gate is worth to the planner.

    Raises:
        UsageError: nothing is called that, it is not in the queue, or `steps` is not from 1 to 20.
    """
    if not 1 <= steps <= MOST_STEPS:
        raise UsageError(f"--steps {steps} is not from 1 to {MOST_STEPS}")
    facts = engine.site.facts()
    change = in_queue(engine.site, facts, name)
    owner = change.task or change.id
    _write(engine, facts, owner, Wish.PRIORITY, reason=reason, times=steps)
    return f"{change.id} has priority {_said(facts, owner).priority + steps}; what runs goes on"


def urgent(engine: Engine, name: str, *, reason: str) -> str:
    """Let a change use the slots that are kept free (`queue.kept_slots`), and land without regard to whose verdict that voids.

    Raises:
        UsageError: nothing is called that, or it is not in the queue.
    """
    facts = engine.site.facts()
    change = in_queue(engine.site, facts, name)
    owner = change.task or change.id
    if _said(facts, owner).urgent:
        return f"{change.id} is urgent already"
    _write(engine, facts, owner, Wish.URGENT, reason=reason)
    kept = engine.site.settings().queue.kept_slots
    slots = (
        "may use the slots kept free"
        if kept
        else "but no slot is kept free for such as it: queue.kept_slots is 0"
    )
    return f"{change.id} is urgent: it {slots}" if kept else f"{change.id} is urgent, {slots}"


def _said(facts: Facts, owner: str) -> Precedence:
    return facts.precedences.get(owner, Precedence())


def _write(engine: Engine, facts: Facts, owner: str, wish: Wish, *, reason: str, times: int = 1) -> None:
    """Record an order so often, each after all that are known, whatever the clock does."""
    last = max((order.at for order in facts.orders if order.subject == owner), default=0.0)
    begin = max(engine.site.clock(), last + _APART_S)
    text, by = clean_line(reason, limit=2000), person()

    def record(transaction: Transaction) -> None:
        for number in range(times):
            transaction.write(Order(owner, wish, text, by, begin + number * _APART_S))

    engine.advance(record)
