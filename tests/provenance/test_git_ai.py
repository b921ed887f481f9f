"""Notes of the Git AI Standard v3.0.0, read back by its rules, whatever paths and people are called."""

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.git.notes import add_note
from podium.git.objects import Signature
from podium.model.attempt import Attempt, Change
from podium.model.evidence import Evidence
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.queue import Landing
from podium.provenance.git_ai import note
from podium.provenance.record import Member, record
from podium.provenance.statement import request_id

BASE, HEAD, COMMIT, TREE = Sha("1" * 40), Sha("2" * 40), Sha("3" * 40), Tree("4" * 40)
AGENTS = Change(
    ChangeId("s/1@2"), TaskId("s/1"), AttemptId("s/1@2"), BASE, HEAD, TREE, ("a.py", "b.py"), 3, 1, "Sum", "Ada <a@b>", 2.5,
    "claude:opus-4",
)  # fmt: skip
PERSONS = replace(
    AGENTS, id=ChangeId("submit:fix:1"), task=None, attempt=None, files=("b.py", "c.py"), author="Bob <b@b>", assisted_by=""
)  # fmt: skip
REQUESTS = {AGENTS.id: "pr_0123", PERSONS.id: "pr_4567"}
LINES = {"a.py": (range(1, 11), range(15, 16)), "b.py": (range(3, 5),), "c.py": (range(7, 8),)}

_KEY = re.compile(r"s_[0-9a-f]{14}::t_[0-9a-f]{14}|h_[0-9a-f]{14}")
_SPANS = re.compile(r"[1-9]\d*(-[1-9]\d*)?(,[1-9]\d*(-[1-9]\d*)?)*")

Attested = dict[str, list[tuple[str, str]]]


def landed(*changes: Change) -> dict[str, Any]:
    """The record of a landing, each change with an attempt that came to nothing and the one that made it."""
    landing = Landing(
        CandidateId("candidate-1"), COMMIT, TREE, BASE, tuple(change.id for change in changes), 9.0
    )
    evidence = Evidence("weave:candidate-1", landing.candidate, TREE, BASE, "g" * 64, (), 8.0)
    return record(landing, evidence=evidence, members=[member(change) for change in changes])


def member(change: Change) -> Member:
    names = [AttemptId(f"{change.task}@1"), change.attempt] if change.attempt else []
    agent = change.assisted_by.partition(":")[0] or "submitted"
    tries = [
        Attempt(name, TaskId("s/1"), number, agent, BASE, "due", float(number))
        for number, name in enumerate(names, 1)
        if name
    ]
    return Member(change, attempts=tuple(tries))


def told(*changes: Change, lines: Any = LINES) -> str:
    return note(COMMIT, landed(*changes), lines=lines, requests=REQUESTS)


def read(text: str) -> tuple[Attested, dict[str, Any]]:
    """A note as the standard says it is read; whatever breaks its rules fails."""
    lines = text.split("\n")
    divider = lines.index("---")
    files: Attested = {}
    for line in lines[:divider]:
        if line.startswith("  "):
            key, spans = line[2:].split(" ")
            assert _KEY.fullmatch(key)
            assert _SPANS.fullmatch(spans)
            files[next(reversed(files))].append((key, spans))
        else:
            assert line
            assert not line[0].isspace()
            path = line[1:-1] if line.startswith('"') and line.endswith('"') else line
            assert path not in files
            files[path] = []
    assert all(files.values())
    return files, json.loads("\n".join(lines[divider + 1 :]))


def short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:14]


def test_an_agents_lines_name_its_session_and_what_was_asked() -> None:
    files, metadata = read(told(AGENTS))
    session = f"s_{short('claude:s/1@2')}"
    assert [key.partition("::")[0] for key, _ in files["a.py"]] == [session]
    assert [spans for _, spans in files["a.py"]] == ["1-10,15"]
    assert metadata == {
        "schema_version": "authorship/3.0.0",
        "base_commit_sha": COMMIT,
        "prompts": {},
        "sessions": {
            session: {
                "agent_id": {"tool": "claude", "id": "s/1@2", "model": "opus-4"},
                "human_author": "Ada <a@b>",
                "custom_attributes": {"prompt_request": "pr_0123", "podium_change": "s/1@2"},
            }
        },
    }


def test_a_persons_lines_name_the_person() -> None:
    files, metadata = read(told(PERSONS))
    human = f"h_{short('Bob <b@b>')}"
    assert files == {"b.py": [(human, "3-4")], "c.py": [(human, "7")]}
    assert metadata["humans"] == {human: {"author": "Bob <b@b>"}}
    assert "sessions" not in metadata


def test_a_branch_submitted_for_a_task_is_a_persons() -> None:
    submitted = replace(AGENTS, assisted_by="")
    files, metadata = read(told(submitted))
    assert {key for entries in files.values() for key, _ in entries} == set(metadata["humans"])


def test_lines_that_two_makers_may_have_written_are_nobodys() -> None:
    files, metadata = read(told(AGENTS, PERSONS))
    assert set(files) == {"a.py", "c.py"}
    assert (len(metadata["sessions"]), len(metadata["humans"])) == (1, 1)


