"""The command line. `podium.cli:main` is the program."""

from podium.cli.application import main

__all__ = ["main"]
