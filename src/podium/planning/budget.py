"""What an attempt may use before it is stopped, so that no budget is overspent: pure.

There are budgets for a task, for a spec and for the last 24 hours, in dollars, tokens and (a task's) minutes. Whoever
starts gets an equal share of what is left, so that all who may run at once could use theirs up; what running attempts may
still use counts as gone. So a budget is exceeded at most by what the turns under way use beyond their share. A share that is
but a crumb of the budget would be used up before anything is made: then fewer start, and in the end none.

What nobody knows is not counted, and said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

from podium.base.text import count
from podium.config.settings import AgentSettings, BudgetSettings
from podium.model.attempt import Attempt
from podium.model.decision import Act
from podium.model.facts import Facts
from podium.model.past import spec_of
from podium.model.review import Wish
from podium.model.task import Task
from podium.model.usage import Allowance, Spending

DAY_S = 24 * 60 * 60
CRUMB = 0.02
"""The part of a budget with which no attempt is started."""

Unit = Literal["cost_usd", "tokens", "minutes"]


@dataclass(frozen=True, slots=True)
class Purse:
    """One budget. `promised` is what running attempts may still use of it."""

    owner: str
    unit: Unit
    bound: float
    spent: Spending
    promised: float = 0.0
    running: int = 0

    @property
    def used(self) -> float:
        return float(getattr(self.spent, self.unit))

    @property
    def left(self) -> float:
        return self.bound - self.used - self.promised

    @property
    def crumb(self) -> float:
        """Less than this is nothing."""
        return max(self.bound * CRUMB, 1.0 if self.unit == "tokens" else 0.0)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left even when no running attempt uses anything more."""
        return self.bound - self.used < self.crumb

    @property
    def is_empty(self) -> bool:
        return self.left < self.crumb

    def share(self, slots: int) -> float:
        """What the next attempt may use, when `slots` may start: an equal share, or all where that would be a crumb."""
        equal = self.left / slots
        return equal if equal >= self.crumb else self.left

    def why_empty(self) -> str:
        budget = f"{self.owner}'s budget of {amount(self.bound, self.unit)}"
        if self.is_spent:
            nearly = "" if self.used >= self.bound else "as good as "
            return f"{budget} is {nearly}spent: {amount(self.used, self.unit)}"
        running = count(self.running, "running attempt")
        return f"{budget} is given out: {amount(self.used, self.unit)} is spent, the rest is promised to {running}"

    def not_counted(self) -> str:
        unknown = self.spent.unknown if self.unit == "cost_usd" else 0
        verb = "is" if unknown == 1 else "are"
        return f"; {count(unknown, 'attempt')} of unknown cost {verb} not counted" if unknown else ""


