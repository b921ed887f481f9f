"""Commands that clean up before a signal ends them."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_STDERR = 2
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C, SIGTERM or a terminal that closes raise KeyboardInterrupt, once: cleaning up is not interrupted."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heard = [number for number in _SIGNALS if before[number] is not signal.SIG_IGN]  # nohup stays nohup

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        for number in heard:
            signal.signal(number, signal.SIG_IGN)
        os.write(_STDERR, "stopping …\n".encode())  # a stream may be in the middle of a write
        raise KeyboardInterrupt

    for number in heard:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in heard:
            if signal.getsignal(number) is interrupt:  # a process that was asked to end stays deaf
                signal.signal(number, before[number])
