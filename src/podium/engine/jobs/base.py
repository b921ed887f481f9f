"""What a job is: it does the work a decision asked for and comes back with what it established.

A job may run twice (a crash between its end and its record): it finds what is there and takes it up. It writes no rows;
the engine records what it returns together with the decisions that follow from it, in one transaction.
"""

from collections.abc import Callable
from typing import Protocol

from podium.engine.site import Site
from podium.model.decision import Decision
from podium.store.store import Transaction

Record = Callable[[Transaction], None]
"""Writes down what a job established."""


class Job(Protocol):
    """The work behind one kind of decision.

    `publish` records something at once, before the job is over.
    """

    def __call__(self, site: Site, decision: Decision, publish: Callable[[Record], None], /) -> Record: ...
