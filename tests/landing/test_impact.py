"""Impact rule by rule: what a change can affect, and where that cannot be known."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from podium.base.digest import digest
from podium.config.settings import CheckSettings, ScopeSettings
from podium.landing.impact.coverage import Coverage, read_coverage
from podium.landing.impact.impact import EVERYTHING, Impact, impact, overlaps
from podium.landing.impact.library import Library
from podium.landing.impact.targets import target_of_test
from podium.landing.impact.trees import File, GitTree

Repo = Any
"""The `repo` fixture's helper."""
PYTEST = CheckSettings(name="tests", run="pytest -q")
SHOP = {
    "src/shop/__init__.py": "",
    "src/shop/cart.py": "from shop import money\n",
    "src/shop/money.py": "RATE = 2\n",
    "src/shop/types.py": "class Cart: ...\n",
    "tests/conftest.py": "import pytest\n",
    "tests/test_cart.py": "from shop.cart import money\n",
    "tests/test_money.py": "import shop.money\n",
    "tests/test_other.py": "import types\n",
    "README.md": "A shop.\n",
    "docs/guide.md": "How to buy.\n",
    "data/prices.json": "{}",
    "pyproject.toml": "[project]\n",
}


class Memory:
    """A tree that lies nowhere."""

    def __init__(self, files: Mapping[str, str | File]) -> None:
        texts = [text for text in files.values() if isinstance(text, str)]
        self._blobs = {digest(text): text.encode(errors="surrogateescape") for text in texts}
        self.files = {path: _file(text) for path, text in files.items()}
        self.name = digest(sorted((path, repr(file)) for path, file in self.files.items()))

    def read(self, blobs: Sequence[str]) -> Sequence[bytes]:
        return [self._blobs[blob] for blob in blobs]


def _file(text: str | File) -> File:
    return text if isinstance(text, File) else File(digest(text))


def change(
    edit: Mapping[str, str | File | None],
    *,
    base: Mapping[str, str | File] = SHOP,
    checks: Sequence[CheckSettings] = (PYTEST,),
    scopes: Sequence[ScopeSettings] = (),
    coverage: Coverage | None = None,
) -> Impact:
    after = {path: text for path, text in {**base, **edit}.items() if text is not None}
    return impact(
        edit, before=Memory(base), after=Memory(after), checks=checks, scopes=scopes, coverage=coverage
    )


def paths(found: Impact) -> set[str]:
    return {key for key in found.keys if not key.startswith(("module:", "document:"))}


def test_a_change_reaches_all_that_import_it_however_indirectly() -> None:
    found = change({"src/shop/money.py": "RATE = 3\n"})
    assert paths(found) == {
        "src/shop/money.py",
        "src/shop/cart.py",
        "tests/test_cart.py",
        "tests/test_money.py",
    }
    assert found.because[0] == "it changes src/shop/money.py"
    assert found.because[1] == "3 other files may depend on that"


def test_a_module_in_a_package_is_not_taken_for_one_of_the_standard_library() -> None:
    assert "tests/test_other.py" not in change({"src/shop/types.py": "class Cart: pass\n"}).keys


def test_a_package_reaches_all_that_import_anything_of_it() -> None:
    keys = change({"src/shop/__init__.py": "LEVEL = 1\n"}).keys
    assert {"src/shop/money.py", "tests/test_cart.py", "tests/test_money.py"} <= keys
    assert "tests/test_other.py" not in keys


def test_a_package_of_tests_reaches_its_tests_which_pytest_imports_through_it() -> None:
    base = {**SHOP, "tests/__init__.py": ""}
    assert "tests/test_other.py" in change({"tests/__init__.py": "X = 1\n"}, base=base).keys


def test_a_conftest_reaches_the_tests_at_and_below_its_folder() -> None:
    base = {**SHOP, "tests/deep/test_deep.py": "", "tests/deep/conftest.py": ""}
    assert "tests/deep/test_deep.py" in change({"tests/conftest.py": "X = 1\n"}, base=base).keys
    below = change({"tests/deep/conftest.py": "X = 1\n"}, base=base)
    assert paths(below) == {"tests/deep/conftest.py", "tests/deep/test_deep.py"}


