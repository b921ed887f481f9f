"""The policies a simulation can compare, by name. `BOUNDS` know the truth: they bound what can be had and compete with nobody."""

from collections.abc import Callable

from podium.simulation.policies.batch_oracle import BatchOracle
from podium.simulation.policies.bors import Bors
from podium.simulation.policies.mergify import Mergify
from podium.simulation.policies.oracle import Oracle
from podium.simulation.policies.single import Single
from podium.simulation.policies.speculate_all import SpeculateAll
from podium.simulation.policies.submitqueue import SubmitQueue
from podium.simulation.policies.trunk import Trunk
from podium.simulation.policies.uber2025 import Uber2025
from podium.simulation.policies.weave import Weave
from podium.simulation.policies.zuul import Zuul
from podium.simulation.scene import Policy

POLICIES: dict[str, Callable[[], Policy]] = {
    "podium": Weave,
    "single": Single,
    "zuul": Zuul,
    "speculate-all": SpeculateAll,
    "bors": Bors,
    "mergify": Mergify,
    "trunk": Trunk,
    "submitqueue": SubmitQueue,
    "uber-2025": Uber2025,
    "oracle": Oracle,
    "batch-oracle": BatchOracle,
}
BOUNDS = frozenset({"oracle", "batch-oracle"})
