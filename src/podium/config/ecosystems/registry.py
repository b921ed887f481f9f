"""The ecosystems that `podium init` knows; a new one is a file beside this one and a line here."""

from podium.config.ecosystems.base import Ecosystem
from podium.config.ecosystems.go import go
from podium.config.ecosystems.make import make
from podium.config.ecosystems.node import node
from podium.config.ecosystems.python import python
from podium.config.ecosystems.rust import rust

ECOSYSTEMS: tuple[Ecosystem, ...] = (python, node, go, rust)
LAST_RESORT: tuple[Ecosystem, ...] = (make,)
"""Asked only when none of the others knows how to test."""
