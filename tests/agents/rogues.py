"""The misbehaving agents of `rogue.py`: the bounds each is put to work in, and what each must come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podium.model.attempt import End

PROGRAM = Path(__file__).with_name("rogue.py")
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else "python3"
"""The system's: it is there in every sandbox, and starts without the shims of a version manager."""

SECRET = 'p4ss"w\\rd-é/longer'
"""One that looks different in JSON, in a URL and in a log."""
NUMBER = "31415926"
"""One that looks like a number."""

_WHOLE = (End.PRODUCED,)
_FAILED = (End.CRASHED,)
_GIVEN_UP = (End.TIMED_OUT, End.CRASHED)
_IN_VAIN = (End.NO_CHANGE, End.CRASHED)
_SHORT = {"minutes": 0.05}
_QUIET = {"idle_minutes": 0.02}
_MARKED = {"failure_marks": ("API Error",)}


@dataclass(frozen=True)
class Rogue:
    """A mode of `rogue.py`. `ends` and `turns` are what it may come to; `because` occurs in the reason given."""

    mode: str
    ends: tuple[End, ...]
    turns: tuple[str, ...] = ("ok",)
    because: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    stop: bool = False
    """It is told to stop once it has written something."""
    within_s: float = 20
    brief: str = "Do it."

    @property
    def name(self) -> str:
        return "-".join([self.mode, *self.settings])


ROGUES = (
    # Those of which more is to be asked than that they come to their end have tests of their own.
    # Before there is a session.
    Rogue("silent", _GIVEN_UP, ("failed", "cancelled"), settings=_SHORT),
    Rogue("half-frame", _GIVEN_UP, ("failed", "cancelled"), settings=_SHORT),
    Rogue("stderr-flood", _WHOLE),
    Rogue("stderr-for-ever", _GIVEN_UP, ("failed", "cancelled"), settings=_SHORT),
    Rogue("slow-start", _WHOLE),
    Rogue("dies-at-once", _FAILED, ("failed",)),
    Rogue("protocol-2", _FAILED, ("failed",), because="protocol 2"),
    Rogue("protocol-echo", _WHOLE),
    Rogue("initialize-nonsense", _FAILED, ("failed",)),
    Rogue("no-session", _FAILED, ("failed",), because="no session today"),
    Rogue("auth-required", _FAILED, ("failed",), because="Authentication required"),
    Rogue("session-nonsense", (*_FAILED, *_WHOLE), ("failed", "ok"), settings={"mode": "auto"}),
    Rogue("dies-with-secrets", _FAILED, ("failed",)),
    # What it sends.
    Rogue("long-lines", _WHOLE, within_s=60),
    Rogue("line-without-end", _GIVEN_UP, ("failed", "cancelled"), settings={"minutes": 0.1}, within_s=60),
    Rogue("garbage", _WHOLE),
    Rogue("deep-frames", _WHOLE),
    Rogue("resembles-tokens", _WHOLE, within_s=60),
    Rogue("unknown-update", _WHOLE),
    Rogue("wrong-ids", _WHOLE),
    Rogue("floods", _WHOLE, within_s=90),
    Rogue("floods-bytes", _GIVEN_UP, ("failed", "cancelled"), settings={"minutes": 0.1}, within_s=60),
    Rogue("asks-for-ever", _GIVEN_UP, ("failed", "cancelled"), settings={"minutes": 0.1}, within_s=60),
    Rogue("escape-codes", _WHOLE),
    Rogue("error-with-secrets", _FAILED, ("failed",)),
    # How its turn ends, or does not.
    Rogue("unknown-stop", _WHOLE, ("unknown",)),
    Rogue("refuses", _IN_VAIN, ("failed",)),
    Rogue("stop-nonsense", _WHOLE, ("unknown",)),
    Rogue("error-nonsense", _FAILED, ("failed",)),
    Rogue("prompt-error", _FAILED, ("failed",), because="model gone"),
    Rogue("dies-in-turn", _FAILED, ("failed",)),
    Rogue("error-after-turn", _WHOLE),
    Rogue("outlives-the-turn", _WHOLE),
    Rogue("end-turn-after-error", _IN_VAIN, ("ok", "failed")),
    Rogue("end-turn-after-error", _IN_VAIN, ("failed",), because="API Error: 500", settings=_MARKED),
    Rogue("end-turn-after-late-error", _FAILED, ("failed",), because="API Error: 500", settings=_MARKED),
    Rogue("no-work", _IN_VAIN),
    Rogue("all-talk", _IN_VAIN),
    Rogue("says-it-is-blocked", (End.NO_CHANGE,), because="it is blocked: no key for the registry [secret]"),
    Rogue("never-ends", (End.TIMED_OUT,), ("cancelled",), settings=_SHORT),
    Rogue("goes-quiet", (End.TIMED_OUT,), ("cancelled",), because="said nothing", settings=_QUIET),
    Rogue("deaf", (End.TIMED_OUT,), ("cancelled",), settings=_QUIET, brief="long " * 200_000),
    Rogue("closes-stdout", _GIVEN_UP, ("failed", "cancelled"), settings=_QUIET),
    Rogue("ignores-cancel", (End.TIMED_OUT,), ("cancelled",), settings=_SHORT),
    Rogue("ignores-cancel", _FAILED, ("cancelled", ""), stop=True),
    Rogue("heeds-cancel", (End.TIMED_OUT,), ("cancelled",), settings=_SHORT),
    Rogue("calls-cancel-success", (End.TIMED_OUT,), ("cancelled",), settings=_SHORT),
    Rogue("heeds-cancel", _FAILED, ("cancelled", ""), stop=True),
    Rogue("over-budget", (End.OVER_BUDGET,), ("cancelled",), because="$0.0", settings={"cost_usd": 0.05}),
    Rogue("over-budget", (End.OVER_BUDGET,), ("cancelled",), because="tokens", settings={"tokens": 50_000}),
    # What it does to the machine.
    Rogue("leaves-children", _WHOLE),
    Rogue("forks", _WHOLE),
    Rogue("fills-the-disk", (End.REFUSED,)),
)
