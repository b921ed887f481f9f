"""Whether a change waits for a person: the project's `[policy]` applied to its risk. What the risk is, others say."""

from podium.base.text import clean_line
from podium.config.settings import PolicySettings
from podium.model.risk import Risk

_REASONS = 3


def ask_person(risk: Risk, policy: PolicySettings) -> tuple[bool, str]:
    """Whether a person is asked before the change lands, and the because in one sentence."""
    if policy.review == "always":
        return True, _sentence(f"every change is reviewed; risk {risk.score}", risk)
    if policy.review == "never":
        return False, _sentence(f"review is never asked for; risk {risk.score}", risk)
    asked = risk.score >= policy.threshold
    return asked, _sentence(f"risk {risk.score} {'≥' if asked else '<'} {policy.threshold}", risk)


def _sentence(finding: str, risk: Risk) -> str:
    reasons = ", ".join(risk.reasons[:_REASONS])
    return clean_line(f"{finding}: {reasons}" if reasons else finding)
