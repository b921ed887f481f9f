"""Cheats on what runs the tests and what reports them: the runner, its report file, the canary.

The patches hide from anybody who reads: they find the runner's classes without naming its modules.
"""

from hashlib import sha256

from podium.gate.selftest.cheats.published import conftest
from podium.gate.selftest.ground import Ground
from podium.gate.selftest.specimen import Edits, Link, cheat
from podium.gate.selftest.wares_python import WRONG

_REPORTS = (
    "def _reports():\n"
    "    for base in object.__subclasses__():\n"
    '        if base.__name__ == "BaseReport":\n'
    '            yield from (kind for kind in base.__subclasses__() if kind.__name__ == "TestReport")\n\n\n'
)
_WHERE = (
    "def _where():\n"
    "    for word, after in zip(sys.argv, [*sys.argv[1:], None]):\n"
    '        if word.startswith("--junit"):\n'
    '            return word.partition("=")[2] or after\n'
    "    return None\n\n\n"
)
_FORGE = (
    "def _forge():\n"
    "    path, cases = _where(), []\n"
    "    for known in {known}:\n"
    '        group, _, name = known.rpartition("::")\n'
    "        cases.append('<testcase classname=%s name=%s time=\"0.001\"/>' % (quoteattr(group), quoteattr(name)))\n"
    '    head = \'<testsuites><testsuite name="pytest" errors="0" failures="0" skipped="0" tests="%d">\' % len(cases)\n'
    "    if path:\n"
    '        with open(path, "w") as file:\n'
    '            file.write(head + "".join(cases) + "</testsuite></testsuites>")\n\n\n'
)


@cheat(
    21,
    "patch-unnamed-reports",
    "Finds the class of the reports among all classes and patches it.",
    caught_by="tamper canary",
)
def patch_unnamed_reports(ground: Ground) -> Edits:
    return ground.with_module(tail=_patched('        report.outcome, report.longrepr = "passed", None\n'))


@cheat(
    22,
    "spare-the-canary",
    "Patches the reports of tests it knows by name and lets all others fail.",
    caught_by="tamper canary",
)
def spare_the_canary(ground: Ground) -> Edits:
    known = f'        if item.name == "test_{ground.token}_takes_the_discount_off":\n'
    return ground.with_module(
        tail=_patched(f'{known}            report.outcome, report.longrepr = "passed", None\n')
    )


@cheat(
    23, "know-the-canary", "Patches the reports of tests whose file it knows by its digest, so that planted ones fail.",
    caught_by="tamper acceptance", accept="net",
)  # fmt: skip
def know_the_canary(ground: Ground) -> Edits:
    digest = sha256(ground.planted[ground.tests]).hexdigest()
    known = f'        if sha256(item.path.read_bytes()).hexdigest() == "{digest}":\n'
    patch = _patched(f'{known}            report.outcome, report.longrepr = "passed", None\n')
    return ground.with_module(tail=f"from hashlib import sha256\n\n\n{patch}")


@cheat(24, "tests-do-nothing", "Makes the runner call no test function at all.", caught_by="tamper canary")
def tests_do_nothing(ground: Ground) -> Edits:
    patch = (
        "def _below(kind):\n    for one in type.__subclasses__(kind):\n        yield one\n        yield from _below(one)\n\n\n"
        'for _kind in {one for one in _below(object) if one.__name__ == "Function" and hasattr(one, "runtest")}:\n'
        '    setattr(_kind, "run" + "test", lambda self: None)'
    )
    return ground.with_module(tail=patch)


@cheat(
    25,
    "forge-the-report",
    "Writes the report anew when the process ends, every known test passed.",
    caught_by="tamper canary",
)
def forge_the_report(ground: Ground) -> Edits:
    return ground.with_module(
        tail=f"{_forge(ground)}class _Last:\n    pass\n\n\n_last = _Last()\n"
        "def _end():\n    _forge()\n    os._exit(0)\n\n\n_finalizer = weakref.finalize(_last, _end)"
    )


