"""What a change may not bring in."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from podium.git.objects import Entry
from podium.workspaces.audit import audit

SHA = "a" * 40


def entry(path: str, *, mode: str = "100644", size: int = 1) -> Entry:
    return Entry(mode, "commit" if mode == "160000" else "blob", SHA, size, path)


def judged(*entries: Entry, changed: set[str] | None = None, link: str = "") -> tuple[str, ...]:
    links = {each.path: link for each in entries if each.mode == "120000"}
    names = {each.path for each in entries} if changed is None else changed
    return audit(entries, names, links=links, limit_kb=4)


def test_ordinary_files_pass() -> None:
    assert (
        judged(entry("src/a.py"), entry("bin/run", mode="100755"), entry("Größe/ñ.txt"), entry("日本語.md"))
        == ()
    )


def test_links_inside_the_tree_pass() -> None:
    for path, target in [("a", "b"), ("a/b", "../c"), ("a/b/c", "../../d/e"), ("a", "./b/c"), ("a/b", "..")]:
        assert judged(entry(path, mode="120000"), link=target) == (), (path, target)


def test_links_that_leave_the_tree_are_refused() -> None:
    for path, target in [
        ("a", "/etc/shadow"),
        ("a", ".."),
        ("a/b", "../../c"),
        ("a", ""),
        ("a", "b/../../c"),
        ("a", "b/.."),
    ]:
        assert judged(entry(path, mode="120000"), link=target), (path, target)


def test_a_link_into_a_git_directory_is_refused() -> None:
    assert "belongs to git" in judged(entry("a", mode="120000"), link=".git/config")[0]


def test_a_repository_inside_is_refused() -> None:
    assert "repository of its own" in judged(entry("vendor", mode="160000"))[0]


def test_names_that_deceive_are_refused() -> None:
    for name in (
        "a\nb",
        "a\x1b[31mb",
        "a\u202eb",
        "zero\u200bwidth",
        "bad\udcff",
        ".git/config",
        "a/.GIT/x",
        "GIT~1",
    ):
        reasons = judged(entry(name))
        assert len(reasons) == 1, name
        assert reasons[0].isprintable()


def test_names_that_differ_only_in_case_or_form_are_refused() -> None:
    assert "README" in judged(entry("README"), entry("readme"), changed={"readme"})[0]
    assert judged(entry("é.txt"), entry("e\u0301.txt"), changed={"é.txt"})
    assert judged(entry("Docs/a"), entry("docs/b"), changed={"docs/b"})


def test_what_the_base_had_already_is_not_judged() -> None:
    old = (entry("A"), entry("a"), entry("sub", mode="160000"), entry("big", size=10**9), entry("b\nc"))
    assert judged(*old, entry("new"), changed={"new", "deleted"}) == ()


def test_a_large_file_is_refused_only_when_it_changed() -> None:
    assert judged(entry("a", size=4096)) == ()
    assert "5 KiB" in judged(entry("a", size=4097))[0]


def test_a_mode_git_does_not_write_is_refused() -> None:
    assert "100664" in judged(entry("a", mode="100664"))[0]


def test_thousands_of_faults_are_summed_up() -> None:
    reasons = judged(*(entry(f"{number}\n") for number in range(5000)))
    assert len(reasons) == 21
    assert reasons[-1] == "and 4980 more faults"


def resolve(folder: list[str], target: str) -> int:
    """The least depth reached on the way, when no name on it is a link."""
    depth = least = len(folder)
    for part in target.split("/"):
        depth += {"": 0, ".": 0, "..": -1}.get(part, 1)
        least = min(least, depth)
    return least


@given(
    st.lists(st.sampled_from("abc"), max_size=4),
    st.lists(st.sampled_from(["..", ".", "x", ""]), min_size=1, max_size=7),
)
def test_no_link_that_passes_ever_leaves_the_tree(folder: list[str], parts: list[str]) -> None:
    target = "/".join(parts)
    if not judged(entry("/".join([*folder, "link"]), mode="120000"), link=target):
        assert resolve(folder, target) >= 0
        assert not target.startswith("/")


@given(st.text(min_size=1, max_size=12))
def test_reasons_are_always_safe_to_print(name: str) -> None:
    for reason in judged(entry(name, mode="160000")):
        assert not {unicodedata.category(character) for character in reason} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
