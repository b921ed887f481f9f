"""Which specimens there are, by number; whoever adds one lists it in its file's tuple."""

from podium.gate.selftest.cheats.answers import ANSWERS
from podium.gate.selftest.cheats.anywhere import ANYWHERE
from podium.gate.selftest.cheats.callers import CALLERS
from podium.gate.selftest.cheats.harness import HARNESS
from podium.gate.selftest.cheats.javascript import JAVASCRIPT
from podium.gate.selftest.cheats.published import PUBLISHED
from podium.gate.selftest.cheats.suite import SUITE
from podium.gate.selftest.cheats.surroundings import SURROUNDINGS
from podium.gate.selftest.honest import HONEST
from podium.gate.selftest.specimen import Specimen

SPECIMENS: tuple[Specimen, ...] = (
    *HONEST, *PUBLISHED, *HARNESS, *CALLERS, *SURROUNDINGS, *SUITE, *ANSWERS, *ANYWHERE, *JAVASCRIPT,
)  # fmt: skip
"""The honest ones first: they say early that the gate is of no use here, and what they find out serves the others."""
