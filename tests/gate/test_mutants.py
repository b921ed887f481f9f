"""Which mutants a file has, what the record of lines says of it, and how what came of them is read."""

import ast
import json
from pathlib import Path
from textwrap import dedent

import pytest

from podium.gate.delta import Delta, FileDelta
from podium.gate.strength import mutants, tally
from podium.gate.strength.coverage import Record, cover, read_record, statements
from podium.gate.strength.mutants import all_mutants, choose, shuffled
from podium.gate.strength.operators import edits
from podium.gate.strength.plan import MOST_SUITES, Plan, draft, targets
from podium.gate.strength.source import Source, read_source

EVERYWHERE = range(1, 100_000)


def read(text: str) -> Source:
    source = read_source("calc.py", dedent(text).encode())
    assert source is not None
    return source


def after(text: str) -> set[str]:
    """All that the lines of a text can become."""
    return {mutant.after for mutant in all_mutants(read(text), EVERYWHERE)}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = a < b", {"x = a <= b", "x = a >= b"}),
        ("x = (a) == (b)", {"x = (a) != (b)"}),
        ("x = a < b < c", {"x = a <= b < c", "x = a >= b < c", "x = a < b <= c", "x = a < b >= c"}),
        ("x = a is  not b", {"x = a is b"}),
        ("x = a not in b", {"x = a in b"}),
        ("x = a in b", {"x = a not in b"}),
        ("x = a + b", {"x = a - b"}),
        ("x = a // b", {"x = a * b"}),
        ("x = 'a' + b", {'x = "podium" + b'}),
        ("x = a and b or c", {"x = a or b or c", "x = a and b and c"}),
        ("x = not a", {"x = a"}),
        ("x = not(a)", {"x = (a)"}),
        ("x = -a", {"x = a"}),
        ("x = 0", {"x = 1"}),
        ("x = True", {"x = False"}),
        ("x = None", set()),
        ("x = 1e999", set()),
        ("x = 'a' 'b'", {'x = "podium"'}),
        ("x = f'{a + 1} b'", set()),
        ("x = a[b:]", {"x = a[:]"}),
        ("x += y", {"x -= y", "pass"}),
        ("a.b = c", {"pass"}),
        ("x = c", set()),
        ("call(a)", {"pass"}),
        ("x = a if b else c", {"x = a if True else c", "x = a if False else c"}),
        ("x = [a for a in b if c]", {"x = [a for a in b if True]", "x = [a for a in b if False]"}),
        ("raise Oops('why')", {"pass"}),
        ("raise NotImplementedError", set()),
        ("def f(a=1): ...", {"def f(a=2): ..."}),
        ("while a: b()", {"while False: b()", "while a: pass"}),
        ("x = 'ü' < b", {"x = 'ü' <= b", "x = 'ü' >= b", 'x = "podium" < b'}),
    ],
)
def test_each_operator_changes_just_its_own_bytes(line: str, expected: set[str]) -> None:
    assert after(line) == expected


@pytest.mark.parametrize(
    "text",
    [
        '"""A docstring."""',
        'def f():\n    """A docstring."""',
        "x: Literal[1]",
        "def f(a: Literal[1]) -> Literal[2]: ...",
        "@cache(1)\ndef f(): ...",
        "__all__ = ['a']",
        "logger.info('a %s', 1 + 2)",
        "self.log.warning('a')",
        "assert a < b, 'c'",
        "if TYPE_CHECKING:\n    x = 1",
        "if typing.TYPE_CHECKING:\n    x = 1",
        "if __name__ == '__main__':\n    main(1)",
        "T = TypeVar('T')",
        "import a",
        "# a < b",
    ],
)
def test_what_no_test_is_expected_to_notice_has_no_mutants(text: str) -> None:
    assert after(text) == set()


def test_comments_between_operands_are_not_taken_for_operators() -> None:
    text = "x = (a  # not < but\n    < b)\n"
    assert {mutant.of(text.encode()) for mutant in all_mutants(read(text), EVERYWHERE)} == {
        text.replace("    <", f"    {other}").encode() for other in ("<=", ">=")
    }


def test_a_comment_of_the_author_excludes_nothing() -> None:
    assert after("x = a < b  # pragma: no mutate, no cover") != set()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_endings_and_a_byte_order_mark_stay_as_they_are(ending: str, mark: bytes) -> None:
    data = mark + f"a = b < c{ending}d = e > f{ending}".encode()
    source = read_source("calc.py", data)
    assert source is not None
    found = {mutant.of(data) for mutant in all_mutants(source, EVERYWHERE)}
    assert found == {
        data.replace(old, new) for old, new in [(b"<", b"<="), (b"<", b">="), (b">", b">="), (b">", b"<=")]
    }


