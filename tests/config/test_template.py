import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.config.detect import Detected, detect
from podium.config.load import load
from podium.config.settings import CheckSettings
from podium.config.template import render

KINDS: dict[str, dict[str, str]] = {
    "python": {"pyproject.toml": "[tool.ruff]\n[tool.mypy]\n", "test_a.py": "import pytest\n"},
    "node": {"package.json": '{"scripts": {"test": "jest"}, "devDependencies": {"jest-junit": "1"}}'},
    "go": {"go.mod": "", "a_test.go": ""},
    "rust": {"Cargo.toml": ""},
    "make": {"Makefile": "test:\n"},
    "nothing": {},
    "two kinds": {"go.mod": "", "a_test.go": "", "Cargo.toml": ""},
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_init_writes_loads_and_says_what_was_detected(kind: str) -> None:
    contents = {name: text.encode() for name, text in KINDS[kind].items()}
    found = detect(contents.keys(), contents.get, lambda _name: False)
    settings = load(render(found), origin="podium.toml")
    assert settings.gate.check == found.checks


def test_a_person_adds_agents_and_checks_below_without_moving_anything() -> None:
    text = render(detect({"Makefile"}, {"Makefile": b"test:\n"}.get, lambda _name: True))
    text += '\n[[gate.check]]\nname = "more"\nrun = "true"\n\n[agents.sed]\ncommand = ["sed"]\n'
    settings = load(text, origin="podium.toml")
    assert [check.name for check in settings.gate.check] == ["tests", "more"]


def test_every_line_stays_readable() -> None:
    text = render(Detected((), (), ("write a check",)))
    assert max(len(line) for line in text.splitlines()) <= 120
    assert "# write a check" in text


@given(run=st.text(min_size=1), reason=st.text())
def test_any_command_and_any_reason_survive(run: str, reason: str) -> None:
    check = CheckSettings(name="x", run=run)
    assert load(render(Detected(("k",), (check,), (reason,))), origin="podium.toml").gate.check == (check,)
