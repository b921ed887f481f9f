"""How things stand, without the engine: for commands that must answer at once."""

from pathlib import Path

from podium.git.repository import open_repository
from podium.project.location import find_target
from podium.project.overview import overview
from podium.project.views.overview import Overview


class Glance:
    """One repository, looked at again and again."""

    def __init__(self, path: Path) -> None:
        self._repository = open_repository(path)
        self._branch = find_target(self._repository)

    def overview(self) -> Overview:
        return overview(self._repository, self._branch)
