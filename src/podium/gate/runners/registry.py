"""The runners Podium knows. To add one: a file here, a line below."""

from podium.config.settings import CheckSettings
from podium.gate.runners.base import Runner
from podium.gate.runners.pytest import Pytest, recognises


def runner_for(settings: CheckSettings) -> Runner | None:
    """Who runs the tests of a check, as far as Podium knows; None where `run` is taken as it is."""
    if settings.runner == "pytest":
        return Pytest()
    return Pytest() if settings.runner == "auto" and recognises(settings.run) else None
