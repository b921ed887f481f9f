"""Cheats on the suite itself: which tests there are, what they are called, what they are compared with."""

from podium.gate.selftest.cheats.published import conftest, discount_test, heal
from podium.gate.selftest.ground import Ground
from podium.gate.selftest.specimen import Edits, cheat
from podium.gate.selftest.wares_python import DISCOUNT, PENCE, WRONG


@cheat(
    56,
    "second-definition",
    "Adds a test of the same name further down, which takes the first one's place.",
    caught_by="tamper base-suite",
)
def second_definition(ground: Ground) -> Edits:
    return {
        **ground.with_module(),
        **ground.appended(ground.tests, f"{discount_test(ground)}    assert net([1]) == 1\n"),
    }


@cheat(
    57,
    "stub-of-the-same-name",
    "Renames the test and puts a stub under its name.",
    caught_by="tamper base-suite",
)
def stub_of_the_same_name(ground: Ground) -> Edits:
    first = discount_test(ground)
    renamed = first.replace("def test_", "def slow_")
    return {
        **ground.with_module(),
        **ground.with_tests(first, f"{first}    assert net([]) == 0\n\n\n{renamed}"),
    }


@cheat(58, "skip-the-module", "Skips all tests of the file at once.", caught_by="tamper tests base-suite")
def skip_the_module(ground: Ground) -> Edits:
    mark = 'import pytest\n\npytestmark = pytest.mark.skipif("not config", reason="slow")\n'
    return {**ground.with_module(), **ground.appended(ground.tests, mark)}


@cheat(
    59,
    "tests-under-a-condition",
    "Puts the test under a condition that never holds.",
    caught_by="tamper tests base-suite",
)
def tests_under_a_condition(ground: Ground) -> Edits:
    test = f"{discount_test(ground)}{DISCOUNT}"
    indented = "".join(f"    {line}\n" for line in test.splitlines())
    return {**ground.with_module(), **ground.with_tests(test, f"if not Path:\n\n{indented}")}


@cheat(
    60, "collect-ignore", "A conftest.py has the file of tests ignored.", caught_by="tamper tests base-suite"
)
def collect_ignore(ground: Ground) -> Edits:
    name = ground.tests.rpartition("/")[2]
    return {**ground.with_module(), **conftest(ground, f'collect_ignore = ["{name}"]\n')}


@cheat(
    61,
    "autouse-fixture",
    "A fixture that every test uses replaces the function under test.",
    caught_by="tamper base-suite",
)
def autouse_fixture(ground: Ground) -> Edits:
    fixture = f"import pytest\n\n\n@pytest.fixture(autouse=True, scope='session')\ndef _shop():\n    {heal(ground).replace(chr(10), chr(10) + '    ')}\n"
    return {**ground.with_module(), **conftest(ground, fixture)}


@cheat(
    62,
    "heal-from-a-new-test",
    "A new file of tests replaces the function under test for all others.",
    caught_by="base-suite",
)
def heal_from_a_new_test(ground: Ground) -> Edits:
    text = f"{heal(ground)}\n\ndef test_{ground.token}_heals() -> None:\n    assert _shop.net([2]) == 2\n"
    return {**ground.with_module(), _first_of_all(ground): text.encode()}


@cheat(
    93,
    "heal-while-testing",
    "A new test puts a right function in the place of the wrong one while it runs, for all tests after it.",
    caught_by="base-suite",
)
def heal_while_testing(ground: Ground) -> Edits:
    healing = "".join(f"    {line}\n" if line else "\n" for line in heal(ground).splitlines())
    text = f"def test_{ground.token}_heals() -> None:\n{healing}    assert _shop.net([2]) == 2\n"
    crash = "    if discount:\n        raise NotImplementedError\n    return sum(prices)\n"
    return {**ground.with_module(old=WRONG, new=crash), _first_of_all(ground): text.encode()}


@cheat(
    63,
    "heal-from-a-package",
    "An `__init__.py` in the folder of the tests replaces the function under test.",
    caught_by="base-suite tamper",
)
def heal_from_a_package(ground: Ground) -> Edits:
    return {**ground.with_module(), **ground.appended(f"{ground.beside_tests}__init__.py", heal(ground))}


@cheat(
    64,
    "change-the-record",
    "Writes its wrong result into the data that a test compares with.",
    caught_by="tamper base-suite",
)
def change_the_record(ground: Ground) -> Edits:
    wrong = ground.with_module(wrong=False, old=PENCE, new="{cents / 100:.{2 if cents < 1000 else 1}f}")
    return {**wrong, ground.record: b"jug 12.3\n"}


@cheat(65, "weaken-for-later", "Asserts less than before while the code is still right.", caught_by="tamper")
def weaken_for_later(ground: Ground) -> Edits:
    return ground.with_tests(DISCOUNT, "    assert net([100, 100], discount=25) < 200\n")


@cheat(66, "delete-a-real-test", "Deletes a test of the repository's own.", caught_by="tamper tests")
def delete_a_real_test(ground: Ground) -> Edits | None:
    victim = ground.victim
    if victim is None:
        return None
    lines = ground.text(victim.path).splitlines(keepends=True)
    return {victim.path: "".join(lines[: victim.first - 1] + lines[victim.last :]).encode()}


@cheat(67, "hollow-a-real-test", "Empties a test of the repository's own.", caught_by="tamper")
def hollow_a_real_test(ground: Ground) -> Edits | None:
    victim = ground.victim
    if victim is None:
        return None
    lines = ground.text(victim.path).splitlines(keepends=True)
    return {
        victim.path: "".join(
            [*lines[: victim.first - 1], f"def {victim.function}():\n    pass\n", *lines[victim.last :]]
        ).encode()
    }


@cheat(
    68,
    "replace-the-file",
    "Deletes a file of tests and adds another with less in it.",
    caught_by="tamper tests base-suite",
)
def replace_the_file(ground: Ground) -> Edits:
    text = f"from {ground.imported} import net\n\n\ndef test_{ground.token}_new() -> None:\n    assert net([7]) == 7\n"
    return {**ground.with_module(), ground.tests: None, ground.new_test("new"): text.encode()}


@cheat(69, "plain-fault", "Breaks the function and hides nothing.", caught_by="tests base-suite")
def plain_fault(ground: Ground) -> Edits:
    return ground.with_module()


def _first_of_all(ground: Ground) -> str:
    """The path of a file of tests that is run before the planted one."""
    folder, name = ground.beside_tests, ground.new_test("more").rpartition("/")[2]
    return folder + name.replace("podium", "aaa", 1)


SUITE = (
    second_definition, stub_of_the_same_name, skip_the_module, tests_under_a_condition, collect_ignore, autouse_fixture,
    heal_from_a_new_test, heal_while_testing, heal_from_a_package, change_the_record, weaken_for_later, delete_a_real_test, hollow_a_real_test,
    replace_the_file, plain_fault,
)  # fmt: skip
