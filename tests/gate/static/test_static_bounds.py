"""Files made to break who reads them: each comes to an end, soon, and none passes for harmless."""

import time

import pytest
from scenery import blocking, found, scene, secrets

from podium.gate.delta import LIMIT_BYTES
from podium.gate.static.base import Finding, Weight
from podium.gate.static.registry import SECRET_RULES, TAMPER_RULES
from podium.gate.static.verdict import rule_on
from podium.gate.terms import Terms
from podium.model.ids import Sha
from podium.model.verdict import Verdict

HOSTILE = {
    "deep brackets": b"x = " + b"(" * 50_000 + b")" * 50_000,
    "deep minus": b"x = " + b"-" * 50_000 + b"1",
    "deep attributes": b"x = a" + b".b" * 50_000,
    "deep indents": b"".join(b" " * n + b"if x:\n" for n in range(150)) + b" " * 150 + b"pass\n",
    "long sum": b"x = 1" + b"+1" * 50_000,
    "null bytes": b"x = 1\0\n",
    "no text": bytes(range(256)) * 100,
    "unknown encoding": b"# coding: nonsense\nx = 1\n",
    "escape encoding": b"# coding: unicode_escape\nx = 1\\u000aimport os\n",
    "surrogates": "x = '\ud800'".encode(errors="surrogatepass"),
    "large": b"# " + b"x" * LIMIT_BYTES,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_python_file_is_refused_in_the_product_and_in_tests(name: str) -> None:
    data = HOSTILE[name]
    assert blocking({}, {"src/a.py": data})
    assert blocking({"tests/test_a.py": "def test_a():\n    assert 1\n"}, {"tests/test_a.py": data})


@pytest.mark.parametrize(
    "unit",
    [
        "test('",
        "@a ",
        "fn x",
        "#[a]",
        "`",
        "/*",
        "test(",
        "\\",
        "'",
        "sk-",
        "token=",
        "eyJ",
        "it.only.",
        "a:b@c//",
        " ",
        "aws",
    ],
)
def test_a_text_that_repeats_itself_is_read_in_no_time(unit: str) -> None:
    text = unit * (30_000 // len(unit))
    lines = "\n".join([text[:5000]] * 6)
    begun = time.process_time()
    for body in (text, lines):
        for ending in ("js", "go", "rs", "java", "rb", "py"):
            path = f"tests/a_test.{ending}"
            found({path: "x"}, {path: body, f"src/b.{ending}": body})
        secrets({}, {"a.txt": body})
    assert time.process_time() - begun < 10


def test_a_flood_of_findings_is_cut() -> None:
    text = "".join(f"def f{number}():\n    os._exit(0)\n" for number in range(300))
    made = scene({}, {"src/a.py": f"import os\n{text}"})
    ruling = rule_on(made, TAMPER_RULES, Terms(Sha("0" * 40), ()), well="")
    assert ruling.verdict is Verdict.FAILED
    assert len(ruling.because) < 3000
    assert ruling.details
    assert len(ruling.details["findings"]) == 200


def test_no_finding_brings_control_characters_along() -> None:
    shown = Finding("r", "a\x1b[31m\nb", 3, "says \x1b]0;x\x07 \u202e and\nmore", Weight.BLOCKS).shown
    assert shown.isprintable()


def test_rules_find_nothing_where_nothing_changed() -> None:
    made = scene({"a.py": "x = 1\n"}, {})
    assert [each for rule in (*TAMPER_RULES, *SECRET_RULES) for each in rule(made)] == []