@dataclass(frozen=True)
class Funds:
    """What the budgets hold at one moment. `promised` are the attempts that run, or are about to."""

    facts: Facts
    budget: BudgetSettings
    now: float
    promised: tuple[Attempt, ...] = ()

    def why_task_stops(self, task: Task) -> str:
        """Why a task gets no further attempt until a person grants it; empty where its budget holds something."""
        empty = next((purse for purse in self._of_task(task) if purse.is_empty), None)
        return empty.why_empty() + empty.not_counted() if empty else ""

    def allowance(self, task: Task, agent: AgentSettings, *, slots: int) -> Allowance | str:
        """What the next attempt at a task may use, when `slots` may start now; or why it has to wait."""
        if self.why_day_waits:
            return self.why_day_waits
        of_spec = tuple(self._of_spec(spec_of(task.id)))
        empty = next((purse for purse in of_spec if purse.is_empty), None)
        if empty:
            return empty.why_empty() + empty.not_counted()
        shares = [(purse.unit, purse.left) for purse in self._of_task(task)]
        shares += [(purse.unit, purse.share(slots)) for purse in (*of_spec, *self._day)]
        tokens = _least("tokens", agent.tokens, shares)
        return Allowance(
            None if tokens is None else int(tokens),
            _least("cost_usd", agent.cost_usd, shares),
            _least("minutes", agent.minutes, shares),
        )

    @cached_property
    def why_day_waits(self) -> str:
        """Why nothing at all starts now; empty where the day's budget holds something."""
        empty = next((purse for purse in self._day if purse.is_empty), None)
        if empty is None:
            return ""
        more = self._refill(empty)
        at = f"; more at {datetime.fromtimestamp(more, UTC):%H:%M} UTC" if more else ""
        return empty.why_empty() + at + empty.not_counted()

    @property
    def more_at(self) -> float | None:
        """When the day's budget holds something again by the mere passing of time."""
        moments = [self._refill(purse) for purse in self._day if purse.is_empty]
        known = [moment for moment in moments if moment is not None]
        return max(known) if known and len(known) == len(moments) else None

    def _refill(self, purse: Purse) -> float | None:
        """When what was spent long enough ago leaves the last 24 hours; None where others must end first."""
        left = purse.left
        for spell in self.facts.recent:
            if spell.at > self.now - DAY_S:
                left += getattr(spell.spent, purse.unit)
                if left >= purse.crumb:
                    return spell.at + DAY_S
        return None

    def _of_task(self, task: Task) -> Iterator[Purse]:
        spent = self.facts.spent_by_task.get(task.id, Spending())
        rounds = 1 + self.facts.retries.get(task.id, 0)
        bounds = (self.budget.task_usd, self.budget.task_tokens, self.budget.task_minutes)
        for unit, bound in zip(_UNITS, bounds, strict=True):
            if bound is not None:
                yield Purse("the task", unit, bound * rounds, spent)

    def _of_spec(self, spec: str) -> Iterator[Purse]:
        spent = self.facts.spent_by_spec.get(spec, Spending())
        running = tuple(one for one in self.promised if spec_of(one.task) == spec)
        bounds = (self.budget.spec_usd, self.budget.spec_tokens)
        return _shared(f"spec {spec}", bounds, spent, running)

    @cached_property
    def _day(self) -> tuple[Purse, ...]:
        spent = self.facts.spent_since(self.now - DAY_S)
        return tuple(_shared("the day", (self.budget.day_usd, self.budget.day_tokens), spent, self.promised))


_UNITS: tuple[Unit, ...] = ("cost_usd", "tokens", "minutes")


def running(facts: Facts) -> tuple[Attempt, ...]:
    """The attempts that may use something yet: those without an end, but for what was called off and does not run."""
    last = (tries[-1] for tries in facts.attempts_of.values())
    return tuple(one for one in last if one.id not in facts.ends and not _called_off(facts, one))


def amount(value: float, unit: Unit) -> str:
    """A value of a unit in words.

    >>> amount(20, "cost_usd"), amount(0.5, "cost_usd"), amount(12000, "tokens"), amount(2.5, "minutes")
    ('$20', '$0.50', '12,000 tokens', '2.5 minutes')
    """
    if unit == "cost_usd":
        return f"${value:,.2f}".removesuffix(".00")
    return f"{value:,.0f} tokens" if unit == "tokens" else f"{value:.1f} minutes".replace(".0 ", " ")


def _called_off(facts: Facts, attempt: Attempt) -> bool:
    """Whether its work failed on our side and a person cancelled its task."""
    order, begun = facts.latest_order.get(attempt.task), facts.decided(Act.ATTEMPT, attempt.id)
    cancelled = order is not None and order.wish is Wish.CANCEL
    return cancelled and begun is not None and facts.failed(begun) is not None


def _shared(
    owner: str, bounds: tuple[float | None, ...], spent: Spending, running: tuple[Attempt, ...]
) -> Iterator[Purse]:
    for unit, bound in zip(_UNITS, bounds, strict=False):
        if bound is not None:
            promised = sum(_may_use(one, unit) for one in running)
            yield Purse(owner, unit, bound, spent, promised, len(running))


def _may_use(attempt: Attempt, unit: Unit) -> float:
    """Nothing is known of one that was started while there was no bound."""
    return float(getattr(attempt.allowance, unit, None) or 0.0)


def _least(unit: Unit, own: float | None, shares: list[tuple[Unit, float]]) -> float | None:
    """The narrowest of the bounds in one unit."""
    found = [share for name, share in shares if name == unit] + ([] if own is None else [own])
    return min(found) if found else None
