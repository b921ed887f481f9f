"""Secrets on added lines. Those here are made when the tests run: a file that held them would be refused itself."""

import random
import string

import pytest
from scenery import secrets

_CHANCE = random.Random(7)  # the same at each run


def drawn(length: int, letters: str = string.ascii_letters + string.digits) -> str:
    return "".join(_CHANCE.choices(letters, k=length))


HEX = "0123456789abcdef"
KEY = "AKIA" + drawn(16, string.ascii_uppercase + "234567")
BASE64 = "\n".join(drawn(64) for _line in range(3))


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f"aws = {KEY}", "an AWS access key"),
        (f"aws_secret_access_key = {drawn(40)}", "an AWS secret key"),
        (f"t = 'ghp_{drawn(36)}'", "a GitHub token"),
        (f"t = 'github_pat_{drawn(82)}'", "a GitHub token"),
        (f"t = 'glpat-{drawn(20)}'", "a GitLab token"),
        (f"t = 'xoxb-{drawn(12, string.digits)}-{drawn(24)}'", "a Slack token"),
        (f"t = 'sk_live_{drawn(24)}'", "a Stripe key"),
        (f"t = 'AIza{drawn(35)}'", "a Google API key"),
        (f"t = 'sk-ant-api03-{drawn(93)}'", "an Anthropic key"),
        (f"t = 'sk-proj-{drawn(74)}T3BlbkFJ{drawn(73)}'", "an OpenAI key"),
        (f"//registry.npmjs.org/:_authToken=npm_{drawn(36)}", "an npm token"),
        (f"t = 'pypi-AgEIcHlwaS5vcmc{drawn(120)}'", "a PyPI token"),
        (f"t = 'eyJhbGciOiJIUzI1NiJ9x.eyJ{drawn(40)}.{drawn(43)}'", "a JSON web token"),
        (f"url = 'postgres://shop:{drawn(14)}@db7.shop.io/shop'", "a password in a connection string"),
        (f"-----BEGIN RSA PRIVATE KEY-----\n{BASE64}\n-----END RSA PRIVATE KEY-----", "a private key"),
        (f"API_TOKEN = '{drawn(32)}'", "a secret given to `API_TOKEN`"),
        (f"  client_secret: {drawn(40, HEX)}", "a secret given to `client_secret`"),
    ],
)  # fmt: skip
def test_a_secret_is_found_and_not_shown(line: str, kind: str) -> None:
    said = secrets({}, {"src/settings.py": f"x = 1\n{line}\n"})
    assert len(said) == 1, said
    assert said[0].startswith(f"src/settings.py:2: looks like {kind} (")
    assert not any(
        line[at : at + 12] in said[0].partition("looks like")[2] for at in range(12, len(line) - 12)
    )


@pytest.mark.parametrize(
    "line",
    [
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
        "token = os.environ['SHOP_TOKEN']",
        "token = settings.auth.token_of(user_name)",
        "password = 'correct-horse-battery-staple'",
        "password = 'changeme1234567'",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "api_key = 'your-api-key-goes-here-1234'",
        "token = 'xxxxxxxxxxxxxxxxxxxxxxxx'",
        f"digest = 'sha256:{drawn(64, HEX)}'",
        f"commit = '{drawn(40, HEX)}'",
        "token = '123e4567-e89b-12d3-a456-426614174000'",
        "url = 'postgres://postgres:postgres@localhost:5432/shop'",
        "url = 'https://user:hunter22@example.com'",
        "url = f'postgres://{user}:{password}@{host}'",
        "-----BEGIN PRIVATE KEY-----",
        "secret_name = 'projects/shop/secrets/payment/versions/latest'",
        "tokenizer = AutoTokenizer.from_pretrained('bert-base-uncased-v2')",
        "max_tokens=16384, password_hashers=['PBKDF2PasswordHasher']",
        "def test_token(token='fake-token-12345'):",
    ],
)
def test_what_only_looks_like_one_is_free(line: str) -> None:
    assert secrets({}, {"src/settings.py": f"{line}\n"}) == []


def test_checksums_in_lock_files_are_free_but_keys_are_not() -> None:
    assert secrets({}, {"a.lock": f'token = "{drawn(40)}"\nhash = "{drawn(64, HEX)}"\n'}) == []
    assert secrets({}, {"a.lock": f"key = {KEY}\n"})


def test_a_secret_that_was_there_before_is_not_the_changes() -> None:
    assert secrets({"a.py": f"K = '{KEY}'\n"}, {"a.py": f"x = 1\nK = '{KEY}'  # moved\n"}) == []
