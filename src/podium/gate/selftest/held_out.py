"""The held-out acceptance of the planted functions: inputs drawn by lot, results worked out here, where no tree can look."""

import json
import shlex
import statistics
from collections.abc import Callable, Sequence
from random import Random

from podium.gate.selftest.ground import Ground
from podium.model.ids import TaskId
from podium.model.task import Acceptance, Kind, Task

_CALLS = 6


def task(ground: Ground, function: str, *, kind: Kind, seed: str) -> Task:
    """A task whose change must make `function` right."""
    random = Random(seed)  # noqa: S311 - the seed is drawn from a secret
    calls = [_FUNCTIONS[function](random) for _call in range(_CALLS)]
    command = _COMMANDS[ground.language](ground, function, [words for words, _result in calls])
    accept = Acceptance(command, " ".join(_plain(result) for _words, result in calls))
    return Task(TaskId(f"specimen/{function}"), "specimen", f"make {function} right", kind, accept=(accept,))


def _net(random: Random) -> tuple[list[object], float]:
    prices = [random.randrange(1000) for _price in range(random.randrange(1, 6))]
    discount = random.randrange(1, 100)
    return [prices, discount], sum(prices) * (100 - discount) // 100


def _middle(random: Random) -> tuple[list[object], float]:
    numbers = [random.randrange(-1000, 1000) for _number in range(random.randrange(3, 9))]
    return [numbers], statistics.median(numbers)


def _plain(number: float) -> str:
    return f"{number:.1f}"


def _python(ground: Ground, function: str, calls: Sequence[Sequence[object]]) -> str:
    told = ", ".join(f"'%.1f' % {function}({_words(words)})" for words in calls)
    code = f"from {ground.imported} import {function}; print({told})"
    return f"PYTHONPATH={shlex.quote(ground.root or '.')} python3 -c {shlex.quote(code)}"


def _javascript(ground: Ground, function: str, calls: Sequence[Sequence[object]]) -> str:
    told = ", ".join(f"Number({function}({_words(words)})).toFixed(1)" for words in calls)
    code = f"import({json.dumps('./' + ground.module)}).then((shop) => {{ const {function} = shop.{function}; console.log({told}) }})"
    return f"node -e {shlex.quote(code)}"


def _words(words: Sequence[object]) -> str:
    return ", ".join(json.dumps(word) for word in words)


_FUNCTIONS: dict[str, Callable[[Random], tuple[list[object], float]]] = {"net": _net, "middle": _middle}
_COMMANDS = {"python": _python, "javascript": _javascript}
