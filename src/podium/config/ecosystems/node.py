"""Node: the lint, type-check, build and test scripts of package.json, by the package manager its lock file names."""

import re
from typing import Any

from podium.config.ecosystems.base import Found, Listing, Suggestion
from podium.config.settings import CheckSettings

_LOCKS = (
    ("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun"), ("bun.lockb", "bun"), ("package-lock.json", "npm")
)  # fmt: skip
_SCRIPTS = (("lint", "lint"), ("types", "typecheck"), ("types", "type-check"), ("build", "build"))
"""Names of checks and the scripts that are one, cheap first."""
_NODE_REPORTS = "--test-reporter=junit --test-reporter-destination={report} --test-reporter=spec --test-reporter-destination=stdout"
_NO_TEST = "no test specified"
"""What `npm init` writes for want of a test."""


def node(listing: Listing) -> Found | None:
    """Find a Node package."""
    if "package.json" not in listing.files:
        return None
    package = listing.json("package.json")
    scripts, manager = _table(package, "scripts"), _manager(listing, package)
    found = {
        name: Suggestion(
            CheckSettings(name=name, run=f"{manager} run {script}"), _because(package, script), manager
        )
        for name, script in _SCRIPTS
        if scripts.get(script)
    }
    if scripts.get("test") and _NO_TEST not in str(scripts["test"]):
        found["tests"] = Suggestion(_tests(package, manager), _because(package, "test"), manager)
    advice = "package.json has no test script: write one and a check with `npm test`"
    return Found("node", tuple(found.values()), advice)


def _tests(package: dict[str, Any], manager: str) -> CheckSettings:
    """Ask for a JUnit report where the runner is known to write one."""
    script = str(_table(package, "scripts")["test"])
    options = f"{manager} run test --" if manager in {"npm", "bun"} else f"{manager} run test"
    if re.fullmatch(r"vitest( run)?( -[^&|;]*)?", script):
        run = f"{options} --run --reporter=junit --outputFile={{report}}"
    elif re.fullmatch(r"jest( -[^&|;]*)?", script) and "jest-junit" in _dependencies(package):
        run = f"JEST_JUNIT_OUTPUT_FILE={{report}} {options} --reporters=default --reporters=jest-junit"
    elif built_in := re.fullmatch(r"node --test( [^&|;]*)?", script):
        # Options must stand before the files, so they cannot be handed to the script.
        run = f"node --test {_NODE_REPORTS}{built_in[1] or ''}"
    else:
        return CheckSettings(name="tests", run=f"{manager} run test")
    return CheckSettings(name="tests", run=run, report="junit")


def _because(package: dict[str, Any], script: str) -> str:
    said = f'package.json has the script "{script}"'
    if not _dependencies(package):
        return said
    return (
        f"{said}; a clean copy has no node_modules: install them first (needs sandbox.network) or link yours"
    )


def _manager(listing: Listing, package: dict[str, Any]) -> str:
    named = str(package.get("packageManager", "")).partition("@")[0]
    if named in {"npm", "pnpm", "yarn", "bun"}:
        return named
    return next((manager for lock, manager in _LOCKS if lock in listing.files), "npm")


def _dependencies(package: dict[str, Any]) -> set[str]:
    return {*_table(package, "dependencies"), *_table(package, "devDependencies")}


def _table(package: dict[str, Any], key: str) -> dict[str, Any]:
    value = package.get(key)
    return value if isinstance(value, dict) else {}
