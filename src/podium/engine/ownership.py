"""The policy as it stands on the target branch: its settings, and the CODEOWNERS of the same commit."""

from functools import lru_cache

from podium.engine.site import Site
from podium.git.repository import Repository
from podium.model.ids import Sha
from podium.policies.codeowners import NOBODY, PLACES, Codeowners, read_codeowners
from podium.policies.rules import Policy


def policy_of(site: Site) -> Policy:
    """What changes are ruled by now.

    Raises:
        ConfigError: podium.toml is missing on the target branch, or wrong.
    """
    return Policy(site.settings().policy, codeowners_at(site.repository, site.tip()))


@lru_cache(maxsize=8)
def codeowners_at(repository: Repository, commit: Sha) -> Codeowners:
    """The CODEOWNERS of a commit, which never changes; so it is read once."""
    found = ((path, repository.objects.read(commit, path)) for path in PLACES)
    return next((read_codeowners(path, data) for path, data in found if data is not None), NOBODY)
