"""Where it cannot be known how far a change reaches: then it reaches everything. Each rule says why.

- **Global inputs**, by the role of their path: lock files, dependency and build configuration, podium.toml and what else judges, CI,
  policy.
- **A file that is no Python** and no documentation: anything may read it, unless a scope names it. Links and submodules always.
- **A Python file that may import anything, and did not before**, unless it lies in a scope: it calls `import_module` or `__import__` on
  a computed name, `exec`, `runpy`, `pkgutil`, entry points, an import hook, `sys.executable`; it computes its `pytest_plugins`; it is a
  test and starts programs; it cannot be read as Python. A changed `sys.path` needs no rule, as any folder may be on it anyway.
- **A new or removed Python file that is called like a module of the standard library**, outside of any package.
- **The tree brings a plug-in of pytest** (an entry point `pytest11`, or `-p` with a module of the tree): it takes part in every test.
- **The verdict counts lines over all tests** (`--cov` with a bound to fail under).
- **Documentation that is run as tests**, or that configuration names and that is new or gone: a build may need it.
"""

from collections.abc import Callable, Iterable

from podium.landing.impact.comparison import Comparison
from podium.landing.impact.configuration import Configuration
from podium.landing.impact.names import hides_standard, is_python
from podium.landing.impact.prose import is_prose
from podium.landing.impact.scopes import Scopes
from podium.policies.roles import Role, role_of

_GLOBAL = frozenset({Role.CI, Role.POLICY, Role.RUNNER, Role.DEPENDENCIES})


def global_input(changed: Iterable[str]) -> str:
    """Why one of the files changes what every check does, or nothing."""
    return next((f"{path} is {role_of(path)}" for path in sorted(changed) if role_of(path) in _GLOBAL), "")


def doubt(change: Comparison, scopes: Scopes, configuration: Configuration) -> str:
    """Why it cannot be told how far the change reaches, or nothing."""
    python = sorted(filter(is_python, change.changed))
    others = sorted(change.changed - set(python))
    return (
        _first(change.changed, lambda path: _folded(change, path))
        or (_of_tests(change, configuration) if python else "")
        or _first(python, lambda path: _computed(change, path, scopes))
        or _first(python, lambda path: _hiding(change, path))
        or _first(others, lambda path: _unnamed(path, scopes))
        or _first(filter(is_prose, others), lambda path: _needed(change, path, configuration))
    )


def _first(paths: Iterable[str], why: Callable[[str], str]) -> str:
    return next(filter(None, map(why, sorted(paths))), "")


def _folded(change: Comparison, path: str) -> str:
    entries = (tree.files.get(path) for tree in (change.before, change.after))
    doubtful = any(entry is not None and entry.leads_elsewhere for entry in entries)
    return f"{path} is a link or a submodule" if doubtful else ""


def _of_tests(change: Comparison, configuration: Configuration) -> str:
    if configuration.offers_plugins:
        return "the tree is a plug-in of pytest, and takes part in every test"
    if configuration.counts_lines:
        return "the verdict depends on how many lines all tests together run"
    loaded = (
        name for name in configuration.loads for graph in (change.old, change.new) if any(graph.meant(name))
    )
    return next((f"pytest loads {name} for every test" for name in loaded), "")


def _computed(change: Comparison, path: str, scopes: Scopes) -> str:
    # One that did before is in the way of all that could meet it: they count it among their importers.
    if scopes.holding(path) or path not in change.new.computing or path in change.old.computing:
        return ""
    return f"{path} {change.new.sources[path].computed or 'starts programs'}"


def _hiding(change: Comparison, path: str) -> str:
    hides = change.is_made_or_gone(path) and change.either(
        path, lambda graph: hides_standard(path, is_package=graph.is_package)
    )
    return f"{path} is called like a module of the standard library" if hides else ""


def _unnamed(path: str, scopes: Scopes) -> str:
    told = is_prose(path) or scopes.touched_by(path)
    return "" if told else f"{path} may be read by anything; a scope would say by what"


def _needed(change: Comparison, path: str, configuration: Configuration) -> str:
    if configuration.runs_prose:
        return f"{path} may be run as a test"
    if change.is_made_or_gone(path) and configuration.names(path):
        return f"the configuration names {path}"
    return ""
