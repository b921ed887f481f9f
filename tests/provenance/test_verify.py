"""Signed evidence is believed as far as it can be checked, and no further."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from podium.base.digest import digest, digest_bytes
from podium.base.signing import SigningKey, signing_key
from podium.config.load import load
from podium.gate.checks.base import GATE_VERSION
from podium.gate.checks.command import CommandCheck
from podium.model.evidence import GENESIS, Cases, CheckResult, Evidence, Grade
from podium.model.ids import Sha, Tree
from podium.model.verdict import Verdict
from podium.provenance.envelope import digest_of, read, seal
from podium.provenance.statement import statement
from podium.provenance.verify import Holds, Records, stands, verify

CONFIG = b'[[gate.check]]\nname = "tests"\nrun = "pytest"\n'
COMMIT, TREE, BASE = Sha("c" * 40), Tree("d" * 40), Sha("b" * 40)
CHECK = CommandCheck(
    load(CONFIG.decode(), origin="x").gate.check[0], load(CONFIG.decode(), origin="x").sandbox
)
RESULT = CheckResult(
    "tests", CHECK.digest, TREE, Verdict.PASSED, "3 passed", "pytest", 0, 1.5, "bubblewrap",
    Cases(("a", "b", "c")), grade=Grade.CASES,
)  # fmt: skip
PASSED = Evidence("gate:x", "x", TREE, BASE, digest([GATE_VERSION, CHECK.digest]), (RESULT,), 9.0)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return signing_key(tmp_path_factory.mktemp("keys") / "mine")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return signing_key(tmp_path_factory.mktemp("keys") / "other")


def said(evidence: Evidence = PASSED, *, seq: int = 1, previous: str = GENESIS) -> dict[str, Any]:
    materials = {"podium.toml": digest_bytes(CONFIG)}
    return statement(evidence, seq=seq, previous=previous, commit=COMMIT, materials=materials)


def records(*chain: str) -> Records:
    """A repository that holds the commit, its tree and the base's configuration."""
    return Records(
        lambda commit: TREE if commit == COMMIT else None, lambda tree: tree == TREE, lambda commit, name: CONFIG if (commit, name) == (BASE, "podium.toml") else None,
        chain,
    )  # fmt: skip


def holds(text: str, key: SigningKey, there: Records) -> dict[str, Holds]:
    return {point.what: point.holds for point in verify(text, key.public, there)}


def good(text: str, key: SigningKey, there: Records) -> bool:
    return stands(verify(text, key.public, there))


def chained(*keys: SigningKey) -> list[str]:
    """A chain with one envelope by each key."""
    made: list[str] = []
    for seq, key in enumerate(keys, start=1):
        previous = digest_of(made[-1]) if made else GENESIS
        made.append(seal(said(replace(PASSED, id=f"gate:{seq}"), seq=seq, previous=previous), key))
    return made


def test_what_is_so_holds_in_every_point(key: SigningKey) -> None:
    text = seal(said(), key)
    found = holds(text, key, records(text))
    assert set(found) == {"signature", "tree", "gate", "podium.toml", "checks", "verdict", "chain"}
    assert set(found.values()) == {Holds.YES}
    assert good(text, key, records(text))


def test_a_key_that_came_with_the_evidence_proves_nothing(key: SigningKey) -> None:
    text = seal(said(), key)
    points = verify(text, key.public, records(text), trusted=False)
    assert points[0].holds is Holds.UNCHECKED
    assert not stands(points)
    assert not stands(verify(text, None, records(text)))


def test_evidence_of_a_tree_that_is_not_here_is_not_taken_for_proof(key: SigningKey) -> None:
    text = seal(said(), key)
    there = replace(records(text), tree_of=lambda _commit: None, has_tree=lambda _tree: False)
    assert holds(text, key, there)["tree"] is Holds.UNCHECKED
    assert not good(text, key, there)


def test_evidence_of_a_commit_with_another_tree_is_refused(key: SigningKey) -> None:
    text = seal(said(), key)
    there = replace(records(text), tree_of=lambda _commit: "e" * 40)
    assert holds(text, key, there)["tree"] is Holds.NO


Forge = Callable[[dict[str, Any]], None]


def _hide_a_check(podium: dict[str, Any]) -> None:
    podium["checks"] = []


def _turn_a_check(podium: dict[str, Any]) -> None:
    podium["checks"][0]["verdict"] = "failed"


def _swap_a_check(podium: dict[str, Any]) -> None:
    podium["checks"][0]["digest"] = "f" * 64


@pytest.mark.parametrize("forge", [_hide_a_check, _turn_a_check, _swap_a_check])
def test_a_statement_that_does_not_fit_together_is_refused_though_it_is_signed(
    forge: Forge, key: SigningKey
) -> None:
    wrong = said()
    forge(wrong["predicate"]["podium"])
    text = seal(wrong, key)
    assert Holds.NO in holds(text, key, records(text)).values()


def test_a_result_that_is_better_than_the_checks_is_refused(key: SigningKey) -> None:
    failed = replace(PASSED, results=(replace(RESULT, verdict=Verdict.COULD_NOT_RUN),))
    honest, wrong = said(failed), said(failed)
    wrong["predicate"]["result"] = "PASSED"
    assert honest["predicate"]["result"] == "FAILED"
    assert holds(seal(honest, key), key, records())["verdict"] is Holds.YES
    assert holds(seal(wrong, key), key, records())["verdict"] is Holds.NO


