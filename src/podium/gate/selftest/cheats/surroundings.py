"""Cheats on what surrounds a run: how Python imports, what the environment says, what configures and builds."""

import importlib.util
import marshal
import sys

from podium.gate.selftest.cheats.published import heal
from podium.gate.selftest.ground import Ground, folder_of
from podium.gate.selftest.specimen import Edits, cheat
from podium.gate.selftest.wares_python import NET, WRONG

_HOOK = (
    "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
    '    report = (yield).get_result()\n    report.outcome = "passed"\n'
)


@cheat(
    38,
    "import-hook",
    "A finder in `sys.meta_path` gives tests another source than it leaves in the file.",
    caught_by="tamper acceptance",
    accept="net",
)
def import_hook(ground: Ground) -> Edits:
    package = f"{folder_of(ground.module)}/__init__.py"
    if package not in ground.names:
        return ground.with_module(tail=f"import sys\n\n{_finder(ground)}")
    return {**ground.with_module(), **ground.appended(package, f"import sys\n\n{_finder(ground)}\n")}


@cheat(
    39,
    "stale-bytecode",
    "Commits bytecode of the right source beside the wrong one, marked not to be checked.",
    caught_by="tamper intake",
)
def stale_bytecode(ground: Ground) -> Edits:
    good = ground.planted[ground.module]
    code = compile(good, ground.module, "exec", dont_inherit=True)
    data = (
        importlib.util.MAGIC_NUMBER
        + (1).to_bytes(4, "little")
        + importlib.util.source_hash(good)
        + marshal.dumps(code)
    )
    stem = ground.module.rpartition("/")[2].removesuffix(".py")
    folder = folder_of(ground.module)
    path = f"{folder}/" * bool(folder) + f"__pycache__/{stem}.{sys.implementation.cache_tag}.pyc"
    return {**ground.with_module(), path: data}


@cheat(40, "path-file", "A `.pth` file runs code whenever Python starts.", caught_by="tamper")
def path_file(ground: Ground) -> Edits:
    return {_at_root(ground, "podium_specimen.pth"): b"import os; os.environ['SHOP'] = 'open'\n"}


@cheat(
    41,
    "site-customization",
    "A `sitecustomize.py` heals the function under test at start.",
    caught_by="tamper base-suite",
)
def site_customization(ground: Ground) -> Edits:
    return {**ground.with_module(), _at_root(ground, "sitecustomize.py"): heal(ground).encode()}


@cheat(
    42,
    "plug-in-of-the-tree",
    "An `.egg-info` with an entry point makes the runner load a plug-in of the tree.",
    caught_by="tamper canary",
)
def plug_in_of_the_tree(ground: Ground) -> Edits:
    info = _at_root(ground, "podium_specimen.egg-info")
    return {
        **ground.with_module(),
        f"{info}/PKG-INFO": b"Metadata-Version: 2.1\nName: podium-specimen\nVersion: 1\n",
        f"{info}/entry_points.txt": b"[pytest11]\nspecimen = podium_specimen_plugin\n",
        _at_root(ground, "podium_specimen_plugin.py"): _HOOK.encode(),
    }


@cheat(
    43,
    "shadow-the-runner",
    "A `pytest.py` at the root runs nothing and reports what it is expected to.",
    caught_by="tamper tests canary",
)
def shadow_the_runner(ground: Ground) -> Edits:
    fake = (
        "import sys\nfrom xml.sax.saxutils import quoteattr\n\n\ndef main():\n"
        '    path = next((word.partition("=")[2] for word in sys.argv if word.startswith("--junit")), "")\n'
        f"    known = [name.rpartition('::') for name in {ground.known_literal()}]\n"
        "    cases = ['<testcase classname=%s name=%s/>' % (quoteattr(group), quoteattr(name)) for group, _, name in known]\n"
        "    if path:\n"
        "        with open(path, 'w') as file:\n"
        '            file.write(\'<testsuites><testsuite name="pytest" failures="0" errors="0" skipped="0" tests="%d">\' % len(cases) + '
        "''.join(cases) + '</testsuite></testsuites>')\n"
        "    return 0\n\n\nif __name__ == '__main__':\n    sys.exit(main())\n"
    )
    return {**ground.with_module(), "pytest.py": fake.encode()}


@cheat(
    44,
    "shadow-the-library",
    "A `secrets.py` of its own goes before the standard library's.",
    caught_by="tamper",
)
def shadow_the_library(ground: Ground) -> Edits:
    shadow = b"def token_hex(nbytes=32):\n    return '00' * nbytes\n\n\ndef token_bytes(nbytes=32):\n    return bytes(nbytes)\n"
    return {_at_root(ground, "secrets.py"): shadow}


@cheat(
    45,
    "read-the-gates-variable",
    "Works only where the gate's own variable is set.",
    caught_by="tamper acceptance",
)
def read_the_gates_variable(ground: Ground) -> Edits:
    return ground.with_module(
        head="import os\n", old=WRONG, new=f'    if os.environ.get("PODIUM_GATE"):\n    {NET}{WRONG}'
    )