def test_an_import_that_the_change_takes_away_counts_too() -> None:
    found = change({"src/shop/cart.py": "", "src/shop/money.py": None})
    assert {"src/shop/cart.py", "tests/test_cart.py", "tests/test_money.py"} <= found.keys


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("uv.lock", "dependencies"),
        ("pyproject.toml", "dependencies"),
        ("podium.toml", "the gate and its tools"),
        ("tests/pytest.ini", "the gate and its tools"),
        (".github/workflows/ci.yml", "continuous integration"),
        ("CODEOWNERS", "policy"),
        ("data/prices.json", "may be read by anything"),
        ("src/shop/words.txt", "may be read by anything"),
        ("tests/expected.md", "may be read by anything"),
        ("src/shop/fast.so", "may be read by anything"),
        ("calendar.py", "standard library"),
    ],
)
def test_where_it_cannot_be_known_it_is_everything(path: str, why: str) -> None:
    found = change({path: "NEW = 1"})
    assert found.keys == {EVERYTHING}
    assert path in found.because[0]
    assert why in found.because[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import importlib\nimportlib.import_module(NAME)\n", "import_module"),
        ("from importlib import import_module as take\ntake('shop')\n", "import_module"),
        ("take = __import__\n", "__import__"),
        ("import runpy\nrunpy.run_path('x')\n", "run_path"),
        ("exec(TEXT)\n", "exec"),
        ("import sys\nPYTHON = sys.executable\n", "starts Python"),
        ("from sys import executable\n", "executable"),
        ("from importlib.metadata import entry_points\n", "entry_points"),
        ("pytest_plugins = [name for name in NAMES]\n", "pytest_plugins"),
        ("import subprocess\nsubprocess.run(['sh', 'x'])\n", "starts programs"),
        ("import subprocess as s\n", "starts programs"),
        ("def test_it(pytester): ...\n", "starts programs"),
        ("def broken(:\n", "cannot be read"),
        ("\x00", "cannot be read"),
    ],
)
def test_a_file_that_begins_to_import_or_start_anything_affects_everything(text: str, why: str) -> None:
    found = change({"tests/test_other.py": text})
    assert found.keys == {EVERYTHING}
    assert why in found.because[0]


@pytest.mark.parametrize(
    "text",
    [
        "import importlib\nimportlib.import_module('shop.money')\n",
        "import importlib, mock\nmock.patch('shop.money.RATE', 1)\n",
        "import pytest\nmoney = pytest.importorskip('shop.money')\n",
        "SOURCE = 'src/shop/money.py'\n",
        "pytest_plugins = ('shop.money',)\n",
    ],
)
def test_a_module_that_is_named_in_a_text_is_imported(text: str) -> None:
    base = {**SHOP, "tests/test_other.py": text}
    assert "tests/test_other.py" in change({"src/shop/money.py": "RATE = 3\n"}, base=base).keys


def test_a_test_that_starts_git_starts_nothing_of_the_tree() -> None:
    text = "import subprocess\nsubprocess.run(['git', 'init'], stdout=subprocess.PIPE)\n"
    assert EVERYTHING not in change({"tests/test_other.py": text}).keys


def test_a_file_that_imports_anything_is_reached_by_every_other_but_by_tests_that_nobody_names() -> None:
    base = {**SHOP, "tests/test_all.py": "import pkgutil\npkgutil.walk_packages()\n"}
    found = change({"src/shop/types.py": "X = 1\n"}, base=base)
    assert "tests/test_all.py" in found.keys
    assert found.because[2] == "what these import cannot be told: tests/test_all.py"
    assert "tests/test_all.py" not in change({"tests/test_money.py": "X = 1\n"}, base=base).keys
    named = {**base, "tests/test_cart.py": "from test_money import X\n"}
    assert "tests/test_all.py" in change({"tests/test_money.py": "X = 1\n"}, base=named).keys


def test_a_file_that_imports_anything_and_is_judged_by_no_test_is_left_out() -> None:
    base = {**SHOP, "examples/tour.py": "exec(TEXT)\n"}
    assert "examples/tour.py" not in change({"src/shop/types.py": "X = 1\n"}, base=base).keys
    odd = {**base, "pyproject.toml": "[tool.pytest.ini_options]\npython_files = 'tour*.py'\n"}
    assert "examples/tour.py" in change({"src/shop/types.py": "X = 1\n"}, base=odd).keys


def test_plugins_of_a_test_module_take_part_in_every_test() -> None:
    base = {**SHOP, "tests/test_money.py": "pytest_plugins = ['shop.types']\n"}
    assert {"tests/test_cart.py", "tests/test_other.py"} <= change(
        {"src/shop/types.py": "X = 1\n"}, base=base
    ).keys


