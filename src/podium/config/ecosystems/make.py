"""Make: a `test` or `check` target, for want of anything that says more."""

import re

from podium.config.ecosystems.base import Found, Listing, Suggestion
from podium.config.settings import CheckSettings

_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""In the order make looks for them."""


def make(listing: Listing) -> Found | None:
    """Find a makefile that tests."""
    file = next((name for name in _MAKEFILES if name in listing.files), "")
    targets = set(re.findall(r"^([\w-]+)\s*:(?!=)", listing.text(file), re.MULTILINE))
    for target in ("test", "tests", "check"):
        if target in targets:
            check = CheckSettings(name="tests", run=f"make {target}")
            return Found("make", (Suggestion(check, f'{file} has the target "{target}"', "make"),))
    return None
