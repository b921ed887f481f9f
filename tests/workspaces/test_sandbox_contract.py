"""What every kind of sandbox promises."""

import socket
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from players import contained, under_every_sandbox

from podium.base.errors import Unavailable, UsageError
from podium.workspaces.sandboxes import bubblewrap as bubblewrap_file
from podium.workspaces.sandboxes.base import Box, Sandbox
from podium.workspaces.sandboxes.registry import SANDBOXES, choose


@pytest.fixture
def work(tmp_path: Path) -> Path:
    directory = tmp_path / "room" / "work"
    directory.mkdir(parents=True)
    return directory


def box(script: str, work: Path, **more: object) -> Box:
    return Box(("sh", "-c", script), work, work.parent / "inside", **more)  # type: ignore[arg-type]


@under_every_sandbox
@pytest.mark.parametrize("code", [0, 1, 77])
def test_output_and_exit_code_pass_through(sandbox: Sandbox, work: Path, code: int) -> None:
    outcome = contained(sandbox, box(f"echo out; echo err >&2; exit {code}", work))
    assert (outcome.code, outcome.said) == (code, "out\nerr\n")


@under_every_sandbox
def test_a_missing_program_ends_with_127(sandbox: Sandbox, work: Path) -> None:
    assert contained(sandbox, Box(("no-such-program",), work, work)).code == 127


@under_every_sandbox
def test_the_environment_is_an_allow_list(
    sandbox: Sandbox, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    monkeypatch.setenv("LD_PRELOAD", "")
    said = contained(
        sandbox, box("env", work, env={"GIVEN": "yes", "PATH": "/nowhere", "HOME": "/nowhere"})
    ).said
    names = {line.partition("=")[0] for line in said.splitlines()}
    allowed = {
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "USER",
        "GIVEN",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
        "RUSTUP_HOME",
    }
    assert names <= allowed | {"GIT_CONFIG_NOSYSTEM"}
    assert "GIVEN=yes" in said
    assert "/nowhere" not in said
    assert "hunter2" not in said


@under_every_sandbox
def test_home_and_scratch_are_empty_writable_and_new_each_time(sandbox: Sandbox, work: Path) -> None:
    script = 'ls -A "$HOME" "$TMPDIR" | grep -c planted; echo x > "$HOME/planted" && echo x > "$TMPDIR/planted" && echo wrote'
    for _ in range(2):
        assert contained(sandbox, box(script, work)).said == "0\nwrote\n"


@under_every_sandbox
def test_a_command_stands_in_the_work_directory(sandbox: Sandbox, work: Path) -> None:
    (work / "file").write_text("here")
    outcome = contained(sandbox, box("cat file; pwd", work))
    assert outcome.said == f"here{work.parent / 'inside' if sandbox.maps_paths else work}\n"


@under_every_sandbox
def test_what_it_writes_in_the_work_directory_stays(sandbox: Sandbox, work: Path) -> None:
    assert contained(sandbox, box("mkdir d && echo new > d/file", work)).code == 0
    assert (work / "d/file").read_text() == "new\n"


@under_every_sandbox
def test_a_read_only_work_directory_cannot_be_changed(sandbox: Sandbox, work: Path) -> None:
    if sandbox.kind == "none":
        return  # it contains nothing, and says so
    (work / "file").write_text("old")
    outcome = contained(sandbox, box("echo new > file; rm -f file; mkdir d; cat file", work, writable=False))
    assert outcome.said.endswith("old")
    assert [path.name for path in work.iterdir()] == ["file"]


@under_every_sandbox
def test_named_paths_are_there_to_read_or_to_write(sandbox: Sandbox, work: Path, tmp_path: Path) -> None:
    given, taken = tmp_path / "given", tmp_path / "taken"
    given.mkdir()
    taken.mkdir()
    (given / "brief").write_text("do it")
    paths = ("/run/podium/given", "/run/podium/taken") if sandbox.maps_paths else (given, taken)
    mapped = {"read": {given: Path(paths[0])}, "write": {taken: Path(paths[1])}}
    script = f"cat {paths[0]}/brief; cp {paths[0]}/brief {paths[1]}/copy; echo x > {paths[0]}/mine"
    contained(sandbox, box(script, work, **mapped))
    assert (taken / "copy").read_text() == "do it"
    assert (given / "mine").exists() == (sandbox.kind == "none")


@under_every_sandbox
def test_the_whole_tree_dies_when_the_time_is_over(sandbox: Sandbox, work: Path) -> None:
    script = "(setsid sh -c 'while sleep 0.05; do date +%s%N > beat; done' &) ; exec sleep 60"
    outcome = contained(sandbox, box(script, work), time_limit=timedelta(seconds=0.6))
    assert outcome.ended.reason == "timeout"
    last = (work / "beat").read_text()
    time.sleep(0.2)
    assert (work / "beat").read_text() == last


@under_every_sandbox
def test_a_child_in_a_session_of_its_own_does_not_survive_the_command(sandbox: Sandbox, work: Path) -> None:
    script = "(setsid sh -c 'while sleep 0.05; do date +%s%N > beat; done' &) ; while [ ! -s beat ]; do sleep 0.01; done; exit 4"
    assert contained(sandbox, box(script, work)).code == 4
    last = (work / "beat").read_text()
    time.sleep(0.2)
    assert (work / "beat").read_text() == last


CONNECT = (
    "import socket,sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2); print('connected')"
)


@under_every_sandbox
def test_the_network_is_there_only_when_granted(sandbox: Sandbox, work: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        argv = ("python3", "-c", CONNECT, str(listener.getsockname()[1]))
        alone = contained(sandbox, Box(argv, work, work))
        granted = contained(sandbox, Box(argv, work, work, network=True))
    assert granted.said == "connected\n"
    assert ("connected" in alone.said) == (sandbox.kind == "none")


@under_every_sandbox
def test_memory_and_file_sizes_are_bounded(sandbox: Sandbox, work: Path) -> None:
    if sandbox.kind == "none":
        return
    small = replace(Box(("true",), work, work), memory_mb=256, file_mb=1)
    assert (
        "MemoryError" in contained(sandbox, replace(small, argv=("python3", "-c", "bytearray(10**9)"))).said
    )
    contained(sandbox, replace(small, argv=("sh", "-c", "head -c 3000000 /dev/zero > big")))
    assert (work / "big").stat().st_size <= 1024 * 1024


def test_a_kind_nobody_knows_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="cage") as caught:
        choose("cage")
    assert "bubblewrap" in caught.value.hint


@pytest.mark.parametrize("kind", [each.kind for each in SANDBOXES])
def test_a_sandbox_is_chosen_by_its_name(kind: str) -> None:
    assert choose(kind).kind == kind


def test_without_bubblewrap_the_error_installs_it_and_names_the_weaker_choices(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    bubblewrap_file._probe.cache_clear()
    try:
        with pytest.raises(Unavailable, match="apt-get install bubblewrap") as caught:
            choose("bubblewrap")
    finally:
        bubblewrap_file._probe.cache_clear()
    assert '"landlock" or "none"' in caught.value.hint