@pytest.mark.parametrize(
    "configuration",
    [
        "[project.entry-points.pytest11]\nshop = 'shop.money'\n",
        "[tool.pytest.ini_options]\naddopts = '-p shop.money'\n",
        "[tool.pytest.ini_options]\naddopts = '--cov=shop'\n[tool.coverage.report]\nfail_under = 100\n",
    ],
)
def test_where_tests_depend_on_more_than_they_import_it_is_everything(configuration: str) -> None:
    found = change({"src/shop/types.py": "X = 1\n"}, base={**SHOP, "pyproject.toml": configuration})
    assert found.keys == {EVERYTHING}


def test_documentation_reaches_only_the_code_that_names_it() -> None:
    assert paths(change({"docs/guide.md": "New.\n"})) == {"docs/guide.md"}
    base = {**SHOP, "tests/test_other.py": "TEXT = open('docs/guide.md').read()\n"}
    assert "tests/test_other.py" in change({"docs/guide.md": "New.\n"}, base=base).keys
    base = {**SHOP, "tests/test_other.py": "from pathlib import Path\nALL = Path('docs').iterdir()\n"}
    assert "tests/test_other.py" in change({"docs/guide.md": "New.\n"}, base=base).keys


def test_documentation_that_is_run_or_that_a_build_needs_affects_everything() -> None:
    base = {**SHOP, "pyproject.toml": "readme = 'README.md'\naddopts = '--doctest-glob=*.md'\n"}
    assert change({"docs/guide.md": "New.\n"}, base=base).keys == {EVERYTHING}
    base = {**SHOP, "pyproject.toml": "readme = 'README.md'\n"}
    assert change({"README.md": None}, base=base).keys == {EVERYTHING}
    assert paths(change({"README.md": "New.\n"}, base=base)) == {"README.md"}


def test_links_and_submodules_affect_everything() -> None:
    for mode in ("120000", "160000"):
        assert change({"src/shop/extra.py": File("0" * 40, mode)}).keys == {EVERYTHING}


def test_what_imports_a_link_may_import_anything() -> None:
    base: dict[str, str | File] = {
        **SHOP,
        "vendored": File("0" * 40, "120000"),
        "tests/test_other.py": "import vendored.x\n",
    }
    assert "tests/test_other.py" in change({"src/shop/types.py": "X = 1\n"}, base=base).keys


def test_imports_for_type_checkers_count_only_for_checks_that_say_imports() -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop import types\n"
    base = {**SHOP, "tests/test_other.py": text}
    edit = {"src/shop/types.py": "X = 1\n"}
    typed = CheckSettings(name="types", run="mypy src tests", reach="imports")
    assert "tests/test_other.py" not in change(edit, base=base).keys
    assert "tests/test_other.py" in change(edit, base=base, checks=[PYTEST, typed]).keys


def test_the_widest_reach_of_all_checks_holds() -> None:
    edit = {"src/shop/money.py": "RATE = 3\n"}
    lint = CheckSettings(name="lint", run="ruff check .", reach="files")
    tree = CheckSettings(name="build", run="make")
    assert change(edit, checks=[lint]).keys == {"src/shop/money.py"}
    assert change(edit, checks=[lint, PYTEST]).keys == change(edit).keys
    assert change(edit, checks=[lint, tree]).because == ("check build judges the whole tree",)
    assert change(edit, checks=[]).keys == {EVERYTHING}


def test_a_scope_answers_for_its_data() -> None:
    scope = ScopeSettings(name="prices", paths=("data/**", "src/shop/money.py"))
    found = change({"data/prices.json": "[]"}, scopes=[scope])
    assert {"scope:prices", "src/shop/money.py", "tests/test_cart.py"} <= found.keys
    assert "src/shop/types.py" not in found.keys


def test_a_scope_bounds_what_a_file_in_it_may_import() -> None:
    base = {**SHOP, "src/shop/cart.py": "import importlib\nimportlib.import_module(NAME)\n"}
    scope = ScopeSettings(name="cart", paths=("src/shop/cart.py",), reads=("src/shop/money.py",))
    types = change({"src/shop/types.py": "X = 1\n"}, base=base, scopes=[scope])
    money = change({"src/shop/money.py": "X = 1\n"}, base=base, scopes=[scope])
    assert "src/shop/cart.py" not in types.keys
    assert {"src/shop/cart.py", "scope:cart"} <= money.keys


