"""Secrets on the lines that a change adds: known shapes of keys, and texts without rhyme or reason given to names like `token`.

What is found is never shown: its first four characters and its length must do. Examples and placeholders are free, and so are
files that hold checksums.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from podium.gate.delta import FileDelta
from podium.gate.static.base import Finding
from podium.gate.static.scene import Scene, is_test

RULE = "secrets"
_LONGEST_LINE = 4000
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of secret. The group `secret`, or all that matches, is the secret.

    `drawn` asks that it look drawn by lot; one that need not is free in tests, where addresses are made up.
    """

    kind: str
    regex: re.Pattern[str]
    drawn: bool = True


def _shape(kind: str, regex: str, *, drawn: bool = True) -> Shape:
    return Shape(kind, re.compile(regex), drawn)


_SHAPES = (
    _shape("an AWS access key", r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Z0-9])"),
    _shape("an AWS secret key", r"(?i:aws.{0,30}(?:secret|key).{0,30}?)[\s'\"=:>]+(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"),
    _shape("a GitHub token", r"(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,100})"),
    _shape("a GitLab token", r"(?<!\w)gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[\w-]{20,64}"),
    _shape("a Slack token", r"(?<!\w)xox[abeoprs]-[A-Za-z0-9-]{20,200}"),
    _shape("a Slack webhook", r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9+/]{30,80}"),
    _shape("a Stripe key", r"(?<!\w)(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{20,120}"),
    _shape("a Google API key", r"(?<!\w)AIza[\w-]{35}(?![\w-])"),
    _shape("a Google client secret", r"(?<!\w)GOCSPX-[\w-]{28}"),
    _shape("an Anthropic key", r"(?<!\w)sk-ant-(?:api|admin|oat|ort)\d\d-[\w-]{40,200}"),
    _shape("an OpenAI key", r"(?<!\w)sk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,80}T3BlbkFJ[A-Za-z0-9_-]{20,80}|(?<!\w)sk-(?:proj|svcacct|admin)-[\w-]{40,200}|(?<!\w)sk-[A-Za-z0-9]{48}(?!\w)"),
    _shape("a Hugging Face token", r"(?<!\w)hf_[A-Za-z0-9]{34}(?!\w)"),
    _shape("an npm token", r"(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)"),
    _shape("a PyPI token", r"(?<!\w)pypi-AgE[\w-]{50,300}"),
    _shape("a SendGrid key", r"(?<!\w)SG\.[\w-]{22}\.[\w-]{43}"),
    _shape("a Twilio key", r"(?<!\w)SK[0-9a-f]{32}(?!\w)"),
    _shape("a DigitalOcean token", r"(?<!\w)do[opr]_v1_[0-9a-f]{64}"),
    _shape("a Docker token", r"(?<!\w)dckr_pat_[\w-]{27,40}"),
    _shape("a Telegram bot token", r"(?<![\w:])\d{8,10}:AA[\w-]{33}(?![\w-])"),
    _shape("an Azure storage key", r"(?i:AccountKey)=(?P<secret>[A-Za-z0-9+/]{86}==)"),
    _shape("a JSON web token", r"(?<![\w.])eyJ[\w-]{15,2000}\.eyJ[\w-]{15,2000}\.[\w-]{20,1000}"),
    _shape("a password in a connection string", r"(?<!\w)(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|ftp|https?|smtp)(?:\+\w+)?://[^\s:/@'\"]{1,100}:(?P<secret>[^\s@'\"/]{6,200})@(?P<host>[\w.-]+)", drawn=False),
)  # fmt: skip
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_ASSIGNED = re.compile(
    r"(?i)(?P<name>[\w.-]{0,60}(?:secret|token|passwd|password|passphrase|api_?-?key|apikey|access_?-?key|private_?-?key|auth_?-?key|credential)[\w.-]{0,30})"
    r"['\"]?\s{0,5}(?::=|=>|=|:)\s{0,5}(?P<quote>['\"`])?(?P<secret>[^\s'\"`,;)(\]\[{}<>$]{12,300})(?(quote)(?P=quote))"
)
_EXAMPLE = re.compile(
    r"(?i)example|sample|dummy|fake|placeholder|changeme|change_me|your[-_]?|replace|redacted|not[-_]?a?[-_]?(?:real|secret)|insert|todo|"
    r"xxxx|\.\.\.|\*\*\*|abcdef|0123456|1234567|deadbeef|lorem|foobar|secret|password|passw0rd|localhost|test"
)
_EXAMPLE_HOST = re.compile(
    r"(?i)(?:^|\.)(?:localhost|local|example|test|invalid|internal)$|example\.(?:com|org|net)$|^(?:127\.|0\.0)|^(?:db|postgres|postgresql|mysql|mariadb|redis|mongo|mongodb|rabbitmq|host|hostname|server)\d*$"
)
_CHECKSUM_FILES = re.compile(
    r"(?i)(?:.*/)?(?:.*\.(?:lock|sum|sha\d*|md5|svg|ipynb|snap|min\.js|map|csv|po|pem\.example)|.*-lock\.(?:json|ya?ml)|npm-shrinkwrap\.json|go\.sum|checksums.*)"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_CODE = re.compile(
    r"[\w.]*[.(]\w*|[A-Za-z_]+|[A-Z][a-z]+(?:[A-Z][a-z]+)+|[\w]+(?:[-_.:/][a-zA-Z]+)+|https?://.*|[/~.].*|\d+"
)
_LEAST_BITS = 3.0
_LEAST_BITS_ASSIGNED = 3.6
_HEX = re.compile(r"[0-9a-fA-F]{32,}")


def secrets(scene: Scene) -> Iterator[Finding]:
    """One finding a secret; none for what was in the file before."""
    for file in scene.files():
        if not file.is_gone:
            yield from _of_file(file)


def _of_file(file: FileDelta) -> Iterator[Finding]:
    if b"\0" in (file.after or b"")[:8192]:
        return  # no text
    old, checksums = file.old, bool(_CHECKSUM_FILES.fullmatch(file.path))
    known = set(old.split("\n"))
    told: set[str] = set()
    for number, line in enumerate(file.new.split("\n"), start=1):
        if line in known:
            continue
        text = line[:_LONGEST_LINE]
        for kind, secret in _in_line(text, file, number, assigned=not checksums):
            if secret not in told and secret not in old:
                told.add(secret)
                yield Finding(RULE, file.path, number, f"looks like {kind} ({_masked(secret)})")


def _in_line(text: str, file: FileDelta, number: int, *, assigned: bool) -> Iterator[tuple[str, str]]:
    found = False
    for shape in _SHAPES:
        for match in shape.regex.finditer(text):
            secret = match.groupdict().get("secret") or match[0]
            host = match.groupdict().get("host") or ""
            drawn = _bits(secret) >= _LEAST_BITS if shape.drawn else not is_test(file.path)
            if drawn and not _is_example(secret, host):
                found = True
                yield shape.kind, secret
    if _PRIVATE_KEY.search(text) and _has_key_below(file, number, text):
        found = True
        yield "a private key", text.strip()[-40:] + _body_below(file, number)[:80]
    if assigned and not found and not is_test(file.path):
        yield from _assigned(text)


def _assigned(text: str) -> Iterator[tuple[str, str]]:
    """A value that looks drawn by lot, given to a name that says it is secret."""
    for match in _ASSIGNED.finditer(text):
        secret = match["secret"].rstrip(".,")
        least = _LEAST_BITS if _HEX.fullmatch(secret) else _LEAST_BITS_ASSIGNED
        drawn = _bits(secret) >= least and any(map(str.isdigit, secret)) and any(map(str.isalpha, secret))
        if drawn and not (_is_example(secret, "") or _CODE.fullmatch(secret) or _UUID.fullmatch(secret)):
            yield f"a secret given to `{match['name'][:40]}`", secret


def _has_key_below(file: FileDelta, number: int, line: str) -> bool:
    """Whether there is a key between the lines, not only its first line as documentation has it."""
    rest = line.partition("-----BEGIN")[2]
    return len(re.sub(r"[^A-Za-z0-9+/]", "", _body_below(file, number))) >= 64 or len(rest) > 120  # noqa: PLR2004 - a line of base64


def _body_below(file: FileDelta, number: int) -> str:
    lines = file.new.split("\n")[number : number + 3]
    return "".join(
        line.strip(" \t'\"\\,")
        for line in lines
        if re.fullmatch(r"[\s'\"]*[A-Za-z0-9+/=]{40,}(?:\\n)?[\s'\"\\,)+]*", line)
    )


def _is_example(secret: str, host: str) -> bool:
    few = len(set(secret)) <= max(4, len(secret) // 10)
    return (
        few
        or bool(_EXAMPLE.search(secret))
        or bool(host and _EXAMPLE_HOST.search(host))
        or secret.startswith(("$", "{", "<", "%"))
    )


def _bits(text: str) -> float:
    """Shannon entropy in bits for each character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def _masked(secret: str) -> str:
    return f"{secret[:_SHOWN]}…, {len(secret)} characters"