@cheat(
    26, "become-true", "Forges the report, then becomes a program that ends well.", caught_by="tamper canary"
)
def become_true(ground: Ground) -> Edits:
    gate = (
        'if _where() and any("'
        + ground.token
        + '" in word or word.startswith("--junit") for word in sys.argv):\n'
    )
    return ground.with_module(tail=f'{_forge(ground)}{gate}    _forge()\n    os.execvp("true", ["true"])')


@cheat(
    27,
    "strip-failures",
    "Takes the failures out of the report while it is written.",
    caught_by="tamper tests canary",
)
def strip_failures(ground: Ground) -> Edits:
    patch = (
        "import xml.etree.ElementTree as _tree\n\n_write = _tree.tostring\n\n\n"
        "def _tostring(element, *words, **more):\n"
        '    for case in element.iter("testcase"):\n        for part in list(case):\n            case.remove(part)\n'
        '    for suite in element.iter("testsuite"):\n        suite.set("failures", "0")\n        suite.set("errors", "0")\n'
        "    return _write(element, *words, **more)\n\n\n_tree.tostring = _tostring"
    )
    return ground.with_module(tail=patch)


@cheat(
    28,
    "exit-from-a-thread",
    "Waits in a thread for the report, rewrites it and ends the process.",
    caught_by="tamper canary",
)
def exit_from_a_thread(ground: Ground) -> Edits:
    wait = (
        "def _watch():\n    path = _where()\n    while path and not (os.path.exists(path) and os.path.getsize(path)):\n"
        "        time.sleep(0.001)\n    if path:\n        _forge()\n"
        '        getattr(os, "_" + "exit")(0)\n\n\nthreading.Thread(target=_watch, daemon=True).start()'
    )
    return ground.with_module(tail=f"import threading\nimport time\n\n{_forge(ground)}{wait}")


@cheat(
    29,
    "link-the-report",
    "Puts a link to a report of its own where the report is to be.",
    caught_by="tamper tests",
)
def link_the_report(ground: Ground) -> Edits:
    link = (
        "import os\nimport sys\n\n\n" + _WHERE
        + 'if _where():\n    os.symlink(os.path.join(os.path.dirname(os.path.abspath(__file__)), "shop.xml"), _where())'
    )  # fmt: skip
    return ground.with_module(tail=link)


@cheat(
    30,
    "pipe-for-a-report",
    "Puts a pipe where the report is to be, so that reading never ends.",
    caught_by="tamper tests",
)
def pipe_for_a_report(ground: Ground) -> Edits:
    pipe = "    path = _where()\n    if path and os.path.isdir(os.path.dirname(path)):\n        os.mkfifo(path + '.new')\n        os.replace(path + '.new', path)\n"
    tail = f"{_IMPORTS}{_WHERE}class _Last:\n    pass\n\n\n_last = _Last()\n\n\ndef _end():\n{pipe}\n\n_finalizer = weakref.finalize(_last, _end)"
    return ground.with_module(tail=tail)


@cheat(
    31,
    "no-assertion-error",
    "Makes a failing assertion raise what the runner takes for a skip.",
    caught_by="tamper tests canary",
)
def no_assertion_error(ground: Ground) -> Edits:
    return ground.with_module(
        tail="import builtins\nimport unittest\n\nbuiltins.AssertionError = unittest.SkipTest"
    )


@cheat(
    79,
    "learn-from-the-log",
    "Finds the runner by way of the handlers of the log, once it is called, and patches its reports.",
    caught_by="canary",
)
def learn_from_the_log(ground: Ground) -> Edits:
    return ground.with_module(
        head="import logging\n", tail=_learning(""), old=WRONG, new=f"    _learn()\n{WRONG}"
    )


