"""The name of a spec, made from its path: short, lower case, and good for task ids and ref names."""

import re
import unicodedata
from pathlib import PurePosixPath

from podium.base.digest import digest_bytes

_PLAIN_NAMES = frozenset({"design", "plan", "proposal", "readme", "requirements", "spec", "tasks"})
"""File names that say what a file is, not what it is about; its folder says that."""
_MAXIMUM_LENGTH = 60


def spec_id(path: str) -> str:
    """The name of the spec at `path`: that of its file, or of its folder where the file is one of a kind.

    >>> spec_id("docs/My Spec.md"), spec_id("openspec/changes/add-x/tasks.md"), spec_id("spec.md")
    ('my-spec', 'add-x', 'spec')
    """
    parts = [part for part in PurePosixPath(path).parts if part not in {"/", "//", ".", ".."}]
    stem = PurePosixPath(parts[-1]).stem if parts else ""
    in_folder = len(parts) > 1 and stem.lower() in _PLAIN_NAMES
    return _slug(parts[-2] if in_folder else stem)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_MAXIMUM_LENGTH].strip("-")
    # A name in another script leaves nothing; its digest still tells two such specs apart.
    return slug or f"spec-{digest_bytes(name.encode('utf-8', 'surrogateescape'))[:8]}"
