"""Reads the answer of a checker, `verdict.json`: an opinion, or what is wrong with it in words it can act on. Pure.

An agent wrote it, so everything is bounded, unknown fields are refused (a misspelt `findings` must not vanish), and what
people will read is made harmless here.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from podium.base.text import clean, clean_line, is_utf8
from podium.model.checking import Opinion, Proposal, Remark, Severity, Word

FILE = "verdict.json"
LIMIT_BYTES = 256 * 1024
MOST_TESTS = 5
_BECAUSE, _MESSAGE, _CONTENT, _COMMAND, _PATH, _NAME = 4000, 2000, 32_000, 2000, 300, 100
_MOST_FINDINGS = 50
_NAMED_FAULTS = 10


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why an answer is none."""

    because: str


def read_verdict(data: bytes) -> Opinion | Invalid:
    """What a checker says; text for people comes cleaned, a test's content as it is."""
    if len(data) > LIMIT_BYTES:
        return Invalid(f"{FILE} is larger than {LIMIT_BYTES // 1024} KiB")
    try:
        return _opinion(_Answer.model_validate_json(data))
    except ValidationError as error:
        return Invalid(_faults(error))


def fault(data: bytes) -> str:
    """What is wrong with an answer, as one is told who shall write it again; empty where nothing is."""
    found = read_verdict(data)
    return found.because if isinstance(found, Invalid) else ""


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("say something here")
    return text


def _plain(text: str) -> str:
    """Text that becomes a path or an argument: what cannot be shown as it is has no place in it."""
    if clean(text) != text:
        raise ValueError("it has control or invisible characters")
    return _said(text)


def _writable(text: str) -> str:
    if not is_utf8(text):
        raise ValueError("it is not Unicode text")
    return text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Finding(_Part):
    severity: Severity
    message: Annotated[str, Field(max_length=_MESSAGE), AfterValidator(_said)]
    path: Annotated[str, Field(max_length=_PATH)] = ""
    line: Annotated[int, Field(ge=0, lt=2**31)] = 0


class _Test(_Part):
    name: Annotated[str, Field(max_length=_NAME), AfterValidator(_plain)]
    path: Annotated[str, Field(max_length=_PATH), AfterValidator(_plain)]
    content: Annotated[str, Field(max_length=_CONTENT), AfterValidator(_writable)]
    command: Annotated[str, Field(max_length=_COMMAND), AfterValidator(_plain)]


class _Answer(_Part):
    verdict: Literal["approve", "send-back", "unsure"]
    because: Annotated[str, Field(max_length=_BECAUSE), AfterValidator(_said)]
    findings: Annotated[tuple[_Finding, ...], Field(max_length=_MOST_FINDINGS)] = ()
    tests: Annotated[tuple[_Test, ...], Field(max_length=MOST_TESTS)] = ()


def _opinion(answer: _Answer) -> Opinion:
    return Opinion(
        Word(answer.verdict),
        clean(answer.because).strip()[:_BECAUSE],
        tuple(_remark(found) for found in answer.findings),
        tuple(Proposal(test.name, test.path, test.content, test.command) for test in answer.tests),
    )


def _remark(found: _Finding) -> Remark:
    path = clean_line(found.path, limit=_PATH)
    return Remark(found.severity, clean_line(found.message, limit=_MESSAGE), path, found.line)


def _faults(error: ValidationError) -> str:
    """Each fault on a line: where, and what; never the value itself, which may be anything."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [clean_line(f"- {_where(one['loc'])}{one['msg']}") for one in faults[:_NAMED_FAULTS]]
    more = len(faults) - _NAMED_FAULTS
    return "\n".join([*lines, f"- and {more} more"] if more > 0 else lines)


def _where(place: tuple[int | str, ...]) -> str:
    """`tests[0].path: `."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    return f"{path}: " if path else ""
