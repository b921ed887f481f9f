"""Agent Trace records, held to the JSON Schema of the format's README."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import podium
from podium.model.attempt import Attempt, Change
from podium.model.evidence import Evidence
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.queue import Landing
from podium.provenance.agent_trace import json_lines, traces
from podium.provenance.record import Member, record

BASE, COMMIT, TREE = Sha("1" * 40), Sha("3" * 40), Tree("4" * 40)
AGENTS = Change(
    ChangeId("s/1@1"), TaskId("s/1"), AttemptId("s/1@1"), BASE, Sha("2" * 40), TREE, ("a.py", "b.py"), 3, 1, "Sum", "Ada <a@b>",
    2.5, "claude:anthropic/opus-4",
)  # fmt: skip
PERSONS = replace(
    AGENTS, id=ChangeId("submit:fix:1"), task=None, attempt=None, files=("b.py", "c.py"), author="Bob <b@b>", assisted_by=""
)  # fmt: skip
REQUESTS = {AGENTS.id: "pr_0123", PERSONS.id: "pr_4567"}
LINES = {"a.py": (range(1, 11), range(15, 16)), "b.py": (range(3, 5),), "c.py": (range(7, 8),)}
AT = 1_769_178_600.25


def told(
    *changes: Change,
    lines: Mapping[str, Sequence[range]] = LINES,
    requests: Mapping[ChangeId, str] = REQUESTS,
) -> dict[str, Any]:
    """The one record of a landing of these changes, which the format's schema accepts."""
    tries = [
        Attempt(one.attempt, TaskId("s/1"), 1, "claude", BASE, "due", 1.0) for one in changes if one.attempt
    ]
    landing = Landing(CandidateId("c"), COMMIT, TREE, BASE, tuple(change.id for change in changes), AT)
    evidence = Evidence("weave:c", landing.candidate, TREE, BASE, "g" * 64, (), 8.0)
    members = [Member(change, attempts=tuple(tries)) for change in changes]
    found = traces(
        record(landing, evidence=evidence, members=members), COMMIT, lines=lines, requests=requests, at=AT
    )
    (trace,) = found
    valid(trace)
    return trace


def valid(trace: dict[str, Any]) -> None:
    """What the schema in the README of cursor/agent-trace says, rule by rule; it allows further keys, and we have none."""
    assert {"version", "id", "timestamp", "files"} <= set(trace) <= {*KEYS, "metadata"}
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", trace["version"])
    assert str(UUID(trace["id"])) == trace["id"]
    assert datetime.fromisoformat(trace["timestamp"]).tzinfo
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", trace["timestamp"])
    assert trace["vcs"]["type"] in {"git", "jj", "hg", "svn"}
    assert isinstance(trace["vcs"]["revision"], str)
    assert all(isinstance(value, str) for value in trace["tool"].values())
    assert isinstance(trace["metadata"], dict)
    for file in trace["files"]:
        assert set(file) == {"path", "conversations"}
        assert isinstance(file["path"], str)
        for conversation in file["conversations"]:
            valid_conversation(conversation)


KEYS = ("version", "id", "timestamp", "vcs", "tool", "files")


def valid_conversation(conversation: dict[str, Any]) -> None:
    assert {"ranges"} <= set(conversation) <= {"url", "contributor", "ranges", "related"}
    contributor = conversation["contributor"]
    assert {"type"} <= set(contributor) <= {"type", "model_id"}
    assert contributor["type"] in {"human", "ai", "mixed", "unknown"}
    assert len(contributor.get("model_id", "")) <= 250
    for lines in conversation["ranges"]:
        assert set(lines) == {"start_line", "end_line"}
        assert 1 <= lines["start_line"] <= lines["end_line"]
        assert all(type(value) is int for value in lines.values())
    for related in conversation.get("related", ()):
        assert set(related) == {"type", "url"}
        assert urlsplit(related["url"]).scheme


def contributors(trace: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {file["path"]: file["conversations"][0]["contributor"] for file in trace["files"]}


def test_an_agents_landing_is_told_with_its_model_and_its_prompt_request() -> None:
    trace = told(AGENTS, lines={"a.py": LINES["a.py"]})
    assert trace == {
        "version": "0.1.0",
        "id": trace["id"],
        "timestamp": "2026-01-23T14:30:00Z",
        "vcs": {"type": "git", "revision": COMMIT},
        "tool": {"name": "podium", "version": podium.__version__},
        "files": [
            {
                "path": "a.py",
                "conversations": [
                    {
                        "contributor": {"type": "ai", "model_id": "anthropic/opus-4"},
                        "ranges": [
                            {"start_line": 1, "end_line": 10},
                            {"start_line": 15, "end_line": 15},
                        ],
                        "related": [{"type": "prompt-request", "url": "urn:podium:prompt-request:pr_0123"}],
                    }
                ],
            }
        ],
        "metadata": {"podium": {"changes": [{"change": "s/1@1", "prompt_request": "pr_0123"}]}},
    }


def test_a_persons_landing_is_a_humans() -> None:
    assert contributors(told(PERSONS)) == {
        "a.py": {"type": "unknown"},
        "b.py": {"type": "human"},
        "c.py": {"type": "human"},
    }


def test_a_file_of_a_person_and_an_agent_is_of_unknown_origin_and_names_both_requests() -> None:
    trace = told(AGENTS, PERSONS)
    assert [found["type"] for found in contributors(trace).values()] == ["ai", "unknown", "human"]
    related = trace["files"][1]["conversations"][0]["related"]
    assert [found["url"].rpartition(":")[2] for found in related] == ["pr_0123", "pr_4567"]
    assert [one["change"] for one in trace["metadata"]["podium"]["changes"]] == ["s/1@1", "submit:fix:1"]


def test_a_file_of_two_agents_is_an_agents_and_of_a_model_only_where_they_agree() -> None:
    other = replace(AGENTS, id=ChangeId("s/2@1"), attempt=AttemptId("s/2@1"))
    assert contributors(told(AGENTS, other))["a.py"] == {"type": "ai", "model_id": "anthropic/opus-4"}
    assert contributors(told(AGENTS, replace(other, assisted_by="codex:gpt")))["a.py"] == {"type": "ai"}


def test_an_unknown_model_or_request_is_not_made_up() -> None:
    trace = told(replace(AGENTS, assisted_by="sed"), requests={})
    assert contributors(trace)["a.py"] == {"type": "ai"}
    assert "related" not in trace["files"][0]["conversations"][0]
    assert trace["metadata"]["podium"]["changes"] == [{"change": "s/1@1", "prompt_request": None}]


def test_an_overlong_model_is_left_out() -> None:
    assert contributors(told(replace(AGENTS, assisted_by=f"x:{'m' * 251}")))["a.py"] == {"type": "ai"}


def test_a_landing_that_only_deletes_has_a_record_without_files() -> None:
    assert told(AGENTS, lines={})["files"] == []


def test_the_same_commit_has_the_same_id() -> None:
    assert told(AGENTS) == told(AGENTS)
    other = traces({"changes": []}, Sha("5" * 40), lines={}, requests={}, at=AT)
    assert other[0]["id"] != told(AGENTS)["id"]


def test_records_are_exported_one_a_line_whatever_paths_hold() -> None:
    path = "a\n\x1b[2J\u2028\u202e.py"
    odd = {path: (range(1, 2),), "caf\udce9": (range(1, 2),)}
    trace = told(replace(AGENTS, files=tuple(odd)), lines=odd)
    text = json_lines([trace, trace])
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert [json.loads(line) for line in text.splitlines()] == [trace, trace]
    assert [file["path"] for file in trace["files"]] == [path]
