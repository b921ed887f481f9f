"""A checker's judgment as people are shown it."""

from podium.model.checking import Judgment
from podium.project.views.judgment import JudgmentView, RemarkView, TrialView
from podium.review.checking import gravest_first


def view(judgment: Judgment | None) -> JudgmentView | None:
    """What a checker found; None where none has judged."""
    if judgment is None:
        return None
    return JudgmentView(
        judgment.by, judgment.word, judgment.because, judgment.at,
        tuple(RemarkView(found.severity, found.message, found.path, found.line) for found in gravest_first(judgment.findings)),
        tuple(
            TrialView(trial.test.name, trial.test.path, trial.test.command, trial.verdict, trial.because,
                      trial.base or "", trial.meaning(), trial.output, trial.test.content)
            for trial in judgment.tests
        ),
        judgment.usage.tokens, judgment.usage.cost_usd, judgment.transcript,
    )  # fmt: skip
