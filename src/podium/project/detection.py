"""Looking at a commit for the checks that fit it, with the programs this machine has."""

from podium.base import environment
from podium.base.processes import find_program
from podium.config.detect import Detected, detect
from podium.git.repository import Repository
from podium.model.ids import Sha


def look_at(repository: Repository, commit: Sha) -> Detected:
    """What a commit seems to hold, and which checks would fit it on this machine."""
    programs = environment.variable("PATH")
    return detect(
        [entry.path for entry in repository.objects.entries(commit)],
        lambda name: repository.objects.read(commit, name),
        lambda name: find_program(name, path=programs) is not None,
    )
