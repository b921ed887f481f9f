"""A spec is named after what it is about."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.formats.naming import spec_id


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("docs/My Spec.md", "my-spec"),
        ("openspec/changes/add-x/tasks.md", "add-x"),
        ("specs/001-foo/tasks.md", "001-foo"),
        ("specs/pay/README.md", "pay"),
        ("specs/pay/Proposal.md", "pay"),
        ("specs/pay/design.md", "pay"),
        ("spec.md", "spec"),
        ("./spec.md", "spec"),
        ("/spec.md", "spec"),
        ("Überweisung.md", "uberweisung"),
        ("a.b_c.md", "a-b-c"),
    ],
)
def test_a_spec_is_named_after_its_file_or_its_folder(path: str, name: str) -> None:
    assert spec_id(path) == name


def test_names_in_other_scripts_stay_apart() -> None:
    assert spec_id("支払い.md") != spec_id("検索.md")


@given(st.text())
def test_every_path_gives_a_name_that_is_good_for_ids_and_refs(path: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", spec_id(path))
