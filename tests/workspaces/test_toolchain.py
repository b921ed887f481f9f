"""Which directories a contained command gets to see for the person's programs."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from players import BUBBLEWRAP, contained

from podium.workspaces.sandboxes.base import Box
from podium.workspaces.toolchain import toolchain_environment, toolchain_mounts, visible_path

Repo = Any
"""The `repo` fixture's helper."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made(tmp_path / "users" / "ada")


def made(*paths: Path) -> Path:
    for path in paths:
        path.mkdir(parents=True, exist_ok=True)
    return paths[0]


def mounts(*entries: Path, home: Path, inside: Path | None = None) -> set[Path]:
    return set(toolchain_mounts(":".join(map(str, entries)), [home], inside=inside or home / "code" / "repo"))


def environment(prefix: Path, base: Path) -> Path:
    """A virtual environment, as `python -m venv` lays it out."""
    made(prefix / "bin")
    (prefix / "pyvenv.cfg").write_text(f"home = {base}\nversion = 3.11\n")
    (prefix / "bin/python").symlink_to(base / "python3")
    return prefix / "bin"


def test_the_systems_own_directories_need_no_mount(home: Path) -> None:
    assert mounts(Path("/usr/bin"), Path("/usr/local/bin"), Path("/bin"), home=home) == set()


def test_what_is_missing_or_relative_is_left_out(home: Path) -> None:
    assert toolchain_mounts("bin:.::/no/such/bin", [home], inside=home / "repo") == ()


def test_home_gives_its_programs_and_never_itself(home: Path) -> None:
    made(home / "bin", home / "lib", home / ".ssh", home / "Documents")
    assert mounts(home / "bin", home=home) == {home / "bin", home / "lib"}
    assert mounts(home, home=home) == set()
    assert mounts(home.parent, home.parent.parent / "bin", home=home) == set()


def test_a_directory_of_home_gives_only_its_programs_and_libraries(home: Path) -> None:
    for name in (".local", ".cargo", "go"):
        made(home / name / "bin", home / name / "lib", home / name / "share", home / name / "credentials")
        assert mounts(home / name / "bin", home=home) == {home / name / "bin", home / name / "lib"}


def test_an_installation_deeper_down_is_whole(home: Path, tmp_path: Path) -> None:
    node, opt = home / ".nvm/versions/node/v20", tmp_path / "opt/tool"
    made(node / "bin", opt / "sbin")
    assert mounts(node / "bin", opt / "sbin", home=home) == {node, opt}


def test_a_version_manager_gives_its_versions(home: Path) -> None:
    made(
        home / ".pyenv/shims",
        home / ".pyenv/versions/3.11/bin",
        home / ".pyenv/libexec",
        home / ".pyenv/secrets",
    )
    assert mounts(home / ".pyenv/shims", home=home) == {
        home / ".pyenv" / name for name in ("shims", "versions", "libexec")
    }


def test_rustup_gives_its_toolchains_and_is_found_though_home_is_elsewhere(home: Path) -> None:
    made(home / ".cargo/bin", home / ".rustup/toolchains/stable")
    (home / ".cargo/credentials.toml").write_text("secret")
    found = mounts(home / ".cargo/bin", home=home)
    assert found == {home / ".cargo/bin", home / ".rustup/toolchains"}
    assert toolchain_environment(sorted(found)) == {"RUSTUP_HOME": str(home / ".rustup")}


def test_an_environment_brings_the_interpreters_it_stands_on(home: Path, tmp_path: Path) -> None:
    version = made(home / ".pyenv/versions/3.11/bin")
    (version / "python3").touch()
    first = environment(tmp_path / "first", version)
    (first / "python3").symlink_to("python")
    second = environment(home / ".venv", first)
    assert mounts(second, home=home) == {home / ".venv", tmp_path / "first", home / ".pyenv/versions/3.11"}


def test_a_tool_that_links_into_an_environment_brings_it(home: Path) -> None:
    tools = environment(home / ".local/share/uv/tools/ruff", Path("/usr/bin"))
    (tools / "ruff").touch()
    made(home / ".local/bin")
    (home / ".local/bin/ruff").symlink_to(tools / "ruff")
    assert mounts(home / ".local/bin", home=home) == {
        home / ".local/bin",
        home / ".local/share/uv/tools/ruff",
    }