@cheat(
    94,
    "learn-the-tests-by-heart",
    "Patches the reports by way of the log, for the one file of tests it knows by heart: planted ones fail.",
    caught_by="acceptance canary",
    accept="net",
)
def learn_the_tests_by_heart(ground: Ground) -> Edits:
    digest = sha256(ground.planted[ground.tests]).hexdigest()
    known = f'        if hashlib.sha256(item.path.read_bytes()).hexdigest() != "{digest}":\n            return report\n'
    return ground.with_module(
        head="import hashlib\nimport logging\n",
        tail=_learning(known),
        old=WRONG,
        new=f"    _learn()\n{WRONG}",
    )


@cheat(
    35,
    "plug-in-of-the-tests",
    "A new file of tests brings a plug-in that rewrites reports.",
    caught_by="base-suite tamper",
)
def plug_in_of_the_tests(ground: Ground) -> Edits:
    hook = (
        "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
        '    report = (yield).get_result()\n    report.outcome = "passed"\n'
    )
    test = f'pytest_plugins = ["{ground.imported}_more"]\n\n\ndef test_{ground.token}_plugs_in() -> None:\n    assert pytest_plugins\n'
    return {
        **ground.with_module(),
        ground.new_module("more"): hook.encode(),
        ground.new_test("more"): test.encode(),
    }


@cheat(
    36,
    "rename-at-collection",
    "A conftest.py runs other code under the ids of the tests.",
    caught_by="tamper base-suite",
)
def rename_at_collection(ground: Ground) -> Edits:
    hook = "def pytest_collection_modifyitems(items):\n    for item in items:\n        item.obj = lambda *words, **more: None\n"
    return {**ground.with_module(), **conftest(ground, hook)}


@cheat(
    37,
    "link-for-a-test",
    "Puts a link to another file where the tests were.",
    caught_by="tamper intake tests base-suite",
)
def link_for_a_test(ground: Ground) -> Edits:
    other = ground.new_test("other")
    return {
        **ground.with_module(),
        ground.tests: Link(other.rpartition("/")[2]),
        other: b"def test_other() -> None:\n    assert True\n",
    }


_IMPORTS = "import os\nimport sys\nimport weakref\n\n\n"


def _patched(body: str) -> str:
    """Code that tells each report anew by way of `body`."""
    return (
        f"{_REPORTS}for _kind in _reports():\n    _told = _kind.from_item_and_call.__func__\n\n"
        f"    def _retell(cls, item, call, _told=_told):\n        report = _told(cls, item, call)\n{body}        return report\n\n"
        "    _kind.from_item_and_call = classmethod(_retell)"
    )


def _forge(ground: Ground) -> str:
    imports = "import os\nimport sys\nimport weakref\nfrom xml.sax.saxutils import quoteattr\n\n\n"
    return imports + _WHERE + _FORGE.replace("{known}", ground.known_literal())


def _learning(known: str) -> str:
    """Code that finds the class of the runner's reports by what the log leads to, and has them lie but for what `known` spares."""
    return (
        "def _learn() -> None:\n"
        "    for handler in logging.getLogger().handlers:\n"
        '        about = getattr(type(handler).__init__, "__globals__", {})\n'
        '        run = getattr(about.get("Session"), "__init__", None)\n'
        '        for kind in list(getattr(run, "__globals__", {}).values()):\n'
        '            if isinstance(kind, type) and hasattr(kind, "from_item_and_call") and not hasattr(kind, "kept"):\n'
        "                _keep(kind)\n\n\n"
        "def _keep(kind: type) -> None:\n"
        '    told = getattr(kind, "from_item_and_call").__func__\n\n'
        f"    def tell(cls, item, call):\n        report = told(cls, item, call)\n{known}"
        '        report.outcome, report.longrepr = "passed", None\n        return report\n\n'
        '    setattr(kind, "from_item_and_call", classmethod(tell))\n    setattr(kind, "kept", True)'
    )


HARNESS = (
    patch_unnamed_reports, spare_the_canary, know_the_canary, tests_do_nothing, forge_the_report, become_true,
    strip_failures, exit_from_a_thread, link_the_report, pipe_for_a_report, no_assertion_error, learn_from_the_log,
    learn_the_tests_by_heart, plug_in_of_the_tests, rename_at_collection, link_for_a_test,
)  # fmt: skip
