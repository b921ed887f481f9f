"""Predictions of the merge queue on made-up histories whose truth is known: learned from the first part, scored on the rest.

The truth depends on the maker, on the change and on which targets it shares. `the truth itself` says each change's own
probability: nobody can do better. `python bench/bench_predictions.py` prints how reliable the probabilities are as well.
"""

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Figure, Scale

from podium.landing.predictions.experience import Experience, Fared, Fate, Features, Gated, Meeting
from podium.landing.predictions.predictions import Predictions, learn
from podium.landing.predictions.scores import Pair, brier, reliability, skill, table

MAKERS, KINDS, TARGETS = 8, ("feature", "fix", "refactor", "docs", "test", "chore"), 40
SIZES = (100, 300, 1_000, 3_000)
TESTED = 3_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A change with the truth about it: the chance that it passes by itself, and that it breaks with each it meets."""

    fared: Fared
    gated: Gated
    passes: float
    breaks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was learned of one event, what is true of it, and what came."""

    learned: float
    true: float
    came: float


@dataclass(frozen=True, slots=True)
class Trial:
    """Skill (of Brier's score, against the rate in the part that was tested) by event and forecaster; and what was said of changes."""

    scores: dict[str, dict[str, float]]
    said: list[Pair]
    off_percent: float
    learning_ms: float


_NOTES = {"the truth itself": "nobody can do better"}


def run(_directory: Path, scale: Scale) -> list[Figure]:
    figures: list[Figure] = []
    for size in SIZES:
        trials = [tried(history(size + TESTED, seed=seed), size) for seed in range(max(5, scale.runs // 3))]
        for name in ("fails by itself", "breaks with another"):
            scores = [one.scores[name] for one in trials]
            for who in scores[0]:
                values = tuple(score[who] for score in scores)
                figures.append(
                    Figure(f"{name}, after {size:,}: {who}", "skill", values, note=_NOTES.get(who, ""))
                )
        off, took = tuple(one.off_percent for one in trials), tuple(one.learning_ms for one in trials)
        figures.append(Figure(f"a gate's duration, after {size:,}: off by", "%", off))
        figures.append(Figure(f"learning from {size:,} changes", "ms", took))
    return figures


def history(size: int, *, seed: int) -> list[Entry]:
    """Changes whose truth is drawn: makers differ by a standard deviation of 0.8 in log odds, targets by 0.7."""
    lot = random.Random(f"{seed}:history")
    makers = {f"agent{number}": lot.gauss(3.6, 0.8) for number in range(MAKERS)}
    targets = [lot.gauss(-4.4, 0.7) for _ in range(TARGETS)]
    return [_entry(lot, makers, targets, at_s=60.0 * number) for number in range(size)]


def _entry(lot: random.Random, makers: dict[str, float], targets: Sequence[float], *, at_s: float) -> Entry:
    features = _features(lot, makers)
    odds = makers[features.maker] - 0.5 * (features.attempts - 1) - 0.4 * math.log((features.lines or 0) / 60)
    passes = _sigmoid(odds)
    met = tuple(_met(lot, features, makers, targets) for _ in range(min(4, int(lot.expovariate(0.5)))))
    fails = lot.random() >= passes
    fate = Fate.FAILED if fails else Fate.BROKE if any(one.blamed for one, _true in met) else Fate.LANDED
    took_s = (features.gate_s or 0.0) * 1.1 * lot.lognormvariate(0, 0.2)
    return Entry(
        Fared(at_s, features, fate, tuple(one for one, _true in met)),
        Gated(at_s, features, took_s),
        passes,
        tuple(true for _one, true in met),
    )


def _features(lot: random.Random, makers: dict[str, float]) -> Features:
    return Features(
        maker=lot.choice(list(makers)),
        kind=lot.choice(KINDS),
        files=1 + int(lot.lognormvariate(1.2, 0.8)),
        lines=1 + int(lot.lognormvariate(4.1, 1.2)),
        attempts=1 + int(lot.expovariate(1.2)),
        base_age_s=lot.expovariate(1 / 900),
        gate_s=lot.lognormvariate(6.3, 0.3),
    )


def _met(
    lot: random.Random,
    features: Features,
    makers: dict[str, float],
    targets: Sequence[float],
) -> tuple[Meeting, float]:
    """A meeting, and the chance that it breaks: that of the worst target shared, halved for changes of one maker."""
    other = _features(lot, makers)
    shared = frozenset(lot.sample(range(len(targets)), k=1 + int(lot.expovariate(0.9))))
    worst = max(targets[key] for key in shared)
    chance = _sigmoid(worst + 0.3 * math.log(len(shared)) - 0.7 * (features.maker == other.maker))
    return Meeting(other, shared, blamed=lot.random() < chance), chance


def tried(entries: Sequence[Entry], size: int) -> Trial:
    """Learn from the first `size` entries, score on the others."""
    experience = Experience(tuple(one.fared for one in entries), tuple(one.gated for one in entries))
    start = time.perf_counter()
    predictions = learn(experience, until=entries[size].fared.at_s)
    learning_ms = (time.perf_counter() - start) * 1000
    known, rest = entries[:size], entries[size:]
    off = [abs(math.log(one.gated.duration_s / predictions.duration_s(one.fared.features))) for one in rest]
    forecasts = {
        "fails by itself": (_changes(known, predictions), _changes(rest, predictions)),
        "breaks with another": (_pairs(known, predictions), _pairs(rest, predictions)),
    }
    scores = {name: _scores(before, after) for name, (before, after) in forecasts.items()}
    said = [(one.learned, one.came) for one in forecasts["fails by itself"][1]]
    return Trial(scores, said, 100 * sum(off) / len(off), learning_ms)


def _changes(entries: Sequence[Entry], predictions: Predictions) -> list[Forecast]:
    return [
        Forecast(predictions.passes(one.fared.features), one.passes, float(one.fared.fate is not Fate.FAILED))
        for one in entries
    ]


def _pairs(entries: Sequence[Entry], predictions: Predictions) -> list[Forecast]:
    return [
        Forecast(
            predictions.breaks(one.fared.features, met.other, shared=met.shared), true, float(met.blamed)
        )
        for one in entries
        for met, true in zip(one.fared.met, one.breaks, strict=True)
    ]


def _scores(known: Sequence[Forecast], rest: Sequence[Forecast]) -> dict[str, float]:
    rate = sum(one.came for one in known) / len(known)
    return {
        "the known rate": skill([(rate, one.came) for one in rest]),
        "learned": skill([(one.learned, one.came) for one in rest]),
        "the truth itself": skill([(one.true, one.came) for one in rest]),
    }


def _sigmoid(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


if __name__ == "__main__":
    for known in SIZES:
        said = [pair for seed in range(5) for pair in tried(history(known + TESTED, seed=seed), known).said]
        print(
            f"passes by itself, after {known:,}: Brier {brier(said):.4f}", *table(reliability(said)), sep="\n"
        )
