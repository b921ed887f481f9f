"""What every command is told: the repository it is about, and whether it answers in JSON."""

from dataclasses import dataclass
from pathlib import Path


@dataclass
class Invocation:
    """Filled in while the command line is read, so it is not frozen."""

    repo: Path = Path()
    json: bool = False