@pytest.mark.parametrize(
    "data",
    [
        b"def f(:\n",
        b"\xff",
        b"\0",
        b"# -*- coding: latin-1 -*-\nx = '\xe9' < a\n",
        b"# -*- coding: nonsense -*-\n",
        b"(" * 5000 + b")" * 5000,
        b"x = 1\n" * 100_000,
    ],
)
def test_what_is_not_python_as_we_read_it_is_left_alone(data: bytes) -> None:
    assert read_source("calc.py", data) is None


def test_every_mutant_of_a_real_file_is_python_and_means_something_else() -> None:
    for module in (mutants, tally, read_source):
        file = Path(getattr(module, "__file__", "") or read_source.__code__.co_filename)
        source = read_source("calc.py", file.read_bytes())
        assert source is not None
        whole = ast.dump(source.tree)
        for mutant in choose(source, EVERYWHERE, seed="a", most=40):
            assert ast.dump(ast.parse(mutant.of(source.data))) != whole


def test_only_changed_lines_have_mutants_and_few_each() -> None:
    source = read("x = a < b\ny = a < b and c > d\nz = a < b\n")
    chosen = choose(source, {2}, seed="a")
    assert [mutant.line for mutant in chosen] == [2]
    assert len(choose(source, {2}, seed="a", per_line=3)) == 3
    assert len(choose(source, EVERYWHERE, seed="a", most=2)) == 2


def test_the_same_seed_chooses_the_same_and_another_may_not() -> None:
    source = read("".join(f"x{n} = a < b\n" for n in range(30)))
    one, again, other = (choose(source, EVERYWHERE, seed=seed) for seed in "aab")
    assert one == again
    assert set(one) != set(other)
    assert shuffled(one, seed="a") == shuffled(reversed(one), seed="a") != shuffled(one, seed="b")


def test_constants_are_changed_only_where_nothing_says_more() -> None:
    chosen = choose(read("x = a < 10\ny = 10\n"), EVERYWHERE, seed="a")
    assert sorted((mutant.line, mutant.operator) for mutant in chosen) == [(1, "comparison"), (2, "constant")]


FUNCTION = """\
    import a
    LIMIT = 3

    @decorated
    def f(n):
        \"\"\"Says.\"\"\"
        if n:
            # a comment
            return g(
                n,
            )
        else:
            pass
        try:
            h()
        except Oops:
            raise
        match n:
            case 1:
                return 2
    """


def test_what_holds_code_is_told_from_what_does_not() -> None:
    found = [(each.lines.start, each.lines.stop - 1) for each in statements(read(FUNCTION).tree)]
    own = [(7, 8), (9, 11), (14, 14), (15, 15), (16, 16), (17, 17), (18, 18), (19, 19), (20, 20)]
    assert found == [(1, 1), (2, 2), (4, 5), *own]


def test_lines_run_by_tests_are_found_by_their_statements() -> None:
    record = Record(
        {"t::one": {"calc.py": [7, 10]}, "": {"calc.py": [1, 2, 4, 5, 15]}, "t::two": {"calc.py": [17]}}
    )
    found = cover(read(FUNCTION), EVERYWHERE, record)
    assert {line for line, tests in found.tests.items() if tests} == {7, 9, 10, 11, 16, 17}
    assert found.missed == (14, 15, 18, 19, 20)
    assert found.by(9) == {"t::one"}
    assert found.by(2) == {"t::one", "t::two"}, (
        "an import is nobody's merit: all that run the file stand for it"
    )
    assert found.by(14) == found.by(999) == frozenset()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"lines": {"a": {"b": ["c"]}}}', b"[" * 100_000, b'{"lines": 1}']
)
def test_a_record_that_is_not_one_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "lines.json").write_bytes(data)
    assert read_record(tmp_path / "lines.json") is None
    assert read_record(tmp_path / "missing") is None


def test_a_record_is_not_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text('{"lines": {}}')
    (tmp_path / "lines.json").symlink_to(tmp_path / "real")
    assert read_record(tmp_path / "lines.json") is None
    assert read_record(tmp_path / "real") == Record()


def changed(path: str, text: bytes, *, mode: str = "100644") -> FileDelta:
    return FileDelta(path, None, text, "", mode, (range(1, 1 + text.count(b"\n")),))


def test_source_that_cannot_be_measured_is_named_and_the_rest_is_no_source() -> None:
    files = [
        changed("a.py", b"x = 1\n"),
        changed("broken.py", b"def\n"),
        changed("link.py", b"a.py\n", mode="120000"),
        changed("web.ts", b"let a\n"),
        changed("data.json", b"{}\n"),
        changed("tests/test_a.py", b"x = 1\n"),
        FileDelta("gone.py", b"x = 1\n", None, "100644", ""),
        FileDelta("less.py", b"x = 1\ny = 1\n", b"x = 1\n", "100644", "100644", ()),
    ]
    measured, unmeasured = targets(Delta({file.path: file for file in files}))
    assert [target.path for target in measured] == ["a.py"]
    assert unmeasured == ("broken.py", "web.ts")


