"""Where the work is done: one repository, its facts, its clock, and its configuration as the target branch has it."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from podium.base.errors import ConfigError
from podium.base.files import write_once
from podium.config.load import load
from podium.config.place import CONFIG
from podium.config.profiles import Profiles, equip, known
from podium.config.settings import Settings
from podium.engine.memory import Reader
from podium.git.repository import Repository
from podium.landing.land import checkout_holds
from podium.landing.predictions.memory import Memory
from podium.model.facts import Facts
from podium.model.ids import Sha
from podium.policies.governing import governed
from podium.store.store import Store


@dataclass(frozen=True)
class Site:
    """Everything a job needs. `stopping` is set when this process is asked to end."""

    repository: Repository
    store: Store
    branch: str
    clock: Callable[[], float]
    stopping: threading.Event = field(default_factory=threading.Event)
    _fates: Reader = field(default_factory=Reader)

    def tip(self) -> Sha:
        return self.repository.tip(self.branch)

    def settings(self) -> Settings:
        """The configuration at the tip of the target branch, its agents completed by what Podium knows of them.

        Raises:
            ConfigError: it is missing there, or wrong.
        """
        settings = _equipped(self.repository, self.branch, self.tip(), known())
        if settings.target and settings.target != self.branch:
            raise ConfigError(
                f"{CONFIG} on {self.branch} says that changes land on {settings.target}",
                hint=f"make it say {self.branch}, or: podium init --target {settings.target}",
            )
        return settings

    def secret(self) -> bytes:
        """What the gate draws its chances from: made once for this repository, in no sandbox, no log and no evidence."""
        return write_once(self.repository.state / "secret", secrets.token_bytes(32))

    def memory(self) -> Memory:
        """What the merge queue has learned from what became of changes."""
        return self._fates.memory(self.store)

    def observe(self) -> tuple[Sha, str]:
        """The tip, and why nothing can land right now (or nothing)."""
        return self.tip(), checkout_holds(self.repository, self.branch)

    def facts(self) -> Facts:
        """Everything that is known now."""
        tip, checkout = self.observe()
        return self.store.facts(tip, checkout, now=self.clock())


@lru_cache(maxsize=8)
def _equipped(repository: Repository, branch: str, tip: Sha, profiles: Profiles) -> Settings:
    return governed(equip(settings_at(repository, branch, tip), profiles))


@lru_cache(maxsize=8)
def settings_at(repository: Repository, branch: str, tip: Sha) -> Settings:
    """The configuration as it is written in a commit, which never changes; so it is read once.

    Raises:
        ConfigError: it is missing there, or wrong.
    """
    data = repository.objects.read(tip, CONFIG)
    if data is None:
        raise ConfigError(
            f"there is no {CONFIG} on {branch} yet",
            hint=f'podium init, then git add {CONFIG} && git commit -m "podium"',
        )
    return _parsed(data, f"{branch}:{CONFIG}")


@lru_cache(maxsize=8)
def _parsed(data: bytes, origin: str) -> Settings:
    try:
        return load(data.decode(), origin=origin)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{origin} is not UTF-8: {error.reason} at byte {error.start}") from error
