"""What a merge queue believes when it has only its own past to go by: learned while the simulation goes on.

It sees what a policy sees and nothing of the truth: hand it to `simulate` as the predictor, and as the policy `Watched(policy, it)`.
"""

from collections.abc import Collection, Iterable, Mapping

from podium.landing.predictions.beliefs import Beliefs
from podium.landing.predictions.experience import Fared, Fate, Features, Meeting
from podium.landing.predictions.scores import Pair
from podium.simulation.scene import Order, Policy, Run, Scene, Seen

_NOBODY = Features()


class Learned:
    """Believes what its own past teaches. `makers` says who made each change, where that is known.

    It learns in rounds, each when its experience has grown by a twentieth; between them the same question has the same answer.
    """

    def __init__(self, makers: Mapping[int, str] | None = None) -> None:
        self._makers = makers or {}
        self._beliefs = Beliefs()
        self._past = _Past()
        self._features: dict[int, Features] = {}
        self._unseen: dict[int, list[int]] = {}
        """Of each change the landings that it found when it arrived, shares a target with, and had not in its base."""
        self._rejected: set[int] = set()
        self._fates: list[Fared] = []
        """Not learned from yet."""
        self._learned = 0
        self._passes: dict[int, float] = {}
        self._breaks: dict[tuple[int, int], float] = {}

    def passes(self, change: int) -> float:
        """The probability that a change passes on the target branch as it stood when it arrived."""
        if change not in self._features:
            return self._beliefs.passes(_NOBODY)
        if change not in self._passes:
            met = (self._meeting(change, other) for other in self._unseen[change])
            self._passes[change] = self._beliefs.lands(self._features[change], met)
        return self._passes[change]

    def breaks(self, change: int, other: int) -> float:
        """The probability that two changes which share a target fail together though each passes alone."""
        pair = (change, other) if change < other else (other, change)
        if pair not in self._breaks:
            if change not in self._features or other not in self._features:
                return self._beliefs.breaks(_NOBODY, Meeting(_NOBODY, shared=()))
            self._breaks[pair] = self._beliefs.breaks(self._features[pair[0]], self._meeting(*pair))
        return self._breaks[pair]

    @property
    def said(self) -> tuple[Pair, ...]:
        """The chance that each change was given to land, before its fate was learned, and whether it landed."""
        return tuple(self._beliefs.said)

    def watch(self, scene: Scene) -> None:
        """Take in what is new on the scene; to be called at each event, before the policy gives its orders."""
        past = self._past
        for change in scene.landed[len(past.landed) :]:
            self.observe_landed(change)
        for change in (
            sorted(scene.rejected - self._rejected) if len(scene.rejected) > len(self._rejected) else ()
        ):
            self.observe_failed(change)
        for seen in reversed(scene.known.values()):
            if seen.id in past.seen:
                break
            self.observe_arrived(seen)
        for run in scene.news:
            past.take_in(run)

    def observe_arrived(self, seen: Seen) -> None:
        """A change entered the queue."""
        self._past.seen[seen.id] = seen
        unseen = self._unseen[seen.id] = self._past.unseen(seen.id)
        self._features[seen.id] = Features(
            maker=self._makers.get(seen.id, ""), landings_since=len(unseen), proven=seen.proven
        )

    def observe_landed(self, change: int) -> None:
        """A change that had arrived landed: it passes by itself, and with every landing that it had not in its base."""
        self._take_in(change, Fate.LANDED)
        self._past.land(change)

    def observe_failed(self, change: int, *, with_: Collection[int] | None = None) -> None:
        """A change that had arrived was sent back: by itself (`with_` is empty), or as it broke with these.

        None: nobody says which. Then it is between the change and those whom the last failed run of it leaves suspect.
        """
        self._rejected.add(change)
        suspects = self._past.suspects(change) if with_ is None else with_
        fate = Fate.FAILED if not suspects else Fate.UNEXPLAINED if with_ is None else Fate.BROKE
        self._take_in(change, fate, suspects)

    def _take_in(self, change: int, fate: Fate, blamed: Collection[int] = ()) -> None:
        others = dict.fromkeys((*self._past.unseen(change), *blamed))
        met = tuple(self._meeting(change, other, blamed=other in blamed) for other in others)
        self._fates.append(Fared(0.0, self._features[change], fate, met))
        if len(self._fates) > self._learned / 20:
            for fared in self._fates:
                self._beliefs.learn(fared)
            self._learned += len(self._fates)
            self._fates.clear()
            self._passes.clear()
            self._breaks.clear()

    def _meeting(self, change: int, other: int, *, blamed: bool = False) -> Meeting:
        seen = self._past.seen
        return Meeting(self._features[other], seen[change].keys & seen[other].keys, blamed)


class Watched:
    """A policy whose predictor sees all that it sees. Apart from that it is the policy itself."""

    def __init__(self, policy: Policy, learned: Learned) -> None:
        self._policy, self._learned = policy, learned
        self.name = policy.name

    def orders(self, scene: Scene) -> Iterable[Order]:
        self._learned.watch(scene)
        return self._policy.orders(scene)


class _Past:
    """What has happened in the queue, as far as it can be seen."""

    def __init__(self) -> None:
        self.seen: dict[int, Seen] = {}
        self.landed: list[int] = []
        self._on: dict[int, list[tuple[int, int]]] = {}
        """By target: position and name of the changes that landed on it, in order."""
        self._failed: dict[int, Run] = {}
        """The last failed run of each change."""

    def land(self, change: int) -> None:
        for key in self.seen[change].keys:
            self._on.setdefault(key, []).append((len(self.landed), change))
        self.landed.append(change)
        self._failed.pop(change, None)

    def take_in(self, run: Run) -> None:
        """Remember a failed run for those that it may speak of."""
        if run.passed is False:
            concerned = (one for one in run.members if not run.failing or run.failing & self.seen[one].keys)
            self._failed.update((one, run) for one in concerned)

    def unseen(self, change: int, *, before: int | None = None, keys: Collection[int] = ()) -> list[int]:
        """The landings (among the first `before`) not in its base that share a target with a change, one of `keys` if there are any."""
        own = self.seen[change]
        end = len(self.landed) if before is None else before
        found: dict[int, None] = {}
        for key in sorted(own.keys & set(keys) if keys else own.keys):
            for position, other in reversed(self._on.get(key, ())):
                if position < own.base:
                    break
                if position < end:
                    found[other] = None
        return list(found)

    def suspects(self, change: int) -> list[int]:
        """Whom a change may have failed with: those it met in its last failed run, at the targets that failed there."""
        run = self._failed.pop(change, None)
        if run is None:
            return self.unseen(change)
        landed = self.unseen(change, before=run.onto, keys=run.failing)
        return landed + [
            other for other in run.members if other != change and self._shares(change, other, run)
        ]

    def _shares(self, change: int, other: int, run: Run) -> bool:
        shared = self.seen[change].keys & self.seen[other].keys
        return bool(shared & run.failing if run.failing else shared)
