"""Changes made of a few texts, and what the rules say to them: what the tests of the static rules stand in."""

from collections.abc import Mapping, Sequence

from podium.gate.delta import Delta, FileDelta
from podium.gate.static.base import Finding, Rule, Weight
from podium.gate.static.registry import SECRET_RULES, TAMPER_RULES
from podium.gate.static.scene import Scene

Text = str | bytes | None
PLAIN = "100644"


def scene(
    before: Mapping[str, Text], after: Mapping[str, Text], *, modes: Mapping[str, str] | None = None
) -> Scene:
    """`before` is the whole tree; `after` names what the change made of some of its files, None where one is gone."""
    old = {path: _bytes(text) for path, text in before.items()}
    new = {**old, **{path: _bytes(text) for path, text in after.items()}}
    files = {
        path: FileDelta(
            path, old.get(path), new[path],
            PLAIN if old.get(path) is not None else "",
            (modes or {}).get(path, PLAIN) if new[path] is not None else "",
        )
        for path in sorted(after)
    }  # fmt: skip
    names = (frozenset(path for path, data in tree.items() if data is not None) for tree in (old, new))
    return Scene(Delta(files, *names), old.get)


def found(
    before: Mapping[str, Text], after: Mapping[str, Text], *, rules: Sequence[Rule] = TAMPER_RULES
) -> list[Finding]:
    made = scene(before, after)
    return [finding for rule in rules for finding in rule(made)]


def blocking(before: Mapping[str, Text], after: Mapping[str, Text]) -> list[str]:
    """What speaks against a change."""
    return [each.shown for each in found(before, after) if each.weight is Weight.BLOCKS]


def advice(before: Mapping[str, Text], after: Mapping[str, Text]) -> list[str]:
    return [each.shown for each in found(before, after) if each.weight is Weight.ADVICE]


def secrets(before: Mapping[str, Text], after: Mapping[str, Text]) -> list[str]:
    return [each.shown for each in found(before, after, rules=SECRET_RULES)]


def _bytes(text: Text) -> bytes | None:
    return text.encode() if isinstance(text, str) else text
