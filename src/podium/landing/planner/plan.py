"""The planner of the merge queue: what happens next, from what is known. Pure; the simulator runs this very function.

1. What is proven lands: every target a change touches was seen to pass in the state it has with the change on the tip, be it
   in isolation, among others, or on a tree that nobody needs any more. No gate is spent on it.
2. What fails on the tip itself goes back, at once. Nobody goes back for having been in a tree with somebody else.
3. A run that can land nobody any more is stopped; no other ever is.
4. Free slots gate what has no verdict on its way: one change for each slot while there are enough, else several together,
   on top of those that are likely to land before them. Slots that are still free look at second futures.
"""

from podium.landing.planner.cover import Rivals, covered, stops
from podium.landing.planner.doubt import failures
from podium.landing.planner.gates import gates
from podium.landing.planner.line import Action, Line, Options
from podium.landing.planner.settle import settle

DEFAULT = Options()


def plan(line: Line, now: float, options: Options = DEFAULT) -> list[Action]:
    """What to do now, in order. The same line gives the same actions; each carries its because."""
    known = failures(line)
    under_way = covered(line, known)
    moves = settle(line, Rivals(line, under_way))
    if moves:
        return list(moves)
    actions: list[Action] = [*stops(line, known), *gates(line, under_way, known, options=options, now=now)]
    if actions or line.running or line.stays:
        return actions
    # All that is left waits for one another to land first: then each is gated anew.
    return [*gates(line, {}, known, options=options, now=now)]
