"""The list of spec formats, most particular first. Listing one puts it under the contract tests of formats."""

from podium.formats.base import Format, Reading
from podium.formats.markdown import Markdown

FORMATS: tuple[Format, ...] = (Markdown(),)
"""The last one recognises every file."""


def read(data: bytes, *, path: str, spec_id: str) -> Reading:
    """Read a spec in whichever format it is written. Never raises, whatever the bytes are.

    `path` is the file's path in the repository; `spec_id` names the spec in task ids (see `naming.spec_id`).
    """
    chosen = next(one for one in FORMATS if one.recognises(data, path=path))
    return chosen.read(data, path=path, spec_id=spec_id)