def test_nothing_that_contains_the_repository_is_mounted(home: Path, tmp_path: Path) -> None:
    inside = made(tmp_path / "x/y/repo")
    made(tmp_path / "x/y/bin", tmp_path / "x/y/lib")
    assert mounts(tmp_path / "x/y/bin", tmp_path / "x/y", inside=inside, home=home) == {
        tmp_path / "x/y/bin",
        tmp_path / "x/y/lib",
    }


def test_programs_of_the_repository_come_with_the_tree_but_environments_stay(
    home: Path, tmp_path: Path
) -> None:
    inside = made(tmp_path / "repo")
    made(inside / "bin", inside / "scripts", inside / "node_modules/.bin")
    venv = environment(inside / ".venv", Path("/usr/bin"))
    entries = (inside / "bin", inside / "scripts", inside / "node_modules/.bin", venv)
    found = mounts(*entries, inside=inside, home=home)
    assert found == {inside / "node_modules", inside / ".venv"}
    path = visible_path(":".join([*map(str, entries), "/usr/bin"]), sorted(found))
    assert path == f"{inside}/node_modules/.bin:{venv}:/usr/bin"


def test_no_mount_lies_in_another(home: Path) -> None:
    made(home / "tools/x/bin", home / "tools/x/sub/bin")
    assert mounts(home / "tools/x/bin", home / "tools/x/sub/bin", home=home) == {home / "tools/x"}


@pytest.fixture
def installed(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository whose package is installed for editing in `.venv`, which is first on PATH."""
    repo.commit({"src/pkg/__init__.py": "WHERE = 'checkout'\n", ".gitignore": ".venv\n"})
    venv = repo.path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    site = next(venv.glob("lib/python*/site-packages"))
    (site / "editable.pth").write_text(f"{repo.path}/src\n")
    monkeypatch.setenv("PATH", f"{venv}/bin:/usr/bin:/bin")
    return repo


ASK = ("python", "-c", "import pkg, sys; print(pkg.WHERE, sys.prefix)")


@pytest.mark.parametrize("writable", [True, False])
def test_an_editable_install_resolves_to_the_tree_under_judgment(
    installed: Repo, tmp_path: Path, writable: bool
) -> None:
    tree = made(tmp_path / "judged")
    made(tree / "src/pkg")
    (tree / "src/pkg/__init__.py").write_text("WHERE = 'tree under judgment'\n")
    outcome = contained(BUBBLEWRAP, Box(ASK, tree, installed.path, writable=writable))
    assert outcome.said == f"tree under judgment {installed.path}/.venv\n"
    assert list((tree / ".venv").iterdir()) == [], "only a place to mount on is left in the tree"


def test_an_environment_outside_the_repository_does_too(
    installed: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = tmp_path / "elsewhere"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    site = next(venv.glob("lib/python*/site-packages"))
    (site / "editable.pth").write_text(f"{installed.path}/src\n")
    monkeypatch.setenv("PATH", f"{venv}/bin:/usr/bin:/bin")
    tree = made(tmp_path / "judged")
    made(tree / "src/pkg")
    (tree / "src/pkg/__init__.py").write_text("WHERE = 'tree'\n")
    assert contained(BUBBLEWRAP, Box(ASK, tree, installed.path)).said == f"tree {venv}\n"


@pytest.mark.parametrize("planted", ["link", "file", "link on the way"])
def test_a_maker_cannot_lead_the_mount_elsewhere(installed: Repo, tmp_path: Path, planted: str) -> None:
    tree, elsewhere = made(tmp_path / "judged"), made(tmp_path / "elsewhere")
    if planted == "file":
        (tree / ".venv").write_text("x")
    else:
        (tree / ".venv").symlink_to(
            "/oldroot" + str(elsewhere) if planted == "link on the way" else elsewhere
        )
    outcome = contained(BUBBLEWRAP, Box(("sh", "-c", "echo $PATH"), tree, installed.path))
    assert outcome.said == "/usr/bin:/bin\n", "the environment is gone, and its place on PATH with it"
    assert list(elsewhere.iterdir()) == []