def plan_of(lines: int, *, sets: int) -> Plan:
    """A plan for a function of as many lines, whose lines are run by so many different sets of test files."""
    text = "def f(a, b):\n" + "".join(f"    x{n} = a < b\n" for n in range(lines))
    measured, _ = targets(Delta({"calc.py": changed("calc.py", text.encode())}))
    record = Record({f"t{n % sets}::a{n}": {"calc.py": [n + 2]} for n in range(lines)})
    covers = {"calc.py": cover(measured[0].source, EVERYWHERE, record)}
    return draft(
        measured, covers, files_of=lambda tests: frozenset(f"{test[:2]}.py" for test in tests), seed="a"
    )


def test_each_mutant_is_tried_by_the_tests_that_run_its_line() -> None:
    plan = plan_of(6, sets=2)
    assert {trial.mutant.line % 2: trial.suite for trial in plan.trials} == {0: ("t0.py",), 1: ("t1.py",)}
    assert [trial.mutant.line for trial in plan.trials] != sorted(trial.mutant.line for trial in plan.trials)


def test_there_are_few_sets_of_test_files_as_each_costs_runs_of_its_own() -> None:
    plan = plan_of(36, sets=9)
    assert len(plan.suites) == MOST_SUITES
    for trial in plan.trials:
        assert f"t{(trial.mutant.line - 2) % 9}.py" in trial.suite


def outcome(tmp_path: Path, *lines: object) -> tally.Outcome:
    file = tmp_path / "results"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return tally.read_outcome(file)


GREEN = {"command": 0, "end": "green", "s": 1}


def test_only_trials_between_two_green_runs_are_believed(tmp_path: Path) -> None:
    plan = plan_of(4, sets=1)
    died, lived = {"mutant": 0, "end": "killed", "s": 1}, {"mutant": 1, "end": "survived", "s": 1}
    seen = outcome(tmp_path, GREEN, died, lived, GREEN)
    assert list(tally.believable(plan, seen).values()) == ["killed", "survived"]
    assert tally.doubt(plan, seen) == ""
    assert tally.believable(plan, outcome(tmp_path, GREEN, died, lived)) == {}
    spoilt = outcome(tmp_path, GREEN, died, lived, {**GREEN, "end": "red"})
    assert tally.believable(plan, spoilt) == {}
    assert "failed without a mutant" in tally.doubt(plan, spoilt)


def test_results_that_make_no_sense_are_nothing(tmp_path: Path) -> None:
    rubbish = [
        "{",
        "[" * 100_000,
        "null",
        [1],
        {"mutant": 99, "end": "killed"},
        {"mutant": "0", "end": "killed"},
    ]
    wrong = [
        {"mutant": 0, "end": "excellent"},
        {"command": 7, "end": "green"},
        {"command": -1, "end": "green"},
    ]
    plan = plan_of(2, sets=1)
    assert tally.believable(plan, outcome(tmp_path, *rubbish, *wrong, *wrong)) == {}
    assert tally.believable(plan, tally.read_outcome(tmp_path / "missing")) == {}


def place(line: int, *, tried: int, survived: int) -> dict[str, object]:
    return {"path": "calc.py", "first": line, "last": line + 6, "tried": tried, "survived": survived}


def test_advice_is_given_where_at_least_half_of_the_mutants_survive() -> None:
    places = [place(1, tried=4, survived=1), place(12, tried=4, survived=3), place(30, tried=1, survived=0)]
    assert tally.advice({"mutants": {"places": places}}) == ("3 of 4 mutants of calc.py:12-18 survive",)
    many = [place(line, tried=1, survived=1) for line in range(7)]
    assert tally.advice({"mutants": {"places": many}})[-2:] == (
        "1 of 1 mutant of calc.py:4-10 survives",
        "as weak at 2 more places",
    )


def test_the_summary_says_what_is_known_and_no_more() -> None:
    assert tally.summary({}) == "not measured"
    survivor = {"path": "calc.py", "line": 2, "operator": "comparison"}
    found = {"tried": 18, "killed": 17, "survived": 1, "timed_out": 0, "total": 24, "survivors": [survivor]}
    coverage = {"changed": 20, "run": 15, "missed": {}}
    assert tally.summary({"coverage": coverage, "mutants": found}) == (
        "15 of 20 changed lines are run by a test; 18 of 24 mutants tried; "
        "1 of 18 mutants survives: calc.py:2 (comparison)"
    )


def test_an_edit_never_reaches_beyond_its_file() -> None:
    source = read(FUNCTION)
    assert all(0 <= edit.start < edit.end <= len(source.data) for edit in edits(source))
