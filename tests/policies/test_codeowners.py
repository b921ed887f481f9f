"""CODEOWNERS is read as GitHub reads it: the examples of its documentation, and what it refuses."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from podium.policies.codeowners import MOST_BYTES, Codeowners, read_codeowners, who

# The example of GitHub's documentation ("About code owners"), in its order.
EXAMPLE = b"""\
# This is a comment.
*       @global-owner1 @global-owner2

*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
/folder/with\\ space.txt @ann
"""


def read(text: str | bytes) -> Codeowners:
    return read_codeowners("CODEOWNERS", text if isinstance(text, bytes) else text.encode())


def owners(codeowners: Codeowners, path: str) -> tuple[str, ...] | None:
    line = codeowners.line_of(path)
    return line.owners if line else None


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("a.py", ("@global-owner1", "@global-owner2")),
        ("deep/down/a.py", ("@global-owner1", "@global-owner2")),
        ("web/a.js", ("@js-owner",)),
        ("cmd/main.go", ("docs@example.com",)),
        ("notes.txt", ("@octo-org/octocats",)),
        ("build/logs/today/x", ("@octocat",)),
        ("build/logs2/x", ("@global-owner1", "@global-owner2")),
        ("sub/build/x", ("@global-owner1", "@global-owner2")),
        ("docs/a.md", ("@doctocat",)),
        ("sub/apps/x/y.c", ("@octocat",)),
        ("apps/x", ("@octocat",)),
        ("apps/github", ()),
        ("apps/github/x.js", ()),
        ("scripts/deploy", ("@doctocat", "@octocat")),
        ("deeply/nested/logs/x.log", ("@octocat",)),
        ("folder/with space.txt", ("@ann",)),
    ],
)
def test_the_last_line_that_matches_holds(path: str, wanted: tuple[str, ...]) -> None:
    assert owners(read(EXAMPLE), path) == wanted


def test_a_star_in_a_folder_stays_in_that_folder() -> None:
    found = read("docs/* @a\n")
    assert owners(found, "docs/a.md") == ("@a",)
    assert owners(found, "docs/build/a.md") is None
    assert owners(found, "sub/docs/a.md") is None


def test_a_line_without_owners_clears_and_no_line_is_another_thing() -> None:
    found = read("src/ @a\nsrc/free/\n")
    assert owners(found, "src/free/x") == ()
    assert owners(found, "other") is None


@pytest.mark.parametrize(
    "line",
    [
        "!src @a",
        "src/[ab].py @a",
        "\\#x @a",
        "a\\*b @a",
        "[Section] @a",
        "src someone",
        "src @a/b/c",
        "src @",
    ],
)
def test_what_github_cannot_use_holds_nothing_and_is_named(line: str) -> None:
    found = read(f"{line}\n")
    assert found.lines == ()
    assert len(found.faults) == 1
    assert found.faults[0].startswith("line 1: ")


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    found = read(b"\xef\xbb\xbfsrc/ @a\r\n# no\r\n")
    assert owners(found, "src/x") == ("@a",)
    assert found.faults == ()


def test_one_too_large_is_not_read() -> None:
    found = read(b"* @a\n" * (MOST_BYTES // 5 + 1))
    assert (found.lines, len(found.faults)) == ((), 1)


@example(b"\0\t\xd7\x88", "0")  # a character that no Unicode of this Python has
@given(st.binary(max_size=300), st.text(min_size=1, max_size=30))
def test_no_bytes_make_it_raise(data: bytes, path: str) -> None:
    found = read(data)
    found.line_of(path)
    assert all(fault.isprintable() for fault in found.faults)


def test_names_become_mails_whatever_their_case_and_a_mail_is_itself() -> None:
    found = who(["@Org/Team", "Bob@Example.com", "@nobody"], {"@org/team": ("Ann@example.com",)})
    assert found.mails == {"ann@example.com", "bob@example.com"}
    assert found.unknown == ("@nobody",)