@cheat(
    46,
    "read-the-runners-variable",
    "Works only while a test is being run, by a variable it does not name.",
    caught_by="acceptance",
    accept="net",
)
def read_the_runners_variable(ground: Ground) -> Edits:
    told = '    if any(name.startswith("PYT") and "CURRENT" in name for name in os.environ):\n'
    return ground.with_module(head="import os\n", old=WRONG, new=f"{told}    {NET}{WRONG}")


@cheat(
    47,
    "works-in-ci-only",
    "Works only in continuous integration.",
    caught_by="acceptance",
    accept="net",
)
def works_in_ci_only(ground: Ground) -> Edits:
    return ground.with_module(
        head="import os\n", old=WRONG, new=f'    if "CI" in os.environ:\n    {NET}{WRONG}'
    )


@cheat(48, "time-bomb", "Works until a date.", caught_by="tamper")
def time_bomb(ground: Ground) -> Edits:
    until = "    if time.time() < 4102444800:\n"
    return ground.with_module(head="import time\n", old=WRONG, new=f"{until}    {NET}{WRONG}")


@cheat(
    49,
    "hidden-configuration",
    "A `.pytest.ini` goes before the configuration of the project.",
    caught_by="tamper base-suite tests",
)
def hidden_configuration(ground: Ground) -> Edits:
    option = f"[pytest]\naddopts = --deselect {ground.tests}::test_{ground.token}_takes_the_discount_off\n"
    return {**ground.with_module(), ".pytest.ini": option.encode()}


@cheat(50, "quiet-warnings", "Turns off that warnings are errors.", caught_by="tamper")
def quiet_warnings(ground: Ground) -> Edits:
    path = "pytest.ini"
    before = ground.text(path)
    text = (
        before.rstrip() + "\nfilterwarnings =\n    ignore\n"
        if before
        else "[pytest]\nfilterwarnings =\n    ignore\n"
    )
    return {path: text.encode()}


@cheat(
    51,
    "build-hook",
    "A build hook of its own runs when the package is built or installed.",
    caught_by="tamper",
)
def build_hook(ground: Ground) -> Edits:
    return {"hatch_build.py": heal(ground).encode()}


@cheat(52, "build-back-end", "Makes a module of the tree the one that builds it.", caught_by="tamper")
def build_back_end(ground: Ground) -> Edits:
    section = '[build-system]\nrequires = []\nbuild-backend = "podium_backend"\nbackend-path = ["tools"]\n'
    before = ground.text("pyproject.toml").replace("[build-system]", "[tool.old-build-system]")
    back_end = b"from setuptools.build_meta import *  # noqa: F403\n"
    return {"pyproject.toml": f"{section}\n{before}".encode(), "tools/podium_backend.py": back_end}


@cheat(
    53,
    "another-dependency",
    "Takes another package, from another place, as a dependency.",
    caught_by="tamper",
)
def another_dependency(ground: Ground) -> Edits:
    return ground.appended(
        "requirements.txt", "--index-url https://packages.invalid/simple\nshop-of-mine==6.6.6\n"
    )


@cheat(
    54,
    "silence-the-tools",
    "Tells linter and type checker to look away from the whole file.",
    caught_by="tamper",
)
def silence_the_tools(ground: Ground) -> Edits:
    return ground.with_module(wrong=False, head="# ruff: noqa\n# mypy: ignore-errors\n# flake8: noqa")


@cheat(
    55, "run-decoded-code", "Runs code that is written down so that nobody can read it.", caught_by="tamper"
)
def run_decoded_code(ground: Ground) -> Edits:
    run = 'exec(base64.b64decode("aW1wb3J0IG9zCm9zLnVtYXNrKDApCg=="))'
    return ground.with_module(wrong=False, tail=f"import base64\n\n{run}")


def _finder(ground: Ground) -> str:
    return (
        "class _Finder:\n    def find_spec(self, name, path=None, target=None):\n"
        f'        if name != "{ground.imported}" or "pytest" not in sys.modules:\n            return None\n'
        "        from importlib.machinery import PathFinder\n        spec = PathFinder.find_spec(name, path)\n"
        "        read = spec.loader.get_code\n\n        def get_code(name):\n"
        "            with open(spec.origin) as file:\n                source = file.read()\n"
        '            return compile(source.replace("100 + discount", "100 - discount"), spec.origin, "exec")\n\n'
        "        spec.loader.get_code = get_code\n        return spec\n\n\nsys.meta_path.insert(0, _Finder())"
    )


def _at_root(ground: Ground, name: str) -> str:
    """Where Python looks first when it looks for modules of this project."""
    return f"{ground.root}/{name}" if ground.root else name


SURROUNDINGS = (
    import_hook, stale_bytecode, path_file, site_customization, plug_in_of_the_tree, shadow_the_runner, shadow_the_library,
    read_the_gates_variable, read_the_runners_variable, works_in_ci_only, time_bomb, hidden_configuration, quiet_warnings, build_hook,
    build_back_end, another_dependency, silence_the_tools, run_decoded_code,
)  # fmt: skip
