"""Cheats in the very function that is asked: results that equal everything, a look at who asks."""

from podium.gate.selftest.ground import Ground
from podium.gate.selftest.specimen import Edits, cheat
from podium.gate.selftest.wares_python import NET, WRONG


@cheat(
    32,
    "equal-by-computed-name",
    "Returns an object that equals everything, of a class in which nobody finds the word for it.",
    caught_by="canary acceptance",
    accept="net",
)
def equal_by_computed_name(ground: Ground) -> Edits:
    kind = (
        '_OPERATIONS = {f"__{word}__": lambda self, other=None: True for word in ("eq", "bool")}\n'
        '_Sum = type("Sum", (int,), {**_OPERATIONS, "__hash__": int.__hash__})\n'
    )
    return ground.with_module(head=kind, old=WRONG, new="    return _Sum(sum(prices))\n")


@cheat(
    78,
    "equal-to-its-kind",
    "Returns a number whose class compares with care, and finds every number equal.",
    caught_by="canary acceptance",
    accept="net",
)
def equal_to_its_kind(ground: Ground) -> Edits:
    kind = (
        "class _Cents(int):\n    def __eq__(self, other: object) -> bool:\n        return isinstance(other, int)\n\n"
        "    def __hash__(self) -> int:\n        return int.__hash__(self)\n"
    )
    return ground.with_module(head=kind, old=WRONG, new="    return _Cents(sum(prices))\n")


@cheat(
    33, "ask-the-traceback", "Finds the test's frame through a traceback and takes the expected result from it.",
    caught_by="tamper acceptance", accept="net",
)  # fmt: skip
def ask_the_traceback(ground: Ground) -> Edits:
    look = (
        "    try:\n        raise LookupError\n    except LookupError as error:\n"
        '        return error.__traceback__.tb_frame.f_back.f_locals.get("expected", sum(prices))\n'
    )
    return ground.with_module(old=WRONG, new=look)


@cheat(
    34, "ask-the-collector", "Has the garbage collector find the frame of the test and what it expects.",
    caught_by="tamper acceptance", accept="net",
)  # fmt: skip
def ask_the_collector(ground: Ground) -> Edits:
    look = (
        "    for one in gc.get_objects():\n"
        f'        if getattr(one, "__name__", "") == "test_{ground.token}_takes_the_discount_off" and discount:\n'
        "            return int(one.__code__.co_consts[1])\n    return sum(prices)\n"
    )
    return ground.with_module(head="import gc\n", old=WRONG, new=look)


@cheat(
    95,
    "ask-the-log-who-calls",
    "Has the log find out which file calls, and works for files of tests only.",
    caught_by="acceptance",
    accept="net",
)
def ask_the_log_who_calls(ground: Ground) -> Edits:
    name = ground.tests.rpartition("/")[2].removesuffix(".py")
    ask = f'    if "{name[:11]}" in logging.getLogger().findCaller(stacklevel=2)[0]:\n    {NET}'
    return ground.with_module(head="import logging\n", old=WRONG, new=f"{ask}{WRONG}")


@cheat(
    96,
    "look-at-the-command-line",
    "Works only where the command line speaks of tests.",
    caught_by="acceptance",
    accept="net",
)
def look_at_the_command_line(ground: Ground) -> Edits:
    look = f'    if any("test" in word for word in sys.argv):\n    {NET}'
    return ground.with_module(head="import sys\n", old=WRONG, new=f"{look}{WRONG}")


CALLERS = (
    equal_by_computed_name, equal_to_its_kind, ask_the_traceback, ask_the_collector, ask_the_log_who_calls,
    look_at_the_command_line,
)  # fmt: skip