def test_another_configuration_than_the_base_has_is_refused(key: SigningKey) -> None:
    text = seal(said(), key)
    there = replace(records(text), read=lambda _commit, _name: CONFIG + b"# eased\n")
    assert holds(text, key, there)["podium.toml"] is Holds.NO


def test_a_check_that_the_configuration_asks_for_and_that_did_not_run_is_told(key: SigningKey) -> None:
    more = CONFIG + b'[[gate.check]]\nname = "types"\nrun = "mypy"\n'
    wrong = said()
    wrong["predicate"]["configuration"][1]["digest"]["sha256"] = digest_bytes(more)
    text = seal(wrong, key)
    [point] = [
        one
        for one in verify(text, key.public, replace(records(text), read=lambda _commit, _name: more))
        if one.what == "checks"
    ]
    assert point.holds is Holds.UNCHECKED
    assert "types" in point.because


ODD: Mapping[str, Any] = {
    "option": "--output=/tmp/x", "name": "HEAD", "short": "d" * 39, "number": 7, "nothing": None, "list": ["d" * 40],
}  # fmt: skip


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", ["gitTree", "gitCommit", "rules"])
def test_git_is_never_asked_for_what_is_no_object_id(name: str, value: Any, key: SigningKey) -> None:
    def asked(*_words: str) -> None:
        raise AssertionError

    wrong = said()
    if name == "rules":
        wrong["predicate"]["podium"][name] = value
    else:
        wrong["subject"][0]["digest"][name] = value
    there = Records(asked, asked, asked)  # type: ignore[arg-type]
    if name == "gitCommit" and value is None:
        return  # no commit is named: the tree alone is looked for
    [point] = verify(seal(wrong, key), key.public, there)
    assert (point.what, point.holds) == ("statement", Holds.NO)


@pytest.mark.parametrize(
    "payload",
    [{}, {"_type": "x"}, {**said(), "predicate": None}, {**said(), "subject": []}, {**said(), "subject": {}},
     {**said(), "predicateType": "https://example.org/"}],
)  # fmt: skip
def test_a_statement_of_another_shape_is_refused(payload: dict[str, Any], key: SigningKey) -> None:
    [point] = verify(seal(payload, key), key.public, records())
    assert (point.what, point.holds) == ("statement", Holds.NO)


def test_an_unknown_verdict_is_refused(key: SigningKey) -> None:
    wrong = said()
    wrong["predicate"]["podium"]["checks"][0]["verdict"] = "splendid"
    assert not good(seal(wrong, key), key, records())


def test_a_whole_chain_holds_at_each_place(key: SigningKey) -> None:
    chain = chained(key, key, key)
    assert all(good(text, key, records(*chain)) for text in chain)


def test_a_link_that_is_taken_out_moved_or_edited_breaks_the_chain(key: SigningKey) -> None:
    one, two, three, four = chained(key, key, key, key)
    edited = seal({**read(two), "extra": "x"}, key)
    for broken in (
        [two, three, four],
        [one, three, four],
        [one, three, two, four],
        [one, edited, three, four],
        [one, one, two, three],
    ):
        assert holds(four, key, records(*broken))["chain"] is Holds.NO


def test_a_link_in_place_of_another_breaks_the_chain_even_at_its_end(key: SigningKey) -> None:
    one, two = chained(key, key)
    elsewhere = seal(said(replace(PASSED, id="gate:else"), seq=2, previous=digest_of(one)), key)
    assert holds(two, key, records(one, elsewhere))["chain"] is Holds.NO


def test_what_is_not_anchored_yet_is_said_to_be_unchecked(key: SigningKey) -> None:
    one, two = chained(key, key)
    assert holds(two, key, records(one))["chain"] is Holds.UNCHECKED


def test_a_chain_that_went_on_under_a_new_key_holds_for_both(key: SigningKey, other: SigningKey) -> None:
    chain = chained(other, key)
    assert good(chain[0], other, records(*chain))
    assert good(chain[1], key, records(*chain))


def test_a_link_that_poses_as_signed_by_the_key_breaks_the_chain(key: SigningKey, other: SigningKey) -> None:
    mine, posing = chained(key, other)
    posing = posing.replace(other.public.keyid, key.public.keyid)
    assert holds(mine, key, records(mine, posing))["chain"] is Holds.NO


@pytest.mark.parametrize("link", ["", "{}", "[" * 100_000, "\ud800", '{"payload": ' + "9" * 10_000 + "}"])
def test_a_chain_with_something_else_in_it_is_broken(link: str, key: SigningKey) -> None:
    text = seal(said(), key)
    assert holds(text, key, records(text, link))["chain"] is Holds.NO


@pytest.mark.parametrize("number", [0, -1])
def test_a_number_that_no_link_has_is_refused(number: int, key: SigningKey) -> None:
    [first] = chained(key)
    assert holds(seal(said(seq=number), key), key, records(first))["chain"] is Holds.NO