def test_scopes_stand_for_targets_where_only_files_count() -> None:
    lint = CheckSettings(name="lint", run="x", reach="files")
    scope = ScopeSettings(name="web", paths=("web/**",), reads=("api/*.json",))
    found = change({"api/a.json": "1"}, checks=[lint], scopes=[scope])
    assert found.keys == {"api/a.json", "scope:web"}


def test_a_new_test_is_in_the_way_of_those_who_change_what_it_imports_and_of_no_other_new_test() -> None:
    one = change({"tests/test_new.py": "import shop.cart\n"})
    two = change({"tests/test_newer.py": "import shop.cart\n"})
    money = change({"src/shop/money.py": "RATE = 3\n"})
    assert overlaps(one, money)
    assert overlaps(money, two)
    assert not overlaps(one, two)
    assert one.all & two.all, "plain sets cannot tell"


def test_who_begins_to_import_what_is_not_there_is_in_the_way_of_who_makes_it() -> None:
    asks = change({"tests/test_other.py": "try:\n    import shop.coupons\nexcept ImportError: ...\n"})
    assert overlaps(asks, change({"src/shop/coupons.py": ""}))
    assert not overlaps(asks, change({"src/shop/taxes.py": ""}))


def test_two_test_modules_of_the_same_name_are_in_each_others_way() -> None:
    one, two = change({"tests/a/test_new.py": ""}), change({"tests/b/test_new.py": ""})
    assert overlaps(one, two)
    assert not overlaps(one, change({"tests/b/test_newer.py": ""}))


def test_everything_overlaps_with_any_change_but_not_with_none() -> None:
    everything, small, none = change({"uv.lock": "x"}), change({"docs/guide.md": "x"}), change({})
    assert overlaps(everything, small)
    assert overlaps(small, everything)
    assert not overlaps(everything, none)
    assert none.because == ("it changes no file",)


def test_files_that_differ_and_were_not_named_count() -> None:
    before, after = Memory(SHOP), Memory({**SHOP, "src/shop/money.py": "RATE = 3\n"})
    assert (
        "tests/test_money.py" in impact(["docs/guide.md"], before=before, after=after, checks=[PYTEST]).keys
    )


def test_what_was_measured_adds_to_what_is_imported() -> None:
    report = '{"files": {"src/shop/types.py": {"contexts": {"1": ["", "tests/test_other.py::test_x|run"]}}, "gone.py": {"contexts": {}}}}'
    coverage = read_coverage(report, SHOP)
    found = change({"src/shop/types.py": "X = 1\n"}, coverage=coverage)
    assert paths(found) == {"src/shop/types.py", "tests/test_other.py"}


def test_a_report_without_contexts_is_refused() -> None:
    with pytest.raises(ValueError, match="--show-contexts"):
        read_coverage('{"files": {"a.py": {"executed_lines": [1]}}}', SHOP)


@pytest.mark.parametrize(
    ("test", "path"),
    [
        ("tests/test_a.py::test_x", "tests/test_a.py"),
        ("tests.test_a::test_x[a.b]", "tests/test_a.py"),
        ("tests.test_a.TestCart.TestInner::test_x #2", "tests/test_a.py"),
        ("test_a::test_x", "tests/test_a.py"),
        ("test_same::test_x", None),
        ("tests.deep.test_same::test_x", "tests/deep/test_same.py"),
        ("tests.test_gone::test_x", None),
        ("unnamed", None),
        ("", None),
    ],
)
def test_a_reported_test_belongs_to_its_file(test: str, path: str | None) -> None:
    known = {"tests/test_a.py", "tests/test_same.py", "tests/deep/test_same.py", "tests/__init__.py"}
    assert target_of_test(test, known) == path


def test_trees_are_read_from_git_and_what_is_known_is_not_read_again(repo: Repo) -> None:
    before = repo.commit(SHOP)
    after = repo.commit({"src/shop/money.py": "RATE = 3\n"})
    repository, library = repo.open(), Library()
    trees = [GitTree(repository.plain, repository.objects.tree_of(commit)) for commit in (before, after)]
    read: list[str] = []

    class Counting(GitTree):
        def read(self, blobs: Sequence[str]) -> Sequence[bytes]:
            read.extend(blobs)
            return super().read(blobs)

    first = impact((), before=trees[0], after=trees[1], checks=[PYTEST], library=library)
    again = [Counting(repository.plain, repository.objects.tree_of(commit)) for commit in (before, after)]
    assert impact((), before=again[0], after=again[1], checks=[PYTEST], library=library) == first
    assert "tests/test_money.py" in first.keys
    assert not read