def test_a_file_no_change_touches_is_nobodys() -> None:
    assert set(read(told(AGENTS, lines={**LINES, "spec.md": (range(1, 2),)}))[0]) == {"a.py", "b.py"}


def test_an_agent_whose_attempt_is_unknown_is_not_taken_for_a_person() -> None:
    files, metadata = read(told(replace(AGENTS, attempt=None)))
    assert files == {}
    assert {"humans", "sessions"}.isdisjoint(metadata)


def test_an_unknown_model_or_request_is_not_made_up() -> None:
    text = note(COMMIT, landed(replace(AGENTS, assisted_by="sed")), lines=LINES, requests={})
    (session,) = read(text)[1]["sessions"].values()
    assert session["agent_id"] == {"tool": "sed", "id": "s/1@2", "model": "unknown"}
    assert session["custom_attributes"] == {"podium_change": "s/1@2"}


def test_a_landing_that_only_deletes_still_names_its_maker() -> None:
    files, metadata = read(told(AGENTS, lines={}))
    assert files == {}
    assert len(metadata["sessions"]) == 1


def test_nothing_that_was_said_is_in_a_note() -> None:
    text = told(AGENTS)
    assert "messages" not in text
    assert AGENTS.title not in text


def test_the_same_landing_is_told_the_same_and_another_by_another_trace() -> None:
    other = note(Sha("5" * 40), landed(AGENTS), lines=LINES, requests=REQUESTS)
    assert told(AGENTS) == told(AGENTS)
    (one,), (two,) = read(told(AGENTS))[0]["a.py"], read(other)[0]["a.py"]
    assert one[0].partition("::")[0] == two[0].partition("::")[0]
    assert one[0] != two[0]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("my file.rs", '"my file.rs"'),
        ("  indented", '"  indented"'),
        ("tab\tin", '"tab\tin"'),
        ("---", '"---"'),
    ],
)
def test_a_path_that_would_read_as_something_else_is_quoted(path: str, written: str) -> None:
    text = told(replace(AGENTS, files=(path,)), lines={path: (range(1, 2),)})
    assert text.startswith(f"{written}\n  s_")
    assert list(read(text)[0]) == [path]


@pytest.mark.parametrize(
    "path", ["a\n  h_31dce776f88375 1", 'quo"te', "esc\x1b[2J", "bidi\u202e", "caf\udce9", "\x85"]
)
def test_a_path_that_cannot_be_written_is_left_out(path: str) -> None:
    files, _ = read(told(replace(AGENTS, files=(path, "a.py")), lines={path: (range(1, 2),), **LINES}))
    assert set(files) == {"a.py"}


def test_no_name_reaches_a_terminal_as_a_command() -> None:
    text = told(replace(AGENTS, author="E\x1b]0;x\x07ve \udce9 <e@e>", assisted_by="x\x1b[2J:m\u202e"))
    assert text.encode()
    assert text.replace("\n", "").isprintable()


def test_a_landing_of_very_many_ranges_is_told_up_to_a_bound() -> None:
    many = {
        f"{number:03}": tuple(range(line, line + 1) for line in range(1, 4000, 2)) for number in range(30)
    }
    files, _ = read(told(replace(AGENTS, files=tuple(many)), lines=many))
    assert sum(spans.count(",") + 1 for entries in files.values() for _, spans in entries) == 50_000


@given(
    st.dictionaries(
        st.text(min_size=1), st.lists(st.builds(lambda start, n: range(start, start + n), st.integers(1, 99), st.integers(0, 9)))
    )
)  # fmt: skip
def test_every_note_keeps_the_rules_of_the_standard(lines: dict[str, list[range]]) -> None:
    files, metadata = read(told(replace(AGENTS, files=tuple(lines)), lines=lines))
    assert set(files) <= set(lines)
    assert {key.partition("::")[0] for entries in files.values() for key, _ in entries} <= set(
        metadata["sessions"]
    )
    for path, ((_, spans),) in files.items():
        starts = [int(span.partition("-")[0]) for span in spans.split(",")]
        assert starts == sorted(found.start for found in lines[path] if found)


def test_a_real_landing_is_told_line_by_line(repo: Any) -> None:
    repo.commit({"a.py": "one\ntwo\nthree\n"})
    parent = Sha(repo.git("rev-parse", "HEAD"))
    commit = repo.commit({"a.py": "one\n2\nthree\nfour\nfive\n", "my notes": "x\n"})
    change = replace(AGENTS, files=("a.py", "my notes"))
    lines = repo.open().objects.changed_lines(parent, commit)
    text = note(commit, landed(change), lines=lines, requests={change.id: request_id(member(change))})
    assert add_note(repo.open(), commit, text, by=Signature("Ada <a@b>", 9.0))
    files, metadata = read(repo.git("notes", "--ref=ai", "show", commit))
    assert {path: spans for path, ((_, spans),) in files.items()} == {"a.py": "2,4-5", "my notes": "1"}
    (session,) = metadata["sessions"].values()
    assert session["custom_attributes"]["prompt_request"].startswith("pr_")
    assert metadata["base_commit_sha"] == commit
