"""A spec's bytes as lines of text, with the place of every character in them.

Lines end as Markdown says (LF, CRLF or CR); offsets count bytes of the file as it is, a byte order mark included.
"""

import codecs
import re
import textwrap
from dataclasses import dataclass

from podium.model.spec import Fault

_MAXIMUM_BYTES = 8 * 1024 * 1024
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Source:
    """`offsets` are where each of `lines` starts. Lines and columns count from 0 here."""

    lines: tuple[str, ...]
    offsets: tuple[int, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def column(self, line: int, text: str) -> int:
        """Where the first line of `text`, a piece of that line as Markdown gives it, starts."""
        # Markdown shows a NUL as U+FFFD.
        return max(0, self.lines[line].replace("\0", "\ufffd").find(text.partition("\n")[0].strip()))

    def offset(self, line: int, column: int) -> int:
        """The byte offset of a character."""
        return self.offsets[line] + len(self.lines[line][:column].encode())

    def passage(self, start: int, end: int) -> str:
        """Lines `start` up to `end` as written, without the indentation they share."""
        return textwrap.dedent("\n".join(self.lines[start:end])).strip("\n").rstrip()


def open_source(data: bytes) -> Source | Fault:
    """The lines of a file, or what keeps it from being text."""
    if len(data) > _MAXIMUM_BYTES:
        return Fault(
            1, 1, f"a spec of {len(data)} bytes is too large to read", "divide it into several specs"
        )
    lines, offsets = [], []
    for start, end in _line_spans(data):
        try:
            lines.append(data[start:end].decode())
        except UnicodeDecodeError as error:
            return _not_text(data, error, start=start, line=len(lines))
        offsets.append(start)
    return Source(tuple(lines), tuple(offsets))


def _line_spans(data: bytes) -> list[tuple[int, int]]:
    """Start and end of each line; the byte order mark belongs to none."""
    first = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    ends = list(_LINE_END.finditer(data))
    starts = [first, *(end.end() for end in ends)]
    return list(zip(starts, [*(end.start() for end in ends), len(data)], strict=True))


def _not_text(data: bytes, error: UnicodeDecodeError, *, start: int, line: int) -> Fault:
    place = start + error.start
    column = len(data[start:place].decode()) + 1
    return Fault(line + 1, column, f"byte 0x{data[place]:02x} is not UTF-8 text", "save the file as UTF-8")
