"""Which target a reported test belongs to: the file it is in."""

from collections.abc import Collection, Iterator


def target_of_test(test_id: str, known_paths: Collection[str]) -> str | None:
    """The path among `known_paths` that holds the test; None where none does, or more than one may.

    Takes pytest's own ids (`tests/test_a.py::test_x`) and those of a JUnit report (`tests.test_a.TestCart::test_x`). Both may be
    given from a folder below the root, as pytest does when its own root lies there. Ask with a set: lists are slow.

    >>> paths = {"tests/test_a.py", "tests/test_b.py"}
    >>> target_of_test("tests.test_a.TestCart::test_x[1]", paths), target_of_test("test_b.py::test_y", paths)
    ('tests/test_a.py', 'tests/test_b.py')
    """
    place = test_id.partition("::")[0]
    for path in _candidates(place):
        found = [path] if path in known_paths else _below(path, known_paths)
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _candidates(place: str) -> Iterator[str]:
    """The paths that a report may mean, the longest first: what follows the module is a class, or a class within it."""
    if "/" in place or place.endswith(".py"):
        yield place
        return
    while place:
        yield f"{place.replace('.', '/')}.py"
        place = place.rpartition(".")[0]


def _below(path: str, known_paths: Collection[str]) -> list[str]:
    return [known for known in known_paths if known.endswith(f"/{path}")]
