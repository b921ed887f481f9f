"""Ticking a task's box in its spec: one byte, and only where the line still says what it said."""

import codecs

from podium.model.task import Checkbox


def tick(data: bytes, box: Checkbox) -> bytes | None:
    """The file with the box ticked; the same bytes where it is ticked already; None where the line is not what it was."""
    start, end = _line_around(data, box.offset)
    column = box.offset - start
    now, then = data[start:end], box.line.encode("utf-8", "surrogatepass")
    if not start <= box.offset < end or now[column - 1 : column + 2] not in {b"[ ]", b"[x]", b"[X]"}:
        return None
    if now == then and now[column : column + 1] == b" ":
        return data[: box.offset] + b"x" + data[box.offset + 1 :]
    same = now[:column] + now[column + 1 :] == then[:column] + then[column + 1 :]
    return data if same and now[column : column + 1] != b" " else None


def _line_around(data: bytes, offset: int) -> tuple[int, int]:
    """Where the line that holds `offset` starts and ends, without its line end and the byte order mark."""
    offset = max(0, offset)
    start = max(data.rfind(b"\n", 0, offset), data.rfind(b"\r", 0, offset)) + 1
    if start == 0 and data.startswith(codecs.BOM_UTF8):
        start = len(codecs.BOM_UTF8)
    ends = [end for end in (data.find(b"\n", start), data.find(b"\r", start)) if end >= 0]
    return start, min(ends, default=len(data))
